"""One run: a sample of the stream's shards in detail, event by event, at one rate.

Shards are alike and independent of each other but for what they share: executions of the account, throughput of the
tables, and what is known of the endpoints. So a run simulates some shards, gives them their share of the first two, and
takes it that the others meet endpoints that hang when the sample does, so many times as often. Results are scaled back
by the share. Batches, not events, are simulated.
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
    APPEND_BILLED, APPEND_TABLE, DELIVERED_BILLED, DELIVERED_TABLE, FLAG_WRITES, PLATFORM_LOG_BYTES,
)
from .lane import Lane
from .limits import Environments, Rate
from .record import Record
from .retry import Retry
from .timing import Timing, steady
from .usage import Usage
from .workload import (
    ANSWER_RESERVE_S, FUNCTION_S, POLL_S, READ_PATIENCE_S, TIMEOUT_S, VISIBLE_MEDIAN_S, VISIBLE_SIGMA, Workload,
    distinct,
)

TICK_S = 1.0


@dataclass(frozen=True)
class Scenario:
    workload: Workload
    calibration: Calibration
    # Whether it keeps endpoints' health and a backlog; the naive handler waits for every timeout and forgets.
    health: bool = True
    # (begin, end) in seconds, or no outage.
    outage: tuple = (60.0, 180.0)
    horizon: float = 420.0
    begin: float = 20.0
    most_shards: int = 6
    seed: int = 1
    series_step_s: float = 5.0
    # By the quota's name, what it was raised to.
    raised: dict = field(default_factory=dict)

    def quota(self, quota):
        return self.raised.get(quota.name, quota.default)


class Batch:
    """`first` is how long after it was begun its first attempt begins; `hidden` are the endpoints found to hang."""

    __slots__ = ("lane", "spans", "records", "begun", "first", "healthy", "waits", "hidden", "hung")


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
        # The system has been running: what it needs while all is well is warm.
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
        """What has become visible since the last time is handed to the shard's lanes."""
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
        # The last of so many evenly spread moments.
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
        hung = batch.hung > 0
        answered = TIMEOUT_S if hung else timing.answered(rng, batch.healthy)
        self.at(now + batch.first + batch.records * timing.cpu_s + answered, self.attempted, batch)

    def assign(self, batch):
        """How many of the batch go to endpoints that answer, that hang, and that are known to."""
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
                # The shards left out have as many such batches each, and what these find is known to all as well.
                elsewhere = min(poisson(rng, batch.hung * (1 / self.share - 1)), 8 * len(hidden))
                batch.hidden = {rng.choice(hidden) for _ in range(batch.hung + elsewhere)} if batch.hung else set()
                self.tried |= batch.hidden
        batch.healthy = batch.records - batch.waits - batch.hung

    def attempted(self, batch):
        """All attempts are over: what waits is appended, the log is written."""
        if not self.scenario.health:
            self.lost += batch.hung
            self.finish(batch)
            return
        for endpoint in batch.hidden:
            self.learn(endpoint)
        workload, timing, now = self.workload, self.timing, self.now
        kept = batch.waits + batch.hung
        logged = batch.healthy if workload.log == "all" else 0
        left = batch.begun + FUNCTION_S - ANSWER_RESERVE_S - now
        if kept + logged and self.table.wait(now) > left:
            if kept:
                self.at(now + left, self.repeat, batch)
                return
            # What was delivered need not come again because nobody will read about it.
            self.log_rows_dropped += logged
            self.at(now + left, self.finish, batch)
            return
        spent = timing.writing(kept + logged)
        if kept + logged:
            spent += self.table.take(now, kept * APPEND_TABLE + logged * DELIVERED_TABLE)
            self.usage.write_units += kept * APPEND_BILLED + logged * DELIVERED_BILLED
        if kept:
            told = distinct(max(len(self.endpoints.known), 1), kept)
            units = FLAG_WRITES * told
            partitions = max(len(self.endpoints.known), 1) * quotas.PARTITION_WRITES.default
            self.flags.per_s = min(self.flag_limit, partitions) * self.share
            spent += timing.appending(kept) + min(self.flags.take(now, units), left)
            self.usage.write_units += units
        self.at(now + spent, self.finish, batch)

    def finish(self, batch):
        kept = batch.waits + (batch.hung if self.scenario.health else 0)
        self.delivered += batch.healthy
        self.appended += kept
        self.endpoints.append(kept / self.share)
        share = batch.healthy / batch.records
        for records, first, last in batch.spans if share else ():
            change = first + (last - first) * self.rng.random()
            self.record.latency(batch.begun, batch.begun + batch.first - change, records * share)
        self.close(batch)

    def repeat(self, batch):
        """The batch comes again, whole: what was reported back is nearly always near its beginning."""
        batch.lane.put_back(batch.spans)
        self.repeated += batch.records
        self.close(batch)

    def close(self, batch):
        spent = self.now - batch.begun
        self.busy_s += spent
        self.usage.gb_seconds += spent * self.workload.memory_mb / 1_024
        self.in_flight -= batch.records
        batch.lane.running = False
        self.environments.release()
        self.serve_waiting()
        self.start(batch.lane)

    # ── The outage ───────────────────────────────────────────────────────────────────────────────────────────────────
    def begin_outage(self):
        if not self.scenario.health:
            return
        self.endpoints.fail()
        self.at(self.outage[1], self.end_outage)

    def end_outage(self):
        # What nobody has tried by now, nobody ever learns of. An attempt under way still runs into its timeout.
        self.endpoints.hidden &= self.tried

    def learn(self, endpoint):
        if self.endpoints.learn(endpoint):
            self.retry.wake_later(endpoint)

    # ── What is seen ─────────────────────────────────────────────────────────────────────────────────────────────────
    def tick(self):
        self.at(self.now + TICK_S, self.tick)
        self.serve_waiting()
        self.retry.serve()
        self.retry.drain(TICK_S)
        if self.now % self.scenario.series_step_s < TICK_S / 2:
            self.record.sample(self.now, self.executions(), self.endpoints.waiting)

    def observe(self):
        """At random moments: regular ones would keep step with the polls."""
        self.at(self.now + self.rng.uniform(0.1, 0.3), self.observe)
        self.record.concurrency(self.now, self.executions())

    def executions(self):
        return self.environments.busy / self.share + self.retry.running

    def mark(self):
        """What has been used and delivered so far: between two marks lies the time in which all is well."""
        self.steady[self.now] = (self.total_usage(), self.deliveries())

    def deliveries(self):
        return self.delivered / self.share + self.retry.drained

    def in_lanes(self):
        return sum(lane.waiting for shard in self.shards for lane in shard)

    def total_usage(self):
        """Of the whole stream: the sample's scaled up, and the retry function's, of which all was simulated."""
        return self.usage.times(1 / self.share).plus(self.retry.usage)
