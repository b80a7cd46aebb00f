"""The figures in the README."""

from .bounds import CURRENT
from .digits import batch, number, percent, spread
from .markdown import table
from .results import LOGGED, NODE, OURS, PYTHON, cpu_times, main_batch, most_hanging
from .targets import RECOGNISED

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


class NoMarkers(Exception):
    """Error for a text without exactly one place for the figures."""


def replaced(text, figures):
    """Returns the text with these figures between its markers, and otherwise unchanged."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or text.count(BEGIN) > 1 or text.count(END) > 1:
        raise NoMarkers(f"the README needs '{BEGIN}' once, and '{END}' once after it")
    return f"{before}{begin}\n{figures}\n{end}{after}"


def block(results):
    return table(["figure", "measured"], [_cpu(results), _latency(results), _isolation(results), _flaky(results),
                                          _memory(results), _cold_start(results)])


def _cpu(results):
    records, urls = main_batch(results)
    ours = results.row("fanout", records=records, urls=urls, implementation=OURS)["cpu_to_reqwest"]
    node, python = (cpu_times(results, other) for other in (NODE, PYTHON))
    return [
        f"CPU time of a delivery, in batches of {batch(records, urls)}",
        f"{spread(ours)} × a bare `reqwest` loop's; Node takes {number(node and node['median'], 2)} × ours, "
        f"Python {number(python and python['median'], 2)} ×",
    ]


def _latency(results):
    rows = results.rows("latency", stack="one machine")
    row = next((row for row in rows if row["writes_per_s"] == 100), rows[0])
    return [
        f"From a write to the arrival of the GET, on one machine, {row['writes_per_s']:,} writes/s",
        f"p50 {number(row['p50_ms'])} ms, p99 {number(row['p99_ms'])} ms",
    ]


def _isolation(results):
    hanging = most_hanging(results)
    ill, well = (results.row("isolation", implementation=LOGGED, hanging=number, phase=RECOGNISED)
                 for number in (hanging, 0))
    node = results.row("isolation", implementation=NODE, hanging=hanging, phase=RECOGNISED)
    return [
        f"Healthy endpoints while {hanging} of 10 hang",
        f"{percent(ill['share_of_changes'])} of the changes arrive (Node: {percent(node['share_of_changes'])}), "
        f"p99 {number(ill['p99_ms'])} ms (none hanging: {number(well['p99_ms'])} ms)",
    ]


def _flaky(results):
    """Returns the events in time beside a receiver with the lowest failure rate, if there is one."""
    rows = [row for row in results.rows("imperfect", program=CURRENT, part="itself") if 0 < row["share"] < 1]
    row = min(rows, key=lambda row: row["share"])
    return [
        f"A receiver that fails {percent(row['share'])} of the requests ({row['case']})",
        f"{percent(row['within'])} of the events are acknowledged within {number(row['bound_ms'])} ms, "
        f"{number(row['calls'] / row['events'])} calls an event",
    ]


def _memory(results):
    row = max(results.rows("memory"), key=lambda row: row["peak_mb"])
    return [f"Peak memory, a batch of {batch(row['deliveries'] // 50, 50)}", f"{number(row['peak_mb'])} MB"]


def _cold_start(results):
    first = {row["function"]: number(row["first_ms"]) for row in results.rows("cold")}
    return [
        "Cold start to the first answer",
        f"{first['fanout']} ms; an empty function in Rust {first['hello (Rust)']} ms, "
        f"the same job in Node {first['fanout (Node)']} ms, in Python {first['fanout (Python)']} ms",
    ]
