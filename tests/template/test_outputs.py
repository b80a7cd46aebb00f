"""What other programs and people look up is found in the stack's outputs."""

WANTED = {
    "AlarmTopicArn",
    "ApiAddress",
    "InstanceStreamArn",
    "InstancesTableName",
    "WebhooksTableName",
    "DeliveriesTableName",
    "WakeupQueueUrl",
    "WakeupDeadLetterQueueUrl",
    "DiscardedBatchesBucketName",
    "DiscardedBatchesQueueUrl",
    "ConfigFunctionName",
    "FanoutFunctionName",
    "RetryFunctionName",
}


def test_the_outputs_name_what_was_deployed(template):
    assert WANTED <= set(template["Outputs"])
    for name, output in template["Outputs"].items():
        assert output["Description"], name


def test_the_name_of_the_instance_table_is_told_only_when_it_was_created(template):
    assert template["Outputs"]["InstancesTableName"]["Condition"] == "CreatesInstancesTable"
