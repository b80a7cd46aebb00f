"""The handling of failures of the stream and of the queue: bounded in time, isolated and never silent."""


STREAM = {"Fn::If": ["CreatesInstancesTable", {"Fn::GetAtt": ["InstancesTable", "StreamArn"]}, {"Ref": "InstanceStreamArn"}]}
FOUR_DAYS = 4 * 86_400
FOURTEEN_DAYS = 14 * 86_400


def test_fanout_reads_the_given_stream_or_that_of_the_created_table(stack):
    mapping = stack["InstanceStreamMapping"]
    assert mapping["FunctionName"] == {"Ref": "FanoutFunction"}
    assert mapping["EventSourceArn"] == STREAM
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BatchSize"] == {"Ref": "StreamBatchSize"}
    assert mapping["ParallelizationFactor"] == {"Ref": "StreamParallelizationFactor"}
    assert mapping.get("MaximumBatchingWindowInSeconds", 0) == 0, "at once: no event waits for company"


def test_records_are_filtered_only_if_a_filter_is_given(stack, template):
    filters = {"Filters": [{"Pattern": {"Ref": "StreamFilter"}}]}
    assert stack["InstanceStreamMapping"]["FilterCriteria"] == {"Fn::If": ["FiltersStream", filters, {"Ref": "AWS::NoValue"}]}
    assert template["Conditions"]["FiltersStream"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "StreamFilter"}, ""]}]}
    assert template["Parameters"]["StreamFilter"]["Default"] == ""


def test_a_record_that_fails_does_not_take_its_batch_along(stack):
    mapping = stack["InstanceStreamMapping"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True


def test_a_failed_batch_is_retried_for_as_long_as_the_stream_allows(stack, template):
    mapping, parameters = stack["InstanceStreamMapping"], template["Parameters"]
    # -1 is no limit. A number of attempts would be used up long before the end of an outage of hours.
    assert mapping["MaximumRetryAttempts"] == -1
    assert mapping["MaximumRecordAgeInSeconds"] == {"Ref": "StreamMaximumRecordAge"}
    age = parameters["StreamMaximumRecordAge"]
    assert age["Default"] == age["MaxValue"] == 23 * 3_600
    assert not [name for name in parameters if "RetryAttempts" in name]


def test_a_batch_is_discarded_while_its_records_can_still_be_read(template):
    age = template["Parameters"]["StreamMaximumRecordAge"]
    # A stream keeps its records for 24 h. Lambda accepts no age under a minute.
    assert 60 <= age["MinValue"] and age["MaxValue"] <= 23 * 3_600


def test_a_batch_that_is_given_up_is_kept_whole(stack):
    destination = stack["InstanceStreamMapping"]["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination == {"Fn::GetAtt": ["DiscardedBatchesBucket", "Arn"]}
    assert stack.resources["DiscardedBatchesBucket"]["Type"] == "AWS::S3::Bucket", "SQS and SNS get no records"


def test_a_discarded_batch_leaves_a_message_until_it_is_handled(stack):
    notification = stack["DiscardedBatchesBucket"]["NotificationConfiguration"]
    assert notification == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    rule = stack["DiscardedBatchesRule"]
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [{"Ref": "DiscardedBatchesBucket"}]}},
    }
    assert [it["Arn"] for it in rule["Targets"]] == [{"Fn::GetAtt": ["DiscardedBatchesQueue", "Arn"]}]
    assert stack["DiscardedBatchesQueue"]["MessageRetentionPeriod"] == FOURTEEN_DAYS


def test_retry_takes_wake_ups_one_by_one(stack):
    mapping = stack["WakeupMapping"]
    assert mapping["FunctionName"] == {"Ref": "RetryFunction"}
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["WakeupQueue", "Arn"]}
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_wake_up_stays_hidden_for_six_times_as_long_as_its_function_may_run(stack):
    assert stack["WakeupQueue"]["VisibilityTimeout"] >= 6 * stack["RetryFunction"]["Timeout"]


def test_a_wake_up_that_keeps_failing_becomes_a_dead_letter_and_is_kept_to_be_looked_at(stack):
    queue, dead = stack["WakeupQueue"], stack["WakeupDeadLetterQueue"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["WakeupDeadLetterQueue", "Arn"]}
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert queue["MessageRetentionPeriod"] >= FOUR_DAYS
    # A message keeps its age when it is moved.
    assert dead["MessageRetentionPeriod"] == FOURTEEN_DAYS > queue["MessageRetentionPeriod"]
