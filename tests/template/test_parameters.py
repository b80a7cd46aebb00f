"""A wrong parameter fails the deployment with a sentence that names the fault."""

import re

import pytest

STREAM = "arn:aws:dynamodb:eu-central-1:123456789012:table/Instances/stream/2026-01-31T12:00:00.000"
PEM = "-----BEGIN CERTIFICATE----- MIIB+/a= -----END CERTIFICATE-----"
EXAMPLES = {
    "InstanceStreamArn": (
        ["", STREAM, STREAM.replace("arn:aws:", "arn:aws-cn:")],
        [STREAM.replace("dynamodb", "kinesis"), STREAM.split("/stream")[0], "Instances", STREAM + " "],
    ),
    "InstanceTableKeyArn": (
        ["", "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
        ["arn:aws:kms:eu-central-1:123456789012:alias/instances", "alias/instances"],
    ),
    "StreamFilter": (
        ["", '{"eventName": ["INSERT"]}', '{\n  "dynamodb": {"NewImage": {"status": {"S": ["Approved"]}}}\n}'],
        ["status = Approved", '["INSERT"]', ' {"eventName": ["INSERT"]}'],
    ),
    "InstanceIdAttribute": (["instanceID", "a.b-c:d", "Schlüssel"], ["", "instance id", "x" * 256]),
    "ProcessNameAttribute": (["processName"], ["", "process name"]),
    "WorkspaceIdAttribute": (["workspaceID"], ["", "workspace id"]),
    "AdministratorGroup": (["Administrator", "instance-webhooks:admins", "Verwaltung-Ö"], ["", "two words", "a,b", "[a]", "x" * 129]),
    "DeveloperGroup": (["Developer"], ["", "two words", "a,b"]),
    "OperatorGroup": (["Operator"], ["", "two words", "a,b"]),
    "SignInCallbackUrls": (
        ["", "http://localhost:8787/", "https://console.example.com", "https://a.example/x?y=z,http://localhost/"],
        [",", "http://example.com/", "https://a.example/, https://b.example/", "https://a.example/#x", "http://localhost.example.com/"],
    ),
    "Issuer": (
        ["", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123", "https://tenant.example.com/"],
        ["http://issuer.example.com", "https://", "https://a.example/?x=y", "https://a.example/#x", "issuer.example.com"],
    ),
    "Audience": (["", "api://webhooks", "one,two", ",".join(["x"] * 49)], ["one, two", ",", "one,,two", ",".join(["x"] * 50)]),
    "GroupsClaim": (["cognito:groups", "https://example.com/groups"], ["", "my groups"]),
    "WorkspaceClaim": (["custom:workspace", "tenant"], ["", "my workspace"]),
    "ConsoleClientId": (["", "console", "0oa1b2c3-d4"], ["a b", "a,b", "x" * 256]),
    "ConsoleScope": (
        ["openid", "openid email", "api://webhooks/.default openid profile"],
        ["", "email", "openid,email", "openid  email", " openid", "openid \"a\"", "openid a\\b", "openids"],
    ),
    "SignInOrigins": (
        ["", "https://token.example", "https://a.example:8443,https://b.example"],
        ["http://a.example", "https://a.example/", "https://a.example/oauth2", "https://a.example, https://b.example", "*",
         "https://a.example;script-src", "https://u@a.example"],
    ),
    "AllowedNetworks": (["", "10.0.0.0/8", "127.0.0.0/8,::1/128"], ["10.0.0.0", "10.0.0.0/8, fd00::/8", "intranet/8", "10.0.0.0/8,"]),
    "AllowedPorts": (["", "443", "443,8000-8999"], ["https", "443,", "443, 8443", "8000-", "123456"]),
    "PrivateCa": (
        ["", PEM, PEM.replace("- ", "-\n").replace(" -", "\n-"), f"{PEM} {PEM}\n"],
        ["MIIB", PEM.replace("END", "FINI"), PEM.replace("CERTIFICATE", "PRIVATE KEY"), f"{PEM},{PEM}"],
    ),
    "VpcSubnetIds": (
        ["", "subnet-0123abcd", "subnet-0123456789abcdef0,subnet-1123456789abcdef0"],
        ["sg-0123abcd", "subnet-0123abcd, subnet-1123abcd", "subnet-xyz", ","],
    ),
    "VpcSecurityGroupIds": (["", "sg-0123456789abcdef0"], ["subnet-0123abcd", "default", "sg-1,sg-2", "sg-0123abcd,"]),
    "EgressAddresses": (["", "203.0.113.7", "203.0.113.7,2001:db8::7"], ["nat.example.com", "203.0.113.7, 203.0.113.8", "203.0.113.0/24"]),
    "TablesKeyArn": (
        ["", "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
        ["arn:aws:kms:eu-central-1:123456789012:alias/tables", "1234abcd-12ab-34cd-56ef-1234567890ab"],
    ),
    "FanoutReservedConcurrency": (["", "1", "9999"], ["0", "-1", "10000", "1.5", "all"]),
    "AlarmEmail": (["", "on-call@example.com"], ["on-call", "on call@example.com", "a@b@example.com", "a@example"]),
    "NoticeEmail": (["", "team@example.com"], ["team", "team @example.com", "a@b@example.com", "a@example"]),
    "SlackWorkspaceId": (["", "T07EK7JPR"], ["example", "T07EK7JPR ", "example.slack.com"]),
    "SlackChannelId": (["", "C07EZ1ABC"], ["#alerts", "C07 EZ1", "x" * 256]),
    "TeamsTenantId": (["", "1234abcd-12ab-34cd-56ef-1234567890ab"], ["example.onmicrosoft.com", "1234"]),
    "TeamsTeamId": (["", "1234abcd-12ab-34cd-56ef-1234567890ab"], ["Platform", "1234"]),
    "TeamsChannelId": (["", "19%3aab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"], ["two words", "x" * 257, "19:a&b"]),
    "DeliveriesWarmWrites": (["", "4000", "120000"], ["0", "3999", "1000000", "many"]),
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


def rule(template, name):
    """Returns the condition of a rule, and its assertions."""
    found = template["Rules"][name]
    return found.get("RuleCondition"), [it["Assert"] for it in found["Assertions"]]


def is_empty(name):
    return {"Fn::Equals": [{"Ref": name}, ""]}


def test_an_issuer_without_an_audience_is_refused(template):
    """Every token of the issuer would be accepted, for any application."""
    assert rule(template, "AnIssuerHasAnAudience") == ({"Fn::Not": [is_empty("Issuer")]}, [{"Fn::Not": [is_empty("Audience")]}])


def test_without_an_issuer_the_claims_are_those_that_only_an_administrator_writes(template):
    """Users can change attributes such as name or email themselves."""
    asked = [
        {"Fn::Equals": [{"Ref": "GroupsClaim"}, "cognito:groups"]},
        {"Fn::Equals": [{"Ref": "WorkspaceClaim"}, "custom:workspace"]},
    ]
    assert rule(template, "ClaimsBelongToAnIssuer") == (is_empty("Issuer"), asked)
    for it in asked:
        name, value = it["Fn::Equals"]
        assert template["Parameters"][name["Ref"]]["Default"] == value


def test_without_an_issuer_the_console_signs_in_by_the_user_pool(template):
    asked = [is_empty("ConsoleClientId"), {"Fn::Equals": [{"Ref": "ConsoleScope"}, "openid"]}, is_empty("SignInOrigins")]
    assert rule(template, "ConsoleClientBelongsToAnIssuer") == (is_empty("Issuer"), asked)


def test_groups_that_are_the_same_are_refused(template):
    pairs = [("Administrator", "Developer"), ("Operator", "Administrator"), ("Operator", "Developer")]
    same = [{"Fn::Equals": [{"Ref": f"{group}Group"} for group in pair]} for pair in pairs]
    assert rule(template, "GroupsDiffer") == (None, [{"Fn::Not": [it]} for it in same])


def test_only_public_addresses_are_allowed_by_default(template):
    assert template["Parameters"]["AllowedNetworks"]["Default"] == ""


def test_deliveries_are_kept_for_a_month_by_default(template):
    retention = template["Parameters"]["DeliveryRetentionDays"]
    assert (retention["MinValue"], retention["Default"], retention["MaxValue"]) == (1, 30, 365)


def test_the_audit_is_kept_for_a_year_by_default(template):
    retention = template["Parameters"]["AuditRetentionDays"]
    assert (retention["MinValue"], retention["Default"], retention["MaxValue"]) == (1, 365, 3653)


def test_a_vpc_is_named_as_a_whole_and_once(template):
    both = [is_empty("VpcSubnetIds"), is_empty("VpcSecurityGroupIds")]
    assert rule(template, "AVpcHasSubnetsAndSecurityGroups") == (
        None,
        [{"Fn::Or": [{"Fn::And": both}, {"Fn::And": [{"Fn::Not": [it]} for it in both]}]}],
    )
    condition, (alone, not_in_china) = rule(template, "OneVpcAtMost")
    assert condition == {"Fn::Equals": [{"Ref": "CreateNetwork"}, "true"]}
    single = {"Fn::Equals": [{"Ref": "VpcDualStack"}, "false"]}
    assert alone == {"Fn::And": [is_empty("VpcSubnetIds"), is_empty("EgressAddresses"), single]}
    assert not_in_china == {"Fn::Not": [{"Fn::Contains": [["cn-north-1", "cn-northwest-1"], {"Ref": "AWS::Region"}]}]}
    assert template["Parameters"]["CreateNetwork"]["Default"] == "false", "it costs"
