"""The simulation against formulas, against itself, and against its claims."""

import json
from dataclasses import replace
from statistics import mean

import pytest

from . import run as run_module
from .calibration import Calibration
from .quotas import CONCURRENCY, TABLE_READS, TABLE_WRITES
from .run import Run, Scenario
from .sample import RESULTS
from .simulation import raised_quotas, simulate_all, summary
from .timing import steady
from .workload import FAILING_AFTER, FIRST_WINDOW, HOLD_S, Workload, many_workspaces

CALIBRATION = Calibration.from_results(RESULTS)
FREE = Calibration(0.0, 0.0, 0.0, 1e9, 1e9)


def scenario(rate, **changes):
    return replace(Scenario(many_workspaces(rate), CALIBRATION, most_shards=2), **changes)


def comparable(summed):
    return {key: value for key, value in summed.items() if key != "took_s"}


def balance(run):
    """Returns the arrived deliveries, and their places."""
    kept = run.retry.drained + run.endpoints.waiting
    return run.arrived, run.delivered + run.lost + run.in_lanes() + run.in_flight + run.share * kept


def test_the_stream_takes_as_long_as_was_published():
    quiet = Scenario(Workload(rate=10), FREE, outage=None, horizon=1_500)
    ages = summary(quiet)["iterator_age"]["before"]
    assert ages["p50_ms"] == pytest.approx(213, rel=0.04)
    assert ages["p99_ms"] == pytest.approx(552, rel=0.08)


@pytest.mark.parametrize("busy", [0.5, 0.7])
def test_one_lane_with_batches_of_one_waits_like_m_d_1(monkeypatch, busy):
    poll, service = 0.005, 0.05
    monkeypatch.setattr(run_module, "POLL_S", poll)
    monkeypatch.setattr(run_module, "VISIBLE_MEDIAN_S", 1e-9)
    workload = Workload(rate=4 * busy / service, factor=1, batch_size=1, receiver_median_s=service,
                        receiver_p99_s=service)
    run = Run(Scenario(workload, FREE, health=False, outage=None, horizon=400)).go()
    waited = mean(run.record.ages["before"]) - poll / 2
    assert waited == pytest.approx(busy * service / (2 * (1 - busy)), rel=0.08)


@pytest.mark.parametrize("rate", [1_000, 10_000])
def test_concurrency_is_arrivals_times_duration(rate):
    run = Run(scenario(rate, outage=None, horizon=120)).go()
    seen = mean(run.record.busy["before"])
    # Little's law within the run, and the formula that the resources are computed with.
    assert seen == pytest.approx(run.busy_s / run.share / 120, rel=0.05)
    assert seen == pytest.approx(steady(run.timing)["concurrency"], rel=0.15)


@pytest.mark.parametrize("changes", [
    {}, {"health": False}, {"outage": None}, {"raised": {CONCURRENCY.name: 20}}, {"horizon": 130.0},
    {"outage": (60.0, 64.0)},
])
@pytest.mark.parametrize("rate", [100, 10_000, 100_000])
def test_every_event_is_somewhere(rate, changes):
    arrived, somewhere = balance(Run(scenario(rate, **changes)).go())
    assert arrived > 0
    assert somewhere == pytest.approx(arrived, rel=1e-9)


def test_without_an_outage_nothing_waits_and_nothing_is_lost():
    events = summary(scenario(1_000, outage=None))["events"]
    assert {events[what] for what in ("appended", "drained", "lost", "backlog_at_end", "repeated")} == {0}


def test_a_seed_decides_everything():
    first, second, other = (summary(scenario(1_000, seed=seed)) for seed in (1, 1, 2))
    assert comparable(first) == comparable(second)
    assert comparable(first) != comparable(other)


def test_the_size_of_the_sample_does_not_matter():
    two, five, all_shards = (summary(scenario(10_000, most_shards=shards)) for shards in (2, 5, 10))
    for sample in (two, five):
        assert sample["events"]["arrived"] == pytest.approx(all_shards["events"]["arrived"], rel=0.01)
        assert sample["events"]["appended"] == pytest.approx(all_shards["events"]["appended"], rel=0.1)
        assert max(sample["series"]["backlog"]) == pytest.approx(max(all_shards["series"]["backlog"]), rel=0.1)
        assert sample["drained_after_s"] == pytest.approx(all_shards["drained_after_s"], abs=15)
        for what, which in (("concurrency", "p50"), ("iterator_age", "p50_ms")):
            assert sample[what]["before"][which] == pytest.approx(all_shards[what]["before"][which], rel=0.1)
        steady_dollars = [one["dollars"]["steady"]["per_million"]["total"] for one in (sample, all_shards)]
        assert steady_dollars[0] == pytest.approx(steady_dollars[1], rel=0.05)


@pytest.mark.parametrize("quota, limit", [(CONCURRENCY, 20), (TABLE_WRITES, 5_000), (TABLE_READS, 1_000)])
def test_the_sample_is_given_its_share_of_a_quota(quota, limit):
    limits = {"raised": {quota.name: limit}, "outage": None, "horizon": 200.0}
    sample, all_shards = (summary(scenario(10_000, most_shards=shards, **limits)) for shards in (2, 10))
    assert not all_shards["keeps_up"]
    assert sample["events"]["delivered_at_once"] == pytest.approx(all_shards["events"]["delivered_at_once"], rel=0.05)


def test_the_sample_learns_of_endpoints_as_fast_as_all_shards_would():
    # So many endpoints that three batches have not met all of them after a second and a half.
    rare = Workload(rate=10_000, endpoints=5_000, workspaces=100)
    known = [len(Run(scenario(1, workload=rare, most_shards=shards, horizon=61.5)).go().endpoints.known)
             for shards in (1, 3, 10)]
    assert 0 < known[2] < 500
    assert known[0] == pytest.approx(known[2], rel=0.15)
    assert known[1] == pytest.approx(known[2], rel=0.15)


def test_drains_and_batches_share_the_concurrency_of_the_account():
    run = Run(scenario(10_000, most_shards=10, raised={CONCURRENCY.name: 40}, horizon=255)).go()
    assert run.retry.running > 0
    assert run.executions() <= 40


@pytest.mark.parametrize("rate", [100, 1_000, 10_000])
def test_an_outage_holds_the_stream_no_longer_than_a_hold(rate):
    summed = summary(scenario(rate))
    late = {phase: summed["change_to_attempt"][phase]["p99_ms"] / 1_000 for phase in ("before", "during")}
    assert late["during"] < late["before"] + HOLD_S
    ages = {phase: summed["iterator_age"][phase]["p99_ms"] for phase in ("before", "during", "after")}
    assert ages["during"] < 1.3 * ages["before"] and ages["after"] < 1.3 * ages["before"]
    assert summed["events"]["backlog_at_end"] == 0 and summed["keeps_up"]


def test_an_environment_goes_on_while_its_lane_does():
    run = Run(scenario(1_000, horizon=70)).go()
    # The hold is over, the first timeouts are not.
    busy = run.record.busy["during"]
    assert max(busy) > 3 * mean(run.record.busy["before"])
    assert len(run.endpoints.known) == run.workload.failing and not run.endpoints.hidden


def test_one_round_of_a_drain_is_evidence_enough_for_failing():
    assert FAILING_AFTER <= FIRST_WINDOW


def test_a_handler_without_health_falls_behind_as_long_as_endpoints_hang():
    ours, naive = summary(scenario(1_000)), summary(scenario(1_000, health=False))
    assert naive["iterator_age"]["during"]["p50_ms"] > 20 * ours["iterator_age"]["during"]["p50_ms"]
    series = naive["series"]

    def oldest(begin, end):
        return max(age or 0 for t, age in zip(series["t"], series["iterator_age_p99_ms"]) if begin <= t < end)

    assert oldest(160, 180) > oldest(120, 140) + 10_000 > oldest(80, 100) + 20_000
    assert naive["events"]["lost"] > 0 and ours["events"]["lost"] == 0


def test_nothing_drains_before_a_probe_finds_the_endpoint_well():
    summed = summary(scenario(1_000))
    # Slow within a second; its drain finds it failing after 10 s, and probes it 5, 30 and 120 s after each failure of 10 s.
    assert 60 < summed["first_recovery_seen_s"] <= summed["last_recovery_seen_s"] < 95
    assert summed["drained_after_s"] >= summed["last_recovery_seen_s"]


def test_beyond_the_quotas_the_stream_falls_behind_and_raising_them_cures_it():
    beyond = scenario(100_000)
    raised = raised_quotas(beyond.workload, CALIBRATION)
    assert not summary(beyond)["keeps_up"]
    assert summary(replace(beyond, raised=raised))["keeps_up"]


def test_everything_is_simulated_and_can_be_written_as_json():
    everything = json.loads(json.dumps(simulate_all(RESULTS, quick=True)))
    assert [row["events_per_s"] for row in everything["rates"]] == [100, 1_000, 10_000, 100_000, 1_000_000]
    for row in everything["rates"]:
        assert set(row["runs"]) == {"instance-webhooks", "naive"}
        assert ("raised" in row["runs"]["naive"]) == bool(row["raised_quotas"])
    assert everything["rates"][-1]["binding"]["many_workspaces"]["over"]
    assert not everything["rates"][0]["binding"]["many_workspaces"]["over"]
