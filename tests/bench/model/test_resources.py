"""The limiting resources."""

import pytest

from .calibration import Calibration
from .resources import binding_rates, first_to_bind, resources, uses
from .sample import RESULTS
from .timing import Timing, steady
from .workload import Workload, many_workspaces, one_workspace

CALIBRATION = Calibration.from_results(RESULTS)


@pytest.fixture(scope="module")
def rows():
    found = resources(many_workspaces, 10_000, CALIBRATION, binding_rates(many_workspaces, CALIBRATION))
    return {row["resource"]: row for row in found}


def test_a_table_of_40_000_write_units_binds_at_40_000_events(rows):
    assert rows["instance table, writes"]["binds_at"] == pytest.approx(40_000, rel=0.002)
    # A delivery that is handed over is put, and moved to the log: three units instead of one.
    late = Timing(CALIBRATION, many_workspaces(10_000)).late_share
    assert 0 < late < 0.05
    assert rows["Deliveries table, log"]["binds_at"] == pytest.approx(40_000 / (1 + 2 * late), rel=0.002)
    assert rows["Deliveries table, backlog"]["binds_at"] == pytest.approx(400_000, rel=0.01)


def test_a_workspace_of_its_own_binds_at_the_index_of_its_log():
    binds = binding_rates(one_workspace, CALIBRATION)
    rows = {row["resource"]: row for row in resources(one_workspace, 1_000, CALIBRATION, binds)}
    assert rows["Deliveries index byTime, one workspace"]["binds_at"] == pytest.approx(32_000, rel=0.002)
    assert rows["backlog lanes of one endpoint, writes"]["binds_at"] == pytest.approx(16_000 * 150, rel=0.002)


def test_what_binds_first_binds_at_the_lowest_rate(rows):
    for when in ("always", "outage"):
        first = first_to_bind(rows.values(), when)
        others = [row["binds_at"] for row in rows.values() if row["when"] == when and row["binds_at"]]
        assert first["binds_at"] == min(others)


def test_with_failures_only_nothing_is_written_but_what_is_handed_over():
    fast = Workload(rate=1_000, log="failures", receiver_median_s=0.01, receiver_p99_s=0.011)
    usual = Workload(rate=1_000, log="failures")
    fast, usual = ({row["resource"]: row["use"] for row in uses(it, CALIBRATION)} for it in (fast, usual))
    assert fast["Deliveries table, log"] == pytest.approx(0)
    assert usual["Deliveries table, log"] == pytest.approx(3_000 * Timing(CALIBRATION, Workload(rate=1_000)).late_share)


def test_environments_are_busy_until_the_last_time_out_when_endpoints_hang(rows):
    # Three batches for each of the ten hanging endpoints, those that began meanwhile, and a drain for each endpoint.
    more = rows["fan-out and retry, executions"]["use"] - rows["fan-out, executions"]["use"]
    assert 3 * 10 + 10 < more < 3 * 10 + 10 + 0.25 * 400


def test_an_endpoints_record_is_written_twice_for_each_batch_that_has_something_for_it():
    name = "Webhooks record of one endpoint, writes"
    found = [uses(Workload(rate=1_000, endpoints=count), CALIBRATION) for count in (1, 1_000)]
    every, few = ({row["resource"]: row["use"] for row in rows}[name] for rows in found)
    assert every == pytest.approx(2 * steady(Timing(CALIBRATION, Workload(rate=1_000)))["batches_per_s"], rel=0.05)
    # One event a second, nearly always alone in its batch.
    assert few == pytest.approx(2, rel=0.05)


def test_more_events_never_use_less():
    for before, after in zip(uses(many_workspaces(10_000), CALIBRATION), uses(many_workspaces(100_000), CALIBRATION)):
        if before["resource"] not in ("drain of one endpoint", "Webhooks record of one endpoint, writes",
                                      "Webhooks partition of one workspace, reads"):
            assert after["use"] >= before["use"], before["resource"]
