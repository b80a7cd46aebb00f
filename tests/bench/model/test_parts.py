"""Random draws, shared limits, lanes, endpoints and the calibration, each by itself."""

import random
from copy import deepcopy
from statistics import mean, variance

import pytest

from .calibration import Calibration
from .draws import LogNormal, binomial, poisson, rounds
from .endpoints import Endpoints
from .lane import Lane
from .limits import Environments, Rate
from .record import quantiles
from .sample import RESULTS
from .timing import Timing
from .workload import many_workspaces


@pytest.mark.parametrize("expected", [0.5, 12, 80])
def test_poisson_has_its_mean_and_variance(expected):
    rng = random.Random(1)
    drawn = [poisson(rng, expected) for _ in range(20_000)]
    assert mean(drawn) == pytest.approx(expected, rel=0.03)
    assert variance(drawn) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("trials, chance", [(1, 0.1), (100, 0.1), (100, 0.9), (7, 1.0), (7, 0.0)])
def test_binomial_has_its_mean_and_stays_within_its_trials(trials, chance):
    rng = random.Random(1)
    drawn = [binomial(rng, trials, chance) for _ in range(20_000)]
    assert mean(drawn) == pytest.approx(trials * chance, rel=0.03)
    assert 0 <= min(drawn) and max(drawn) <= trials


def test_the_slowest_of_many_in_one_draw_is_as_slow_as_the_slowest_of_many_draws():
    rng, receiver = random.Random(1), LogNormal(0.05, 0.3)
    one = mean(receiver.largest(rng, 30) for _ in range(20_000))
    many = mean(max(rng.lognormvariate(receiver.mu, receiver.sigma) for _ in range(30)) for _ in range(20_000))
    assert one == pytest.approx(many, rel=0.03)
    timing = Timing(Calibration.from_results(RESULTS), many_workspaces(100))
    assert timing.expected_answered(30) == pytest.approx(one, rel=0.05)


@pytest.mark.parametrize("deliveries, trips", [(1, 1), (8, 1), (9, 2), (24, 2), (56, 3), (57, 4), (120, 4), (121, 5)])
def test_the_window_doubles_from_8_to_64(deliveries, trips):
    assert rounds(deliveries, 8, 64) == trips


def test_a_rate_lets_a_burst_through_and_then_makes_wait():
    rate = Rate(100)
    assert rate.take(0, 50) == 0
    assert rate.take(0, 100) == 0
    assert rate.take(0, 1) == pytest.approx(1.0)
    assert rate.wait(0) == pytest.approx(1.51)


def test_environments_end_at_the_quota_and_grow_no_faster_than_lambda_makes_them():
    environments = Environments(most=1_000, new_per_s=1, warm=5)
    assert [environments.acquire(0) for _ in range(5)] == ["warm"] * 5
    assert [environments.acquire(0) for _ in range(11)] == ["cold"] * 10 + [None]
    assert environments.acquire(1.0) == "cold"
    assert Environments(most=2, new_per_s=100, warm=9).made == 2


def test_the_concurrency_that_retries_use_is_not_there_for_batches():
    environments = Environments(most=10, new_per_s=100, warm=10)
    environments.taken_elsewhere = 7
    assert [environments.acquire(0) for _ in range(4)] == ["warm"] * 3 + [None]


def test_a_lane_gives_its_oldest_records_first_and_again_after_they_were_put_back():
    lane = Lane(0)
    lane.add(10, 0.0, 1.0)
    lane.add(5, 1.0, 2.0)
    taken = lane.take(12)
    assert [count for count, _, _ in taken] == [10, 2] and lane.waiting == 3
    lane.put_back(taken)
    assert lane.waiting == 15 and lane.take(12) == taken


def test_a_drain_that_is_slower_than_what_comes_never_ends():
    endpoints = Endpoints(total=10, failing=1)
    endpoints.fail()
    assert [endpoints.not_in_time(0, 3) for _ in range(4)] == [False, False, True, False]
    endpoints.draining.add(0)
    for _ in range(100):
        endpoints.append(20)
        endpoints.settle()
        assert endpoints.drain(10) == (10, [])
    assert endpoints.waiting == endpoints.backlog[0] == 1_000
    assert endpoints.drain(5_000) == (1_000, [0])


def test_quantiles_follow_weights():
    assert quantiles([0.1, 0.2, 9.0], [98, 1.5, 0.5]) == {"p50_ms": 100.0, "p99_ms": 200.0, "max_ms": 9_000.0}
    assert quantiles([])["p50_ms"] is None


def test_the_calibration_is_read_from_results():
    assert Calibration.from_results(RESULTS) == Calibration(1.53, 0.03, 12.0, 20_000, 4_000)


@pytest.mark.parametrize("spoil, named", [
    (lambda results: results.pop("fanout"), "'fanout'"),
    (lambda results: results["fanout"].clear(), "records=1"),
    (lambda results: [row.pop("cpu_s_per_1000") for row in results["fanout"]], "'cpu_s_per_1000'"),
    (lambda results: results["cold"].clear(), "function='fanout'"),
    (lambda results: results["cold"][0].pop("init_ms"), "'init_ms'"),
    (lambda results: results["backlog"].pop("drain_per_s"), "'drain_per_s'"),
])
def test_what_the_calibration_misses_is_named(spoil, named):
    results = deepcopy(RESULTS)
    spoil(results)
    with pytest.raises(KeyError, match=named):
        Calibration.from_results(results)
