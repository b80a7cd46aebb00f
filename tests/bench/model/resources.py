"""Each resource's use against its quota, in normal operation and while a tenth of the endpoints hang. No I/O."""

from . import quotas
from .footprint import APPEND_TABLE, DELIVERED_TABLE, FLAG_WRITES, MOVE_TABLE, RELEASE_WRITES
from .timing import Timing, steady
from .workload import BACKLOG_LANES, CATCH_UP, HOLD_S, LOG_PARTITIONS, SLOW_AFTER, distinct

HIGHEST_RATE = 100e6
# A read serves a whole batch, so that fuller batches read less: StreamBatchSize bounds their size.
GROWING = "reads wait, and batches grow; once they are full, records are reported back and come again"


def uses(workload, calibration):
    """Returns rows of the used resource, its limit, and the phase."""
    timing = Timing(calibration, workload)
    now = steady(timing)
    rate, failing = workload.rate, workload.failing
    per_endpoint = rate / workload.endpoints
    appended = rate * failing / workload.endpoints
    handed = rate * timing.late_share
    logged = rate if workload.log == "all" else 0.0
    in_batch = distinct(workload.endpoints, now["records"]) / workload.endpoints
    workspaces = workload.workspaces_in(now["records"])
    drains = min(failing, quotas.SQS_CONCURRENCY.default)
    # An environment serves at most ten requests a second, however short they are.
    environments = max(now["concurrency"], now["batches_per_s"] / quotas.INVOCATIONS.default)
    # An environment that meets a hanging endpoint is busy until the last timeout, and its lane continues in another
    # one. It takes a few batches until the endpoint is known to be slow, including those that begin before the last of
    # them has ended.
    meets = 1 - (1 - failing / workload.endpoints) ** now["records"]
    stuck = failing * SLOW_AFTER + now["batches_per_s"] * HOLD_S * meets if failing else 0
    reads = now["batches_per_s"] * workspaces * workload.read_units_per_workspace

    table, concurrency, partition = quotas.TABLE_WRITES, quotas.CONCURRENCY, quotas.PARTITION_WRITES
    drain = timing.drain_per_s()
    return [
        row("instance table, writes", "always", rate, table, 1, "the platform's own writes are throttled"),
        row("fan-out, executions", "always", environments, concurrency, 1, "batches wait, the stream falls behind"),
        row("Deliveries table, log", "always", (logged - handed if logged else 0) * DELIVERED_TABLE
            + handed * (APPEND_TABLE + MOVE_TABLE), table, 1,
            "batches wait to be logged, the stream falls behind; LOG_DELIVERIES=failures does without"),
        row("Webhooks table, endpoints' records", "always", handed * (FLAG_WRITES + RELEASE_WRITES), table, 1,
            "batches that hand over wait"),
        row("Deliveries index byTime, one workspace", "always", logged / workload.workspaces, partition, LOG_PARTITIONS,
            "batches wait to be logged, the stream falls behind; LOG_DELIVERIES=failures does without"),
        row("Webhooks table, reads", "always", reads, quotas.TABLE_READS, 1,
            GROWING),
        row("Webhooks partition of one workspace, reads", "always", reads / workload.workspaces,
            quotas.PARTITION_READS, 1, GROWING),
        row("fan-out and retry, executions", "outage", environments + stuck + drains, concurrency, 1,
            "batches wait until the first timeouts are over"),
        row("fan-out, new environments in 10 s", "outage", stuck, quotas.SCALING, 1,
            "batches wait for environments, seconds more"),
        row("retry, executions", "outage", failing, quotas.SQS_CONCURRENCY, 1, "probes and drains take turns"),
        row("Deliveries table, backlog", "outage", appended * APPEND_TABLE, table, 1,
            "records are reported back and come again"),
        row("Deliveries table, log, backlog and drain", "outage",
            (logged - appended if logged else 0) * DELIVERED_TABLE + (appended + handed) * APPEND_TABLE
            + handed * MOVE_TABLE + drains * min(drain, CATCH_UP * per_endpoint) * MOVE_TABLE, table, 1, "drains slow down, and batches with them"),
        row("Webhooks record of one endpoint, writes", "outage", now["batches_per_s"] * in_batch * FLAG_WRITES,
            partition, 1, "batches with events for that endpoint wait"),
        row("backlog lanes of one endpoint, writes", "outage", per_endpoint * APPEND_TABLE, partition, BACKLOG_LANES,
            "batches with events for that endpoint wait"),
        row("drain of one endpoint", "outage", per_endpoint, ONE_DRAIN, drain, "its backlog grows for good"),
    ]


# Not a quota of AWS: an endpoint's lease lets one worker drain at a time.
ONE_DRAIN = quotas.Quota("one drain of an endpoint at a time", 1, "deliveries/s", False, "docs/adr/0006")


def row(resource, when, use, quota, times, effect):
    """Builds a row. `times` is the number of partitions, or other units of the quota, behind the resource."""
    limit = quota.default * times
    return {"resource": resource, "when": when, "use": use, "limit": limit, "utilisation": use / limit,
            "unit": quota.unit, "quota": quota.name, "default": quota.default, "adjustable": quota.adjustable,
            "source": quota.source,
            "effect": effect}


def binding_rate(index, workload_of, calibration):
    """Returns the rate at which a resource's use reaches its limit; None if that is beyond any rate."""
    over = lambda rate: uses(workload_of(rate), calibration)[index]["utilisation"] >= 1  # noqa: E731
    if not over(HIGHEST_RATE):
        return None
    low, high = 1.0, HIGHEST_RATE
    while high / low > 1.001:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if over(middle) else (middle, high)
    return high


def first_to_bind(rows, when):
    """Returns, of rows with their limiting rates, the one with the lowest."""
    binding = [row for row in rows if row["binds_at"] is not None and row["when"] == when]
    return min(binding, key=lambda row: row["binds_at"], default=None)


def resources(workload_of, rate, calibration, binds=None):
    """Returns the uses at a rate, each with the rate at which its quota limits."""
    rows = uses(workload_of(rate), calibration)
    binds = binds or binding_rates(workload_of, calibration)
    return [row | {"binds_at": at} for row, at in zip(rows, binds)]


def binding_rates(workload_of, calibration):
    count = len(uses(workload_of(1_000.0), calibration))
    return [binding_rate(index, workload_of, calibration) for index in range(count)]
