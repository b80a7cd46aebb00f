"""The endpoints of an outage: those that hang, those that are known to hang, and their pending deliveries.

All hanging endpoints are simulated; healthy ones are only counted. A hanging endpoint is `hidden` until it has not
responded within the hold of a few batches in a row, then `known` (slow, and failing as soon as its drain has met enough
failures) until it has no pending deliveries.
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
        """Counts a batch without a response within the hold; returns whether that makes the endpoint known."""
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
        """Spreads deliveries evenly over the known endpoints, once a tick, which matches their arrival."""
        self._new += deliveries
        self.waiting += deliveries

    def settle(self):
        """Adds each known endpoint's share of the new deliveries. Returns the deliveries that came after the last drain
        had found no more: their endpoint is woken once more and receives them at once."""
        new, self._new = self._new, 0.0
        if not self.known:
            self.waiting -= new
            return new
        for endpoint in self.known:
            self.backlog[endpoint] += new / len(self.known)
        return 0.0

    def drain(self, each):
        """Removes this number of deliveries from each drained endpoint; returns their total and the endpoints without
        any left."""
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
        """Returns the time until the next probe: a backoff step, and up to a tenth of it as jitter."""
        step = PROBE_STEPS_S[min(self.step[endpoint], len(PROBE_STEPS_S) - 1)]
        self.step[endpoint] += 1
        return step * (1 + rng.random() / 10)
