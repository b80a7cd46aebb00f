"""One of the lanes of a shard: its waiting records, oldest first, as spans of evenly spread arrivals."""

from collections import deque


class Lane:
    def __init__(self, index):
        self.index = index
        self.spans = deque()  # (records, first moment, last moment)
        self.waiting = 0
        self.running = False
        self.queued = False

    def add(self, count, begin, end):
        if count:
            self.spans.append((count, begin, end))
            self.waiting += count

    def take(self, most):
        """Removes and returns the oldest records, at most this number, as spans."""
        taken, left = [], most
        while left and self.spans:
            count, begin, end = self.spans.popleft()
            if count > left:
                cut = begin + (end - begin) * left / count
                self.spans.appendleft((count - left, cut, end))
                count, end = left, cut
            taken.append((count, begin, end))
            left -= count
        self.waiting -= most - left
        return taken

    def put_back(self, spans):
        """Puts the records of a failed batch back, whole and before all others."""
        self.spans.extendleft(reversed(spans))
        self.waiting += sum(count for count, _, _ in spans)
