"""Simulates all rates, our implementation and the naive handler, with default and with raised quotas, and returns one
dict for JSON."""

from dataclasses import asdict, replace
from time import perf_counter

from .calibration import Calibration
from .quotas import CONCURRENCY, TABLE_READS, TABLE_WRITES
from .record import PHASES, quantiles
from .resources import binding_rates, first_to_bind, resources, uses
from .run import Run, Scenario
from .timing import Timing
from .usage import bill
from .workload import many_workspaces, one_workspace

RATES = (100, 1_000, 10_000, 100_000, 1_000_000)
ADJUSTABLE = (CONCURRENCY, TABLE_READS, TABLE_WRITES)
# Factor of a request for a higher quota: twice the use.
RAISED_BY = 2
HANDLERS = {"instance-webhooks": True, "naive": False}


def raised_quotas(workload, calibration):
    """Returns the required values of the adjustable quotas; empty if the defaults are enough."""
    needed = {}
    for row in uses(workload, calibration):
        if row["adjustable"] and row["utilisation"] > 1:
            needed[row["quota"]] = max(needed.get(row["quota"], 0), round(RAISED_BY * row["use"]))
    return needed


def summary(scenario):
    """Returns one run as a dict."""
    begun = perf_counter()
    run = Run(scenario).go()
    record, seconds = run.record, scenario.horizon
    outage_end = run.outage[1]
    seen = run.retry.recovered_at

    def concurrency(phase):
        values = sorted(record.busy[phase])
        if not values:
            return {"p50": None, "max": None}
        return {"p50": round(values[len(values) // 2], 1), "max": round(values[-1], 1)}

    return {
        "quotas": {quota.name: scenario.quota(quota) for quota in ADJUSTABLE},
        "sample": {"shards": len(run.shards), "share": run.share},
        "concurrency": {phase: concurrency(phase) for phase in PHASES},
        "iterator_age": {phase: quantiles(record.ages[phase]) for phase in PHASES},
        "change_to_attempt": {phase: quantiles(*record.latencies[phase]) for phase in PHASES},
        "events": {
            "arrived": round(run.arrived / run.share), "delivered_at_once": round(run.delivered / run.share),
            "appended": round(run.appended / run.share), "drained": round(run.retry.drained),
            "lost": round(run.lost / run.share),
            "backlog_at_end": round(run.endpoints.waiting), "behind_at_end": round(run.in_lanes() / run.share),
            "in_flight_at_end": round(run.in_flight / run.share), "repeated": round(run.repeated / run.share),
            "log_rows_dropped": round(run.log_rows_dropped / run.share),
        },
        "batches_per_s": round(run.usage.lambda_requests / run.share / seconds, 2),
        "throttled_per_s": round(run.environments.throttled / run.share / seconds, 2),
        "cold_starts": round(run.cold / run.share),
        "first_recovery_seen_s": round(min(seen) - outage_end, 1) if seen else None,
        "last_recovery_seen_s": round(max(seen) - outage_end, 1) if seen else None,
        "drained_after_s": None if run.retry.drained_at is None else round(run.retry.drained_at - outage_end, 1),
        "keeps_up": _keeps_up(run),
        "dollars": {"steady": _dollars(*_between_marks(run)),
                    "with_outage": _dollars(run.total_usage(), run.deliveries(), seconds)},
        "series": record.series,
        "took_s": round(perf_counter() - begun, 2),
    }


def _between_marks(run):
    (begin, (used, delivered)), (end, (used_then, delivered_then)) = sorted(run.steady.items())[:2]
    return used_then.plus(used.times(-1)), delivered_then - delivered, end - begin


def _dollars(usage, deliveries, seconds):
    parts = bill(usage)
    return {"per_hour": {part: round(value * 3_600 / seconds, 6) for part, value in parts.items()},
            "per_million": {part: round(value * 1e6 / max(deliveries, 1), 6) for part, value in parts.items()}}


def _keeps_up(run):
    """Returns whether no more records wait in the stream at the end than a few polls bring."""
    return run.in_lanes() / run.share <= 4 * run.workload.rate


def simulate(rate, calibration, quick=False, seed=1):
    """Simulates one rate: the limiting resource, and each handler with default quotas and, if those limit it, with
    raised ones."""
    workload = many_workspaces(rate)
    base = Scenario(workload, calibration, seed=seed, most_shards=2 if quick else 6)
    raised = raised_quotas(workload, calibration)
    runs = {}
    for handler, health in HANDLERS.items():
        scenario = replace(base, health=health)
        runs[handler] = {"default": summary(scenario)}
        if raised:
            runs[handler]["raised"] = summary(replace(scenario, raised=raised))
    return {
        "events_per_s": rate, "shards": workload.shards, "lanes": workload.lanes, "endpoints": workload.endpoints,
        "failing_endpoints": workload.failing, "workspaces": workload.workspaces,
        "deliveries_per_s_and_endpoint": rate / workload.endpoints,
        "drain_per_s_and_endpoint": round(Timing(calibration, workload).drain_per_s(), 1),
        "raised_quotas": raised, "runs": runs,
    }


def binding(rate, workload_of, calibration, binds):
    """Returns the resources over their limit at a rate (worst first), and the one with the highest use of its limit."""
    rows = resources(workload_of, rate, calibration, binds)
    fullest = sorted(rows, key=lambda row: -row["utilisation"])
    return {"over": [row["resource"] for row in fullest if row["utilisation"] > 1], "fullest": fullest[0],
            "resources": rows}


def simulate_all(calibration, quick=False, rates=RATES):
    """Runs the whole simulation. `calibration` is a Calibration, or the bench's results."""
    if not isinstance(calibration, Calibration):
        calibration = Calibration.from_results(calibration)
    scenario = Scenario(many_workspaces(100), calibration)
    workloads = {"many_workspaces": many_workspaces, "one_workspace": one_workspace}
    binds = {name: binding_rates(workload_of, calibration) for name, workload_of in workloads.items()}
    first = {
        name: {when: first_to_bind(resources(workload_of, 1_000, calibration, binds[name]), when)
               for when in ("always", "outage")}
        for name, workload_of in workloads.items()
    }
    rows = []
    for rate in rates:
        row = simulate(rate, calibration, quick)
        row["binding"] = {name: binding(rate, workload_of, calibration, binds[name])
                          for name, workload_of in workloads.items()}
        rows.append(row)
    return {
        "calibration": asdict(calibration), "outage_s": scenario.outage, "horizon_s": scenario.horizon,
        "failing_share": scenario.workload.failing_share, "receiver_median_s": scenario.workload.receiver_median_s,
        "receiver_p99_s": scenario.workload.receiver_p99_s, "memory_mb": scenario.workload.memory_mb,
        "first_to_bind": first, "rates": rows,
    }
