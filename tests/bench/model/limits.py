"""Limits that all lanes share: a rate of units, and Lambda's environments."""

from collections import deque


class Rate:
    """A limit in units a second, as a fluid: what is asked for waits until all that was asked for before is served."""

    def __init__(self, per_s):
        self.per_s = per_s
        self.free_at = 0.0

    def wait(self, now):
        return max(0.0, self.free_at - now)

    def take(self, now, units):
        """Answers how long the units have to wait. Half a second's worth may come at once."""
        waited = max(0.0, self.free_at - now - 0.5)
        self.free_at = max(self.free_at, now) + units / self.per_s
        return waited


class Environments:
    """Execution environments of one function: kept warm, at most so many, and so many new ones a second."""

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
        """Answers 'warm', 'cold' or None when there is none to be had now."""
        if self.busy + 1 > max(self.most - self.taken_elsewhere, 1):
            return None
        if self.busy < self.made:
            self.busy += 1
            return "warm"
        # Continuously refilled, and never more than ten seconds' worth.
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
