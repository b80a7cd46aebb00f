"""Converts the bench's rows into the model's input."""

from .calibration import OURS

# With all features on, as deployed.
DEPLOYED = "instance-webhooks-log"


def inputs(results):
    """Returns the rows by the model's names; a KeyError names the missing part."""
    turns = {row["what"]: row for row in sorted(results["backlog"], key=lambda row: row["backlog"])}
    return {
        "billed": [_billed(row) for row in results["billed"] if row["implementation"] != OURS and _is_whole(row)],
        "fanout": results["fanout"],
        "cold": results["cold"],
        "backlog": {"append_per_s": turns["append"]["per_s"], "drain_per_s": turns["drain"]["per_s"]},
    }


def _is_whole(row):
    """Returns whether no delivery was deferred: deferred deliveries cost more later, which no row includes. Only our
    implementation defers any."""
    return row["implementation"] != DEPLOYED or row["delivered_at_once"] == 1


def _billed(row):
    ours = row["implementation"] == DEPLOYED
    # An item has less than 1 KB: one write unit. The log of the naive handlers is Lambda's own.
    return row | {"implementation": OURS if ours else row["implementation"], "write_units": row["items_written"]}
