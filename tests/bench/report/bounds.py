"""Targets for imperfect receivers: (target, measured, whether it was reached). No I/O.

Only for the measured cases: a quick run has few of them.
"""

from .digits import count, number, percent

CURRENT = "current"
# The late share may be this multiple of the failed share, and half a percent.
LATE_TO_SHARE, LATE_FOR_FREE = 1.6, 0.005
# A call for each event, two more for each failed one, and ten.
CALLS_TO_SHARE, CALLS_FOR_FREE = 2, 10
OWN_P50_MS, OLDEST_MS = 1_500, 10_000
BESIDE_MOST_MS = 1_600
MIXTURE_TO_HEALTHY = 1.2
HEALTHY, MIXTURE, PAUSED = MIXTURES = ("all 100 healthy", "mixture", "others paused")


def bounds(results):
    rows = results.rows("imperfect", program=CURRENT)
    single = [row for row in rows if row["case"] not in MIXTURES]
    ours = [row for row in single if row["part"] == "itself" and row["share"] < 1]
    flaky = [row for row in ours if row["share"]]
    # Few instances with many events each: events behind a failed one are late as well.
    alone = [row for row in flaky if row["instances"] == row["acknowledged"]]
    slow = [row for row in ours if row["case"].startswith("answers after")]
    beside = [row for row in single if row["part"] == "beside"]
    mixed = [row for row in rows if row["case"] == MIXTURE and row["part"] != "down"]
    yield from _all_arrive(ours + beside + mixed)
    if alone:
        yield from _late(alone)
    if flaky:
        yield from _calls(flaky)
    yield from _order(ours + beside)
    if slow:
        yield from _slow(slow)
    if beside:
        yield from _beside(beside)
    if mixed:
        yield from _mixture(results)


def calls_allowed(row):
    return row["events"] * (1 + CALLS_TO_SHARE * row["share"]) + CALLS_FOR_FREE


def late_allowed(row):
    return LATE_TO_SHARE * row["share"] + LATE_FOR_FREE


def late(row):
    return 1 - row["within"]


def _all_arrive(rows):
    missing = {row["case"]: row["events"] - row["acknowledged"] for row in rows if row["acknowledged"] < row["events"]}
    seen = "; ".join(f"{case}: {count(number)}" for case, number in missing.items()) or "none"
    yield "every event to an imperfect receiver is acknowledged within a minute", f"missing: {seen}", not missing


def _late(rows):
    worst = max(rows, key=lambda row: late(row) - late_allowed(row))
    yield ("no more events are late than 1.6 × the share of requests that fail, and 0.5 %",
           f"{percent(late(worst))}, {worst['case']}, later than {number(worst['bound_ms'])} ms "
           f"({percent(late_allowed(worst))} allowed)", late(worst) <= late_allowed(worst))


def _calls(rows):
    worst = max(rows, key=lambda row: row["calls"] / calls_allowed(row))
    yield ("at most two more calls for each request that fails, and ten",
           f"{count(worst['calls'])} for {count(worst['events'])} events, {worst['case']} "
           f"({count(calls_allowed(worst))} allowed)", worst["calls"] <= calls_allowed(worst))


def _order(rows):
    wrong = sum(row["out_of_order"] for row in rows)
    yield ("the events of an instance are acknowledged in order",
           f"{count(wrong)} of {count(sum(row['instances'] for row in rows))} instances out of order", wrong == 0)


def _slow(rows):
    own, oldest = (max(rows, key=lambda row: row[key]) for key in ("p50_ms", "most_ms"))
    yield ("a slow receiver's events arrive with a p50 of 1.5 s at most",
           f"{number(own['p50_ms'] / 1_000)} s, {own['case']}", own["p50_ms"] <= OWN_P50_MS)
    yield ("none of them waits for more than 10 s",
           f"{number(oldest['most_ms'] / 1_000)} s, {oldest['case']}", oldest["most_ms"] <= OLDEST_MS)


def _beside(rows):
    often = max(rows, key=lambda row: row["p90_ms"] / row["bound_ms"])
    worst = max(rows, key=lambda row: row["most_ms"])
    yield ("the p90 of a fast receiver beside a slow or hanging one at most 100 ms, or 3 × a perfect one's p99",
           f"{number(often['p90_ms'])} ms, {often['case']} ({number(often['bound_ms'])} ms allowed)",
           often["p90_ms"] <= often["bound_ms"])
    yield ("none of its events later than 1.6 s", f"{number(worst['most_ms'] / 1_000)} s, {worst['case']}",
           worst["most_ms"] <= BESIDE_MOST_MS)


def _mixture(results):
    well, mixed, paused = (results.row("imperfect", program=CURRENT, case=case, part="healthy")["p99_ms"] for case in MIXTURES)
    ratio = mixed / well
    yield ("the healthy endpoints' p99 beside slow, flaky and down ones at most 1.2 × that with all healthy",
           f"{number(ratio)} × ({number(mixed)} ms, {number(well)} ms); with the others paused {number(paused / well)} ×",
           ratio <= MIXTURE_TO_HEALTHY)
