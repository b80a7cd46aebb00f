"""Observations of a run: ages, latencies and counts, by phase and over time."""

from bisect import bisect_right

PHASES = ("before", "during", "after")
SERIES = ("t", "iterator_age_p50_ms", "iterator_age_p99_ms", "concurrency", "backlog")


def quantiles(values, weights=None):
    """Returns p50, p99 and max in ms; None for each without observations."""
    if not values:
        return {"p50_ms": None, "p99_ms": None, "max_ms": None}
    pairs = sorted(zip(values, weights or [1] * len(values)))
    total, sums = 0.0, []
    for _, weight in pairs:
        total += weight
        sums.append(total)
    at = lambda chance: pairs[min(bisect_right(sums, chance * total), len(pairs) - 1)][0]  # noqa: E731
    return {"p50_ms": round(1_000 * at(0.5), 1), "p99_ms": round(1_000 * at(0.99), 1),
            "max_ms": round(1_000 * pairs[-1][0], 1)}


class Record:
    def __init__(self, bounds, step_s):
        self.begin, self.outage_begin, self.outage_end = bounds
        self.step_s = step_s
        self.ages = {phase: [] for phase in PHASES}
        self.latencies = {phase: ([], []) for phase in PHASES}
        self.busy = {phase: [] for phase in PHASES}
        self.bucket = []
        self.series = {name: [] for name in SERIES}

    def phase(self, now):
        if now < self.outage_begin:
            return "before"
        return "during" if now < self.outage_end else "after"

    def batch(self, now, age):
        """Records the iterator age as CloudWatch does: the age of a batch's last record when the function receives the
        batch."""
        self.bucket.append(age)
        if now >= self.begin:
            self.ages[self.phase(now)].append(age)

    def latency(self, now, seconds, weight):
        if now >= self.begin:
            values, weights = self.latencies[self.phase(now)]
            values.append(seconds)
            weights.append(weight)

    def concurrency(self, now, executions):
        if now >= self.begin:
            self.busy[self.phase(now)].append(executions)

    def sample(self, now, concurrency, backlog):
        seen = quantiles(self.bucket)
        self.bucket = []
        self.series["t"].append(round(now, 3))
        self.series["iterator_age_p50_ms"].append(seen["p50_ms"])
        self.series["iterator_age_p99_ms"].append(seen["p99_ms"])
        self.series["concurrency"].append(round(concurrency, 1))
        self.series["backlog"].append(round(backlog))
