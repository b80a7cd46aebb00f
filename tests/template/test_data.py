"""Data that cannot be rebuilt survives its stack and a mistake in it, and only its owner can read it."""

import pytest

TABLES = ["InstancesTable", "WebhooksTable", "DeliveriesTable"]
KEYED = ["WebhooksTable", "DeliveriesTable"]
QUEUES = ["WakeupQueue", "WakeupDeadLetterQueue", "DiscardedBatchesQueue"]
KEY = {"Fn::If": ["CreatesTablesKey", {"Fn::GetAtt": ["TablesKey", "Arn"]}, {"Ref": "TablesKeyArn"}]}


@pytest.mark.parametrize("name", [*TABLES, "TablesKey", "DiscardedBatchesBucket"])
def test_data_outlives_the_stack(stack, name):
    # RetainExceptOnCreate removes the resources of a failed first deployment, which are still empty.
    assert stack.attribute(name, "DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
    assert stack.attribute(name, "UpdateReplacePolicy") == "Retain"


def test_these_are_all_the_tables(stack):
    assert sorted(stack.of_type("AWS::DynamoDB::Table")) == sorted(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_on_demand_encrypted_and_recoverable_to_any_second(stack, name):
    assert stack[name]["BillingMode"] == "PAY_PER_REQUEST"
    assert stack[name]["SSESpecification"]["SSEEnabled"] is True
    assert stack[name]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert "TableName" not in stack[name], "a name of its own keeps a second stack, and a replacement, from existing"


@pytest.mark.parametrize("name", KEYED)
def test_a_table_of_ours_is_under_a_key_that_reading_tables_is_not_enough_for(stack, name):
    """Both hold URLs whose queries may be tokens. AWS's own keys are usable with permission to read the table."""
    assert stack[name]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}


def test_the_key_of_the_tables_is_made_unless_one_is_given_and_rotates(stack, template):
    assert stack.attribute("TablesKey", "Condition") == "CreatesTablesKey"
    assert template["Conditions"]["CreatesTablesKey"] == {"Fn::Equals": [{"Ref": "TablesKeyArn"}, ""]}
    assert stack["TablesKey"]["EnableKeyRotation"] is True
    assert stack["TablesKey"]["PendingWindowInDays"] == 30, "time to notice that it is being deleted"


def test_only_policies_of_this_account_allow_use_of_a_key(stack):
    (statement,) = stack["TablesKey"]["KeyPolicy"]["Statement"]
    assert statement["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}


@pytest.mark.parametrize("name", KEYED)
def test_a_table_of_ours_is_keyed_by_pk_and_sk_and_forgets_what_expired(stack, name):
    assert stack[name]["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    types = {it["AttributeName"]: it["AttributeType"] for it in stack[name]["AttributeDefinitions"]}
    assert (types["pk"], types["sk"]) == ("S", "S")
    assert stack[name]["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}


def indices(stack, name):
    return {it["IndexName"]: [key["AttributeName"] for key in it["KeySchema"]] for it in stack[name]["GlobalSecondaryIndexes"]}


def test_the_log_is_read_by_time_by_instance_and_by_what_is_not_delivered(stack):
    assert indices(stack, "DeliveriesTable") == {
        "byTime": ["logPk", "logSk"],
        "byInstance": ["instancePk", "logSk"],
        "byStatus": ["statusPk", "logSk"],
    }
    projections = [it["Projection"] for it in stack["DeliveriesTable"]["GlobalSecondaryIndexes"]]
    assert all("attempts" not in it["NonKeyAttributes"] for it in projections), "an answer of 4 KiB would be written four times"
    assert projections[0] == projections[1] == projections[2]


def test_the_log_is_warm_in_its_table_and_in_its_indices(stack):
    warm = {"Fn::If": ["WarmsDeliveries", {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": {"Ref": "DeliveriesWarmWrites"}}, {"Ref": "AWS::NoValue"}]}
    table = stack["DeliveriesTable"]
    assert table["WarmThroughput"] == warm
    assert [it["WarmThroughput"] for it in table["GlobalSecondaryIndexes"]] == [warm] * 3, "each is written with the item"


def test_endpoints_to_wake_and_all_workspaces_are_found_by_indices(stack):
    assert indices(stack, "WebhooksTable") == {"byWakeAt": ["wakePk", "wakeAt"], "byFleet": ["fleetPk", "pk"]}
    projections = [it["Projection"] for it in stack["WebhooksTable"]["GlobalSecondaryIndexes"]]
    assert projections == [{"ProjectionType": "KEYS_ONLY"}] * 2, "an index with more is written with every attempt"


def test_lost_wakeups_are_made_up_for_every_five_minutes(stack):
    (target,) = stack["Sweep"]["Targets"]
    assert stack["Sweep"]["ScheduleExpression"] == "rate(5 minutes)"
    assert target["Arn"] == {"Fn::GetAtt": ["RetryFunction", "Arn"]}
    assert target["Input"] == '{"sweep": true}'
    assert stack["ScheduleMayCallRetry"]["SourceArn"] == {"Fn::GetAtt": ["Sweep", "Arn"]}


def test_the_instance_table_is_created_only_when_no_stream_is_given(stack, template):
    assert stack.attribute("InstancesTable", "Condition") == "CreatesInstancesTable"
    assert template["Conditions"]["CreatesInstancesTable"] == {"Fn::Equals": [{"Ref": "InstanceStreamArn"}, ""]}


def test_the_instance_table_streams_both_images_and_is_keyed_by_the_instance(stack):
    table = stack["InstancesTable"]
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["KeySchema"] == [{"AttributeName": {"Ref": "InstanceIdAttribute"}, "KeyType": "HASH"}]
    assert "TimeToLiveSpecification" not in table, "when an instance expires is the platform's to say"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_not_deleted_unless_that_is_asked_for(stack, template, name):
    assert stack[name]["DeletionProtectionEnabled"] == {"Fn::If": ["ProtectsTables", True, False]}
    assert template["Conditions"]["ProtectsTables"] == {"Fn::Equals": [{"Ref": "DeletionProtection"}, "true"]}
    assert template["Parameters"]["DeletionProtection"]["Default"] == "true"
    # A first deployment that fails could not remove a table that is protected.
    assert stack.attribute(name, "DeletionPolicy") == "Retain"


def test_these_are_all_the_queues(stack):
    assert sorted(stack.of_type("AWS::SQS::Queue")) == sorted(QUEUES)


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_encrypted_and_reached_over_tls_only(stack, name):
    assert stack[name]["SqsManagedSseEnabled"] is True
    policy = stack[f"{name}Policy"]
    assert policy["Queues"] == [{"Ref": name}]
    (denied,) = [it for it in policy["PolicyDocument"]["Statement"] if it["Effect"] == "Deny"]
    assert (denied["Principal"], denied["Action"]) == ("*", "sqs:*")
    assert denied["Resource"] == {"Fn::GetAtt": [name, "Arn"]}
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_bucket_is_under_the_key_of_the_tables_and_closed(stack):
    bucket = stack["DiscardedBatchesBucket"]
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    # Discarded batches are whole instances.
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert rule["BucketKeyEnabled"] is True
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    (statement,) = stack["DiscardedBatchesBucketPolicy"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_discarded_batches_are_kept_as_long_as_the_alarm_on_them(stack, template):
    (rule,) = stack["DiscardedBatchesBucket"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == {"Ref": "DiscardedBatchRetentionDays"}
    kept = template["Parameters"]["DiscardedBatchRetentionDays"]["MinValue"] * 86_400
    assert kept >= stack["DiscardedBatchesQueue"]["MessageRetentionPeriod"]
