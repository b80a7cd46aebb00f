"""Limits that all lanes share: a rate of units, and Lambda's environments."""

from collections import deque


class Rate:
    """A limit in units per second, as a fluid: a request waits until all earlier ones are served."""

    def __init__(self, per_s):
        self.per_s = per_s
        self.free_at = 0.0

    def wait(self, now):
        return max(0.0, self.free_at - now)

    def take(self, now, units):
        """Returns the wait for the units. Half a second's worth may be used at once."""
        waited = max(0.0, self.free_at - now - 0.5)
        self.free_at = max(self.free_at, now) + units / self.per_s
        return waited


class Environments:
    """Execution environments of one function: kept warm, up to a maximum number, with a maximum rate of new ones."""

    def __init__(self, most, new_per_s, warm):
        self.most = most
        self.new_per_s = new_per_s
        self.made = min(warm, int(most))
        self.busy = 0
        self.taken_elsewhere = 0.0
        self.waiting = deque()
        self.throttled = 0
        self._tokens = 10 * new_per_s
        self._at = 0.0

    def acquire(self, now):
        """Returns 'warm', 'cold' or None when no environment is available now."""
        if self.busy + 1 > max(self.most - self.taken_elsewhere, 1):
            return None
        if self.busy < self.made:
            self.busy += 1
            return "warm"
        # Refilled continuously, up to ten seconds' worth.
        self._tokens = min(self._tokens + (now - self._at) * self.new_per_s, max(10 * self.new_per_s, 1.0))
        self._at = now
        if self._tokens < 1:
            return None
        self._tokens -= 1
        self.made += 1
        self.busy += 1
        return "cold"

    def release(self):
        self.busy -= 1
