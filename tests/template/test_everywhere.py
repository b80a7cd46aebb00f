"""The stack deploys in every region and partition, under every name that a stack can have, and beside one of that name in
another region."""

import json
import re

import pytest

from conftest import ROOT, listed
from longest import ID, REGION, Longest
from schemas import regions_without

# Names that a template may choose: the longest that AWS allows, and where two resources of that name cannot be.
REGIONAL, ACCOUNT, WORLD = "region", "account", "world"
NAMES = {
    "AWS::ApiGatewayV2::Api": {"Name": (128, None)},
    "AWS::ApiGatewayV2::Authorizer": {"Name": (128, None)},
    "AWS::ApiGatewayV2::Integration": {},
    "AWS::ApiGatewayV2::Route": {},
    "AWS::ApiGatewayV2::Stage": {"StageName": (128, None)},
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": {"ConfigurationName": (128, ACCOUNT)},
    "AWS::Chatbot::SlackChannelConfiguration": {"ConfigurationName": (128, ACCOUNT)},
    "AWS::CloudFormation::Stack": {},
    "AWS::CloudWatch::Alarm": {"AlarmName": (255, REGIONAL)},
    "AWS::CloudWatch::Dashboard": {"DashboardName": (255, ACCOUNT)},
    "AWS::Cognito::ManagedLoginBranding": {},
    "AWS::Cognito::UserPool": {"UserPoolName": (128, None)},
    "AWS::Cognito::UserPoolClient": {"ClientName": (128, None)},
    "AWS::Cognito::UserPoolDomain": {"Domain": (63, WORLD)},
    "AWS::Cognito::UserPoolGroup": {"GroupName": (128, None)},
    "AWS::Cognito::UserPoolResourceServer": {"Identifier": (256, None), "Name": (256, None)},
    "AWS::DynamoDB::Table": {"TableName": (255, REGIONAL)},
    "AWS::EC2::EIP": {},
    "AWS::EC2::InternetGateway": {},
    "AWS::EC2::NatGateway": {},
    "AWS::EC2::Route": {},
    "AWS::EC2::RouteTable": {},
    "AWS::EC2::SecurityGroup": {"GroupName": (255, REGIONAL)},
    "AWS::EC2::Subnet": {},
    "AWS::EC2::SubnetRouteTableAssociation": {},
    "AWS::EC2::VPC": {},
    "AWS::EC2::VPCEndpoint": {},
    "AWS::EC2::VPCGatewayAttachment": {},
    "AWS::Events::Rule": {"Name": (64, REGIONAL)},
    "AWS::IAM::Role": {"RoleName": (64, ACCOUNT)},
    "AWS::KMS::Key": {},
    "AWS::Lambda::EventSourceMapping": {},
    "AWS::Lambda::Function": {"FunctionName": (64, REGIONAL)},
    "AWS::Lambda::Permission": {},
    "AWS::Logs::LogGroup": {"LogGroupName": (512, REGIONAL)},
    "AWS::S3::Bucket": {"BucketName": (63, WORLD)},
    "AWS::S3::BucketPolicy": {},
    "AWS::SNS::Subscription": {},
    "AWS::SNS::Topic": {"TopicName": (256, REGIONAL)},
    "AWS::SNS::TopicPolicy": {},
    "AWS::SQS::Queue": {"QueueName": (80, REGIONAL)},
    "AWS::SQS::QueuePolicy": {},
}
# Further texts with a limit.
TEXTS = {
    ("AWS::ApiGatewayV2::Api", "Description"): 1024,
    ("AWS::CloudWatch::Alarm", "AlarmDescription"): 1024,
    ("AWS::Cognito::UserPoolGroup", "Description"): 2048,
    ("AWS::Events::Rule", "Description"): 512,
    ("AWS::KMS::Key", "Description"): 8192,
    ("AWS::EC2::SecurityGroup", "GroupDescription"): 255,
    ("AWS::SNS::Topic", "DisplayName"): 100,
}
# Parameters that are part of a name, at their longest.
IN_NAMES = {"AdministratorGroup": "g" * 128, "DeveloperGroup": "g" * 128}
# Lambda's limit for all variables of a function, names and values together.
ENVIRONMENT_BYTES = 4096
# Parameters of which a deployment may have much, each with a limit for that.
BOUNDED = ("AllowedNetworks", "AllowedPorts", "PrivateCa", "EgressAddresses")


@pytest.fixture(scope="module")
def templates(stack, template, nested_templates):
    whole = {"Resources": stack.resources, "Conditions": template["Conditions"], "Outputs": template["Outputs"]}
    return {"template.yaml": whole} | nested_templates


@pytest.fixture(scope="module")
def resources(templates):
    """Returns template, logical id and resource of all."""
    return [(path, name, it) for path, found in templates.items() for name, it in found["Resources"].items()]


@pytest.fixture(scope="module")
def longest(templates, template):
    """Returns a function that resolves an expression of a template."""
    parameters = {name: str(it["Default"]) for name, it in template["Parameters"].items()} | IN_NAMES
    given = {"DeploymentName": {"Ref": "AWS::StackName"}}

    def longest(path, value):
        resolve = Longest(templates[path]["Resources"], parameters)
        resolve.parameters = parameters | {"DeploymentName": resolve(given["DeploymentName"])}
        return resolve(value)

    return longest


# ── Regions and partitions ───────────────────────────────────────────────────────────────────────────────────────────────
def test_each_region_has_the_resource_types_of_what_is_always_deployed(resources, template):
    """CloudFormation rejects a template that names an unknown type, whatever its condition."""
    stacks = [it for it in template["Resources"].values() if it["Type"] == "AWS::CloudFormation::Stack"]
    conditional = {it["Properties"]["TemplateURL"] for it in stacks if "Condition" in it}
    assert conditional == {"infra/sign-in.yaml", "infra/chats.yaml", "infra/network.yaml"}
    missing = {(it["Type"], region) for path, _, it in resources if path not in conditional for region in regions_without(it["Type"])}
    assert missing == set()


@pytest.mark.parametrize(
    ("path", "rule", "asserted"),
    [
        ("infra/sign-in.yaml", "RegionsWithoutUserPoolsHaveAnIssuer", {"Fn::Not": [{"Fn::Equals": [{"Ref": "Issuer"}, ""]}]}),
        (
            "infra/chats.yaml",
            "RegionsWithoutChatsPostToNone",
            {"Fn::And": [{"Fn::Equals": [{"Ref": name}, ""]} for name in ("SlackChannelId", "TeamsChannelId")]},
        ),
    ],
)
def test_what_a_region_does_not_have_is_rejected_with_a_sentence(resources, template, path, rule, asserted):
    without = set().union(*(regions_without(it["Type"]) for of, _, it in resources if of == path))
    found = template["Rules"][rule]
    regions, region = found["RuleCondition"]["Fn::Contains"]
    assert (set(regions), region) == (without, {"Ref": "AWS::Region"})
    (assertion,) = found["Assertions"]
    assert assertion["Assert"] == asserted


def texts(value, path=()):
    """Yields each text of a value, with the keys that lead to it."""
    if isinstance(value, dict):
        for key, it in value.items():
            yield from texts(it, (*path, key))
    elif isinstance(value, list):
        for it in value:
            yield from texts(it, path)
    elif isinstance(value, str):
        yield path, value


def test_no_partition_is_written_out(templates):
    """China's ARNs begin with arn:aws-cn and its hosts end in amazonaws.com.cn; service principals are the same everywhere."""
    for name, found in templates.items():
        for part in ("Resources", "Outputs", "Conditions"):
            for path, text in texts(found.get(part, {})):
                if path[-2:] == ("Properties", "ServiceName"):
                    continue  # of an endpoint, as AWS writes it; China has others, and no CreateNetwork
                if path[-2:] == ("Principal", "Service") or path[-2:] == ("Properties", "Principal"):
                    assert re.fullmatch(r"[a-z]+\.amazonaws\.com", text), (name, path, text)
                else:
                    assert not re.search(r"arn:aws|amazonaws\.com", text), (name, path, text)


def test_operators_tools_write_no_partition_out():
    for path in ROOT.glob("tools/*.py"):
        assert "arn:aws" not in path.read_text().replace("arn:aws[", ""), path


def test_the_sign_in_page_is_at_the_host_of_its_partition(nested_templates):
    """GovCloud, "Amazon Cognito": PREFIX.auth-fips.REGION.amazoncognito.com."""
    sign_in = nested_templates["infra/sign-in.yaml"]
    assert sign_in["Conditions"]["IsGovCloud"] == {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-us-gov"]}
    assert sign_in["Outputs"]["SignInUrl"]["Value"] == {
        "Fn::Sub": [
            "https://${Domain}.${Auth}.${AWS::Region}.amazoncognito.com",
            {"Auth": {"Fn::If": ["IsGovCloud", "auth-fips", "auth"]}},
        ]
    }
    # Its tokens name the issuer as the pool does.
    assert sign_in["Outputs"]["Issuer"]["Value"] == {"Fn::Sub": "https://${UserPool.ProviderName}"}


# ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_resource_type_was_looked_at_for_names(resources):
    assert {it["Type"] for _, _, it in resources} == set(NAMES)


def test_a_name_fits_whatever_the_stack_is_called(resources, longest):
    checked = set()
    for path, name, it in resources:
        for property, (limit, _) in NAMES[it["Type"]].items():
            if property in it.get("Properties", {}):
                value = longest(path, it["Properties"][property])
                assert len(value) <= limit, f"{path}: {name}.{property} may have {len(value)} characters of {limit}"
                checked.add((it["Type"], property))
    assert ("AWS::Logs::LogGroup", "LogGroupName") in checked and ("AWS::CloudWatch::Dashboard", "DashboardName") in checked


def test_a_name_beyond_the_region_is_of_the_region_or_of_the_stacks_id(resources, longest):
    """The same stack, under the same name, may be in two regions of an account."""
    found = []
    for path, name, it in resources:
        for property, (_, scope) in NAMES[it["Type"]].items():
            if scope in (ACCOUNT, WORLD) and property in it.get("Properties", {}):
                value = longest(path, it["Properties"][property])
                assert ID in value or (scope == ACCOUNT and REGION in value), f"{path}: {name}.{property} is {value}"
                found.append(name)
    assert sorted(found) == ["Dashboard", "Domain", "SlackChannel", "TeamsChannel"]


def test_a_name_within_the_region_is_of_the_stack(resources):
    """Two stacks may be in one account and region."""
    for path, name, it in resources:
        for property, (_, scope) in NAMES[it["Type"]].items():
            if scope == REGIONAL and property in it.get("Properties", {}):
                assert "AWS::StackName" in json.dumps(it["Properties"][property]), f"{path}: {name}.{property}"


def test_a_text_fits_whatever_the_stack_is_called(resources, longest):
    for path, name, it in resources:
        for (kind, property), limit in TEXTS.items():
            if it["Type"] == kind and property in it.get("Properties", {}):
                assert len(longest(path, it["Properties"][property])) <= limit, f"{path}: {name}.{property}"


def test_variables_fit_into_a_function_whatever_the_stack_is_called(stack, template):
    """With as many networks, ports, certificates and addresses as the parameters allow; the others at their defaults."""
    parameters = {name: str(it["Default"]) for name, it in template["Parameters"].items()}
    parameters |= {name: "x" * template["Parameters"][name]["MaxLength"] for name in BOUNDED}
    resolve = Longest(stack.resources, parameters)
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        variables = function["Environment"]["Variables"]
        size = sum(len(variable) + len(str(resolve(value)).encode()) for variable, value in variables.items())
        assert size <= ENVIRONMENT_BYTES, f"{name}: {size} bytes"


# ── Deletion and re-creation ─────────────────────────────────────────────────────────────────────────────────────────────
def test_what_stays_after_a_deletion_has_no_name_that_a_new_stack_would_need(resources):
    for path, name, it in resources:
        if it.get("DeletionPolicy", "Delete") != "Delete":
            named = {property for property, (_, scope) in NAMES[it["Type"]].items() if scope} & set(it["Properties"])
            assert not named, f"{path}: {name} keeps {named}"


def test_no_function_can_create_a_log_group(stack):
    """A line that is written after the deletion of the stack would create the group again, without an expiry, and the
    stack could not be deployed under its name."""
    for role in stack.of_type("AWS::IAM::Role"):
        actions = {action for it in stack.statements(role) for action in listed(it["Action"])}
        assert not actions & {"logs:CreateLogGroup", "logs:*", "*"}, role


def test_every_log_group_is_deleted_with_its_stack(stack):
    for name in stack.of_type("AWS::Logs::LogGroup"):
        assert stack.attribute(name, "DeletionPolicy") is None, name
