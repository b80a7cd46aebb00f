"""The bill of AWS."""

from ..digits import amount, batch, milliseconds, percent
from ..look import NAMES
from ..markdown import table
from ..results import LOGGED, NODE, OURS, PYTHON

ORDER = (OURS, LOGGED, NODE, PYTHON)


def section(results):
    shapes = list(dict.fromkeys((row["receiver_ms"], row["records"], row["urls"]) for row in results.rows("billed")))
    yield "What is billed"
    yield (
        "How long a batch takes when receivers take their time, which is what Lambda bills, and what is asked of "
        "DynamoDB for it. A receiver of 10,000 ms never answers. Instance Webhooks holds its part of "
        "the stream for 250 ms at most. Attempts that are in flight then go on after the response, which is billed too; "
        "what has not begun is pending, and what comes later queues behind it until a drain has delivered it. Where that "
        "happened here, the share that was delivered at once stands in parentheses."
    )
    yield "A batch holds its part of the stream, ms:"
    yield _table(results, shapes, "hold_ms", 1)
    yield "It is billed, ms:"
    yield _table(results, shapes, "batch_ms", 1)
    yield "CPU milliseconds of a batch (the kernel counts in steps of 10 ms):"
    yield _table(results, shapes, "cpu_s", 1_000)
    yield "Asked of DynamoDB by a batch of Instance Webhooks, without and with the log, and its lines in CloudWatch:"
    yield table(
        ["receiver, ms", "records × URLs", "reads", "write requests", "items", "write requests, log", "items, log",
         "wake-ups", "lines, bytes"],
        [_asked(results, *shape) for shape in shapes],
    )


def _row(results, name, receiver_ms, records, urls):
    return results.row("billed", implementation=name, receiver_ms=receiver_ms, records=records, urls=urls)


def _table(results, shapes, key, times):
    return table(
        ["receiver, ms", "records × URLs", *(NAMES[name] for name in ORDER)],
        [[f"{shape[0]:,}", batch(*shape[1:]),
          *(_figure(_row(results, name, *shape), key, times) for name in ORDER)] for shape in shapes],
    )


def _figure(row, key, times):
    share = row["delivered_at_once"]
    put_off = row["implementation"] in (OURS, LOGGED) and share < 1
    return milliseconds(times * row[key]) + (f" ({percent(share)})" if put_off and key == "batch_ms" else "")


def _asked(results, *shape):
    ours, logged = (_row(results, name, *shape) for name in (OURS, LOGGED))
    figures = (ours["reads"], ours["write_requests"], ours["items_written"], logged["write_requests"],
               logged["items_written"], logged["wake_ups"], logged["log_bytes"])
    return [f"{shape[0]:,}", batch(*shape[1:]), *(amount(figure) for figure in figures)]
