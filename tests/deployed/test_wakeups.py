"""A wake-up that the retry function reports back is received again, and then becomes a dead letter.

The queue hides a message for half an hour after each attempt, as AWS recommends. The test makes that a second;
everything else is as deployed.
"""

import json

from patience import eventually

from conftest import on

RECEIVES = 5

# A message that the retry function cannot process.
NO_WAKE_UP = "this is no wake-up"
# A message that it can: the endpoint has no pending deliveries.
NOTHING_WAITS = json.dumps({"workspaceID": "default", "endpointID": "00112233445566778899aabbccddeeff"})


def test_what_a_receiver_did_not_take_is_brought_by_the_retry_function_when_it_answers_again(
    configure, workspace, receiver, instances, deliveries
):
    """The receiver fails at the first attempt and at no later one; the first probe is five seconds later."""
    configure(created=on(receiver.url("/503-once/")), updated=on(receiver.url("/503-once/")))
    item = {"instanceID": f"{workspace}-1", "processName": "Loan", "workspaceID": workspace}
    instances.put(**item)
    instances.put(**item, status="changed")

    requests = receiver.heard(item["instanceID"], times=3)
    assert [(it.query["eventType"], it.headers["webhook-attempt"]) for it in requests] == [
        ("created", "1"),
        ("created", "2"),
        ("updated", "1"),
    ]
    assert requests[0].headers["webhook-id"] == requests[1].headers["webhook-id"]

    def all_delivered():
        kept = deliveries.items(instanceID=item["instanceID"])
        return len(kept) == 2 and all(it["status"] == "delivered" for it in kept)

    eventually("both deliveries in the log", all_delivered)


def test_a_wake_up_that_keeps_failing_is_tried_five_times_and_becomes_a_dead_letter(emulator, stack):
    sqs = emulator.client("sqs")
    queue, dead = stack.outputs["WakeupQueueUrl"], stack.outputs["WakeupDeadLetterQueueUrl"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    sent = {sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"]: body for body in (NO_WAKE_UP,)}
    sqs.send_message(QueueUrl=queue, MessageBody=NOTHING_WAITS)

    letters = {}

    def all_are_dead():
        received = sqs.receive_message(
            QueueUrl=dead, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["ApproximateReceiveCount"]
        )
        letters.update({it["MessageId"]: it for it in received.get("Messages", [])})
        return letters.keys() == sent.keys()

    eventually("the dead letters", all_are_dead)
    assert {it: letters[it]["Body"] for it in letters} == sent
    eventually("an empty queue", lambda: count(sqs, queue) == 0)
    # Each is one call: in a batch a slow endpoint would delay others.
    eventually("a call for each time", lambda: tries(emulator, stack) >= RECEIVES * len(sent) + 1)


def count(sqs, queue):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(int(it) for it in sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"].values())


def tries(emulator, stack):
    """Returns the number of calls of the retry function in its log."""
    events = emulator.client("logs").filter_log_events(logGroupName=stack.resources["RetryLogs"])["events"]
    return sum(it["message"].startswith("START ") for it in events)
