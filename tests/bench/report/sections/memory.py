"""Peak memory."""

from ..digits import batch, count, number
from ..look import NAMES, Picture, bars
from ..markdown import table
from ..results import LOGGED, NODE, OURS, PYTHON, main_batch


def section(results):
    rows = results.rows("memory")
    size = batch(rows[0]["deliveries"] // 50, 50)
    yield "Memory"
    yield (
        f"One batch of {size} with the log, where a process may have {rows[0]['bound_mb']} MB, Lambda's smallest "
        "size, as deployed. The hold ends with the function's response; what is in flight then goes on, and the batch "
        "takes, and is billed, until the function asks for the next event. What was not delivered by then is pending. "
        "Written items are deliveries and what is recorded of endpoints."
    )
    yield table(
        ["receiver", "deliveries", "attempts", "items written", "pending", "records reported back", "hold, ms", "batch, ms",
         "peak MB"],
        [[row["receiver"], count(row["deliveries"]), count(row["attempts"]), count(row["written"]),
          count(row["pending"]), count(row["reported_records"]), number(row["hold_ms"]), number(row["batch_ms"]), number(row["peak_mb"])] for row in rows],
    )
    yield _picture(results, rows, size)


def _picture(results, rows, size):
    records, urls = main_batch(results)
    peaks = [(f"{size} with log, receiver {row['receiver']}", LOGGED, row["peak_mb"]) for row in rows]
    peaks += [(f"{NAMES[name]}, {batch(records, urls)}", name,
               results.row("fanout", records=records, urls=urls, implementation=name)["peak_mb"])
              for name in (LOGGED, OURS, PYTHON, NODE)]
    bound = rows[0]["bound_mb"]

    def draw(figure, theme):
        axes = figure.subplots()
        bars(axes, [(name, peak, theme.colours[key], number(peak)) for name, key, peak in peaks], "peak memory, MB")
        axes.set_xlim(0, max(axes.get_xlim()[1], bound * 1.15))
        axes.axvline(bound, color=theme.muted, linestyle=(0, (4, 3)), linewidth=1)
        axes.text(bound, -0.75, f"{bound} MB: Lambda's smallest", ha="center", color=theme.muted, fontsize=9)

    seen = "; ".join(f"{name}: {number(peak)} MB" for name, _, peak in peaks)
    return Picture("memory", f"Peak memory: {seen}. Lambda's smallest size is {bound} MB.", 2.7, draw)
