"""Converts measured batches into dollars per million deliveries. No I/O."""

from math import ceil

from . import prices
from .footprint import (
    APPEND_BILLED, DELIVERED_BILLED, DRAIN_READ_UNITS, FLAG_WRITES, MISSED_BILLED, MOVE_BILLED, PLATFORM_LOG_BYTES,
    REQUESTS_PER_WAKE_UP, SETTLE_BILLED, WRITES_PER_PROBE,
)
from .quotas import MB_PER_VCPU
from .usage import Usage, bill

LOGS = ("all", "failures")
# Billed units for each of the table's writes: those of the indices are added to the item's. The other handlers log no
# delivery.
BILLED_PER_WRITE = {"instance-webhooks": DELIVERED_BILLED}
# FunctionMemory of template.yaml.
TEMPLATE_MB = {"instance-webhooks": 256}
HEADROOM = 1.5
FIELDS = ("implementation", "receiver_ms", "records", "urls", "batch_ms", "cpu_s", "peak_mb", "reads", "write_units",
          "log_bytes")


def memory_mb(peak_mb):
    """Returns the smallest memory, 128 MB or a multiple of 64, that leaves half of the measured peak as headroom."""
    needed = HEADROOM * peak_mb
    return 128 if needed <= 128 else 64 * ceil(needed / 64)


def billed_ms(batch_ms, cpu_s, memory):
    """Returns the duration with that much memory. It was measured with a whole processor, of which a small function has
    a share.

    An upper bound: computing during the wait for a receiver would not prolong the batch.
    """
    slowdown = max(MB_PER_VCPU / memory, 1.0)
    return ceil(batch_ms + 1_000 * cpu_s * (slowdown - 1))


def usage_of_batch(row, memory, log):
    """Returns the billed usage of one batch. Lambda reads the stream for free; BatchWriteItem saves requests, not
    units."""
    writes = row["write_units"] * BILLED_PER_WRITE.get(row["implementation"], 1) if log == "all" else 0
    return Usage(
        lambda_requests=1,
        gb_seconds=billed_ms(row["batch_ms"], row["cpu_s"], memory) / 1_000 * memory / 1_024,
        read_units=row.get("read_units", row["reads"]),
        write_units=writes,
        log_bytes=row["log_bytes"] + PLATFORM_LOG_BYTES,
    )


def per_million(row, memory, log):
    """Returns dollars per million deliveries, by part of the bill."""
    deliveries = row["records"] * row["urls"]
    return bill(usage_of_batch(row, memory, log).times(1e6 / deliveries))


def fates():
    """Returns DynamoDB's and SQS's part of a delivery by its outcome, with the log, in dollars per million deliveries.

    Requests that many deliveries share, such as those of a batch, are not counted, but each delivery that is handed
    over counts as the only one of its batch.
    """
    at_once = Usage(write_units=DELIVERED_BILLED)
    handed_over = Usage(write_units=FLAG_WRITES + APPEND_BILLED + SETTLE_BILLED)
    # Failed again after its inline retry: its row is updated, and a drain is woken for it.
    by_drain = Usage(write_units=FLAG_WRITES + APPEND_BILLED + MISSED_BILLED + WRITES_PER_PROBE + SETTLE_BILLED,
                     read_units=DRAIN_READ_UNITS, sqs_requests=REQUESTS_PER_WAKE_UP, lambda_requests=1)
    drained = Usage(write_units=APPEND_BILLED + MOVE_BILLED, read_units=DRAIN_READ_UNITS)

    def flaky(share):
        return (at_once.times(1 - share).plus(handed_over.times(share * (1 - share)))
                .plus(by_drain.times(share * share)))

    usages = {"delivered at once": at_once, "to a receiver that misses 1 %": flaky(0.01),
              "to a receiver that misses 5 %": flaky(0.05), "to a slow receiver, by its drain": drained,
              "handed over: answered after the hold, or by the inline retry": handed_over,
              "missed twice, delivered by a drain": by_drain}
    return [{"delivery": name, "write_units": usage.write_units, "per_million": bill(usage.times(1e6))["total"]}
            for name, usage in usages.items()]


def _checked(results):
    if "billed" not in results:
        raise KeyError("the results have no key 'billed'")
    for index, row in enumerate(results["billed"]):
        if missing := [field for field in FIELDS if field not in row]:
            raise KeyError(f"billed[{index}] has no {', '.join(missing)}")
    return results["billed"]


def costs(results):
    """Returns an entry for each measured batch and log setting, with the fitted memory, and for our implementation with
    the template's, too."""
    entries = []
    for row in _checked(results):
        fitted = memory_mb(row["peak_mb"])
        memories = {"fitted": fitted}
        if row["implementation"] in TEMPLATE_MB:
            memories["template"] = TEMPLATE_MB[row["implementation"]]
        # A handler that logs no delivery costs the same with both settings.
        logs = LOGS if row["implementation"] in BILLED_PER_WRITE else ("none",)
        entries += [
            {
                **{name: row[name] for name in ("implementation", "receiver_ms", "records", "urls")},
                "log": log, "memory": memory, "memory_mb": mb,
                "billed_ms": billed_ms(row["batch_ms"], row["cpu_s"], mb),
                "per_million": per_million(row, mb, "all" if log == "none" else log),
            }
            for memory, mb in memories.items() for log in logs
        ]
    return {"date": prices.DATE, "region": prices.REGION, "entries": entries, "fates": fates(), "hosted": prices.HOSTED,
            "sources": prices.SOURCES, "stack_month": prices.STACK_MONTH + prices.IDLE_POLLS_MONTH}


def break_even(month, per_million, other_month, other_per_million):
    """Returns the million deliveries a month from which the first costs no more than the other; None if there is no
    such number."""
    if month <= other_month and per_million <= other_per_million:
        return 0.0
    if per_million >= other_per_million:
        return None
    return (month - other_month) / (other_per_million - per_million)


def break_evens(costs):
    """Returns, for each of our entries and each hosted service, the million deliveries a month from which ours is
    cheaper."""
    return [
        {
            **{name: entry[name] for name in ("receiver_ms", "records", "urls", "log", "memory")},
            "service": hosted["service"],
            "million_a_month": break_even(costs["stack_month"], entry["per_million"]["total"],
                                          hosted["month"], hosted["per_million"]),
        }
        for entry in costs["entries"] if entry["implementation"] == "instance-webhooks"
        for hosted in costs["hosted"]
    ]
