"""Appending and draining."""

from ..digits import amount, count, number
from ..look import Picture, bars, lines, plain, thousands
from ..markdown import table
from ..results import LOGGED, OURS, items_per_s

WHAT = {"direct": "delivered at once", "append": "appended to a backlog", "drain": "drained from it"}


def section(results):
    rows = results.rows("backlog")
    yield "Backlog"
    yield (
        "Batches of 100 records for an endpoint that is failing are appended to its backlog; when it is well "
        "again, the retry function drains it. Beside that, deliveries to an endpoint that was never ill, with "
        "the log. The embedded DynamoDB bounds the rates of all three, by the items that are written."
    )
    yield table(
        ["backlog", "what", "deliveries/s", "CPU ms per delivery", "DynamoDB requests per 1,000",
         "items written per 1,000", "items written/s"],
        [[f"{row['backlog']:,}", WHAT[row["what"]], number(row["per_s"]), number(row["cpu_s_per_1000"]),
          amount(row["dynamodb_requests_per_1000"]), count(row["items_written_per_1000"]),
          number(items_per_s(row))] for row in rows],
    )
    yield _picture(results, sorted(results.values("backlog", "backlog")))


def _picture(results, sizes):
    rates = {what: [results.row("backlog", backlog=size, what=what)["per_s"] for size in sizes] for what in WHAT}

    def draw(figure, theme):
        axes = figure.subplots()
        colours = dict(zip(WHAT, (theme.colours[LOGGED], theme.palette[4], theme.colours[OURS])))
        if len(sizes) == 1:
            bars(axes, [(name, rates[what][0], colours[what], number(rates[what][0]))
                               for what, name in WHAT.items()], f"deliveries/s, a backlog of {sizes[0]:,}")
            return
        axes.set_xscale("log")
        axes.set_xlim(sizes[0] / 1.2, sizes[-1] * 1.2)
        axes.set_ylim(0, 1.15 * max(max(series) for series in rates.values()))
        lines(axes, [(name, sizes, rates[what], colours[what], "-") for what, name in WHAT.items()])
        axes.set_xticks(sizes)
        thousands(axes.xaxis)
        thousands(axes.yaxis)
        plain(axes, "both")
        axes.set_xlabel("deliveries in the backlog")
        axes.set_title("deliveries/s")

    seen = ", ".join(f"{name} {number(rates[what][-1])}" for what, name in WHAT.items())
    return Picture("backlog", f"Deliveries a second with a backlog of {sizes[-1]:,}: {seen}.",
                   2.6 if len(sizes) > 1 else 1.7, draw)
