"""AWS's counts of usage, and their prices. No I/O."""

from dataclasses import dataclass, fields

from . import prices


@dataclass
class Usage:
    lambda_requests: float = 0.0
    gb_seconds: float = 0.0
    read_units: float = 0.0
    write_units: float = 0.0
    log_bytes: float = 0.0
    sqs_requests: float = 0.0

    def times(self, factor):
        return Usage(**{field.name: getattr(self, field.name) * factor for field in fields(self)})

    def plus(self, other):
        return Usage(**{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)})


def bill(usage):
    """Returns dollars by part of the bill, and their sum."""
    parts = {
        "lambda_requests": usage.lambda_requests * prices.LAMBDA_REQUEST,
        "lambda_compute": usage.gb_seconds * prices.LAMBDA_GB_SECOND_ARM64,
        "dynamodb_reads": usage.read_units * prices.DYNAMODB_READ_UNIT,
        "dynamodb_writes": usage.write_units * prices.DYNAMODB_WRITE_UNIT,
        "logs": usage.log_bytes * prices.LOG_BYTE,
        "sqs": usage.sqs_requests * prices.SQS_REQUEST,
    }
    return parts | {"total": sum(parts.values())}
