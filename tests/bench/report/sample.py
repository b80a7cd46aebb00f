"""A plausible set of results, for the tests. Not measured."""

from copy import deepcopy

from .results import (
    FLOOR, HYPER, LOGGED, MOST_IN_FLIGHT, NODE, OURS, PYTHON, REQWEST, WITH_HEADERS, WITH_SETTINGS, Results,
)

# Deliveries a second, CPU seconds per 1,000, peak MB.
SPEEDS = {
    REQWEST: (44_000, 0.020, 8), MOST_IN_FLIGHT: (38_000, 0.024, 12), WITH_HEADERS: (40_000, 0.021, 8),
    FLOOR: (42_000, 0.022, 9), HYPER: (54_000, 0.013, 7), OURS: (40_000, 0.024, 14), WITH_SETTINGS: (33_000, 0.029, 15),
    LOGGED: (9_000, 0.08, 19),
    NODE: (2_500, 0.40, 178), PYTHON: (4_900, 0.16, 47),
}


def ratio(value):
    return {"least": value * 0.9, "median": value, "most": value * 1.1}


def fanout(name, records, urls):
    per_s, cpu, peak = SPEEDS[name]
    to_reqwest = (lambda value: {"least": 1.0, "median": 1.0, "most": 1.0}) if name == REQWEST else ratio
    return {"implementation": name, "records": records, "urls": urls, "rounds": 5, "deliveries_per_s": per_s,
            "cpu_s_per_1000": cpu, "batch_ms": 1_000 * records * urls / per_s, "peak_mb": peak,
            "cpu_to_reqwest": to_reqwest(cpu / 0.020), "rate_to_reqwest": to_reqwest(per_s / 44_000)}


def billed(name):
    logged = name == LOGGED
    return {"implementation": name, "receiver_ms": 200, "records": 100, "urls": 1,
            "delivered_at_once": 1.0, "pending": 0.0, "hold_ms": 204.0, "batch_ms": 205.0, "cpu_s": 0.004,
            "peak_mb": 20.0, "reads": 1.0, "write_requests": 4.0 * logged, "items_written": 100.0 * logged,
            "wake_ups": 0.0, "log_bytes": 700.0}


def isolation(name, hanging, phase):
    stuck = hanging and name == NODE and phase == "recognised"
    waits = hanging and name != FLOOR and (name != LOGGED or phase == "outage begins")
    share, p99 = (0.0, 0.0) if stuck else (0.3, 10_400.0) if waits else (1.0, 25.0)
    return {"implementation": name, "hanging": hanging, "phase": phase, "healthy_per_s": 50 * (10 - hanging) * share,
            "share_of_changes": share, "p50_ms": p99 / 5, "p99_ms": p99, "longest_hold_ms": 280.0, "batches": 9,
            "environments": 1, "cpu_s": 0.1}


def backlog(what, per_s, requests, deliveries):
    return {"what": what, "backlog": 10_000, "per_s": per_s, "cpu_s_per_1000": 0.1,
            "dynamodb_requests_per_1000": requests * 1_000 / deliveries, "items_written_per_1000": 1_010.0,
            "requests": {"DynamoDB_20120810.BatchWriteItem": requests, "AWSEvents.PutEvents": 2}}


def latency(per_s):
    return {"stack": "one machine", "writes_per_s": per_s, "written_per_s": per_s * 0.999, "events": per_s * 30,
            "p50_ms": 5.0, "p99_ms": 20.0, "p999_ms": 30.0, "most_ms": 50.0}


def imperfect(case, part="itself", share=0.0, p50=10.0, p99=30.0, events=1_000, **changes):
    """Returns a row. `p99` is that of events without a failure; failed ones are acknowledged 300 ms after their
    write."""
    times = {"p50_ms": p50, "p90_ms": p50 * 1.2, "p99_ms": p99, "most_ms": p99 * 1.5}
    return {"program": "current", "case": case, "part": part, "writes_per_s": 50, "share": share, "events": events,
            "arrived": events, "acknowledged": events, "calls": round(events * (1 + share)), "instances": events,
            "out_of_order": 0, **times, **{f"ok_{name}": value + 300 * share for name, value in times.items()},
            "bound_ms": 100.0, "within": 1 - share, "dynamodb_requests_per_1000": 90.0 + 5_000 * share,
            "items_written_per_1000": 1_010.0 + 5_000 * share, "write_units_per_1000": 2_010.0 + 15_000 * share,
            "read_units_per_1000": 20.0 + 5_000 * share, "seed": 7} | changes


def cost(name, log, memory, writes):
    parts = {"lambda_requests": 0.002, "lambda_compute": 0.008, "dynamodb_reads": 0.001, "dynamodb_writes": writes,
             "logs": 0.006, "sqs": 0.0}
    return {"implementation": name, "receiver_ms": 200, "records": 100, "urls": 1, "log": log, "memory": memory,
            "memory_mb": 256, "billed_ms": 210, "per_million": parts | {"total": sum(parts.values())}}


def run(age):
    age = {"p50_ms": age / 2, "p99_ms": age, "max_ms": age}
    return {
        "iterator_age": {"during": age}, "change_to_attempt": {"during": age}, "concurrency": {"during": {"max": 40.0}},
        "events": {"arrived": 420, "delivered_at_once": 400, "lost": 0, "behind_at_end": 1, "in_flight_at_end": 9,
                   "drained": 10, "backlog_at_end": 0, "appended": 10},
        "drained_after_s": None, "keeps_up": True, "dollars": {"steady": {"per_million": {"total": 2.0}}},
        "series": {"t": [5.0, 65.0, 100.0, 300.0], "iterator_age_p99_ms": [400.0, None, age["p99_ms"], 350.0]},
    }


def resource(name, binds_at, rate):
    return {"resource": name, "when": "always", "binds_at": binds_at, "utilisation": rate / (binds_at or 1e9),
            "quota": "DynamoDB: table-level write throughput", "default": 40_000, "unit": "write units/s",
            "adjustable": False, "effect": "batches wait"}


def simulated(rate):
    rows = [resource("Deliveries table, log", 40_000, rate), resource("fan-out, executions", 99_000, rate),
            resource("drain of one endpoint", None, rate)]
    return {"events_per_s": rate, "binding": {"many_workspaces": {"resources": rows}},
            "runs": {OURS: {"default": run(12_000.0)}, "naive": {"default": run(70_000.0)}}}


FILES = {
    "fanout": [fanout(name, records, urls) for records, urls in ((1, 1), (10, 1), (1, 3), (1_000, 3)) for name in SPEEDS],
    "descriptors": [{"implementation": name, "deliveries": 3_000, "arrived": 3_000 - lost, "pending": 0, "lost": lost,
                     "batch_ms": 900.0, "descriptors": 1_024}
                    for name, lost in ((OURS, 0), (NODE, 1_978), (PYTHON, 1_987), (REQWEST, 1_990))],
    "cold": [{"function": name, "init_ms": first - 1, "first_ms": first, "least_first_ms": first - 0.5, "starts": 21}
             for name, first in (("hello (Rust)", 10.0), ("floor", 11.5), ("fanout", 12.0), ("retry", 12.0), ("api", 13.0),
                                 ("console", 11.0), ("hello (Node)", 200.0), ("fanout (Node)", 310.0),
                                 ("hello (Python)", 90.0), ("fanout (Python)", 450.0))],
    "memory": [{"receiver": receiver, "deliveries": 50_000, "attempts": 400, "written": 50_100, "pending": 49_600,
                "reported_records": 0, "hold_ms": 900.0, "batch_ms": 2_500.0, "peak_mb": 40.0, "bound_mb": 128}
               for receiver in ("answers at once", "never answers")],
    "growth": [{"workspaces": workspaces, "endpoints": endpoints, "batch_ms": 25.0 + workspaces, "cpu_s_per_1000": 0.03,
                "dynamodb_requests_per_batch": float(workspaces), "peak_mb": 12.0}
               for workspaces, endpoints in ((1, 1), (1, 50), (10, 10))],
    "billed": [billed(name) for name in (OURS, LOGGED, NODE, PYTHON)],
    "isolation": [isolation(name, hanging, phase) for hanging in (0, 5) for name in (LOGGED, FLOOR, NODE, PYTHON)
                  for phase in ("outage begins", "recognised")],
    "backlog": [backlog("direct", 3_900.0, 300, 5_000), backlog("append", 6_000.0, 660, 10_000),
                backlog("drain", 3_100.0, 1_800, 10_000)],
    "latency": [latency(10), latency(100), latency(1_000)],
    "imperfect": [
        imperfect("perfect"), imperfect("503 1 %", share=0.01), imperfect("reset 5 %", share=0.05),
        imperfect("503 5 %, 25 instances", share=0.05, instances=25, within=0.8),
        imperfect("answers after 3 s", p50=900.0, p99=4_000.0, within=0.1),
        imperfect("answers after 3 s", "beside", p50=12.0, p99=60.0),
        imperfect("hangs", share=1.0, acknowledged=0, arrived=40, calls=40, instances=0, within=0.0),
        imperfect("hangs", "beside", p50=12.0, p99=60.0),
        *(imperfect(case, "healthy", p99=p99, events=12_000)
          for case, p99 in (("all 100 healthy", 30.0), ("mixture", 33.0), ("others paused", 32.0))),
        imperfect("mixture", "slow", p50=900.0, p99=4_000.0, events=1_600, within=0.1),
        imperfect("mixture", "flaky", share=0.05, events=1_600),
        *(imperfect("others paused", part, share=1.0, acknowledged=0, arrived=0, calls=0, instances=0, within=0.0) for part in ("slow", "down")),
        imperfect("mixture", "down", share=1.0, acknowledged=0, arrived=0, calls=0, instances=0, within=0.0),
    ],
    "machine": {"taken": "2026-11-22", "commit": "0000000", "cpu": "a processor", "cores": 2, "memory_mb": 24_105,
                "kernel": "6.1", "os": "Debian 12", "rust": "1.95.0", "node": "20.20.0", "python": "3.11.7",
                "scale": "whole", "load_before": 0.3, "duration_s": 1_500},
    "money": {
        "costs": {"date": "2026-11-21", "region": "us-east-1", "stack_month": 5.0,
                  "entries": [cost(OURS, "all", "template", 1.875), cost(OURS, "failures", "template", 0.0),
                              cost(OURS, "failures", "fitted", 0.0), cost(PYTHON, "none", "fitted", 0.0),
                              cost(NODE, "none", "fitted", 0.0)],
                  "fates": [{"delivery": "delivered at once", "write_units": 2.0, "per_million": 1.25}],
                  "hosted": [{"service": "Svix", "month": 490.0, "per_million": 100.0}]},
        "break_evens": [{"receiver_ms": 200, "records": 100, "urls": 1, "log": "all", "memory": "template",
                         "service": "Svix", "million_a_month": None}],
    },
    "simulation": {
        "outage_s": [60.0, 180.0], "horizon_s": 420.0, "failing_share": 0.1, "receiver_median_s": 0.05,
        "receiver_p99_s": 0.3, "rates": [simulated(1_000), simulated(100_000)],
        "first_to_bind": {"many_workspaces": {"always": resource("Deliveries table, log", 40_000, 1_000),
                                              "outage": None}},
    },
}

SIZES = {name: {"bytes": 5_900_000, "zip_bytes": 2_600_000}
         for name in ("fanout", "retry", "api", "console", "hello (Rust)")}


def results():
    """Returns a copy that may be changed."""
    return Results(deepcopy(FILES), deepcopy(SIZES))
