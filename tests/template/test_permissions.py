"""A function has the permissions that it needs and no others."""

import json
import re

import pytest

from conftest import ROOT, STREAM, listed

NOTICE = ROOT / "crates/engine/src/endpoint_events/mod.rs"


def arn(logical_id):
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def index(table, name):
    return {"Fn::Sub": f"${{{table}.Arn}}/index/{name}"}


def logs(logical_id):
    return (arn(logical_id), "logs:CreateLogStream logs:PutLogEvents")


# The key of the tables, as DynamoDB requires it for reads and writes. CreateGrant could pass it on.
KEY = (
    {"Fn::If": ["CreatesTablesKey", arn("TablesKey"), {"Ref": "TablesKeyArn"}]},
    "kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext"
    " kms:ReEncryptFrom kms:ReEncryptTo",
)

# Resource and actions. Without X-Ray, which every role may send traces to.
MAY = {
    "ApiRole": [
        logs("ApiFunctionLogs"),
        (
            arn("WebhooksTable"),
            "dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem",
        ),
        (index("WebhooksTable", "byFleet"), "dynamodb:Query"),
        (
            [arn("DeliveriesTable"), *(index("DeliveriesTable", name) for name in ("byTime", "byInstance", "byStatus"))],
            "dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query",
        ),
        KEY,
        (STREAM, "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator"),
        ({"Ref": "InstanceTableKeyArn"}, "kms:Decrypt"),
        (arn("WakeupQueue"), "sqs:SendMessage"),
    ],
    "ConsoleRole": [logs("ConsoleLogs")],
    "FanoutRole": [
        logs("FanoutLogs"),
        (
            STREAM,
            "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams",
        ),
        ({"Ref": "InstanceTableKeyArn"}, "kms:Decrypt"),
        (arn("WebhooksTable"), "dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem"),
        (arn("DeliveriesTable"), "dynamodb:BatchWriteItem dynamodb:PutItem"),
        KEY,
        (arn("WakeupQueue"), "sqs:SendMessage"),
        ({"Fn::Sub": "${DiscardedBatchesBucket.Arn}/aws/lambda/*"}, "s3:PutObject"),
        (KEY[0], "kms:GenerateDataKey"),
        (arn("DiscardedBatchesBucket"), "s3:ListBucket"),
    ],
    "RetryRole": [
        logs("RetryLogs"),
        (
            arn("WakeupQueue"),
            "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage sqs:SendMessage",
        ),
        (
            [arn("DeliveriesTable"), index("DeliveriesTable", "byInstance")],
            "dynamodb:BatchWriteItem dynamodb:PutItem dynamodb:Query",
        ),
        (
            [arn("WebhooksTable"), index("WebhooksTable", "byWakeAt")],
            "dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem",
        ),
        KEY,
        (
            {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"},
            "events:PutEvents",
        ),
    ],
}
TRACES = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]


# What Lambda does with a role to connect its function with a VPC ("Giving Lambda functions access to resources in an Amazon VPC").
INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]
IN_A_VPC = {"ApiRole", "FanoutRole", "RetryRole"}


def pairs(entries):
    return sorted((json.dumps(resource), sorted(listed(actions))) for resource, actions in entries)


@pytest.mark.parametrize("role", MAY)
def test_a_role_may_do_exactly_what_its_function_does(stack, role):
    granted = [(it["Resource"], it["Action"]) for it in stack.statements(role) if it["Resource"] != "*"]
    assert pairs(granted) == pairs((resource, actions.split()) for resource, actions in MAY[role])


def test_these_are_all_the_roles_and_no_policy_stands_elsewhere(stack):
    roles = stack.of_type("AWS::IAM::Role")
    assert set(roles) == set(MAY)
    assert not [name for name, it in stack.resources.items() if it["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")]
    for name, role in roles.items():
        assert "ManagedPolicyArns" not in role, f"{name}: a managed policy reaches beyond this stack"


def test_each_function_has_its_own_role(stack):
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        assert function["Role"] == arn(name.replace("Function", "Role"))


@pytest.mark.parametrize("role", MAY)
def test_no_action_has_a_wildcard(stack, role):
    for statement in stack.statements(role):
        assert (statement["Effect"] == "Allow") != (statement["Sid"] == "CodeMayNot")
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        assert "NotAction" not in statement and "NotResource" not in statement


@pytest.mark.parametrize("role", MAY)
def test_only_x_ray_and_network_interfaces_are_given_every_resource(stack, role):
    wildcards = [it for it in stack.statements(role) if "*" in listed(it["Resource"]) and it["Effect"] == "Allow"]
    assert [sorted(it["Action"]) for it in wildcards] == [TRACES, *([INTERFACES] if role in IN_A_VPC else [])]


@pytest.mark.parametrize("role", IN_A_VPC)
def test_a_role_has_network_interfaces_in_a_vpc_only_and_for_lambda_itself_only(stack, role):
    """The second statement denies the same to the function's code, as AWS recommends."""
    policy = stack[role]["Policies"][0]["PolicyDocument"]["Statement"]
    found = [it["Fn::If"] for it in policy if "Fn::If" in it and it["Fn::If"][0] == "IsInAVpc"]
    assert [(it[1]["Effect"], it[1]["Action"], it[2]) for it in found] == [
        ("Allow", INTERFACES, {"Ref": "AWS::NoValue"}),
        ("Deny", INTERFACES, {"Ref": "AWS::NoValue"}),
    ]
    code = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*"}
    assert found[1][1]["Condition"] == {"ArnLike": {"lambda:SourceFunctionArn": code}}


def test_a_wildcard_resource_has_its_reason_beside_it(text):
    wildcards = re.findall(r"""^\s*(?:Resource:|-)\s*["']\*["'](.*)$""", text, re.MULTILINE)
    assert len(wildcards) == len(MAY) + 2 * len(IN_A_VPC) + len(["the policy of a key is about that key"])
    assert all(re.match(r"\s+# .{10,}", rest) for rest in wildcards)


@pytest.mark.parametrize("role", MAY)
def test_only_lambda_takes_on_a_role(stack, role):
    (trust,) = stack[role]["AssumeRolePolicyDocument"]["Statement"]
    assert (trust["Effect"], trust["Action"]) == ("Allow", "sts:AssumeRole")
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_discarded_batches_are_written_to_a_bucket_of_this_account_only(stack):
    writes = [it for it in stack.statements("FanoutRole") if str(listed(it["Action"])[0]).startswith("s3:")]
    assert len(writes) == 2
    for statement in writes:
        assert statement["Condition"] == {"StringEquals": {"s3:ResourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize(
    ("role", "services"),
    [("ApiRole", ["dynamodb", "dynamodb"]), ("FanoutRole", ["dynamodb", "dynamodb", "s3"]), ("RetryRole", ["dynamodb"])],
)
def test_a_key_is_used_through_dynamodb_and_for_discarded_batches_only(stack, role, services):
    uses = [it for it in stack.statements(role) if str(listed(it["Action"])[0]).startswith("kms:")]
    for use, service in zip(uses, services, strict=True):
        assert use["Condition"] == {
            "StringEquals": {"kms:ViaService": {"Fn::Sub": f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}"}}
        }


def test_events_are_put_in_our_own_name_only(stack):
    (statement,) = [it for it in stack.statements("RetryRole") if it["Action"] == "events:PutEvents"]
    (source,) = re.findall(r'^const SOURCE: &str = "(.*)";$', NOTICE.read_text(), re.MULTILINE)
    assert statement["Condition"] == {"StringEquals": {"events:source": source}}


def test_only_the_rule_sends_to_the_queue_of_discarded_batches(stack):
    (statement,) = [
        it for it in stack["DiscardedBatchesQueuePolicy"]["PolicyDocument"]["Statement"] if it["Effect"] == "Allow"
    ]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", arn("DiscardedBatchesQueue"))
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": arn("DiscardedBatchesRule")}}
