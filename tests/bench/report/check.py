"""Checks that all results are present and add up. No times are checked."""

from collections import defaultdict
from math import isclose, isfinite

from .bounds import CURRENT, MIXTURES, calls_allowed
from .results import (
    FLOOR, HYPER, LOGGED, MEASURED, MOST_IN_FLIGHT, NODE, OURS, PYTHON, REQWEST, WITH_HEADERS, WITH_SETTINGS, Row, Unusable,
)
from .sections.money import PARTS

SPREAD = {"least", "median", "most"}
COLUMNS = {
    "fanout": "implementation records urls rounds deliveries_per_s cpu_s_per_1000 batch_ms peak_mb cpu_to_reqwest "
              "rate_to_reqwest",
    "descriptors": "implementation deliveries arrived pending lost batch_ms descriptors",
    "cold": "function init_ms first_ms least_first_ms starts",
    "memory": "receiver deliveries attempts written pending reported_records hold_ms batch_ms peak_mb bound_mb",
    "growth": "workspaces endpoints batch_ms cpu_s_per_1000 dynamodb_requests_per_batch peak_mb",
    "billed": "implementation receiver_ms records urls delivered_at_once pending hold_ms batch_ms cpu_s peak_mb reads "
              "write_requests items_written wake_ups log_bytes",
    "isolation": "implementation hanging phase healthy_per_s share_of_changes p50_ms p99_ms longest_hold_ms batches "
                 "environments cpu_s",
    "backlog": "what backlog per_s cpu_s_per_1000 dynamodb_requests_per_1000 items_written_per_1000 requests",
    "imperfect": "program case part writes_per_s share events arrived acknowledged calls instances out_of_order p50_ms "
                 "p90_ms p99_ms most_ms ok_p50_ms ok_p90_ms ok_p99_ms ok_most_ms bound_ms within "
                 "dynamodb_requests_per_1000 items_written_per_1000 write_units_per_1000 read_units_per_1000 seed",
    "latency": "stack writes_per_s written_per_s events p50_ms p99_ms p999_ms most_ms",
}
# For every group of rows that agree in the first, each value of the last.
ROWS = {
    "fanout": (("records", "urls"), "implementation", {REQWEST, MOST_IN_FLIGHT, WITH_HEADERS, HYPER, FLOOR, OURS, WITH_SETTINGS, LOGGED, NODE,
                                                      PYTHON}),
    "descriptors": ((), "implementation", {OURS, NODE, PYTHON, REQWEST}),
    "cold": ((), "function", {"hello (Rust)", "floor", "fanout", "retry", "api", "console", "hello (Node)", "fanout (Node)",
                              "hello (Python)", "fanout (Python)"}),
    "memory": ((), "receiver", {"answers at once", "never answers"}),
    "billed": (("receiver_ms", "records", "urls"), "implementation", {OURS, LOGGED, NODE, PYTHON}),
    "isolation": (("hanging", "implementation"), "phase", {"outage begins", "recognised"}),
    "backlog": (("backlog",), "what", {"direct", "append", "drain"}),
    "latency": (("stack",), "writes_per_s", set()),
    "imperfect": (("program", "case"), "part", set()),
}
# Upper bound of the deliveries of the backlog's direct turn.
DIRECT = 5_000
# Values for which a smoke run is too short: the kernel's clock may not tick while the bare loop runs.
TICKS = ("cpu_to_reqwest",)


def check(results):
    """Returns the errors, a sentence each."""
    wrong = [*_machine(results)]
    for name in MEASURED:
        found = [*_shape(results, name)]
        # Sums only of values that are present.
        wrong += found or [*_figures(results, name), *_rows(results, name), *SUMS.get(name, _nothing)(results)]
    return wrong or [*_targets_have_their_rows(results), *_money(results), *_simulation(results)]


def _nothing(_):
    return ()


def _machine(results):
    machine = results.object("machine")
    for key in ("taken commit cpu cores memory_mb kernel os rust node python scale load_before duration_s").split():
        if key not in machine:
            yield f"machine.json has no '{key}'"
    if machine.get("scale") not in ("smoke", "quick", "whole"):
        yield f"machine.json: the scale '{machine.get('scale')}' is none"


def _shape(results, name):
    if not results.files[name]:
        yield f"{name}.json has no rows"
    for number, row in enumerate(results.files[name], 1):
        for key in COLUMNS[name].split():
            if key not in row:
                yield f"{name}.json, row {number}, has no '{key}'"


def _figures(results, name):
    for row in results.rows(name):
        for key in COLUMNS[name].split():
            if results.smoke and key in TICKS:
                continue
            if not (bad := _unusable(row[key])):
                continue
            yield f"{row.where} {key}: {bad}"


def _unusable(value):
    """Returns the parts of a value that are not finite numbers of at least 0. Text is left out."""
    if isinstance(value, str):
        return None
    if isinstance(value, dict):
        return next((f"{key}: {bad}" for key, each in value.items() if (bad := _unusable(each))), None)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return f"{value} is no finite number"
    return f"{value} is less than 0" if value < 0 else None


def _rows(results, name):
    if name not in ROWS:
        return
    by, key, wanted = ROWS[name]
    groups = {}
    for row in results.rows(name):
        groups.setdefault(tuple(row[it] for it in by), []).append(row[key])
    for group, found in groups.items():
        where = ", ".join(f"{name} = {value}" for name, value in zip(by, group))
        for value in sorted(wanted - set(found)):
            yield f"{name}.json has no row with {', '.join(filter(None, (where, f'{key} = {value}')))}"
        for value in sorted({value for value in found if found.count(value) > 1}):
            yield f"{name}.json has several rows with {', '.join(filter(None, (where, f'{key} = {value}')))}"


def _targets_have_their_rows(results):
    """Checks the sizes that the targets are stated for; a smoke run has smaller ones. A quick run leaves out Python's
    wait, and has a smaller batch for the memory."""
    wanted = [("isolation", {"hanging": hanging, "implementation": name})
              for hanging in results.values("isolation", "hanging")
              for name in ((LOGGED, FLOOR, NODE) if results.object("machine")["scale"] == "quick" else (LOGGED, FLOOR, NODE, PYTHON))]
    if not results.smoke:
        wanted += [("fanout", {"records": 1_000, "urls": 3}), ("isolation", {"hanging": 5}),
                   ("descriptors", {"deliveries": 3_000})]
    if results.object("machine")["scale"] == "whole":
        wanted += [("memory", {"deliveries": 50_000})]
        wanted += [("imperfect", {"program": CURRENT, "case": case, "part": "healthy"}) for case in MIXTURES]
    wanted += [("isolation", {"hanging": 0}), ("growth", {"workspaces": 1, "endpoints": 1}),
               ("latency", {"stack": "one machine"}), ("imperfect", {"program": CURRENT, "case": "perfect"})]
    for name, row in wanted:
        try:
            results.row(name, **row)
        except Unusable as error:
            yield str(error)


# ── Sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _ordered(row, *keys):
    values = [row[key] for key in keys]
    if values != sorted(values):
        yield f"{row.where} {' ≤ '.join(keys)} does not hold: {values}"


def _fanout(results):
    for row in results.rows("fanout"):
        if not row["deliveries_per_s"]:
            yield f"{row.where} deliveries_per_s: nothing was delivered"
        for key in ("cpu_to_reqwest", "rate_to_reqwest"):
            ratio = Row(f"{row.where} {key}:", row[key])
            if missing := SPREAD - ratio.keys():
                yield f"{ratio.where} has no {', '.join(sorted(missing))}"
            elif None not in ratio.values():
                yield from _ordered(ratio, "least", "median", "most")
        if row["implementation"] == REQWEST and row["rate_to_reqwest"].get("median") != 1:
            yield f"{row.where} rate_to_reqwest: the bare loop is not 1 × itself"


def _descriptors(results):
    for row in results.rows("descriptors"):
        # A pending one may have arrived: it is sent again when its response was lost.
        if row["arrived"] + row["pending"] + row["lost"] < row["deliveries"]:
            yield (f"{row.where} arrived {row['arrived']} + pending {row['pending']} + lost {row['lost']} are not "
                   f"{row['deliveries']} deliveries")


def _cold(results):
    for row in results.rows("cold"):
        yield from _ordered(row, "init_ms", "first_ms")
        yield from _ordered(row, "least_first_ms", "first_ms")


def _memory(results):
    for row in results.rows("memory"):
        if row["attempts"] > row["deliveries"]:
            yield f"{row.where} {row['attempts']} attempts are more than {row['deliveries']} deliveries"
        # A delivery that was neither made nor reported back must be stored.
        if row["receiver"] == "never answers" and not row["reported_records"] and row["written"] < row["deliveries"]:
            yield f"{row.where} {row['written']} items written, none reported back, of {row['deliveries']} deliveries"
        if not row["reported_records"] and row["attempts"] + row["pending"] < row["deliveries"]:
            yield (f"{row.where} {row['attempts']} attempts and {row['pending']} pending, none reported back, of "
                   f"{row['deliveries']} deliveries")
        yield from _ordered(row, "hold_ms", "batch_ms")


def _billed(results):
    for row in results.rows("billed"):
        if row["delivered_at_once"] > 1:
            yield f"{row.where} delivered_at_once: {row['delivered_at_once']}: more arrived than was to be delivered"
        if row["implementation"] in (OURS, LOGGED) and row["delivered_at_once"] + row["pending"] < 1 - 1e-9:
            yield (f"{row.where} delivered_at_once {row['delivered_at_once']} + pending {row['pending']} are not all "
                   "deliveries")
        yield from _ordered(row, "hold_ms", "batch_ms")
    for row in results.rows("billed", implementation=LOGGED):
        if row["items_written"] < row["records"] * row["urls"]:
            yield f"{row.where} {row['items_written']} items written for {row['records'] * row['urls']} deliveries"


def _isolation(results):
    for row in results.rows("isolation"):
        yield from _ordered(row, "p50_ms", "p99_ms")
    # A handler that works through a batch at a time may end none within a short phase on a busy machine.
    phases = defaultdict(list)
    for row in results.rows("isolation", hanging=0):
        phases[row["implementation"]].append(row)
    for rows in phases.values():
        if not any(row["share_of_changes"] for row in rows):
            yield f"{rows[0].where} share_of_changes: nothing arrived in any phase though nothing hangs"


def _backlog(results):
    for row in results.rows("backlog"):
        deliveries = min(row["backlog"], DIRECT) if row["what"] == "direct" else row["backlog"]
        asked = sum(number for what, number in row["requests"].items() if what.startswith("DynamoDB"))
        stated = row["dynamodb_requests_per_1000"] * deliveries / 1_000
        if not isclose(asked, stated, rel_tol=1e-6):
            yield f"{row.where} requests add up to {asked}, dynamodb_requests_per_1000 to {stated:g}"
        if row["items_written_per_1000"] < 1_000:
            yield f"{row.where} items_written_per_1000: fewer items than deliveries were written"


def _latency(results):
    for row in results.rows("latency"):
        yield from _ordered(row, "p50_ms", "p99_ms", "p999_ms", "most_ms")


def _imperfect(results):
    for row in results.rows("imperfect"):
        yield from _ordered(row, "acknowledged", "arrived", "events")
        yield from _ordered(row, "arrived", "calls")
        yield from _ordered(row, "p50_ms", "p90_ms", "p99_ms", "most_ms")
        yield from _ordered(row, "ok_p50_ms", "ok_p90_ms", "ok_p99_ms", "ok_most_ms")
        # An item is at least one unit, and one more for each index that has it.
        yield from _ordered(row, "items_written_per_1000", "write_units_per_1000")
        if row["within"] > 1:
            yield f"{row.where} within: {row['within']}: more came in time than there was"
    # A smoke run checks no times, but these values are not times.
    for row in results.rows("imperfect", program=CURRENT) if results.smoke else ():
        if row["share"] == 1:
            continue
        if row["acknowledged"] != row["events"]:
            yield f"{row.where} {row['acknowledged']} of {row['events']} events were acknowledged"
        if row["calls"] > calls_allowed(row):
            yield f"{row.where} {row['calls']} calls for {row['events']} events"
        if row["out_of_order"]:
            yield f"{row.where} {row['out_of_order']} instances were out of order"


SUMS = {"fanout": _fanout, "descriptors": _descriptors, "cold": _cold, "memory": _memory, "billed": _billed,
        "isolation": _isolation, "backlog": _backlog, "latency": _latency, "imperfect": _imperfect}


def _money(results):
    for number, entry in enumerate(results.object("money")["costs"]["entries"], 1):
        parts = Row(f"money.json, entry {number}, per_million", entry["per_million"])
        if bad := _unusable(parts):
            yield f"{parts.where} {bad}"
        elif not isclose(sum(parts[part] for part in PARTS), parts["total"], rel_tol=1e-6):
            yield f"{parts.where} does not add up to its total"


def _simulation(results):
    for rate in results.object("simulation")["rates"]:
        for handler, runs in rate["runs"].items():
            for quotas, run in runs.items():
                where = f"simulation.json, {rate['events_per_s']} events/s, {handler}, {quotas}:"
                events = Row(where, run["events"])
                gone = sum(events[key] for key in ("delivered_at_once", "lost", "behind_at_end", "in_flight_at_end",
                                                   "drained", "backlog_at_end"))
                # Each was rounded separately.
                if not isclose(events["arrived"], gone, rel_tol=1e-4, abs_tol=10):
                    yield f"{where} {events['arrived']} events arrived, of {gone} it is known where they are"
                if handler == OURS and events["lost"]:
                    yield f"{where} {events['lost']} events are lost"
