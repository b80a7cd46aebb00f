"""The stack's outputs have all values that other programs and operators look up."""

import pytest

WANTED = {
    "AlarmTopicArn",
    "NoticeTopicArn",
    "ApiAddress",
    "ConsoleUrl",
    "Issuer",
    "SignInUrl",
    "SignInClientId",
    "UserPoolId",
    "TablesKeyArn",
    "InstanceStreamArn",
    "InstancesTableName",
    "WebhooksTableName",
    "DeliveriesTableName",
    "WakeupQueueUrl",
    "WakeupDeadLetterQueueUrl",
    "DiscardedBatchesBucketName",
    "DiscardedBatchesQueueUrl",
    "ApiFunctionName",
    "ConsoleFunctionName",
    "FanoutFunctionName",
    "RetryFunctionName",
}


def test_the_outputs_name_what_was_deployed(template):
    assert WANTED <= set(template["Outputs"])
    for name, output in template["Outputs"].items():
        assert output["Description"], name


def test_the_name_of_the_instance_table_is_told_only_when_it_was_created(template):
    assert template["Outputs"]["InstancesTableName"]["Condition"] == "CreatesInstancesTable"


@pytest.mark.parametrize("name", ["SignInUrl", "SignInClientId", "UserPoolId"])
def test_what_belongs_to_the_user_pool_is_told_only_when_there_is_one(template, name):
    output = template["Outputs"][name]
    assert output["Condition"] == "CreatesUserPool"
    assert output["Value"] == {"Fn::GetAtt": ["SignIn", f"Outputs.{name}"]}
