"""Deliveries a second, and per CPU second."""

from ..digits import batch, number, spread
from ..look import DASHES, NAMES, Picture, bars, lines, plain, thousands
from ..markdown import table
from ..results import (
    FLOOR, HYPER, LOGGED, MOST_IN_FLIGHT, NODE, OURS, PYTHON, REQWEST, WITH_HEADERS, WITH_SETTINGS, main_batch, per_cpu_second,
)

ORDER = (HYPER, REQWEST, OURS, WITH_SETTINGS, LOGGED, PYTHON, NODE)
# Those that show where the difference to the bare loop comes from.
LIMITS = (MOST_IN_FLIGHT, WITH_HEADERS, FLOOR)


def section(results):
    records, urls = main_batch(results)
    rows = {name: results.row("fanout", records=records, urls=urls, implementation=name) for name in ORDER + LIMITS}
    yield "Fan-out"
    yield (
        "Batches of change records go to each implementation, which sends a GET for each record and URL to a "
        "receiver that answers at once; every GET is counted as it arrives. Ratios to Node and Python are ratios "
        "of their ratios to the bare loop of the same round, with the widest bounds that the rounds allow. *With "
        "settings* means endpoints that ask for some changes only, by three conditions and three attributes, and have "
        "ten secret headers. The bare loops have 32 requests in flight for each URL, as many as the functions come to with "
        "such a receiver, but for one that has 128, as many as they may have. *With headers* means seven headers like those of a callback. The bare "
        "function is the least that a function of this stack does for the same batch: Lambda's next event, one query for the "
        "workspace by the SDK, the GETs by `reqwest` with the headers of a callback, each signed and bounded to 10 s, and the response; nothing is planned, guarded, retried or written. First "
        f"batches of {batch(records, urls)}, {rows[OURS]['rounds']} rounds:"
    )
    yield table(
        ["implementation", "deliveries/s", "× reqwest", "CPU s per 1,000", "× reqwest", "peak MB"],
        [[NAMES[name], number(row["deliveries_per_s"]), spread(row["rate_to_reqwest"]), number(row["cpu_s_per_1000"]),
          spread(row["cpu_to_reqwest"]), number(row["peak_mb"])] for name, row in rows.items()],
    )
    yield _cpu_picture({name: rows[name] for name in ORDER}, batch(records, urls))
    yield "Deliveries a second by the size of the batch:"
    yield _sizes(results, lambda row: number(row["deliveries_per_s"]))
    yield _rate_picture(results)
    yield "CPU milliseconds per delivery by the size of the batch:"
    yield _sizes(results, lambda row: number(row["cpu_s_per_1000"]))


def _batches(results):
    return list(dict.fromkeys((row["records"], row["urls"]) for row in results.rows("fanout")))


def _sizes(results, cell):
    return table(
        ["records × URLs", *(NAMES[name] for name in ORDER + LIMITS)],
        [[batch(records, urls), *(cell(results.row("fanout", records=records, urls=urls, implementation=name))
                                  for name in ORDER + LIMITS)] for records, urls in _batches(results)],
    )


def _cpu_picture(rows, size):
    figures = {name: per_cpu_second(row) for name, row in rows.items()}

    def draw(figure, theme):
        entries = [(NAMES[name], value, theme.colours[name], number(value)) for name, value in figures.items()]
        bars(figure.subplots(), entries, f"deliveries per CPU second, batches of {size}")

    seen = "; ".join(f"{NAMES[name]} {number(value)}" for name, value in figures.items())
    return Picture("fanout-cpu", f"Deliveries per CPU second in batches of {size}: {seen}.", 2.5, draw)


def _rate_picture(results):
    """Draws the rate over the sizes, for the number of URLs with the most sizes; three, if there is a choice."""
    sizes = {}
    for records, urls in sorted(_batches(results)):
        sizes.setdefault(urls, []).append(records)
    urls = max(sizes, key=lambda urls: (len(sizes[urls]), urls == 3))
    records = sizes[urls]
    rates = {name: [results.row("fanout", records=number, urls=urls, implementation=name)["deliveries_per_s"]
                    for number in records] for name in ORDER}

    def draw(figure, theme):
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(records[0] / 1.2, records[-1] * 1.2)
        everything = [rate for series in rates.values() for rate in series]
        axes.set_ylim(min(everything) / 1.5, max(everything) * 1.5)
        lines(axes, [(NAMES[name], records, series, theme.colours[name], DASHES.get(name, "-"))
                            for name, series in rates.items()])
        axes.set_xticks(records)
        thousands(axes.xaxis)
        thousands(axes.yaxis)
        plain(axes, "both")
        axes.set_xlabel(f"records in a batch, {urls} URL{'s' if urls > 1 else ''} each")
        axes.set_title("deliveries/s")

    seen = "; ".join(f"{NAMES[name]} {number(series[0])} and {number(series[-1])}" for name, series in rates.items())
    alt = f"Deliveries a second in batches of {records[0]:,} and of {records[-1]:,} records, {urls} URLs each: {seen}."
    return Picture("fanout-rate", alt, 3.2, draw)
