"""The alarm on missing events detects a loss within the hour, and treats no event in progress as lost.

Its expressions are evaluated here by CloudWatch's "Metric math syntax and functions", over counts of simulated traffic.
"""

import json

import pytest
from samcli.yamlhelper import yaml_parse

from conftest import ROOT

# Lambda's counts of a stream's mapping ("Event source mapping metrics"), and the outcomes of an event.
OF_THE_MAPPING = {
    "polled": "PolledEventCount",
    "filtered": "FilteredOutEventCount",
    "dropped": "DroppedEventCount",
    "discarded": "OnFailureDestinationDeliveredEventCount",
}
OUR_OWN = {"events": "Events", "unreadable": "InvalidRecords", "expired": "ExpiredRecords"}


@pytest.fixture(scope="module")
def alarm():
    nested = json.loads(json.dumps(yaml_parse((ROOT / "infra/observability.yaml").read_text())))
    return nested["Resources"]["EventsMissing"]


class Series:
    """Values of a metric, by the number of their window; windows without any are missing."""

    def __init__(self, values):
        self.values = values

    def _with(self, other, compute):
        """Computes by window; one that is missing on either side is missing in the result."""
        if not isinstance(other, Series):
            other = Series(dict.fromkeys(self.values, other))
        return Series({at: compute(value, other.values[at]) for at, value in self.values.items() if at in other.values})

    def __add__(self, other):
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._with(other, lambda a, b: a - b)

    def __mul__(self, other):
        return self._with(other, lambda a, b: a * b)

    __rmul__ = __mul__


def DIFF(series):
    windows = sorted(series.values)
    return Series({now: series.values[now] - series.values[before] for before, now in zip(windows, windows[1:])})


def MIN(many):
    return Series({at: min(it.values[at] for it in many if at in it.values) for at in set().union(*(it.values for it in many))})


def breaches(alarm, **counts):
    """Returns the windows in which the alarm's expression is above its threshold."""
    windows = range(max(map(len, counts.values())))

    def FILL(series, value):
        return Series({at: series.values.get(at, value) for at in windows})

    known = {it["Id"]: Series({}) for it in alarm["Metrics"] if "MetricStat" in it}
    known |= {name: Series({at: count for at, count in enumerate(counted) if count is not None}) for name, counted in counts.items()}
    expressions = {it["Id"]: it["Expression"] for it in alarm["Metrics"] if "Expression" in it}
    (result,) = (it["Id"] for it in alarm["Metrics"] if it["ReturnData"])
    while result not in known:
        for name, expression in expressions.items():
            try:
                known[name] = eval(expression, {"DIFF": DIFF, "MIN": MIN, "FILL": FILL, "__builtins__": {}}, known)
            except NameError:
                continue  # of a later expression
    return sorted(at for at, value in known[result].values.items() if value > alarm["Threshold"])


@pytest.fixture
def breached(alarm):
    return lambda **counts: breaches(alarm["Properties"], **counts)


def test_it_compares_what_lambda_counts_with_what_the_functions_count(alarm):
    metrics = {it["Id"]: it["MetricStat"] for it in alarm["Properties"]["Metrics"] if "MetricStat" in it}
    assert {it["Stat"] for it in metrics.values()} == {"Sum"}
    found = {name: (it["Metric"]["Namespace"], it["Metric"]["MetricName"], it["Metric"]["Dimensions"]) for name, it in metrics.items()}
    mapping = [{"Name": "EventSourceMappingUUID", "Value": {"Ref": "StreamMapping"}}]
    deployment = [{"Name": "Deployment", "Value": {"Ref": "DeploymentName"}}]
    assert found == {
        **{name: ("AWS/Lambda", metric, mapping) for name, metric in OF_THE_MAPPING.items()},
        **{name: ("InstanceWebhooks", metric, deployment) for name, metric in OUR_OWN.items()},
    }


def test_a_loss_is_seen_within_the_hour(alarm):
    properties = alarm["Properties"]
    periods = {it["MetricStat"]["Period"] for it in properties["Metrics"] if "MetricStat" in it}
    assert {period * properties["EvaluationPeriods"] for period in periods} == {3_600}
    assert (properties["DatapointsToAlarm"], properties["ComparisonOperator"], properties["Threshold"]) == (1, "GreaterThanThreshold", 0)
    # The expression uses the latest window and the two before it.
    assert breaches(properties, polled=[10, 10, 10], events=[9, 10, 10]) == [2]


def test_it_is_there_only_with_the_metrics_that_it_needs(alarm, stack, template):
    assert alarm["Condition"] == "ReconcilesEvents"
    assert template["Conditions"]["ReconcilesEvents"] == {"Fn::Equals": [{"Ref": "ReconcileEvents"}, "true"]}
    metrics = stack["InstanceStreamMapping"]["MetricsConfig"]
    assert metrics == {"Fn::If": ["ReconcilesEvents", {"Metrics": ["EventCount"]}, {"Ref": "AWS::NoValue"}]}


def test_a_single_event_is_missed_where_there_are_few(breached):
    assert breached(polled=[100] * 6, events=[100, 99, 100, 100, 100, 100]) == [3]


def test_one_in_a_hundred_is_missed_where_there_are_many(breached):
    assert breached(polled=[100_000] * 5, events=[99_000] * 5) == [2, 3, 4]


@pytest.mark.parametrize("where", ["events", "unreadable", "expired", "filtered", "dropped", "discarded"])
def test_an_event_that_is_accounted_for_is_not_missed(breached, where):
    assert breached(polled=[7] * 5, **{where: [7] * 5}) == []


def test_no_traffic_is_no_alarm(breached):
    assert breached(polled=[0] * 5, events=[None] * 5) == []
    assert breached(polled=[None] * 5, events=[None] * 5) == []


def test_events_under_way_at_the_end_of_a_window_are_not_missed(breached):
    # A burst that two windows share, and then single events at two ends in a row.
    assert breached(polled=[1000, 0, 0, 0], events=[400, 600, None, None]) == []
    assert breached(polled=[1, 1, 1, 1, 1], events=[0, 1, 2, 1, 1]) == []
    # Three seconds of steady traffic at each end.
    assert breached(polled=[120_000] * 6, events=[119_700] + [120_000] * 5) == []


def test_retries_are_counted_more_often_by_us_and_are_no_alarm(breached):
    assert breached(polled=[50] * 5, events=[50, 150, 50, 70, 50]) == []


def test_events_that_wait_for_a_retry_are_missed_until_it_succeeds(breached):
    assert breached(polled=[50] * 8, events=[50, 0, 0, 0, 0, 250, 50, 50]) == [3, 4]
