"""The removal of a stack leaves the data, and nothing else.

By CloudFormation's own call: `sam delete` also removes only the uploaded code, but it accepts the address of the nested
template only if it is one of AWS.
"""

import pytest
from patience import PATIENCE

KEPT = {"InstancesTable", "WebhooksTable", "DeliveriesTable", "TablesKey", "DiscardedBatchesBucket"}


@pytest.fixture(scope="module")
def removed(emulator, stack):
    cloudformation = emulator.client("cloudformation")
    nested = stack.resources["Observability"]
    before = {"nested": resources(cloudformation, nested)}
    cloudformation.delete_stack(StackName=stack.name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": PATIENCE})
    return before


def resources(cloudformation, stack):
    found = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in found}


def exists(call, **arguments):
    try:
        call(**arguments)
        return True
    except call.__self__.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        assert "NotFound" in code or code in ("404", "NoSuchEntity", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"), code
        return False


def test_the_data_stays(emulator, stack, removed, instances):
    for name in ("InstancesTable", "WebhooksTable", "DeliveriesTable"):
        assert exists(emulator.client("dynamodb").describe_table, TableName=stack.resources[name]), name
    key = emulator.client("kms").describe_key(KeyId=stack.resources["TablesKey"])["KeyMetadata"]
    assert key["KeyState"] == "Enabled", "without it the tables cannot be read"
    assert exists(emulator.client("s3").head_bucket, Bucket=stack.resources["DiscardedBatchesBucket"])
    assert instances.items(), "with what was in them"


def test_everything_else_is_gone(emulator, stack, removed):
    left = []
    for name, physical in stack.resources.items():
        client, call, argument = LOOK_UP[kind_of(name)] if kind_of(name) in LOOK_UP else (None, None, None)
        if client and exists(getattr(emulator.client(client), call), **{argument: physical}):
            left.append(name)
    assert set(left) == KEPT
    sns = emulator.client("sns")
    assert not exists(sns.get_topic_attributes, TopicArn=stack.outputs["AlarmTopicArn"])
    alarms = emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert not [it["AlarmName"] for it in alarms if it["AlarmName"] in removed["nested"].values()]
    mappings = emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert not [it for it in mappings if it["UUID"] in stack.resources.values()]


LOOK_UP = {
    "Key": ("kms", "describe_key", "KeyId"),
    "Table": ("dynamodb", "describe_table", "TableName"),
    "Bucket": ("s3", "head_bucket", "Bucket"),
    "Function": ("lambda", "get_function", "FunctionName"),
    "Queue": ("sqs", "get_queue_attributes", "QueueUrl"),
    "Role": ("iam", "get_role", "RoleName"),
    "Api": ("apigatewayv2", "get_api", "ApiId"),
    "Rule": ("events", "describe_rule", "Name"),
}


def kind_of(logical_id):
    return next((kind for kind in LOOK_UP if logical_id.endswith(kind)), None)


def test_no_log_is_left_or_comes_back(emulator, stack, removed):
    """A late line of a function does not create its log again."""
    assert groups(emulator, stack) == []


def test_it_can_be_deployed_again_under_its_name(emulator, stack, removed):
    """Its logs are new ones. The emulator gives a table its former name again, AWS does not."""
    again = emulator.deploy(stack.name)
    assert again.status == "CREATE_COMPLETE"
    assert len(groups(emulator, again)) == 5
    token = again.person("again@example.com", "again", "Administrator")
    assert again.api(token)("GET", "/v1/workspaces/again/callbacks").status == 200


def groups(emulator, stack):
    logs = emulator.client("logs")
    prefixes = (f"/aws/lambda/{stack.name}/", f"/aws/vendedlogs/apis/{stack.name}")
    return [it["logGroupName"] for prefix in prefixes for it in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]]
