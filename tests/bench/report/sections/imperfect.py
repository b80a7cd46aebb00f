"""Receivers that sometimes fail, are slow, hang or are down."""

from model.usage import Usage, bill

from ..bounds import CURRENT, MIXTURES
from ..digits import UNKNOWN, amount, count, dollars, milliseconds, number, percent
from ..markdown import table
from ..recorded import BEFORE, OF_PEER, PEER, PREVIOUS

PROGRAMS = {CURRENT: "this one", "previous": "the previous one"}
PARTS = {"itself": "itself", "beside": "a fast one beside it"}


def section(results):
    rows = results.rows("imperfect")
    mixtures = [row for row in rows if row["case"] in MIXTURES]
    single = [row for row in rows if row not in mixtures]
    several = len(results.values("imperfect", "program")) > 1
    yield "Imperfect receivers"
    yield (
        "The whole program on one machine, with receivers that behave by a seeded chance (seed "
        f"{rows[0]['seed']}): a share of the requests is answered with a status, reset or never answered; or all are "
        "acknowledged after some seconds; or none ever is. Times are from a write to the arrival of its first request. "
        f"An event is late when the request that is acknowledged comes after {_late_bounds(rows)} ms: 100 ms, or 3 × "
        "the p99 of the perfect receiver of the same run. 50 events are written a second, and 20 where the receiver "
        "takes 8 s; each is an instance of its own, unless it says otherwise."
    )
    yield table(
        [*_program(several), "receiver", "of", "acknowledged", "p50, ms", "p90, ms", "p99, ms", "most, ms",
         "acknowledged p99, ms", "in time", "calls", "instances out of order"],
        [[*_program(several, row), row["case"], PARTS[row["part"]], f"{count(row['acknowledged'])} of "
          f"{count(row['events'])}", *_times(row), count(row["calls"]), count(row["out_of_order"])] for row in single],
    )
    yield _other_figures()
    yield table(
        ["receiver", "of", "here: p50 / p99, ms; in time", "before: p50 / p99, ms; within 100 ms", "peer: p50 / p99, ms"],
        [_beside_others(row) for row in single if row["program"] == CURRENT and _is_known(row)],
    )
    yield (
        "What they cost, for 1,000 deliveries, with the log: requests to DynamoDB, items written or removed, and the units that the "
        "database charges, with those of indices, in dollars per million deliveries. They were counted in a run of their own, by a "
        "proxy. Where there is a fast receiver beside, half of the deliveries are its own."
    )
    yield table(
        [*_program(several), "receiver", "requests per 1,000", "items per 1,000", "write units per 1,000", "read units per 1,000",
         "DynamoDB, $ per million"],
        [[*_program(several, row), row["case"], amount(row["dynamodb_requests_per_1000"]),
          amount(row["items_written_per_1000"]), amount(row["write_units_per_1000"]), amount(row["read_units_per_1000"]),
          dollars(_per_million(row))] for row in _first_parts(rows)],
    )
    if mixtures:
        yield (
            "The mixture: 25 workspaces with 4 endpoints each, 200 events a second, each to the 4 endpoints of its "
            "workspace. 10 of the 100 endpoints acknowledge after 3 s, 10 answer 5 % of the requests with 503, 5 refuse "
            "connections, and 75 are healthy. With all of them healthy, the same endpoints are looked at "
            "together. \"Others paused\" is the mixture with the slow ones and those that are down paused and the flaky ones healthy: what is "
            "for the paused ones is written down, as anything is that is delivered later, and nothing else is done for them."
        )
        yield table(
            [*_program(several), "run", "endpoints", "acknowledged", "p50, ms", "p90, ms", "p99, ms", "most, ms",
             "acknowledged p99, ms", "in time"],
            [[*_program(several, row), row["case"], row["part"], f"{count(row['acknowledged'])} of "
              f"{count(row['events'])}", *_times(row)] for row in mixtures],
        )


def _other_figures():
    return (
        f"Beside them, figures that were recorded elsewhere and are not measured here. \"Before\" is {PREVIOUS}. "
        f"\"Peer\" is {PEER}."
    )


def _program(several, row=None):
    """Returns an extra column if a previous program was measured in the same run."""
    if not several:
        return []
    return [PROGRAMS[row["program"]] if row else "program"]


def _late_bounds(rows):
    """Returns the bounds, one for each program."""
    return " or ".join(dict.fromkeys(number(row["bound_ms"]) for row in rows))


def _times(row):
    """Returns the times; without events there is no percentile."""
    arrived = [milliseconds(row[key]) if row["arrived"] else UNKNOWN
               for key in ("p50_ms", "p90_ms", "p99_ms", "most_ms")]
    acknowledged = milliseconds(row["ok_p99_ms"]) if row["acknowledged"] else UNKNOWN
    return [*arrived, acknowledged, percent(row["within"]) if row["share"] < 1 else UNKNOWN]


def _is_known(row):
    return (row["case"], row["part"]) in BEFORE | OF_PEER


def _beside_others(row):
    key = row["case"], row["part"]
    here = f"{number(row['p50_ms'])} / {number(row['p99_ms'])}, {percent(row['within'])}"
    return [row["case"], PARTS[row["part"]], here, BEFORE.get(key, UNKNOWN), OF_PEER.get(key, UNKNOWN)]


def _per_million(row):
    """Returns DynamoDB's part of the bill."""
    of_a_thousand = Usage(write_units=row["write_units_per_1000"], read_units=row["read_units_per_1000"])
    return bill(of_a_thousand.times(1_000))["total"]


def _first_parts(rows):
    """Returns the first part of each case: counts are of the whole case."""
    return {(row["program"], row["case"]): row for row in rows}.values()
