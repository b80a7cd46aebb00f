"""Sends discarded stream batches to the fan-out function again, in order, and deletes each that succeeds.

Lambda writes a batch that it discards to a bucket, records included (the mapping's on-failure destination). docs/operations.md
says when to send batches again and how receivers notice. Credentials and region are those of the environment, as for the AWS CLI.
"""

import argparse
import json
import os
import sys
import time
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# Lambda writes below it, and nothing else does: aws/lambda/MAPPING/SHARD/YYYY/MM/DD/…
PREFIX = "aws/lambda/"
ATTEMPTS = 5
FIRST_PAUSE_S = 1
# The function is given 30 s. Attempts are repeated here and not by boto3, which would send the whole batch again.
INVOKE = Config(read_timeout=60, retries={"total_max_attempts": 1})
# Longer than it takes to read every message. Those that stay are made visible again at the end.
MESSAGES_HIDDEN_S = 300
OUTPUTS = ("DiscardedBatchesBucketName", "DiscardedBatchesQueueUrl", "FanoutFunctionName")


class Failed(Exception):
    """The run cannot go on. The text names the next step."""


class AttemptFailed(Exception):
    """The function did not process what it was sent; the next attempt may succeed."""


@dataclass(frozen=True)
class Batch:
    """A discarded batch, without its records."""

    key: str
    shard: str
    first: int  # sequence number of the first record
    first_at: datetime  # its arrival in the stream
    discarded_at: datetime
    condition: str
    size: int

    def __str__(self):
        return f"{self.size:5} records of {self.first_at:%Y-%m-%d %H:%M:%S}Z  {self.shard} from {self.first}  {self.condition}"


# ── Decisions, without I/O ───────────────────────────────────────────────────────────────────────────────────────────────


def batch_of(key, document):
    """Reads a document as Lambda writes it to an S3 on-failure destination. Fails if it is not one, or has no
    records."""
    try:
        place = document["DDBStreamBatchInfo"]
        records = records_of(document)
        return Batch(
            key=key,
            shard=place["shardId"],
            first=sequence_number(records[0]),
            first_at=instant(place["approximateArrivalOfFirstRecord"]),
            discarded_at=instant(document["timestamp"]),
            condition=document["requestContext"]["condition"],
            size=len(records),
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Failed(
            f"{key} is not a discarded batch of a DynamoDB stream ({type(error).__name__}: {error}): look at it, then move it away"
        ) from None


def records_of(document):
    payload = document["payload"]
    return (json.loads(payload) if isinstance(payload, str) else payload)["Records"]


def sequence_number(record):
    """Returns the sequence number as a number: its digits vary in count, so that texts sort differently."""
    return int(record["dynamodb"]["SequenceNumber"])


def instance_of(record):
    """Returns the key of the item that a record is about, as text."""
    return json.dumps(record["dynamodb"]["Keys"], sort_keys=True)


def instant(text):
    """Parses a time in ISO 8601; without an offset it is UTC."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


def in_order(batches):
    """Yields batches in the order to send them: by sequence number within a shard, by time across shards.

    Time counts across shards because a shard ends after some hours, and the events of one instance go on in its child.
    """
    shards = defaultdict(list)
    for batch in batches:
        shards[batch.shard].append(batch)
    queues = [deque(sorted(shard, key=lambda it: it.first)) for shard in shards.values()]
    while queues := [queue for queue in queues if queue]:
        yield min(queues, key=lambda queue: (queue[0].first_at, queue[0].first)).popleft()


def first_failed(records, response):
    """Returns the position of the first record to send again, or None, by Lambda's rules for `batchItemFailures`.

    For an identifier that no record has, it is the whole batch.
    """
    failures = (response or {}).get("batchItemFailures") or []
    positions = {record["dynamodb"]["SequenceNumber"]: position for position, record in enumerate(records)}
    return min((positions.get((failure or {}).get("itemIdentifier"), 0) for failure in failures), default=None)


def send_until_done(records, send, attempts=ATTEMPTS, pause=time.sleep):
    """Sends records until all succeed, or until `attempts` in a row made no progress.

    Returns the records that are left, from the first failed one on, and the reason.
    """
    failures, reason = 0, None
    while records:
        try:
            done = first_failed(records, send(records))
        except AttemptFailed as error:
            done, reason = 0, str(error)
        else:
            reason = "fan-out reported it back"
        if done is None:
            return [], None
        records = records[done:]
        failures = 1 if done else failures + 1
        if failures >= attempts:
            break
        pause(FIRST_PAUSE_S * 2 ** (failures - 1))
    return records, reason


def redrive(batches, load, send, done, say, attempts=ATTEMPTS, pause=time.sleep):
    """Sends batches in order and returns those that are left.

    A failed batch holds back all that must stay behind it: the later batches of its shard, and those of any shard that
    have an event of an instance whose earlier event is left.
    """
    left, stopped, held = [], set(), set()
    for batch in in_order(batches):
        records = load(batch)
        if batch.shard in stopped:
            rest, reason = records, "an earlier batch of its shard is left"
        elif any(instance_of(record) in held for record in records):
            rest, reason = records, "an earlier event of one of its instances is left"
        else:
            rest, reason = send_until_done(records, send, attempts, pause)
        if rest:
            left.append(batch)
            stopped.add(batch.shard)
            held.update(map(instance_of, rest))
            say(f"left   {batch}: {reason}, {len(rest)} of its records from {sequence_number(rest[0])} on")
        else:
            done(batch)
            say(f"sent   {batch}")
    return left


# ── Calls to AWS ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Deployment:
    """A deployed stack: its bucket of discarded batches, their queue, and the fan-out function."""

    def __init__(self, name):
        session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        if not session.region_name:
            raise Failed("no region is set: set AWS_REGION to the region of the stack")
        self.name = name
        self.s3, self.sqs = session.client("s3"), session.client("sqs")
        self.function = session.client("lambda", config=INVOKE)
        try:
            (stack,) = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise Failed(
                f"there is no stack {name} in {session.region_name}: check --stack-name, AWS_REGION and whose credentials these are"
            ) from None
        outputs = {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}
        if missing := [output for output in OUTPUTS if output not in outputs]:
            raise Failed(f"the stack {name} has no output {missing[0]}: is it a stack of Instance Webhooks?")
        self.bucket, self.queue, self.function_name = (outputs[output] for output in OUTPUTS)

    def keys(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=PREFIX)
        return [it["Key"] for page in pages for it in page.get("Contents", [])]

    def document(self, key):
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        try:
            return json.loads(body)
        except ValueError:
            raise Failed(f"{key} is not JSON: look at it, then move it away") from None

    def batches(self):
        """Reads every batch of the bucket. Also returns an error for each object that is not one."""
        def read(key):
            try:
                return batch_of(key, self.document(key))
            except Failed as error:
                return error

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(read, self.keys()))
        return [it for it in found if isinstance(it, Batch)], [it for it in found if isinstance(it, Failed)]

    def load(self, batch):
        return records_of(self.document(batch.key))

    def send(self, records):
        """Invokes the function with records of the stream and waits for its response."""
        payload = json.dumps({"Records": records}, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            response = self.function.invoke(FunctionName=self.function_name, Payload=payload)
        except ClientError as error:
            # Not allowed, or no such function: the next attempt fails as well.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (403, 404):
                raise
            raise AttemptFailed(str(error)) from None
        except BotoCoreError as error:
            raise AttemptFailed(str(error)) from None
        text = response["Payload"].read()
        if "FunctionError" in response:
            raise AttemptFailed(f"fan-out failed with {text.decode(errors='replace')[:300]}")
        return json.loads(text or "null")

    def delete(self, batch):
        self.s3.delete_object(Bucket=self.bucket, Key=batch.key)

    def delete_messages(self):
        """Deletes the messages about batches that are no longer in the bucket: the alarm is on the others."""
        messages = []
        while received := self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=MESSAGES_HIDDEN_S
        ).get("Messages", []):
            messages += received
        # Listed afterwards: an object is there before its message is.
        kept = set(self.keys())
        for message in messages:
            message_of = {"QueueUrl": self.queue, "ReceiptHandle": message["ReceiptHandle"]}
            if key_of(message) in kept:
                self.sqs.change_message_visibility(**message_of, VisibilityTimeout=0)
            else:
                self.sqs.delete_message(**message_of)


def key_of(message):
    """Returns the key of the object that a message of the queue is about."""
    return json.loads(message["Body"])["detail"]["object"]["key"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack-name", required=True, help="the deployed stack")
    parser.add_argument("--since", type=instant, metavar="TIME", help="only batches that were discarded at this time (UTC) or later")
    parser.add_argument("--until", type=instant, metavar="TIME", help="only batches that were discarded before this time (UTC)")
    parser.add_argument("--attempts", type=int, default=ATTEMPTS, help=f"attempts without progress before a batch is left ({ATTEMPTS})")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, in its order, and send nothing")
    return parser.parse_args()


def run(options):
    """Sends the chosen batches again. Returns the exit code: 0 if none of them is left."""
    deployment = Deployment(options.stack_name)
    found, unreadable = deployment.batches()
    chosen = [
        batch for batch in found
        if (not options.since or batch.discarded_at >= options.since) and (not options.until or batch.discarded_at < options.until)
    ]
    for error in unreadable:
        print(f"left   {error}")
    if len(chosen) < len(found):
        print(f"{len(found) - len(chosen)} batches were discarded outside of the given time and stay in the bucket.")
    if options.dry_run:
        for batch in in_order(chosen):
            print(f"would send   {batch}")
        print(f"{len(chosen)} batches with {sum(it.size for it in chosen)} records would be sent to {deployment.function_name}.")
        return 0
    left = redrive(chosen, deployment.load, deployment.send, deployment.delete, print, options.attempts)
    deployment.delete_messages()
    sent = [batch for batch in chosen if batch not in left]
    print(f"{len(sent)} batches with {sum(it.size for it in sent)} records were sent again; {len(left) + len(unreadable)} are left.")
    if left:
        print(f"Next: see the log group /aws/lambda/{deployment.name}/fanout, fix the cause, then run this again.")
    return 1 if left or unreadable else 0


def main():
    options = arguments()
    sys.stdout.reconfigure(line_buffering=True)
    try:
        return run(options)
    except Failed as error:
        return f"redrive: {error}"
    except (BotoCoreError, ClientError) as error:
        return (
            f"redrive: {error}. docs/operations.md (Send discarded batches again) lists the permissions that it needs."
            " What was sent is deleted; run it again for the rest."
        )
    except KeyboardInterrupt:
        return "redrive: interrupted. What was sent is deleted; run it again for the rest."


if __name__ == "__main__":
    sys.exit(main())
