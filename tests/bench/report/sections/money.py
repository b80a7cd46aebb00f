"""The cost of a million deliveries."""

from ..digits import UNKNOWN, batch, count, dollars, number
from ..look import Picture, plain
from ..markdown import table
from ..results import NODE, OURS, PYTHON, Unusable

PARTS = {
    "lambda_requests": "Lambda, requests", "lambda_compute": "Lambda, time", "dynamodb_reads": "DynamoDB, reads",
    "dynamodb_writes": "DynamoDB, writes", "logs": "log lines", "sqs": "SQS",
}
# Implementation, log, memory. The fitted memory is the smallest that leaves half of the peak as headroom.
WAYS = {
    (OURS, "all", "template"): "Instance Webhooks, as deployed",
    (OURS, "failures", "template"): "Instance Webhooks, log of failures",
    (OURS, "failures", "fitted"): "the same, in the least memory",
    (PYTHON, "none", "fitted"): "Python",
    (NODE, "none", "fitted"): "Node",
}


def section(results):
    money = results.object("money")
    costs = money["costs"]
    shapes = list(dict.fromkeys(_shape(entry) for entry in costs["entries"]))
    shape = _shown([_shape(entry) for entry in costs["entries"] if entry["implementation"] == OURS])
    yield "What it costs"
    yield (
        f"The durations, memory and requests above at AWS's list prices of {costs['date']} in "
        f"{costs['region']}, without free tiers: dollars per million deliveries, by receiver and batch. "
        "Lambda's share of a processor is counted for the memory given. Batches with a log of failures are "
        "taken to last as long as those with a log of everything. Node and Python keep no log, no backlog and "
        "no health of endpoints, so less is done for their price. A dash is where Instance Webhooks leaves "
        "deliveries to a drain: those are delivered, and cost, later; what they cost stands below."
    )
    yield table(
        ["receiver, ms", "records × URLs", *WAYS.values()],
        [[f"{it[0]:,}", batch(*it[1:]), *(_total(costs, it, way) for way in WAYS)] for it in shapes],
    )
    yield _picture(costs, shape)
    yield (
        "Receivers that are not perfect cost more of DynamoDB, for what is pending is written down, and settled: *Imperfect receivers* "
        "has what the database charges for them. What each way of a delivery comes to, by hand from the items that are written, with "
        "the log and with indices; dollars per million deliveries, without Lambda's time:"
    )
    yield table(
        ["delivery", "write units", "$ per million"],
        [[fate["delivery"], number(fate["write_units"]), dollars(fate["per_million"])] for fate in costs["fates"]],
    )
    yield (
        f"Instance Webhooks costs {dollars(costs['stack_month'])} a month before the first delivery (metrics, "
        f"alarms, a key, polls of the queue). Beside what one can buy, with receivers of {shape[0]:,} ms and "
        f"batches of {batch(*shape[1:])}; a dash means never:"
    )
    yield _hosted(money, costs, shape)


def _shape(entry):
    return entry["receiver_ms"], entry["records"], entry["urls"]


def _shown(shapes):
    """Returns the usual shape of those that have a price for us: a full batch of one URL each, receivers of 200 ms; otherwise the
    fullest one, with the slowest receiver."""
    return (200, 100, 1) if (200, 100, 1) in shapes else max(shapes, key=lambda it: (it[1], -it[2], it[0]))


def _total(costs, shape, way):
    put_off = way[0] == OURS and not any(
        _shape(it) == shape and it["implementation"] == OURS for it in costs["entries"])
    return UNKNOWN if put_off else dollars(_entry(costs, shape, way)["per_million"]["total"])


def _entry(costs, shape, way):
    for entry in costs["entries"]:
        if _shape(entry) == shape and (entry["implementation"], entry["log"], entry["memory"]) == way:
            return entry
    raise Unusable(f"money.json has no entry for {shape[0]} ms, {batch(*shape[1:])}, {', '.join(way)}")


def _hosted(money, costs, shape):
    from_on = {(row["service"], row["log"]): row["million_a_month"] for row in money["break_evens"]
               if _shape(row) == shape and row["memory"] == "template"}
    rows = []
    for it in costs["hosted"]:
        cheaper = [from_on.get((it["service"], log)) for log in ("all", "failures")]
        rows.append([it["service"], dollars(it["month"]), dollars(it["per_million"]),
                     *(number(at, 2) for at in cheaper)])
    return table(
        ["service", "$ a month", "$ per million", "ours is cheaper from, million a month",
         "with a log of failures"], rows)


def _picture(costs, shape):
    entries = {name: _entry(costs, shape, way) for way, name in WAYS.items()}
    used = [part for part in PARTS if any(entry["per_million"][part] > 0 for entry in entries.values())]

    def draw(figure, theme):
        logged = {name: entry for (_, log, _), (name, entry) in zip(WAYS, entries.items()) if log == "all"}
        others = {name: entry for name, entry in entries.items() if name not in logged}
        parts = [(part, PARTS[part], theme.palette[list(PARTS).index(part)]) for part in used]
        upper, lower = figure.subplots(2, 1, height_ratios=(len(logged), len(others) + 0.4))
        most = [_stacked(axes, part, parts) for axes, part in ((upper, logged), (lower, others))]
        upper.set_title("dollars per million deliveries")
        lower.set_title(f"without a log of every delivery, {number(most[0] / most[1], 2)} × as large")
        figure.get_layout_engine().set(h_pad=0.1)
        figure.legend(*upper.get_legend_handles_labels(), loc="outside lower left", ncols=5, fontsize=9, handlelength=1,
                      columnspacing=1.2, labelcolor=theme.ink)

    seen = "; ".join(f"{name} {dollars(entry['per_million']['total'])}" for name, entry in entries.items())
    of = f"receivers of {shape[0]:,} ms, batches of {batch(*shape[1:])}"
    return Picture("money", f"Dollars per million deliveries, {of}: {seen}.", 3.3, draw)


def _stacked(axes, entries, parts):
    """Draws a bar for each entry, of its parts; returns the largest sum."""
    most = max(entry["per_million"]["total"] for entry in entries.values())
    for at, entry in enumerate(entries.values()):
        left = 0
        for part, name, colour in parts:
            width = entry["per_million"][part]
            axes.barh(at, width, left=left, color=colour, height=0.68, label=name if at == 0 else None)
            left += width
        text = f"{dollars(left)} at {count(entry['memory_mb'])} MB"
        axes.text(left + most * 0.012, at, text, va="center", fontsize=9)
    axes.set_yticks(range(len(entries)), list(entries))
    axes.set_ylim(len(entries) - 0.5, -0.5)
    axes.set_xlim(0, most * 1.4)
    axes.set_xticks([])
    plain(axes)
    axes.spines["bottom"].set_visible(False)
    return most
