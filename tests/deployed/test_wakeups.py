"""What becomes of a wake-up that the retry function reports back: it comes again, and then it is a dead letter.

The queue hides a message for six minutes after each try, as AWS asks for. The test makes that a second; everything else is
as deployed.
"""

import json

from conftest import eventually

RECEIVES = 5

# What the retry function cannot carry out. That is every message as long as draining a backlog is not built.
NO_WAKE_UP = "this is no wake-up"
NOT_BUILT_YET = json.dumps({"workspaceID": "default", "endpointID": "00112233445566778899aabbccddeeff"})


def test_a_wake_up_that_keeps_failing_is_tried_five_times_and_becomes_a_dead_letter(emulator, stack):
    sqs = emulator.client("sqs")
    queue, dead = stack.outputs["WakeupQueueUrl"], stack.outputs["WakeupDeadLetterQueueUrl"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    sent = {sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"]: body for body in (NO_WAKE_UP, NOT_BUILT_YET)}

    letters = {}

    def all_are_dead():
        received = sqs.receive_message(
            QueueUrl=dead, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["ApproximateReceiveCount"]
        )
        letters.update({it["MessageId"]: it for it in received.get("Messages", [])})
        return letters.keys() == sent.keys()

    eventually("the dead letters", all_are_dead)
    assert {it: letters[it]["Body"] for it in letters} == sent
    assert count(sqs, queue) == 0
    assert tries(emulator, stack) == RECEIVES * len(sent), "each is one call: in a batch a slow endpoint would hold others"


def count(sqs, queue):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(int(it) for it in sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"].values())


def tries(emulator, stack):
    """Calls of the retry function, as its log has them."""
    events = emulator.client("logs").filter_log_events(logGroupName=stack.resources["RetryLogs"])["events"]
    return sum(it["message"].startswith("START ") for it in events)
