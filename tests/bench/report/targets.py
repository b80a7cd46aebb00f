"""The targets, and whether they were reached. No I/O."""

from dataclasses import dataclass

from .bounds import bounds
from .digits import UNKNOWN, batch, count, megabytes, number, percent, spread
from .markdown import table
from .results import (
    FLOOR, LOGGED, MOST_IN_FLIGHT, NODE, OURS, PYTHON, REQWEST, between, cpu_times, largest_backlog, main_batch,
    items_per_s, most_hanging,
)

# A batch holds its part of the stream for 250 ms at most (HOLD_MS), and for the time to write the pending deliveries.
LONGEST_HOLD_S = 0.5
RECOGNISED = "recognised"
# Records of a small batch, and the receivers, in milliseconds, whose billed time has a target.
SMALL, BILLED = (1, 10), (20, 200)


@dataclass(frozen=True)
class Target:
    """A target. `reached` is None if it could not be checked."""

    what: str
    measured: str
    reached: bool | None


def targets(results):
    return [
        *_speed(results), *_small_batches(results), *_descriptors(results), *_cold_start(results), *_size(results),
        *_memory(results), *_billed(results), *_isolation(results), *_backlog(results), *_one_machine(results),
        *_write_units(results), *(Target(*it) for it in bounds(results)),
    ]


def target_table(results, before):
    verdict = {True: "yes", False: "**no**", None: UNKNOWN}
    rows = [[target.what, before.measured.get(target.what, UNKNOWN), target.measured, verdict[target.reached]]
            for target in targets(results)]
    return table(["target", "before", "measured", "reached?"], rows)


def _at_most(value, bound):
    return None if value is None else value <= bound


def _at_least(value, bound):
    return None if value is None else value >= bound


def _speed(results):
    records, urls = main_batch(results)
    size = batch(records, urls)
    row = results.row("fanout", records=records, urls=urls, implementation=OURS)
    cpu, rate = row["cpu_to_reqwest"], row["rate_to_reqwest"]
    floor = results.row("fanout", records=records, urls=urls, implementation=FLOOR)

    def beside(figure):
        crowded = between(results, OURS, MOST_IN_FLIGHT, figure, records, urls)
        return f"the bare function {spread(floor[figure])} ×; {spread(crowded)} × the loop with 128 in flight"

    yield Target(f"CPU per delivery at most 1.25 × the bare reqwest loop's ({size})",
                 f"{spread(cpu)} ×; {beside('cpu_to_reqwest')}", _at_most(cpu["median"], 1.25))
    yield Target(f"deliveries a second at least 0.85 × the bare reqwest loop's ({size})",
                 f"{spread(rate)} ×; {beside('rate_to_reqwest')}", _at_least(rate["median"], 0.85))
    for other, name, times in ((NODE, "Node", 8), (PYTHON, "Python", 4)):
        ratio = cpu_times(results, other)
        yield Target(f"deliveries per CPU second at least {times} × {name}'s ({size})", f"{spread(ratio)} ×",
                     _at_least(ratio and ratio["median"], times))


def _small_batches(results):
    rows = [row for row in results.rows("fanout", implementation=OURS, urls=1) if row["records"] in SMALL]
    for row in sorted(rows, key=lambda row: row["records"]):
        cpu = row["cpu_to_reqwest"]
        floor = results.row("fanout", records=row["records"], urls=1, implementation=FLOOR)
        yield Target(f"CPU per delivery at most 3 × the bare reqwest loop's ({batch(row['records'], 1)})",
                     f"{spread(cpu)} ×; the bare function {spread(floor['cpu_to_reqwest'])} ×", _at_most(cpu["median"], 3))


def _descriptors(results):
    lost = {row["implementation"]: row["lost"] for row in results.rows("descriptors")}
    ours = results.row("descriptors", implementation=OURS)
    deliveries, bound = ours["deliveries"], ours["descriptors"]
    others = ", ".join(f"{name} {count(lost[key])}" for key, name in
                       ((NODE, "Node"), (PYTHON, "Python"), (REQWEST, "the unbounded bare loop")) if key in lost)
    yield Target(f"no delivery lost with {bound:,} file descriptors ({batch(deliveries // 3, 3)})",
                 f"{count(ours['lost'])} of {count(deliveries)} lost; {others}", ours["lost"] == 0)


def _cold_start(results):
    ours, hello, floor = (results.row("cold", function=name)["first_ms"] for name in ("fanout", "hello (Rust)", FLOOR))
    yield Target("cold start to the first answer at most 1.3 × that of an empty function in Rust",
                 f"{number(ours / hello)} × ({number(ours)} ms, {number(hello)} ms); the bare function {number(floor / hello)} ×",
                 ours <= 1.3 * hello)


def _size(results):
    for key, what, bound in (("bytes", "binary", 6), ("zip_bytes", "zip", 3)):
        size = results.sizes["fanout"][key]
        yield Target(f"the fan-out function's {what} at most {bound} MB", f"{megabytes(size)} MB", size <= bound * 1e6)


def _memory(results):
    row = max(results.rows("memory"), key=lambda row: row["peak_mb"])
    peak, deliveries = row["peak_mb"], row["deliveries"]
    yield Target(f"peak memory below 64 MB ({batch(deliveries // 50, 50)})",
                 f"{number(peak)} MB, where the receiver {row['receiver']}", peak < 64)


def _billed(results):
    for receiver in BILLED:
        rows = results.rows("billed", records=100, receiver_ms=receiver)
        times = [(ours["batch_ms"], node["batch_ms"]) for ours in rows for node in rows
                 if (ours["implementation"], node["implementation"], ours["urls"]) == (OURS, NODE, node["urls"])]
        if not times:
            continue
        ours, node = max(times, key=lambda it: it[0] / it[1])
        yield Target(f"billed time at most 1.2 × Node's unbounded loop's (100 records, a receiver of {receiver} ms)",
                     f"{number(ours / node)} × ({number(ours)} ms, {number(node)} ms)", ours <= 1.2 * node)


def _one_machine(results):
    rows = results.rows("latency", stack="one machine")
    for row in (row for row in rows if row["writes_per_s"] == 1_000):
        yield Target("on one machine at 1,000 writes/s a p50 of 30 ms and a p99 of 150 ms at most",
                     f"{number(row['p50_ms'])} ms, {number(row['p99_ms'])} ms", row["p50_ms"] <= 30 and row["p99_ms"] <= 150)


def _write_units(results):
    fates = results.object("money")["costs"]["fates"]
    units = next(fate["write_units"] for fate in fates if fate["delivery"] == "delivered at once")
    yield Target("at most 2 write units for what is kept of a delivered event", number(units), units <= 2)


def _isolation(results):
    hanging = most_hanging(results)
    well, ill = (results.row("isolation", implementation=LOGGED, hanging=number, phase=RECOGNISED)
                 for number in (0, hanging))
    floor_well, floor_ill = (results.row("isolation", implementation=FLOOR, hanging=number, phase=RECOGNISED)["p99_ms"]
                             for number in (0, hanging))
    share, slower = ill["share_of_changes"] / well["share_of_changes"], ill["p99_ms"] / well["p99_ms"]
    yield Target(f"healthy endpoints keep at least 95 % of their throughput with {hanging} of 10 hanging",
                 percent(share), share >= 0.95)
    yield Target(f"their p99 at most 1.1 × that with none hanging ({hanging} of 10 hanging)",
                 f"{number(slower)} × ({number(ill['p99_ms'])} ms, {number(well['p99_ms'])} ms); the bare function "
                 f"{number(floor_ill / floor_well)} ×", slower <= 1.1)
    held = max(row["longest_hold_ms"] for row in results.rows("isolation", implementation=LOGGED)) / 1_000
    yield Target(f"no batch holds the stream for more than {LONGEST_HOLD_S} s", f"{number(held)} s",
                 held <= LONGEST_HOLD_S)


def _backlog(results):
    backlog = largest_backlog(results)
    direct, append, drain = (results.row("backlog", backlog=backlog, what=what)
                             for what in ("direct", "append", "drain"))
    ratio, requests = drain["per_s"] / direct["per_s"], append["dynamodb_requests_per_1000"] / 40
    yield Target(f"a backlog of {backlog:,} drains at 0.7 × the rate of direct deliveries or more",
                 f"{number(ratio)} × ({number(drain['per_s'])}/s, {number(direct['per_s'])}/s); items written "
                 f"{number(items_per_s(drain))}/s, {number(items_per_s(direct))}/s", ratio >= 0.7)
    yield Target("at most 2 DynamoDB requests for 25 deliveries that are appended", number(requests), requests <= 2)
