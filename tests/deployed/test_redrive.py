"""Discarded batches are sent again by `make redrive`, in order, until none is left.

The documents are those that Lambda writes to an S3 on-failure destination ("Capturing discarded batches for DynamoDB in
Lambda"); crates/event-source-mapping/src/destination.rs writes the same. Fan-out processes them with its role's
permissions.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from datetime import datetime, timezone

import pytest
from emulator import REGION, ROOT_USER
from patience import eventually

from conftest import ROOT, on

SHARD = "shardId-00000001573689847184-864758bb"
DENIED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "dynamodb:BatchWriteItem", "Resource": "*"}],
}


@pytest.fixture
def bucket(emulator, stack):
    bucket = Bucket(emulator, stack)
    yield bucket
    bucket.empty()


@pytest.fixture
def changes(stack, workspace):
    """Returns a function that builds records of an instance's changes, numbered from 1 on."""
    stream = stack.outputs["InstanceStreamArn"]

    def changes(instance, *numbers):
        keys = {"instanceID": {"S": instance}}
        image = {**keys, "processName": {"S": "Loan"}, "workspaceID": {"S": workspace}}
        return [
            {
                "eventID": uuid.uuid4().hex,
                "eventName": "INSERT" if number == 1 else "MODIFY",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": REGION,
                "dynamodb": {
                    "ApproximateCreationDateTime": float(int(time.time()) - 80_000 + number),
                    "Keys": keys,
                    "NewImage": {**image, "step": {"N": str(number)}},
                    **({"OldImage": {**image, "step": {"N": str(number - 1)}}} if number > 1 else {}),
                    # Of two and of three digits: they are numbers, not text.
                    "SequenceNumber": str(98 + number),
                    "SizeBytes": 64,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN": stream,
            }
            for number in numbers
        ]

    return changes


class Bucket:
    """The bucket of discarded batches, written to as Lambda does."""

    def __init__(self, emulator, stack):
        self.emulator, self.stack = emulator, stack
        self.s3 = emulator.client("s3")
        self.name = stack.outputs["DiscardedBatchesBucketName"]

    def discard(self, records):
        first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
        at = lambda it: datetime.fromtimestamp(it["ApproximateCreationDateTime"], timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: E731
        document = {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"arn:aws:lambda:{REGION}:000000000000:function:{self.stack.outputs['FanoutFunctionName']}",
                "condition": "RecordAgeExceeded",
                "approximateInvokeCount": 4711,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "DDBStreamBatchInfo": {
                "shardId": SHARD,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": at(first),
                "approximateArrivalOfLastRecord": at(last),
                "batchSize": len(records),
                "streamArn": self.stack.outputs["InstanceStreamArn"],
            },
            "payload": json.dumps({"Records": records}),
        }
        mapping = self.stack.resources["InstanceStreamMapping"]
        key = f"aws/lambda/{mapping}/{SHARD}/{datetime.now(timezone.utc):%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
        self.s3.put_object(Bucket=self.name, Key=key, Body=json.dumps(document).encode())
        return key

    def keys(self):
        return {it["Key"] for it in self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])}

    def empty(self):
        for key in self.keys():
            self.s3.delete_object(Bucket=self.name, Key=key)

    def messages(self):
        queue = self.stack.outputs["DiscardedBatchesQueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.emulator.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(it) for it in found.values())


def redrive(emulator, stack, *options):
    """Runs the tool, as an operator does; returns its exit code and its output."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(emulator.dir),
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": ROOT_USER.access_key,
        "AWS_SECRET_ACCESS_KEY": ROOT_USER.secret_key,
        "AWS_REGION": REGION,
    }
    command = [sys.executable, ROOT / "tools/redrive.py", "--stack-name", stack.name, *options]
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def test_discarded_batches_are_sent_again_in_order_and_deleted(emulator, stack, configure, workspace, receiver, bucket, changes):
    configure(created=on(receiver.url("/")), updated=on(receiver.url("/")))
    instance = f"{workspace}-1"
    first, second = changes(instance, 1), changes(instance, 2, 3)
    # The batch that was discarded first has the later events.
    keys = {bucket.discard(second), bucket.discard(first)}
    eventually("a message for each", lambda: bucket.messages() == 2)

    code, printed = redrive(emulator, stack, "--dry-run")
    assert (code, receiver.about(instance), bucket.keys()) == (0, [], keys), printed
    assert "2 batches with 3 records would be sent" in printed

    code, printed = redrive(emulator, stack)
    assert code == 0, printed
    assert bucket.keys() == set()
    assert bucket.messages() == 0, "the alarm is on the queue"
    requests = receiver.heard(instance, times=3)
    ids = [it.headers["webhook-id"] for it in requests]
    assert [it.query["eventType"] for it in requests] == ["created", "updated", "updated"]
    assert len(set(ids)) == 3 and {it.headers["webhook-attempt"] for it in requests} == {"1"}

    # They have the ids of their events: a receiver recognises a batch that is sent again.
    bucket.discard(second)
    assert redrive(emulator, stack)[0] == 0
    again = receiver.heard(instance, times=5)[3:]
    assert [it.headers["webhook-id"] for it in again] == ids[1:]


def test_a_batch_that_fails_stays_with_those_after_it(
    emulator, stack, configure, workspace, receiver, bucket, changes
):
    configure(created=on(receiver.url("/503-once/")), updated=on(receiver.url("/503-once/")))
    instance = f"{workspace}-1"
    first, second = bucket.discard(changes(instance, 1)), bucket.discard(changes(instance, 2))
    eventually("a message for each", lambda: bucket.messages() == 2)

    iam, role = emulator.client("iam"), stack.resources["FanoutRole"]
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(DENIED))
    try:
        code, printed = redrive(emulator, stack, "--attempts", "1")
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")
    assert code == 1, printed
    assert bucket.keys() == {first, second}, printed
    assert "fan-out reported it back" in printed and "an earlier batch of its shard is left" in printed
    assert "2 are left" in printed and f"/aws/lambda/{stack.name}/fanout" in printed
    assert bucket.messages() == 2

    code, printed = redrive(emulator, stack)
    assert (code, bucket.keys()) == (0, set()), printed
    # At least once: the first run's attempts were made, and could not be recorded.
    eventually("the second event", lambda: any(it.query["eventType"] == "updated" for it in receiver.about(instance)))
    *earlier, last = [(it.query["eventType"], it.headers["webhook-id"]) for it in receiver.about(instance)]
    assert {event_type for event_type, _ in earlier} == {"created"} and len(set(earlier)) == 1
    assert last[0] == "updated"


def test_only_batches_of_the_given_time_are_sent(emulator, stack, configure, workspace, receiver, bucket, changes):
    configure(created=on(receiver.url("/")))
    key = bucket.discard(changes(f"{workspace}-1", 1))
    code, printed = redrive(emulator, stack, "--until", "2026-01-01")
    assert (code, bucket.keys()) == (0, {key}), printed
    assert "1 batches were discarded outside of the given time and stay in the bucket" in printed
    assert redrive(emulator, stack, "--since", "2026-01-01")[0] == 0
    receiver.heard(f"{workspace}-1")
    assert bucket.keys() == set()


def test_a_stack_that_is_not_there_is_named(emulator, stack):
    stack.name, name = "no-such-stack", stack.name
    try:
        code, printed = redrive(emulator, stack)
    finally:
        stack.name = name
    assert code == 1
    assert printed.startswith("redrive: there is no stack no-such-stack in us-east-1: check --stack-name")
