"""Beyond one machine: the simulation."""

from ..digits import UNKNOWN, count, dollars, number, percent
from ..look import NAIVE, NAMES, Picture, lines, plain, thousands
from ..markdown import table
from ..results import OURS

WORKLOADS = {"many_workspaces": "many workspaces", "one_workspace": "one workspace"}
PHASES = {"always": "while all is well", "outage": "in the outage"}
SHOWN = 5


def section(results):
    simulation = results.object("simulation")
    rates, (begin, end) = simulation["rates"], simulation["outage_s"]
    yield "Past one machine"
    yield (
        "A simulation of the stream, Lambda and the tables, with AWS's published delays and default quotas and "
        f"the times measured above. Receivers take {number(1_000 * simulation['receiver_median_s'])} ms (p99 "
        f"{number(1_000 * simulation['receiver_p99_s'])} ms); from {begin:g} s to {end:g} s "
        f"{percent(simulation['failing_share'])} of the endpoints hang. A batch waits for its "
        "endpoints four times what they usually take, and 250 ms at most; what is late is handed over and goes on after the "
        "response, and an endpoint that has answered nothing in time of three batches is delivered to by its own drain. "
        "The naive handler waits for every timeout "
        "and forgets what failed. \"Raised\" is with those quotas raised that AWS raises on request."
    )
    yield _runs(rates)
    yield _age_picture(simulation, _telling(rates))
    yield "What uses up its quota first, and at how many events a second:"
    yield table(
        ["events spread over", "when", "resource", "quota", "events/s", "what happens then"],
        [[WORKLOADS[name], PHASES[when], it["resource"], _quota(it), number(it["binds_at"]), it["effect"]]
         for name, first in simulation["first_to_bind"].items() for when, it in first.items() if it],
    )
    yield _quota_picture(rates)


def _quota(row):
    raised = "" if row["adjustable"] else ", fixed"
    return f"{row['quota']}, {count(row['default'])} {row['unit']}{raised}"


def _runs(rates):
    rows = [
        [count(rate["events_per_s"]), NAMES[handler], quotas, number(run["iterator_age"]["during"]["p99_ms"], 2),
         number(run["change_to_attempt"]["during"]["p50_ms"], 2), count(run["concurrency"]["during"]["max"]),
         count(run["events"]["lost"]), count(run["events"]["appended"]), number(run["drained_after_s"], 2),
         "yes" if run["keeps_up"] else "**no**", dollars(run["dollars"]["steady"]["per_million"]["total"])]
        for rate in rates for handler, runs in rate["runs"].items() for quotas, run in runs.items()
    ]
    return table(
        ["events/s", "handler", "quotas", "iterator age p99, ms", "change to attempt p50, ms", "most executions",
         "lost", "kept", "drained after, s", "keeps up", "$ per million"], rows)


def _telling(rates):
    """Returns the rate at which the outage is shown: 1,000 per second, or the first."""
    return next((rate for rate in rates if rate["events_per_s"] == 1_000), rates[0])


def _age_picture(simulation, rate):
    (begin, end), name = simulation["outage_s"], f"{rate['events_per_s']:,} events/s"
    runs = {handler: rate["runs"][handler]["default"] for handler in (OURS, NAIVE)}
    seconds = {handler: [value and value / 1_000 for value in run["series"]["iterator_age_p99_ms"]]
               for handler, run in runs.items()}

    def draw(figure, theme):
        axes = figure.subplots()
        axes.set_yscale("log")
        axes.set_xlim(0, simulation["horizon_s"])
        everything = [value for series in seconds.values() for value in series if value]
        axes.set_ylim(min(everything) / 2, max(everything) * 3)
        axes.axvspan(begin, end, color=theme.grid, alpha=0.45, linewidth=0)
        axes.text((begin + end) / 2, 0.96, f"{percent(simulation['failing_share'])} of the endpoints hang", ha="center",
                  va="top", transform=axes.get_xaxis_transform(), fontsize=9, color=theme.ink)
        for handler, series in seconds.items():
            points = [(t, value) for t, value in zip(runs[handler]["series"]["t"], series) if value]
            axes.plot(*zip(*points), color=theme.colours[handler], linewidth=1.8)
            t, value = max((point for point in points if begin <= point[0] <= end), key=lambda point: point[1])
            # Our line is the lower one: its name goes below the other's line.
            below = {"va": "top", "xytext": (6, -4)} if handler == OURS else {"va": "center", "xytext": (22, 0)}
            axes.annotate(f"{NAMES[handler]},\nat most {number(value, 2)} s", (t, value), textcoords="offset points",
                          color=theme.colours[handler], fontsize=9, **below)
        thousands(axes.yaxis)
        plain(axes, "y")
        axes.set_xlabel("seconds")
        axes.set_title(f"iterator age, p99 of 5 s, in seconds, at {name}")

    during = {handler: run["iterator_age"]["during"] for handler, run in runs.items()}
    ages = ", ".join(f"{number(age['p99_ms'] / 1_000, 2)} s (at most {number(age['max_ms'] / 1_000, 2)} s) with "
                     f"{NAMES[handler]}" for handler, age in during.items())
    alt = f"How far the stream is behind at {name}: while some endpoints hang, the iterator age's p99 is {ages}."
    return Picture("simulation-outage", alt.replace("with naive", "with the naive"), 2.9, draw)


def _quota_picture(rates):
    """Draws the resources that reach their limits first; of those that rise and fall together only the first."""
    uses = {}
    for rate in rates:
        for row in rate["binding"]["many_workspaces"]["resources"]:
            uses.setdefault((row["resource"], row["binds_at"]), []).append(100 * row["utilisation"])
    unlike = {tuple(f"{value:.6g}" for value in use): key for key, use in reversed(uses.items())}.values()
    first = sorted((key for key in unlike if key[1]), key=lambda key: key[1])[:SHOWN]
    xs = [rate["events_per_s"] for rate in rates]

    def draw(figure, theme):
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(xs[0] / 1.2, xs[-1] * 1.2)
        shown = [max(value, 1e-3) for key in first for value in uses[key]]
        axes.set_ylim(max(min(shown) / 2, 0.01), max(shown) * 2)
        axes.axhline(100, color=theme.muted, linestyle=(0, (4, 3)), linewidth=1)
        axes.text(xs[0], 115, "the quota", color=theme.muted, fontsize=9)
        lines(axes, [(name, xs, [value or None for value in uses[name, binds]], colour, "-")
                            for (name, binds), colour in zip(first, theme.palette)])
        axes.set_xticks(xs)
        thousands(axes.xaxis)
        thousands(axes.yaxis)
        plain(axes, "both")
        axes.set_xlabel("events/s")
        axes.set_title("use of the default quota, %")

    seen = "; ".join(f"{name}: {number(binds, 2)}" for name, binds in first) or UNKNOWN
    alt = f"Events a second at which resources use up their default quotas: {seen}."
    return Picture("simulation-quotas", alt, 3.2, draw)

