"""One run: a sample of the stream's shards in detail, event by event, at one rate.

Shards are alike and independent of each other except for shared parts: executions of the account, throughput of the
tables, and the known health of the endpoints. So a run simulates some shards, gives them their share of the first two,
and assumes that the others meet hanging endpoints at the same times as the sample, in proportion to their number.
Results are scaled back by the share. Batches, not events, are simulated.
"""

import heapq
import random
from dataclasses import dataclass, field
from itertools import count
from math import log

from . import quotas
from .calibration import Calibration
from .draws import binomial, poisson
from .endpoints import Endpoints
from .footprint import (
    APPEND_BILLED, APPEND_TABLE, DELIVERED_BILLED, DELIVERED_TABLE, FLAG_WRITES, MISSED_BILLED, MOVE_BILLED,
    MOVE_TABLE, PLATFORM_LOG_BYTES, RELEASE_WRITES,
)
from .lane import Lane
from .limits import Environments, Rate
from .record import Record
from .retry import Retry
from .timing import Timing, steady
from .usage import Usage
from .workload import (
    ANSWER_RESERVE_S, FUNCTION_S, INLINE_RETRY_S, POLL_S, READ_PATIENCE_S, SLOW_AFTER, TIMEOUT_S, VISIBLE_MEDIAN_S,
    VISIBLE_SIGMA, Workload, distinct,
)

TICK_S = 1.0


@dataclass(frozen=True)
class Scenario:
    workload: Workload
    calibration: Calibration
    # Whether it keeps endpoints' health and a backlog; the naive handler waits for every timeout and keeps no state.
    health: bool = True
    # (begin, end) in seconds, or no outage.
    outage: tuple = (60.0, 180.0)
    horizon: float = 420.0
    begin: float = 20.0
    most_shards: int = 6
    seed: int = 1
    series_step_s: float = 5.0
    # By the quota's name, its raised value.
    raised: dict = field(default_factory=dict)

    def quota(self, quota):
        return self.raised.get(quota.name, quota.default)


class Batch:
    """A batch in progress. `first` is the time from its beginning to its first attempt; `hidden` are its endpoints that
    hang, `late` the deliveries whose responses come after the function's, and at `ends` all attempts have ended."""

    __slots__ = ("lane", "spans", "records", "begun", "first", "healthy", "waits", "hidden", "hung", "late", "ends")


class Run:
    def __init__(self, scenario):
        self.scenario, self.workload = scenario, scenario.workload
        workload = self.workload
        self.rng = random.Random(scenario.seed)
        self.timing = Timing(scenario.calibration, workload)
        shards = min(workload.shards, scenario.most_shards)
        self.share = shards / workload.shards
        self.per_lane = workload.rate / workload.lanes
        self.shards = [[Lane(i) for i in range(workload.factor)] for _ in range(shards)]
        self.seen = [0.0] * shards
        begin, end = scenario.outage or (float("inf"), float("inf"))
        self.outage = (begin, end)
        self.record = Record((scenario.begin, begin, end), scenario.series_step_s)
        self.endpoints = Endpoints(workload.endpoints, workload.failing)
        writes, reads = scenario.quota(quotas.TABLE_WRITES), scenario.quota(quotas.TABLE_READS)
        self.table = Rate(writes * self.share)
        self.reads = Rate(min(reads, workload.workspaces * quotas.PARTITION_READS.default) * self.share)
        self.flag_limit = writes
        self.flags = Rate(writes * self.share)
        # The system has been running: the environments of normal operation are warm.
        warm = round(2 * steady(self.timing)["concurrency"] * self.share) + 1
        self.environments = Environments(scenario.quota(quotas.CONCURRENCY) * self.share,
                                         quotas.NEW_ENVIRONMENTS_PER_S * self.share, warm)
        self.retry = Retry(self)
        self.usage = Usage()
        self.busy_s = 0.0
        self.arrived = self.delivered = self.appended = self.lost = self.in_flight = 0.0
        self.repeated = self.log_rows_dropped = self.cold = 0
        self.tried = set()
        self.steady = {}
        self.events, self.order, self.now = [], count(), 0.0

    # ── The clock ────────────────────────────────────────────────────────────────────────────────────────────────────
    def at(self, when, what, *args):
        heapq.heappush(self.events, (when, next(self.order), what, args))

    def go(self):
        for shard in range(len(self.shards)):
            self.at(self.rng.random() * POLL_S, self.poll, shard)
        self.at(TICK_S, self.tick)
        self.at(self.scenario.begin, self.observe)
        for mark in (self.scenario.begin, min(self.outage[0], self.scenario.horizon)):
            self.at(mark, self.mark)
        if self.scenario.outage and self.workload.failing:
            self.at(self.outage[0], self.begin_outage)
        while self.events and self.events[0][0] <= self.scenario.horizon:
            self.now, _, what, args = heapq.heappop(self.events)
            what(*args)
        return self

    # ── The stream ───────────────────────────────────────────────────────────────────────────────────────────────────
    def poll(self, shard):
        """Adds the records that have become visible since the last poll to the shard's lanes."""
        self.at(self.now + POLL_S, self.poll, shard)
        until = self.now - self.rng.lognormvariate(log(VISIBLE_MEDIAN_S), VISIBLE_SIGMA)
        since = self.seen[shard]
        if until > since:
            self.seen[shard] = until
            for lane in self.shards[shard]:
                arrived = poisson(self.rng, self.per_lane * (until - since))
                lane.add(arrived, since, until)
                self.arrived += arrived
        for lane in self.shards[shard]:
            self.start(lane)
        self.serve_waiting()

    def start(self, lane):
        if lane.running or lane.queued or not lane.waiting:
            return
        environment = self.environments.acquire(self.now)
        if environment is None:
            lane.queued = True
            self.environments.waiting.append(lane)
            self.environments.throttled += 1
            return
        self.begin_batch(lane, environment)

    def serve_waiting(self):
        waiting = self.environments.waiting
        while waiting and (environment := self.environments.acquire(self.now)):
            lane = waiting.popleft()
            lane.queued = False
            self.begin_batch(lane, environment)

    # ── A batch ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def begin_batch(self, lane, environment):
        workload, timing, rng, now = self.workload, self.timing, self.rng, self.now
        batch = Batch()
        batch.lane, batch.begun, lane.running = lane, now, True
        batch.spans = lane.take(workload.batch_size)
        batch.records = sum(records for records, _, _ in batch.spans)
        self.in_flight += batch.records
        records, first, last = batch.spans[-1]
        # The last of this number of evenly spread times.
        self.record.batch(now, now - first - (last - first) * rng.random() ** (1 / records))
        cold = timing.cold_s if environment == "cold" else 0.0
        self.cold += environment == "cold"
        self.usage.lambda_requests += 1
        self.usage.log_bytes += workload.log_bytes_per_batch + PLATFORM_LOG_BYTES

        waited = 0.0
        if self.scenario.health:
            units = workload.workspaces_in(batch.records) * workload.read_units_per_workspace
            if self.reads.wait(now) > READ_PATIENCE_S:
                # The records of a workspace that cannot be read are reported back.
                self.at(now + cold + READ_PATIENCE_S, self.repeat, batch)
                return
            waited = workload.dynamodb_s + self.reads.take(now, units)
            self.usage.read_units += units
        batch.first = cold + timing.base_s + waited
        self.assign(batch)
        begun = now + batch.first + batch.records * timing.cpu_s
        answered = timing.answered(rng, batch.healthy)
        if not self.scenario.health:
            batch.late, batch.ends = 0, begun + (TIMEOUT_S if batch.hung else answered)
            self.at(batch.ends, self.attempted, batch)
            return
        # Attempts that take longer than the batch's patience continue after the response, and so do those that hang:
        # until their timeout, and that of the inline retry.
        patience = timing.patience_s
        batch.late = min(binomial(rng, batch.healthy, timing.late_share), batch.healthy) if answered > patience else 0
        held = patience if batch.hung else min(answered, patience)
        after = min(2 * TIMEOUT_S + INLINE_RETRY_S, FUNCTION_S - ANSWER_RESERVE_S) if batch.hung else answered
        batch.ends = begun + max(after, held)
        # Deliveries behind a backlog are appended while the other endpoints are called.
        self.at(begun + max(held, timing.appending(batch.waits)), self.attempted, batch)

    def assign(self, batch):
        """Assigns the batch's deliveries to healthy endpoints, to hanging ones, and to those known to hang."""
        endpoints, rng = self.endpoints, self.rng
        batch.waits, batch.hung, batch.hidden = 0, 0, ()
        if not self.scenario.health:
            if self.outage[0] <= self.now < self.outage[1]:
                batch.hung = binomial(rng, batch.records, self.workload.failing / endpoints.total)
        elif endpoints.known or endpoints.hidden:
            batch.waits = binomial(rng, batch.records, len(endpoints.known) / endpoints.total)
            if endpoints.hidden and self.now < self.outage[1]:
                chance = len(endpoints.hidden) / (endpoints.total - len(endpoints.known))
                batch.hung = binomial(rng, batch.records - batch.waits, chance)
                hidden = sorted(endpoints.hidden)
                # The other shards have as many such batches each, and the endpoints that they find slow are known to
                # all as well.
                elsewhere = min(poisson(rng, batch.hung * (1 / self.share - 1)), 8 * SLOW_AFTER * len(hidden))
                batch.hidden = [rng.choice(hidden) for _ in range(batch.hung + elsewhere)] if batch.hung else []
                self.tried.update(batch.hidden)
        batch.healthy = batch.records - batch.waits - batch.hung

    def attempted(self, batch):
        """Ends the hold: attempts in flight are handed over, and the batch is acknowledged when that is written."""
        if not self.scenario.health:
            self.lost += batch.hung
            self.respond(batch)
            return
        for endpoint in batch.hidden:
            self.not_in_time(endpoint)
        timing, now = self.timing, self.now
        handed = batch.late + batch.hung
        kept = batch.waits + handed
        left = batch.begun + FUNCTION_S - ANSWER_RESERVE_S - now
        if kept and self.table.wait(now) > left:
            self.at(now + left, self.repeat, batch)
            return
        spent = 0.0
        if kept:
            known, total = len(self.endpoints.known), self.endpoints.total
            told = distinct(max(known, 1), batch.waits) + distinct(total, handed)
            units = FLAG_WRITES * told + RELEASE_WRITES * batch.late
            partitions = max(total if handed else known, 1) * quotas.PARTITION_WRITES.default
            self.flags.per_s = min(self.flag_limit, partitions) * self.share
            spent += self.table.take(now, kept * APPEND_TABLE + batch.late * MOVE_TABLE) + min(self.flags.take(now, units), left)
            spent += timing.appending(handed)
            # Attempts that hang fail twice, and their rows are updated with the time of the next attempt.
            self.usage.write_units += kept * APPEND_BILLED + batch.hung * MISSED_BILLED + units
            # Late responses are settled then; the release of their instances is among the units above.
            self.usage.write_units += batch.late * MOVE_BILLED
        self.at(now + spent, self.respond, batch)

    def respond(self, batch):
        """Frees the lane for its next batch; the environment continues."""
        kept = batch.waits + (batch.hung if self.scenario.health else 0)
        self.delivered += batch.healthy - batch.late
        self.in_flight -= batch.records - batch.late
        self.appended += kept
        self.endpoints.append(kept / self.share)
        share = batch.healthy / batch.records
        for records, first, last in batch.spans if share else ():
            change = first + (last - first) * self.rng.random()
            self.record.latency(batch.begun, batch.begun + batch.first - change, records * share)
        batch.lane.running = False
        if not self.scenario.health:
            self.free(batch)
            self.start(batch.lane)
            return
        self.start(batch.lane)
        # The log is written meanwhile. Its rows are dropped while the table is throttled: a delivered event is not
        # repeated for the sake of its log entry.
        logged = batch.healthy - batch.late if self.workload.log == "all" else 0
        left = batch.begun + FUNCTION_S - ANSWER_RESERVE_S - self.now
        writing = 0.0
        if logged and self.table.wait(self.now) > left:
            self.log_rows_dropped += logged
        elif logged:
            writing = min(self.timing.writing(logged) + self.table.take(self.now, logged * DELIVERED_TABLE), left)
            self.usage.write_units += logged * DELIVERED_BILLED
        self.at(max(batch.ends, self.now + writing), self.free, batch)

    def free(self, batch):
        """Frees the environment when the function asks for its next event: its work after the response is billed,
        too."""
        self.delivered += batch.late
        self.in_flight -= batch.late
        self.bill(batch)

    def repeat(self, batch):
        """Repeats the whole batch: the reported record is nearly always near its beginning."""
        batch.lane.put_back(batch.spans)
        batch.lane.running = False
        self.repeated += batch.records
        self.in_flight -= batch.records
        self.bill(batch)
        self.start(batch.lane)

    def bill(self, batch):
        spent = self.now - batch.begun
        self.busy_s += spent
        self.usage.gb_seconds += spent * self.workload.memory_mb / 1_024
        self.environments.release()
        self.serve_waiting()

    # ── The outage ───────────────────────────────────────────────────────────────────────────────────────────────────
    def begin_outage(self):
        if not self.scenario.health:
            return
        self.endpoints.fail()
        self.at(self.outage[1], self.end_outage)

    def end_outage(self):
        # Endpoints without an attempt by now stay unknown. An attempt in progress still runs into its timeout.
        self.endpoints.hidden &= self.tried

    def not_in_time(self, endpoint):
        """Counts the batch: after a few in a row the endpoint is slow, its own drain finds that it hangs, and its next
        probe is a step later."""
        if self.endpoints.not_in_time(endpoint, SLOW_AFTER):
            self.at(self.now, self.retry.wake, endpoint)

    # ── Observations ─────────────────────────────────────────────────────────────────────────────────────────────────
    def tick(self):
        self.at(self.now + TICK_S, self.tick)
        self.serve_waiting()
        self.retry.serve()
        self.retry.drain(TICK_S)
        if self.now % self.scenario.series_step_s < TICK_S / 2:
            self.record.sample(self.now, self.executions(), self.endpoints.waiting)

    def observe(self):
        """Observes at random times: regular ones would be in step with the polls."""
        self.at(self.now + self.rng.uniform(0.1, 0.3), self.observe)
        self.record.concurrency(self.now, self.executions())

    def executions(self):
        return self.environments.busy / self.share + self.retry.running

    def mark(self):
        """Records usage and deliveries so far: the time between two marks is that of normal operation."""
        self.steady[self.now] = (self.total_usage(), self.deliveries())

    def deliveries(self):
        return self.delivered / self.share + self.retry.drained

    def in_lanes(self):
        return sum(lane.waiting for shard in self.shards for lane in shard)

    def total_usage(self):
        """Returns the usage of the whole stream: the sample's scaled up, and the retry function's, which was simulated
        whole."""
        return self.usage.times(1 / self.share).plus(self.retry.usage)
