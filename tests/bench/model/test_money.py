"""The bill, line by line, against sums calculated by hand."""

import pytest

from . import money, prices
from .measured import inputs
from .sample import RESULTS
from .usage import Usage, bill

BATCH = {"implementation": "instance-webhooks", "receiver_ms": 20, "records": 100, "urls": 1, "batch_ms": 41.2,
         "cpu_s": 0.004, "peak_mb": 21.0, "reads": 1, "write_requests": 4, "write_units": 100, "log_bytes": 700}


@pytest.mark.parametrize("what, part, dollars", [
    ("lambda_requests", "lambda_requests", 0.20),
    ("gb_seconds", "lambda_compute", 13.3334),
    ("read_units", "dynamodb_reads", 0.125),
    ("write_units", "dynamodb_writes", 0.625),
    ("log_bytes", "logs", 0.0005),
    ("sqs_requests", "sqs", 0.40),
])
def test_a_million_of_each_thing_costs_its_list_price(what, part, dollars):
    parts = bill(Usage(**{what: 1e6}))
    assert parts[part] == pytest.approx(dollars)
    assert parts["total"] == pytest.approx(dollars)


def test_a_batch_of_100_is_billed_as_by_hand():
    parts = money.per_million(BATCH, 128, "all")
    # 10,000 batches. 4 ms of computing take 1769 / 128 times as long: 41.2 + 4 * 12.82 = 92.5, billed as 93 ms.
    assert parts["lambda_requests"] == pytest.approx(0.002)
    assert parts["lambda_compute"] == pytest.approx(10_000 * 0.093 * 0.125 * 0.0000133334)
    assert parts["dynamodb_reads"] == pytest.approx(0.00125)
    # The table and one index: the 2 units, $1.25 a million, of docs/adr/0031.
    assert parts["dynamodb_writes"] == pytest.approx(1.25)
    assert parts["logs"] == pytest.approx(10_000 * (700 + 500) * 0.5e-9)
    assert parts["total"] == pytest.approx(1.2608, abs=0.0001)


def test_without_the_log_of_deliveries_nothing_is_written_while_all_is_well():
    parts, logged = money.per_million(BATCH, 128, "failures"), money.per_million(BATCH, 128, "all")
    assert parts["dynamodb_writes"] == 0
    assert logged["total"] - parts["total"] == pytest.approx(1.25)


@pytest.mark.parametrize("peak, memory", [(3, 128), (21, 128), (85.3, 128), (86, 192), (128, 192), (178, 320)])
def test_memory_is_the_least_that_leaves_half_the_peak_as_headroom(peak, memory):
    assert money.memory_mb(peak) == memory


def test_a_whole_processor_takes_as_long_as_was_measured():
    assert money.billed_ms(41.2, 0.004, 1_769) == money.billed_ms(41.2, 0.004, 10_240) == 42
    assert money.billed_ms(41.2, 0.004, 128) > money.billed_ms(41.2, 0.004, 256) > 42


def test_slower_receivers_cost_more_and_larger_batches_less():
    entries = {(e["implementation"], e["receiver_ms"], e["records"], e["urls"], e["log"], e["memory"]): e
               for e in money.costs(RESULTS)["entries"]}
    total = lambda *key: entries[key]["per_million"]["total"]  # noqa: E731
    ours = "instance-webhooks"
    for name, log in ((ours, "all"), (ours, "failures"), ("node", "none"), ("python", "none")):
        slower = [total(name, receiver, 100, 1, log, "fitted") for receiver in (20, 200, 1_000, 10_000)]
        larger = [total(name, 20, records, 1, log, "fitted") for records in (1, 10, 100)]
        assert slower == sorted(set(slower))
        assert larger == sorted(set(larger), reverse=True)
    assert entries["node", 20, 100, 1, "none", "fitted"]["memory_mb"] == 320
    assert entries["instance-webhooks", 20, 100, 1, "all", "template"]["memory_mb"] == 256


def test_hosted_services_cost_their_list_prices():
    per_million = {hosted["service"]: hosted["per_million"] for hosted in prices.HOSTED}
    assert per_million["EventBridge Pipes + API destinations"] == pytest.approx(0.60)
    assert per_million["EventBridge event bus + API destinations"] == pytest.approx(1.20)
    assert per_million["Svix"] == 100
    assert all(hosted["source"] in prices.SOURCES for hosted in prices.HOSTED)


def test_the_stack_costs_what_the_operations_guide_says():
    assert prices.STACK_MONTH == pytest.approx(8.40)


def test_break_even_by_hand_and_never():
    assert money.break_even(10, 1, 0, 3) == 5
    assert money.break_even(0, 1, 5, 3) == 0
    assert money.break_even(10, 1, 0, 1) is None


def test_the_dearer_the_other_the_sooner_ours_pays():
    volumes = [money.break_even(5, 2, 0, other) for other in (2.5, 3, 10, 100)]
    assert volumes == sorted(volumes, reverse=True)
    assert len(set(volumes)) == len(volumes)


def test_each_of_our_entries_is_set_against_each_hosted_service():
    costs = money.costs(RESULTS)
    ours = [entry for entry in costs["entries"] if entry["implementation"] == "instance-webhooks"]
    assert len(money.break_evens(costs)) == len(ours) * len(prices.HOSTED)


def test_what_becomes_of_a_delivery_costs_what_it_writes():
    fates = {fate["delivery"]: fate for fate in money.fates()}
    units = {name: fate["write_units"] for name, fate in fates.items()}
    assert units["delivered at once"] == 2
    # Flagged twice, its row put, the log's row put, its own removed, its instance released.
    handed_over = units["handed over: answered after the hold, or by the inline retry"]
    assert handed_over == 2 + 4 + 2 + 4 + 1
    assert units["to a slow receiver, by its drain"] == 4 + 2 + 4
    assert units["to a receiver that misses 5 %"] == pytest.approx(0.95 * 2 + 0.0475 * 13 + 0.0025 * 20)
    assert 2 < units["to a receiver that misses 1 %"] < units["to a receiver that misses 5 %"] < 3
    assert fates["delivered at once"]["per_million"] == pytest.approx(1.25)


def test_what_is_missing_is_named():
    with pytest.raises(KeyError, match="billed"):
        money.costs({})
    with pytest.raises(KeyError, match=r"billed\[0\] has no peak_mb"):
        money.costs({"billed": [{key: value for key, value in BATCH.items() if key != "peak_mb"}]})


def test_what_is_put_off_has_no_price_yet():
    row = {"receiver_ms": 1_000, "records": 100, "urls": 1, "items_written": 100.0}
    rows = [row | {"implementation": "instance-webhooks-log", "delivered_at_once": share} for share in (1.0, 0.24)]
    turns = [{"what": what, "backlog": 1, "per_s": 1.0} for what in ("append", "drain")]
    measured = inputs({"billed": rows, "fanout": [], "cold": [], "backlog": turns})
    assert [it["delivered_at_once"] for it in measured["billed"]] == [1.0]
