"""Events about endpoints reach people as sentences, by mail and in chats, where a parameter asks for it."""

import json

import pytest


@pytest.fixture(scope="module")
def notices(nested_templates):
    return nested_templates["infra/notices.yaml"]


@pytest.fixture(scope="module")
def chats(nested_templates):
    return nested_templates["infra/chats.yaml"]


def of(nested, name):
    resource = nested["Resources"][name]
    return resource.get("Condition"), resource["Properties"]


def is_given(name):
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}


@pytest.fixture(scope="module")
def rules(notices, chats):
    """Returns the rule for sentences and the rule for chats, with the topic of each."""
    return [
        (of(notices, "EndpointNotices")[1], {"Ref": "Notices"}, of(notices, "NoticesPolicy")[1], "EndpointNotices"),
        (of(chats, "ChatRule")[1], {"Ref": "ChatNotices"}, of(chats, "ChatNoticesPolicy")[1], "ChatRule"),
    ]


def test_every_event_of_this_deployment_is_a_notice(rules):
    for rule, topic, _, _ in rules:
        assert rule["EventPattern"] == {"source": ["instance-webhooks"], "detail": {"deployment": [{"Ref": "DeploymentName"}]}}
        assert [it["Arn"] for it in rule["Targets"]] == [topic]


def test_a_chat_is_given_what_it_renders(chats):
    """The required members of Amazon Q Developer's custom notifications, which it drops silently without them."""
    (target,) = of(chats, "ChatRule")[1]["Targets"]
    message = json.loads(target["InputTransformer"]["InputTemplate"])
    assert (message["version"], message["source"], message["content"]["textType"]) == ("1.0", "custom", "client-markdown")
    assert message["content"]["description"] == "<message>"


def test_each_recipient_exists_only_if_it_is_named(notices, chats, stack, template):
    assert of(notices, "NoticesByEmail") == (
        "SendsMail",
        {"TopicArn": {"Ref": "Notices"}, "Protocol": "email", "Endpoint": {"Ref": "NoticeEmail"}},
    )
    assert notices["Conditions"]["SendsMail"] == is_given("NoticeEmail")
    conditions = chats["Conditions"]
    assert (conditions["PostsToSlack"], conditions["PostsToTeams"]) == (is_given("SlackChannelId"), is_given("TeamsChannelId"))
    kinds = {name: it.get("Condition") for name, it in chats["Resources"].items() if "Chatbot" in it["Type"]}
    assert kinds == {"SlackChannel": "PostsToSlack", "TeamsChannel": "PostsToTeams"}
    assert stack.attribute("Chats", "Condition") == "PostsToChats"
    assert template["Conditions"]["PostsToChats"] == {"Fn::Or": [is_given("SlackChannelId"), is_given("TeamsChannelId")]}


@pytest.mark.parametrize("name", ["SlackChannel", "TeamsChannel"])
def test_who_is_in_a_channel_runs_nothing_in_the_account(chats, name):
    _, channel = of(chats, name)
    assert channel["SnsTopicArns"] == [{"Ref": "ChatNotices"}]
    # Its default allows all that the role does; its guardrails' default is AdministratorAccess.
    assert channel["GuardrailPolicies"] == [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"}]
    assert channel["IamRoleArn"] == {"Fn::GetAtt": ["ChatRole", "Arn"]}
    _, role = of(chats, "ChatRole")
    assert set(role) == {"AssumeRolePolicyDocument"}


def test_a_topic_is_open_to_its_rule_only(rules):
    for _, topic, policy, rule in rules:
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert (statement["Action"], [statement["Resource"]], policy["Topics"]) == ("sns:Publish", [topic], [topic])
        assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [rule, "Arn"]}}}


@pytest.mark.parametrize("name", ["Notices", "Chats"])
def test_the_stack_passes_on_every_parameter(nested_templates, template, name):
    resource = template["Resources"][name]["Properties"]
    parameters = nested_templates[resource["TemplateURL"]]["Parameters"]
    assert resource["Parameters"] == {name: {"Ref": name} for name in parameters} | {"DeploymentName": {"Ref": "AWS::StackName"}}


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
