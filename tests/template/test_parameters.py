"""A wrong parameter fails the deployment with a sentence that says what is wrong."""

import re

import pytest

STREAM = "arn:aws:dynamodb:eu-central-1:123456789012:table/Instances/stream/2026-01-31T12:00:00.000"
EXAMPLES = {
    "InstanceStreamArn": (
        ["", STREAM, STREAM.replace("arn:aws:", "arn:aws-cn:")],
        [STREAM.replace("dynamodb", "kinesis"), STREAM.split("/stream")[0], "Instances", STREAM + " "],
    ),
    "InstanceTableKeyArn": (
        ["", "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
        ["arn:aws:kms:eu-central-1:123456789012:alias/instances", "alias/instances"],
    ),
    "InstanceIdAttribute": (["instanceID", "a.b-c:d", "Schlüssel"], ["", "instance id", "x" * 256]),
    "ProcessNameAttribute": (["processName"], ["", "process name"]),
    "WorkspaceIdAttribute": (["workspaceID"], ["", "workspace id"]),
    "FanoutReservedConcurrency": (["", "1", "9999"], ["0", "-1", "10000", "1.5", "all"]),
    "AlarmEmail": (["", "on-call@example.com"], ["on-call", "on call@example.com", "a@b@example.com", "a@example"]),
    "RetryMaximumConcurrency": (["", "2", "99", "1000"], ["0", "1", "1001", "02", "all"]),
}


def matches(parameter, value):
    return re.fullmatch(parameter["AllowedPattern"], value) is not None


def test_every_parameter_is_explained_and_shown_in_a_group(template):
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]
    assert sorted(shown) == sorted(template["Parameters"])
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"].endswith("."), name


def test_every_parameter_has_a_default_so_that_deploying_asks_for_little(template):
    for name, parameter in template["Parameters"].items():
        assert "Default" in parameter, name


def test_every_parameter_is_bounded_and_says_how(template):
    for name, parameter in template["Parameters"].items():
        if "AllowedValues" in parameter:
            assert parameter["Default"] in parameter["AllowedValues"], name
            continue
        assert parameter["ConstraintDescription"].startswith("must be "), name
        if parameter["Type"] == "Number":
            assert parameter["MinValue"] <= parameter["Default"] <= parameter["MaxValue"], name
        else:
            assert matches(parameter, parameter["Default"]), name


def test_every_pattern_has_examples(template):
    assert {name for name, it in template["Parameters"].items() if "AllowedPattern" in it} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_pattern_accepts_what_is_right_and_nothing_else(template, name):
    right, wrong = EXAMPLES[name]
    parameter = template["Parameters"][name]
    assert [value for value in right if not matches(parameter, value)] == []
    assert [value for value in wrong if matches(parameter, value)] == []


def test_attributes_that_are_the_same_are_refused(template):
    names = ("InstanceIdAttribute", "ProcessNameAttribute", "WorkspaceIdAttribute")
    refused = set()
    for assertion in template["Rules"]["AttributeNamesDiffer"]["Assertions"]:
        (equal,) = assertion["Assert"]["Fn::Not"]
        pair = frozenset(it["Ref"] for it in equal["Fn::Equals"])
        assert all(name in assertion["AssertDescription"] for name in pair)
        refused.add(pair)
    assert refused == {frozenset(pair) for pair in ((names[0], names[1]), (names[0], names[2]), (names[1], names[2]))}


def test_a_key_without_an_existing_table_is_refused(template):
    rule = template["Rules"]["KeyBelongsToAnExistingTable"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "InstanceTableKeyArn"}, ""]}]}
    (assertion,) = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "InstanceStreamArn"}, ""]}]}
