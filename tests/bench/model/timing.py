"""Durations of the parts of a batch and of a drain. No I/O; randomness comes from the generator argument."""

from math import ceil, exp

from .draws import LogNormal, rounds
from .quotas import MB_PER_VCPU
from .workload import (
    FIRST_WINDOW, HOLD_S, IN_FLIGHT, IN_FLIGHT_PER_DRAIN, IN_FLIGHT_PER_ENDPOINT, LEAST_PATIENCE_S, PAGE, POLL_S,
    USUAL_TIMES, WRITE_BATCH, WRITES_AT_A_TIME,
)

# Midpoints of equal parts, over which an expectation is computed.
CHANCES = [(i + 0.5) / 50 for i in range(50)]


def write_rounds(rows):
    """Returns the number of sequential requests for this number of rows: 25 per request, eight requests at a time."""
    return ceil(ceil(rows / WRITE_BATCH) / WRITES_AT_A_TIME)


class Timing:
    def __init__(self, calibration, workload):
        self.calibration = calibration
        self.workload = workload
        # A small function has a share of a processor; the calibration had a whole one.
        self.slowdown = max(MB_PER_VCPU / workload.memory_mb, 1.0)
        self.receiver = LogNormal(workload.receiver_median_s, workload.receiver_p99_s)
        usual = USUAL_TIMES * workload.receiver_median_s
        self.patience_s = min(max(usual, LEAST_PATIENCE_S), HOLD_S)
        # Share of deliveries to healthy receivers with a response after that.
        self.late_share = 1 - self.receiver.share_within(self.patience_s)
        self.base_s = calibration.fanout_base_ms / 1_000 * self.slowdown
        self.cpu_s = calibration.cpu_ms_per_delivery / 1_000 * self.slowdown
        self.cold_s = calibration.cold_ms / 1_000

    def answered(self, rng, deliveries):
        """Returns the time until the last response: of the slowest receiver, and a round trip for each further
        window."""
        if not deliveries:
            return 0.0
        each = ceil(deliveries / self.workload.endpoints)
        further = rounds(each, FIRST_WINDOW, IN_FLIGHT_PER_ENDPOINT) - 1 + ceil(deliveries / IN_FLIGHT) - 1
        return self.receiver.largest(rng, deliveries) + further * self.receiver.mean

    def expected_answered(self, deliveries):
        if deliveries <= 0:
            return 0.0
        return sum(self.receiver.quantile(chance ** (1 / deliveries)) for chance in CHANCES) / len(CHANCES)

    def writing(self, rows):
        return self.workload.dynamodb_s * write_rounds(rows)

    def appending(self, rows):
        """Returns the time for flag, rows, flag (docs/adr/0006), and the function's own work on the rows."""
        return 2 * self.workload.dynamodb_s + rows / self.calibration.append_per_s if rows else 0.0

    def before_attempts(self, records):
        return self.base_s + self.workload.dynamodb_s + records * self.cpu_s

    def expected_hold(self, records):
        """Returns the time for which a batch holds its lane in normal operation: its patience, and the hand-over of
        late deliveries."""
        any_late = 1 - (1 - self.late_share) ** records
        handing = any_late * self.appending(max(records * self.late_share, 1))
        held = sum(min(self.receiver.quantile(chance ** (1 / records)), self.patience_s) for chance in CHANCES)
        return self.before_attempts(records) + held / len(CHANCES) + handing

    def expected_batch(self, records):
        """Returns the time for which its environment is busy: until the last response, and until the log is written."""
        logged = records if self.workload.log == "all" else 0
        return max(self.before_attempts(records) + self.expected_answered(records),
                   self.expected_hold(records) + self.writing(logged))

    def drain_per_s(self):
        """Returns the rate of one endpoint's drain. Reads, attempts and writes overlap, and the window opens until the
        endpoint's responses limit the rate, or to its maximum."""
        requests = (1 + 2 * write_rounds(PAGE)) * self.workload.dynamodb_s
        written_per_s = PAGE / (PAGE / self.calibration.drain_per_s + requests)
        return min(written_per_s, IN_FLIGHT_PER_DRAIN / self.receiver.mean)


def steady(timing):
    """Returns batches per second, records in a batch and concurrent executions in normal operation: by the polls and
    Little's law.

    A lane begins a batch with each poll that finds records, or, if that takes longer, when the one before is
    acknowledged.
    """
    workload = timing.workload
    per_lane = workload.rate / workload.lanes
    records = _records(per_lane * POLL_S)
    for _ in range(6):
        records = min(_records(per_lane * max(POLL_S, timing.expected_hold(records))), workload.batch_size)
    batches = workload.rate / records
    return {"batches_per_s": batches, "records": records, "concurrency": batches * timing.expected_batch(records)}


def _records(mean):
    """Returns the mean number of Poisson arrivals, given that there are any."""
    return mean / (1 - exp(-mean))
