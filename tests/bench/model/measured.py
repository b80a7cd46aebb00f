"""From the bench's rows to what the model takes."""

from .calibration import OURS

# Everything switched on, as it is deployed.
DEPLOYED = "instance-webhooks-log"


def inputs(results):
    """Named as the model names them; a KeyError names what is missing."""
    turns = {row["what"]: row for row in sorted(results["backlog"], key=lambda row: row["backlog"])}
    return {
        "billed": [_billed(row) for row in results["billed"] if row["implementation"] != OURS and _is_whole(row)],
        "fanout": results["fanout"],
        "cold": results["cold"],
        "backlog": {"append_per_s": turns["append"]["per_s"], "drain_per_s": turns["drain"]["per_s"]},
    }


def _is_whole(row):
    """What ours puts off costs more later, which no row holds. The others put nothing off."""
    return row["implementation"] != DEPLOYED or row["delivered_at_once"] == 1


def _billed(row):
    ours = row["implementation"] == DEPLOYED
    # An item has less than 1 KB: one write unit. The log of the naive handlers is Lambda's own.
    return row | {"implementation": OURS if ours else row["implementation"], "write_units": row["items_written"]}
