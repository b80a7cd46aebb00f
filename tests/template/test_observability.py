"""Failures reach an operator, with a sentence that says what to do."""

import json
import re

import pytest
from samcli.yamlhelper import yaml_parse

from conftest import ROOT

# Metric and its dimensions.
ALARMS = {
    "BatchesDiscarded": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "DiscardedBatchesQueue"),
    "BatchesLost": ("AWS/Lambda", "DestinationDeliveryFailures", "FunctionName", "FanoutFunction"),
    "RecordsUnreadable": ("InstanceWebhooks", "InvalidRecords", "Deployment", "DeploymentName"),
    "ItemsDamaged": ("InstanceWebhooks", "DamagedItems", "Deployment", "DeploymentName"),
    "InvariantViolated": ("InstanceWebhooks", "InvariantViolated", "Deployment", "DeploymentName"),
    "WakeupsDead": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "WakeupDeadLetterQueue"),
    "StreamFallsBehind": ("AWS/Lambda", "IteratorAge", "FunctionName", "FanoutFunction"),
    "FanoutFails": ("AWS/Lambda", "Errors", "FunctionName", "FanoutFunction"),
    "RetryFails": ("AWS/Lambda", "Errors", "FunctionName", "RetryFunction"),
    "ApiFails": ("AWS/ApiGateway", "5xx", "ApiId", "ApiId"),
}
# Computed of several metrics: test_reconciliation.py.
COMPUTED = {"EventsMissing"}
# Their metrics recover by themselves, and the fault does not.
LASTING = {"RecordsUnreadable", "ItemsDamaged", "InvariantViolated"}
GIVEN_UP_FOR_GOOD = {"BatchesDiscarded", "BatchesLost", "WakeupsDead"}
TOPIC = {"Ref": "Alarms"}


@pytest.fixture(scope="module")
def nested(request):
    path = request.config.getoption("--template").parent / "infra/observability.yaml"
    return json.loads(json.dumps(yaml_parse((path if path.exists() else ROOT / "infra/observability.yaml").read_text())))


@pytest.fixture(scope="module")
def alarms(nested):
    return {name: it["Properties"] for name, it in nested["Resources"].items() if it["Type"] == "AWS::CloudWatch::Alarm"}


@pytest.fixture(scope="module")
def widgets(nested):
    """Returns the widgets of the dashboard, with every alarm."""
    text, given = nested["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for name, value in given.items():
        condition, shown, hidden = value["Fn::If"]
        assert (condition, hidden) == (nested["Resources"][name]["Condition"], "")
        text = text.replace(f"${{{name}}}", shown["Fn::Sub"])
    return json.loads(re.sub(r"\$\{([\w:.]+)\}", r"\1", text))["widgets"]


def test_these_are_all_the_alarms(alarms):
    assert set(alarms) == set(ALARMS) | COMPUTED
    measured = {}
    for name in ALARMS:
        alarm = alarms[name]
        (dimension,) = alarm["Dimensions"]
        measured[name] = (alarm["Namespace"], alarm["MetricName"], dimension["Name"], dimension["Value"]["Ref"])
    assert measured == ALARMS


every_alarm = pytest.mark.parametrize("name", sorted({*ALARMS, *COMPUTED}))


@every_alarm
def test_an_alarm_reaches_the_topic_and_says_what_to_do(alarms, name):
    assert alarms[name]["AlarmActions"] == [TOPIC]
    assert len(alarms[name]["AlarmDescription"]) > 60
    assert alarms[name].get("ActionsEnabled", True) is True


@every_alarm
def test_silence_is_no_alarm(alarms, name):
    assert alarms[name]["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("name", sorted(GIVEN_UP_FOR_GOOD))
def test_a_single_thing_given_up_is_an_alarm_within_a_minute(alarms, name):
    alarm = alarms[name]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 60


@pytest.mark.parametrize("name", sorted(LASTING))
def test_a_single_fault_is_an_alarm_within_minutes_that_does_not_end(alarms, name):
    alarm = alarms[name]
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == ("Sum", "GreaterThanThreshold", 0)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 300
    assert "OKActions" not in alarm


@every_alarm
def test_the_operations_guide_says_what_to_do_about_an_alarm(alarms, name):
    document = (ROOT / "docs/operations.md").read_text()
    assert re.search(rf"^\| `{name}` \| .{{20,}} \| .{{20,}} \|$", document, re.MULTILINE)
    for section in re.findall(r'docs/operations\.md, "([^"]+)"', alarms[name]["AlarmDescription"]):
        assert f"\n### {section}\n" in document


def test_a_stream_that_slow_endpoints_hold_is_not_late(alarms, template):
    longest_hold = template["Parameters"]["HoldMs"]["MaxValue"]
    assert alarms["StreamFallsBehind"]["Threshold"] >= 10 * longest_hold
    assert alarms["StreamFallsBehind"]["Statistic"] == "Maximum"


def test_the_topic_is_open_to_alarms_of_this_account_and_to_the_rule_only(nested):
    statements = nested["Resources"]["AlarmsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [(it["Principal"]["Service"], it["Action"], it["Resource"], it["Condition"]) for it in statements] == [
        (
            "cloudwatch.amazonaws.com",
            "sns:Publish",
            TOPIC,
            {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        ),
        (
            "events.amazonaws.com",
            "sns:Publish",
            TOPIC,
            {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["EndpointGivenUp", "Arn"]}}},
        ),
    ]
    assert "KmsMasterKeyId" not in nested["Resources"]["Alarms"]["Properties"], "alarms could not be sent"


def test_an_endpoint_that_is_given_up_is_told_by_name(nested):
    rule = nested["Resources"]["EndpointGivenUp"]["Properties"]
    assert rule["EventPattern"] == {
        "source": ["instance-webhooks"],
        "detail-type": ["Endpoint disabled", "Endpoint about to be disabled"],
        "detail": {"deployment": [{"Ref": "DeploymentName"}]},
    }
    assert [it["Arn"] for it in rule["Targets"]] == [TOPIC]


def test_an_address_is_subscribed_only_if_there_is_one(nested):
    subscription = nested["Resources"]["AlarmsByEmail"]
    assert subscription["Condition"] == "TellsSomebody"
    assert nested["Conditions"]["TellsSomebody"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}
    assert subscription["Properties"] == {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}


def test_the_dashboard_shows_every_alarm_and_overlaps_nothing(widgets, alarms):
    shown = [alarm for it in widgets if it["type"] == "alarm" for alarm in it["properties"]["alarms"]]
    assert sorted(shown) == sorted(f"{name}.Arn" for name in alarms)
    cells = [(x, y) for it in widgets for x in range(it["x"], it["x"] + it["width"]) for y in range(it["y"], it["y"] + it["height"])]
    assert len(cells) == len(set(cells)), "two widgets share a place"
    assert max(x for x, _ in cells) < 24, "wider than a dashboard is"


def test_the_stack_hands_over_what_the_alarms_measure(nested, stack):
    given = stack["Observability"]["Parameters"]
    assert set(given) == set(nested["Parameters"])
    for name in ("ApiFunction", "FanoutFunction", "RetryFunction", "DeliveriesTable", "WebhooksTable", "AlarmEmail"):
        assert given[name] == {"Ref": name}
    for name in ("WakeupQueue", "WakeupDeadLetterQueue", "DiscardedBatchesQueue"):
        # The dimension of the metric is the queue's name; Ref would be its URL.
        assert given[name] == {"Fn::GetAtt": [name, "QueueName"]}
    assert (given["StreamMapping"], given["ReconcileEvents"]) == ({"Ref": "InstanceStreamMapping"}, {"Ref": "ReconcileEvents"})
    assert (given["ApiId"], given["DeploymentName"]) == ({"Ref": "Api"}, {"Ref": "AWS::StackName"})


def measured_by(alarm):
    """Returns namespace and name of each metric of an alarm."""
    if "MetricName" in alarm:
        return [(alarm["Namespace"], alarm["MetricName"])]
    metrics = [it["MetricStat"]["Metric"] for it in alarm["Metrics"] if "MetricStat" in it]
    return [(it["Namespace"], it["MetricName"]) for it in metrics]


@pytest.fixture(scope="module")
def described():
    """Returns our metrics, as docs/operations.md lists them."""
    document = (ROOT / "docs/operations.md").read_text()
    return set(re.findall(r"^\| `(\w+)` \| (?:Count|Milliseconds|Seconds) \|", document, re.MULTILINE))


def test_every_metric_of_ours_that_is_shown_or_watched_is_described(widgets, alarms, described):
    watched = {name for it in alarms.values() for namespace, name in measured_by(it) if namespace == "InstanceWebhooks"}
    shown = set()
    for widget in widgets:
        namespace = None
        for metric in widget["properties"].get("metrics", []):
            namespace = metric[0] if metric[0] not in (".", "...") else namespace
            if namespace == "InstanceWebhooks" and metric[0] != "...":
                shown.add(metric[1])
    assert watched <= shown == described


def test_the_functions_write_the_described_metrics_and_no_others(described):
    """An alarm on a misspelt metric would never be triggered."""
    source = "\n".join(path.read_text() for path in (ROOT / "crates").glob("*/src/**/*.rs"))
    assert [name for name in sorted(described) if f'"{name}"' not in source] == []
    assert set(re.findall(r'\.(?:count|add|gauge|latency)\(\s*"([A-Z]\w+)"', source)) <= described
    assert '"InstanceWebhooks"' in source and '"Deployment"' in source
