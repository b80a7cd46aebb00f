"""From a write to the arrival of its GET."""

from ..digits import count, number
from ..look import Picture, lines, plain, thousands
from ..markdown import table
from ..results import OURS

PERCENTILES = {"p50_ms": "p50", "p99_ms": "p99", "p999_ms": "p99.9"}
EMULATOR = " \"Deployed to an emulator\" is the template on an emulator of AWS, whose own delays are in it."
DASHED = ("-", (0, (5, 2)))


def section(results):
    rows = results.rows("latency")
    yield "Latency"
    yield (
        "From a write to the instance table to the arrival of the GET. \"One machine\" is the local program, "
        "on both cores, beside the writer and the receiver. Its stream reader stands for Lambda's event source "
        "mapping; the mapping's own delay on AWS comes on top (published: p50 213 ms, p99 552 ms from stream to "
        "function)."
        + (EMULATOR if "deployed to an emulator" in results.values("latency", "stack") else "")
    )
    yield table(
        ["stack", "writes/s, asked", "writes/s, done", "events", "p50, ms", "p99, ms", "p99.9, ms", "most, ms"],
        [[row["stack"], count(row["writes_per_s"]), number(row["written_per_s"]), count(row["events"]),
          *(number(row[key]) for key in (*PERCENTILES, "most_ms"))] for row in rows],
    )
    yield _picture(rows)


def _picture(rows):
    stacks = list(dict.fromkeys(row["stack"] for row in rows))

    def draw(figure, theme):
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.set_yscale("log")
        rates = sorted({row["writes_per_s"] for row in rows})
        axes.set_xlim(rates[0] / 1.2, rates[-1] * 1.2)
        axes.set_ylim(min(row["p50_ms"] for row in rows) / 1.6, max(row["p999_ms"] for row in rows) * 1.6)
        colours = (theme.colours[OURS], theme.palette[4])
        lines(axes, [
            (label if len(stacks) == 1 else f"{label}, {stack}", *_series(rows, stack, key), colour, dashes)
            for stack, colour, dashes in zip(stacks, colours, DASHED) for key, label in PERCENTILES.items()
        ])
        axes.set_xticks(rates)
        thousands(axes.xaxis)
        thousands(axes.yaxis)
        plain(axes, "both")
        axes.set_xlabel("writes/s")
        axes.set_title("from the write to the arrival, ms")

    seen = "; ".join(f"{row['stack']}, {row['writes_per_s']:,} writes/s: p50 {number(row['p50_ms'])}, "
                     f"p99 {number(row['p99_ms'])}, p99.9 {number(row['p999_ms'])}" for row in rows)
    return Picture("latency", f"Milliseconds from a write to the arrival of its GET: {seen}.", 2.8, draw)


def _series(rows, stack, key):
    points = sorted((row["writes_per_s"], row[key]) for row in rows if row["stack"] == stack)
    return [rate for rate, _ in points], [value for _, value in points]
