"""Assumptions about the platform, the receivers and AWS's latencies: every value that was not measured."""

from dataclasses import dataclass
from math import ceil, exp, log1p


@dataclass(frozen=True)
class Workload:
    """Events per second, spread evenly over instances, workspaces and endpoints; an event goes to one endpoint."""

    rate: float
    # An endpoint gets 100 events a second, a busy one, and there are at least 100 endpoints.
    endpoints: int = 100
    workspaces: int = 10
    # Callbacks, ten endpoints' records and secrets are some 5 KB.
    read_units_per_workspace: float = 2.0
    failing_share: float = 0.1
    # Receivers: log-normal, median and 99th percentile.
    receiver_median_s: float = 0.05
    receiver_p99_s: float = 0.3
    # template.yaml: StreamBatchSize, StreamParallelizationFactor, FunctionMemory, LogDeliveries, no batching window.
    batch_size: int = 100
    factor: int = 10
    memory_mb: int = 256
    log: str = "all"
    # One DynamoDB request, within the region.
    dynamodb_s: float = 0.008
    log_bytes_per_batch: float = 1_000

    @property
    def shards(self):
        """Returns the number of shards: a partition allows 1,000 writes a second and has a shard; a new on-demand table
        has about four."""
        return max(4, ceil(self.rate / 1_000))

    @property
    def lanes(self):
        return self.shards * self.factor

    @property
    def failing(self):
        return round(self.endpoints * self.failing_share)

    def workspaces_in(self, records):
        """Returns the average number of workspaces that a batch of this number of records reads."""
        return distinct(self.workspaces, records)


def distinct(kinds, draws):
    """Returns the average number of different kinds among the draws, of this number of equally likely kinds."""
    if kinds <= 1:
        return float(min(kinds, draws))
    return kinds * (1 - exp(draws * log1p(-1 / kinds)))


def many_workspaces(rate):
    """Returns a workload of ten endpoints per workspace, a hundred events per second and endpoint."""
    endpoints = max(100, ceil(rate / 100))
    return Workload(rate=rate, endpoints=endpoints, workspaces=max(10, endpoints // 10))


def one_workspace(rate):
    """Returns a workload in one workspace, with as many endpoints as it may have: 50 URLs for each of three event
    types."""
    endpoints = min(150, max(100, ceil(rate / 100)))
    return Workload(rate=rate, endpoints=endpoints, workspaces=1, read_units_per_workspace=ceil(0.5 * endpoints / 4))


# Lambda polls each shard four times a second (Lambda Developer Guide, polling and batching streams).
POLL_S = 0.25
# Time until a record can be read: log-normal. Fitted so that change to batch, polling included, has the published p50
# of 213 ms and p99 of 552 ms (bitesizedserverless, eu-west-1, 2022/23).
VISIBLE_MEDIAN_S = 0.0655
VISIBLE_SIGMA = 1.03

# template.yaml and settings.rs.
TIMEOUT_S = 10.0
# Longest and shortest time that a batch waits for attempts in flight: four times the usual latency of its endpoints.
HOLD_S = 0.25
LEAST_PATIENCE_S = 0.05
USUAL_TIMES = 4
# Delay of the inline retry after a failed attempt.
INLINE_RETRY_S = 0.2
# Number of batches in a row without a response in time that make an endpoint slow, until its own drain delivers to it;
# and failures of different deliveries in a row that make it failing: no more than the first window of a drain.
SLOW_AFTER = 3
FAILING_AFTER = 5
# Largest number of concurrent requests of a drain.
IN_FLIGHT_PER_DRAIN = 256
FIRST_WINDOW = 8
IN_FLIGHT_PER_ENDPOINT = 64
IN_FLIGHT = 512
FUNCTION_S = 30.0
ANSWER_RESERVE_S = 0.5
PROBE_STEPS_S = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400)
BACKLOG_LANES = 16
# Bound on a drain's rate as a multiple of the arrivals: an hour's backlog is drained in a minute, or at the highest
# possible rate.
CATCH_UP = 60
LOG_PARTITIONS = 32
PAGE = 16 * 40
WRITE_BATCH = 25
WRITES_AT_A_TIME = 8
# Time for which the SDK retries a throttled read (three attempts) before the records are reported back.
READ_PATIENCE_S = 2.0
