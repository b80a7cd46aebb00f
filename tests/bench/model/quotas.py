"""AWS's quotas: default, whether they may be raised, and the source at AWS."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    name: str
    default: float
    unit: str
    adjustable: bool
    source: str


_LAMBDA = "AWS Lambda Developer Guide, Lambda quotas"
_DYNAMODB = "Amazon DynamoDB Developer Guide, Quotas"
_PARTITIONS = "Amazon DynamoDB Developer Guide, designing partition keys"

CONCURRENCY = Quota("Lambda: concurrent executions", 1_000, "executions", True, _LAMBDA)
SCALING = Quota("Lambda: new environments of a function in 10 s", 1_000, "environments", False, _LAMBDA)
INVOCATIONS = Quota("Lambda: requests of one environment", 10, "requests/s", False, _LAMBDA)
SQS_CONCURRENCY = Quota("Lambda: batches of one queue at a time", 1_000, "executions", False,
                        "AWS Lambda Developer Guide, scaling of SQS event source mappings")
TABLE_WRITES = Quota("DynamoDB: table-level write throughput", 40_000, "write units/s", True, _DYNAMODB)
TABLE_READS = Quota("DynamoDB: table-level read throughput", 40_000, "read units/s", True, _DYNAMODB)
PARTITION_WRITES = Quota("DynamoDB: writes to one partition", 1_000, "write units/s", False, _PARTITIONS)
PARTITION_READS = Quota("DynamoDB: reads from one partition", 3_000, "read units/s", False, _PARTITIONS)

# New environments are added continuously, and none are saved up beyond the quota (Lambda scaling behavior).
NEW_ENVIRONMENTS_PER_S = SCALING.default / 10
# A queue's mapping begins with five batches at a time and adds 300 a minute.
SQS_FIRST_CONCURRENCY = 5
SQS_CONCURRENCY_PER_S = 300 / 60
# Memory with which a function has one whole processor; with less it has a share of one (Lambda, configuring memory).
MB_PER_VCPU = 1_769
