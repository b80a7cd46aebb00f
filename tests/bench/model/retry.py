"""The retry function of a run: wake-ups, probes and drains of all failing endpoints. None of it is a sample."""

from . import quotas
from .footprint import (
    DRAIN_READ_UNITS, MOVE_BILLED, MOVE_TABLE, PLATFORM_LOG_BYTES, REQUESTS_PER_WAKE_UP, WRITES_PER_PROBE,
)
from .usage import Usage
from .workload import TIMEOUT_S

# Time in which an invocation begins attempts: its 300 s without the timeout and the reserve for writing.
DRAIN_INVOCATION_S = 286.0


class Retry:
    def __init__(self, run):
        self.run = run
        self.drain_per_s = run.timing.drain_per_s()
        self.queue, self.running, self.since = [], 0, None
        self.usage = Usage()
        self.recovered_at, self.drained_at = [], None
        self.drained = 0.0

    def wake_later(self, endpoint):
        run = self.run
        run.at(run.now + run.endpoints.next_probe(endpoint, run.rng), self.wake, endpoint)

    def wake(self, endpoint):
        self.usage.sqs_requests += REQUESTS_PER_WAKE_UP
        self.queue.append(endpoint)
        self.serve()

    def serve(self):
        """Serves the queue: its mapping begins with few executions at a time, and adds some each second while messages
        wait."""
        if not self.queue:
            return
        if self.since is None:
            self.since = self.run.now
        grown = quotas.SQS_FIRST_CONCURRENCY + (self.run.now - self.since) * quotas.SQS_CONCURRENCY_PER_S
        room = int(min(grown, quotas.SQS_CONCURRENCY.default)) - self.running
        woken, self.queue = self.queue[:max(room, 0)], self.queue[max(room, 0):]
        for endpoint in woken:
            self.use(1)
            self.probe(endpoint)

    def use(self, executions):
        """Uses executions: batches cannot use this part of the account's concurrency."""
        self.running += executions
        self.run.environments.taken_elsewhere = self.running * self.run.share

    def probe(self, endpoint):
        run = self.run
        self.usage.lambda_requests += 1
        self.usage.read_units += run.workload.read_units_per_workspace + 1
        self.usage.write_units += WRITES_PER_PROBE
        self.usage.log_bytes += run.workload.log_bytes_per_batch + PLATFORM_LOG_BYTES
        # The first window of a drain meets enough failures for the endpoint to be failing: one timeout is enough.
        hangs = run.now < run.outage[1]
        taken = TIMEOUT_S if hangs else run.timing.receiver.largest(run.rng, 1)
        run.at(run.now + taken, self.probed, endpoint, hangs)

    def probed(self, endpoint, hangs):
        if hangs:
            self.end()
            self.wake_later(endpoint)
        else:
            self.recovered_at.append(self.run.now)
            self.run.endpoints.draining.add(endpoint)

    def end(self):
        self.use(-1)
        self.serve()

    def drain(self, seconds):
        """Runs all drains for this time. They wait while the table is throttled: their writes are throttled like all
        others."""
        run, endpoints = self.run, self.run.endpoints
        self.drained += endpoints.settle()
        self.usage.gb_seconds += self.running * seconds * run.workload.memory_mb / 1_024
        if not endpoints.draining or run.table.wait(run.now) > seconds:
            return
        drained, done = endpoints.drain(self.drain_per_s * seconds)
        self.drained += drained
        run.table.take(run.now, drained * MOVE_TABLE * run.share)
        invocations = len(endpoints.draining) * seconds / DRAIN_INVOCATION_S
        self.usage.lambda_requests += invocations
        self.usage.sqs_requests += REQUESTS_PER_WAKE_UP * invocations
        self.usage.write_units += drained * MOVE_BILLED
        self.usage.read_units += drained * DRAIN_READ_UNITS
        for endpoint in done:
            endpoints.recover(endpoint)
            self.end()
        if not endpoints.known and not endpoints.hidden:
            self.drained_at = run.now
