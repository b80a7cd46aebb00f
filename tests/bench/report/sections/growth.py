"""More endpoints, more workspaces."""

from ..digits import amount, count, number
from ..look import Picture, lines, plain, thousands
from ..markdown import table
from ..results import OURS


def section(results):
    rows = results.rows("growth")
    yield "Growth"
    yield (
        "What a batch takes as its deliveries spread over more endpoints and workspaces; the number of "
        "deliveries stays. Receivers answer at once. Each workspace costs DynamoDB requests for its callbacks "
        "and endpoints."
    )
    yield table(
        ["workspaces", "endpoints", "batch, ms", "CPU ms per delivery", "DynamoDB requests per batch", "peak MB"],
        [[count(row["workspaces"]), count(row["endpoints"]), number(row["batch_ms"]), number(row["cpu_s_per_1000"]),
          amount(row["dynamodb_requests_per_batch"]), number(row["peak_mb"])] for row in rows],
    )
    yield _picture(rows)


def _picture(rows):
    rows = sorted(rows, key=lambda row: row["endpoints"])
    single = [row for row in rows if row["endpoints"] == row["workspaces"]]
    shared = [row for row in rows if row not in single or row["endpoints"] == 1]
    series = [("several endpoints\na workspace", shared, "-"), ("one endpoint\na workspace", single, (0, (5, 2)))]
    series = [entry for entry in series if len(entry[1]) > 1]

    def draw(figure, theme):
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.set_xlim(rows[0]["endpoints"] / 1.3, rows[-1]["endpoints"] * 1.3)
        axes.set_ylim(0, 1.15 * max(row["batch_ms"] for row in rows))
        colours = (theme.colours[OURS], theme.palette[4])
        lines(axes, [(name, [row["endpoints"] for row in part], [row["batch_ms"] for row in part], colour, dashes)
                            for (name, part, dashes), colour in zip(series, colours)])
        plain(axes, "both")
        thousands(axes.xaxis)
        axes.set_xlabel("endpoints in a batch")
        axes.set_title("a batch takes, ms")

    seen = "; ".join(
        f"{name.replace(chr(10), ' ')}, {number(part[0]['batch_ms'])} ms where there {_are(part[0])} and "
        f"{number(part[-1]['batch_ms'])} ms where there {_are(part[-1])}" for name, part, _ in series)
    return Picture("growth", f"What a batch takes: {seen}.", 2.6, draw)


def _are(row):
    endpoints = row["endpoints"]
    return "is 1 endpoint" if endpoints == 1 else f"are {count(endpoints)} endpoints"
