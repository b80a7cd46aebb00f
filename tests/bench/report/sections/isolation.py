"""Healthy endpoints beside others that hang."""

from ..digits import UNKNOWN, count, number, percent
from ..look import NAMES, Picture, plain, thousands
from ..markdown import table
from ..results import LOGGED, NODE, OURS, PYTHON
from ..targets import RECOGNISED

# Our implementation has the log on: hanging deliveries are stored.
NAMED = NAMES | {LOGGED: NAMES[OURS]}


def section(results):
    rows = results.rows("isolation")
    yield "Isolation"
    yield (
        "An event goes to ten endpoints, 50 events a second; some of the endpoints never answer. A shard has ten "
        "batches at a time, as deployed (`StreamParallelizationFactor`), and an instance's changes are in one of ten "
        "lanes: whatever has changed in a lane while its batch was held is its next batch. An environment that goes on after its response is busy until it asks for the next event; meanwhile another one "
        "gets the batches, as on Lambda. "
        "\"Outage begins\" is the time in which an endpoint's hanging is found out, and the retry function of Instance Webhooks "
        "probes it for the first time; \"recognised\" comes after "
        "it. Milliseconds are from the change to the arrival at a healthy endpoint. Instance Webhooks has its "
        "log on. The bare function (*Fan-out*) knows from the start what hangs, and writes it down while it calls the others: a row for each "
        "delivery, in the table and its three indices. It makes nothing of these later."
    )
    yield table(
        ["hanging of 10", "phase", "implementation", "healthy deliveries/s", "changes that arrive", "p50, ms",
         "p99, ms", "longest hold, s", "batches", "environments"],
        [[str(row["hanging"]), row["phase"], NAMED[row["implementation"]], number(row["healthy_per_s"]),
          percent(row["share_of_changes"]), _ms(row, "p50_ms"), _ms(row, "p99_ms"),
          number(row["longest_hold_ms"] / 1_000), count(row["batches"]), count(row["environments"])] for row in rows],
    )
    yield _picture(results)


def _ms(row, key):
    """Formats milliseconds; without events there is no percentile."""
    return number(row[key]) if row["share_of_changes"] else UNKNOWN


def _picture(results):
    rows = results.rows("isolation", phase=RECOGNISED)
    groups = [(hanging, [row for name in (LOGGED, NODE, PYTHON) for row in rows
                         if row["hanging"] == hanging and row["implementation"] == name])
              for hanging in results.values("isolation", "hanging")]

    def draw(figure, theme):
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1))
        arrived = [row["p99_ms"] for row in rows if row["share_of_changes"]]
        right.set_xscale("log")
        right.set_xlim(min(arrived) / 2, max(arrived) * 5)
        left.set_xlim(0, 125)
        at, ticks = 0, []
        for hanging, members in groups:
            ticks.append((at, _hang(hanging), True))
            for row in members:
                at += 1
                ticks.append((at, NAMED[row["implementation"]], False))
                _draw_row(left, right, theme, at, row)
            at += 1.4
        left.set_yticks([at for at, _, _ in ticks], [name for _, name, _ in ticks])
        for label, (_, _, heading) in zip(left.get_yticklabels(), ticks):
            label.set_fontweight("bold" if heading else "normal")
        left.set_ylim(at - 0.7, -0.7)
        left.set_title("changes that arrive, %")
        right.set_title("p99 from change to arrival, ms")
        thousands(right.xaxis)
        left.set_xticks([0, 50, 100])
        for axes in (left, right):
            plain(axes)

    seen = "; ".join(
        f"{_hang(hanging)}: " + ", ".join(map(_seen, members))
        for hanging, members in groups)
    return Picture("isolation", f"Changes that arrive at healthy endpoints, and how late: {seen}.",
                   1.0 + 0.26 * (sum(len(members) for _, members in groups) + 1.4 * len(groups)), draw)


def _seen(row):
    name, share = NAMED[row["implementation"]], row["share_of_changes"]
    return f"{name} {percent(share)} with a p99 of {_ms(row, 'p99_ms')} ms" if share else f"{name} none"


def _hang(hanging):
    return "none hangs" if hanging == 0 else f"{hanging} of 10 hang{'s' if hanging == 1 else ''}"


def _draw_row(left, right, theme, at, row):
    name, share = row["implementation"], row["share_of_changes"]
    colour = theme.colours[OURS if name == LOGGED else name]
    left.barh(at, 100 * share, color=colour, height=0.68)
    left.text(100 * share + 2, at, number(100 * share), va="center", fontsize=9)
    if share:
        right.plot(row["p99_ms"], at, "o", color=colour, markersize=8)
        right.annotate(number(row["p99_ms"]), (row["p99_ms"], at), xytext=(8, 0), textcoords="offset points",
                       va="center", fontsize=9)
    else:
        right.text(right.get_xlim()[0] * 1.1, at, "nothing arrived", va="center", fontsize=9, color=theme.muted)
