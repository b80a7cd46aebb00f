"""The endpoints of an outage: which of them hang, which are known to, and what waits for them.

All that hang are simulated; healthy ones are only counted. A hanging endpoint is `hidden` until it has not answered within
the hold of a few batches in a row, then `known` (slow, and failing as soon as its drain has met misses enough) until
nothing is pending for it any more.
"""

from .workload import PROBE_STEPS_S


class Endpoints:
    def __init__(self, total, failing):
        self.total = total
        self.failing = list(range(failing))
        self.hidden = set()
        self.known = set()
        self.draining = set()
        self.backlog = [0.0] * failing
        self.step = [0] * failing
        self.late = [0] * failing
        self._new = 0.0
        self.waiting = 0.0

    def fail(self):
        self.hidden = set(self.failing) - self.known

    def not_in_time(self, endpoint, most):
        """Of a batch more it did not answer within the hold; returns whether that makes it known."""
        if endpoint not in self.hidden:
            return False
        self.late[endpoint] += 1
        if self.late[endpoint] < most:
            return False
        self.hidden.discard(endpoint)
        self.known.add(endpoint)
        self.step[endpoint] = 0
        return True

    def append(self, deliveries):
        """They are spread over those that are known evenly, once a tick: that is how they come."""
        self._new += deliveries
        self.waiting += deliveries

    def settle(self):
        """Gives each known endpoint its share of what was appended since. Answers what came after the last drain had
        found nothing more: its endpoint is woken once more and takes it at once."""
        new, self._new = self._new, 0.0
        if not self.known:
            self.waiting -= new
            return new
        for endpoint in self.known:
            self.backlog[endpoint] += new / len(self.known)
        return 0.0

    def drain(self, each):
        """Takes so many from each that is drained; answers how many that were and who has nothing left."""
        drained, done = 0.0, []
        for endpoint in sorted(self.draining):
            taken = min(each, self.backlog[endpoint])
            self.backlog[endpoint] -= taken
            drained += taken
            if self.backlog[endpoint] <= 1e-9:
                done.append(endpoint)
        self.waiting -= drained
        return drained, done

    def recover(self, endpoint):
        self.draining.discard(endpoint)
        self.known.discard(endpoint)

    def next_probe(self, endpoint, rng):
        """How long until the next one: a step of the backoff, and up to a tenth of it as jitter."""
        step = PROBE_STEPS_S[min(self.step[endpoint], len(PROBE_STEPS_S) - 1)]
        self.step[endpoint] += 1
        return step * (1 + rng.random() / 10)
