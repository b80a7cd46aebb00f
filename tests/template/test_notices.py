"""Events about endpoints reach people as sentences, by mail and in chats, where a parameter asks for it."""

import json

import pytest
from samcli.yamlhelper import yaml_parse

from conftest import ROOT


@pytest.fixture(scope="module")
def nested(request):
    path = request.config.getoption("--template").parent / "infra/notices.yaml"
    return json.loads(json.dumps(yaml_parse((path if path.exists() else ROOT / "infra/notices.yaml").read_text())))


@pytest.fixture(scope="module")
def targets(nested):
    """Returns the rule's target for sentences, and the one for chats."""
    sentences, chats = nested["Resources"]["EndpointNotices"]["Properties"]["Targets"]
    condition, chats, none = chats["Fn::If"]
    assert (condition, none) == ("PostsToChats", {"Ref": "AWS::NoValue"})
    return sentences, chats


def of(nested, name):
    resource = nested["Resources"][name]
    return resource.get("Condition"), resource["Properties"]


def is_given(name):
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}


def test_every_event_of_this_deployment_is_a_notice(nested, targets):
    _, rule = of(nested, "EndpointNotices")
    assert rule["EventPattern"] == {"source": ["instance-webhooks"], "detail": {"deployment": [{"Ref": "DeploymentName"}]}}
    assert [it["Arn"] for it in targets] == [{"Ref": "Notices"}, {"Ref": "ChatNotices"}]


def test_a_chat_is_given_what_it_renders(targets):
    """The required members of Amazon Q Developer's custom notifications, which it drops silently without them."""
    message = json.loads(targets[1]["InputTransformer"]["InputTemplate"])
    assert (message["version"], message["source"], message["content"]["textType"]) == ("1.0", "custom", "client-markdown")
    assert message["content"]["description"] == "<message>"


def test_each_recipient_exists_only_if_it_is_named(nested):
    assert of(nested, "NoticesByEmail") == (
        "SendsMail",
        {"TopicArn": {"Ref": "Notices"}, "Protocol": "email", "Endpoint": {"Ref": "NoticeEmail"}},
    )
    conditions = nested["Conditions"]
    assert conditions["SendsMail"] == is_given("NoticeEmail")
    assert (conditions["PostsToSlack"], conditions["PostsToTeams"]) == (is_given("SlackChannelId"), is_given("TeamsChannelId"))
    assert conditions["PostsToChats"] == {"Fn::Or": [{"Condition": "PostsToSlack"}, {"Condition": "PostsToTeams"}]}
    kinds = {name: it.get("Condition") for name, it in nested["Resources"].items() if "Chatbot" in it["Type"]}
    assert kinds == {"SlackChannel": "PostsToSlack", "TeamsChannel": "PostsToTeams"}


@pytest.mark.parametrize("name", ["SlackChannel", "TeamsChannel"])
def test_who_is_in_a_channel_runs_nothing_in_the_account(nested, name):
    _, channel = of(nested, name)
    assert channel["SnsTopicArns"] == [{"Ref": "ChatNotices"}]
    # Its default allows all that the role does; its guardrails' default is AdministratorAccess.
    assert channel["GuardrailPolicies"] == [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"}]
    assert channel["IamRoleArn"] == {"Fn::GetAtt": ["ChatRole", "Arn"]}
    _, role = of(nested, "ChatRole")
    assert set(role) == {"AssumeRolePolicyDocument"}


def test_the_topics_are_open_to_the_rule_only(nested):
    _, policy = of(nested, "NoticesPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sns:Publish", policy["Topics"])
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["EndpointNotices", "Arn"]}}}
    assert policy["Topics"][0] == {"Ref": "Notices"}


def test_the_stack_passes_on_every_parameter(nested, template):
    passed = template["Resources"]["Notices"]["Properties"]["Parameters"]
    given = {name: {"Ref": name} for name in nested["Parameters"]} | {"DeploymentName": {"Ref": "AWS::StackName"}}
    assert passed == given


@pytest.mark.parametrize(
    ("name", "channel", "needed"),
    [
        ("ASlackChannelHasAWorkspace", "SlackChannelId", ["SlackWorkspaceId"]),
        ("ATeamsChannelHasATeam", "TeamsChannelId", ["TeamsTeamId", "TeamsTenantId"]),
    ],
)
def test_a_channel_without_its_place_is_refused(template, name, channel, needed):
    rule = template["Rules"][name]
    assert rule["RuleCondition"] == is_given(channel)
    assert [it["Assert"] for it in rule["Assertions"]] == [is_given(it) for it in needed]
