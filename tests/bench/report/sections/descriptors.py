"""Losses with few descriptors."""

from ..digits import count, number, percent
from ..look import NAMES
from ..markdown import table
from ..results import REQWEST


def section(results):
    rows = results.rows("descriptors")
    names = NAMES | {REQWEST: "bare reqwest loop, unbounded"}
    yield "File descriptors"
    yield (
        f"One batch with {rows[0]['deliveries']:,} deliveries, to receivers that take 100 ms, where a process may "
        f"have {rows[0]['descriptors']:,} file descriptors, as in an execution environment of Lambda. Node, "
        "Python and the bare loop send all GETs at the same time; Instance Webhooks bounds how many are open."
    )
    yield table(
        ["implementation", "deliveries", "arrived", "pending", "lost", "share lost", "batch, ms"],
        [[names[row["implementation"]], count(row["deliveries"]), count(row["arrived"]), count(row["pending"]),
          count(row["lost"]), percent(row["lost"] / row["deliveries"]), number(row["batch_ms"])] for row in rows],
    )
