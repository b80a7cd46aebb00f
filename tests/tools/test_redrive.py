"""The order in which discarded batches are sent again, and what stays when one of them fails."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import redrive as tool  # noqa: E402
from redrive import AttemptFailed, Failed, batch_of, first_failed, in_order, instant, send_until_done  # noqa: E402


def record(number, instance="i-1"):
    return {"dynamodb": {"SequenceNumber": str(number), "Keys": {"instanceID": {"S": instance}}}}


def document(*records, shard="shardId-1", arrived="2026-01-31T12:00:00Z"):
    """As Lambda writes it, of which the tool reads a part."""
    return {
        "requestContext": {"condition": "RecordAgeExceeded"},
        "timestamp": "2026-02-01T11:00:00.123Z",
        "DDBStreamBatchInfo": {"shardId": shard, "approximateArrivalOfFirstRecord": arrived},
        "payload": json.dumps({"Records": records}),
    }


class Bucket:
    """Documents by their key. Sends them, and what is sent fails if a record is in `failing`."""

    def __init__(self, **documents):
        self.documents = documents
        self.failing = set()
        self.sent = []
        self.pauses = []
        self.lines = []

    def redrive(self):
        batches = [batch_of(key, it) for key, it in self.documents.items()]
        left = tool.redrive(
            batches, lambda batch: tool.records_of(self.documents[batch.key]), self.send,
            lambda batch: self.documents.pop(batch.key), self.lines.append, attempts=3, pause=self.pauses.append,
        )
        return [batch.key for batch in left]

    def send(self, records):
        numbers = [tool.sequence_number(it) for it in records]
        self.sent.append(numbers)
        return {"batchItemFailures": [{"itemIdentifier": str(it)} for it in numbers if it in self.failing]}


def test_a_shards_batches_are_sent_by_their_sequence_numbers():
    # As text, 9 is behind 100; and a batch that was discarded later may hold earlier records.
    bucket = Bucket(a=document(record(1000)), b=document(record(9)), c=document(record(100)))
    assert bucket.redrive() == []
    assert bucket.sent == [[9], [100], [1000]]
    assert bucket.documents == {}


def test_shards_are_sent_by_the_times_of_their_records():
    bucket = Bucket(
        child=document(record(5), shard="shardId-2", arrived="2026-01-31T12:02:00Z"),
        second=document(record(4), arrived="2026-01-31T12:01:00Z"),
        first=document(record(3), arrived="2026-01-31T12:00:00Z"),
        elsewhere=document(record(1), shard="shardId-3", arrived="2026-01-31T12:00:30+00:00"),
    )
    bucket.redrive()
    assert bucket.sent == [[3], [1], [4], [5]]


def test_within_a_shard_sequence_numbers_count_and_not_times():
    batches = [
        batch_of("later", document(record(7), arrived="2026-01-31T11:00:00Z")),
        batch_of("earlier", document(record(6), arrived="2026-01-31T12:00:00Z")),
    ]
    assert [batch.key for batch in in_order(batches)] == ["earlier", "later"]


def test_a_batch_that_keeps_failing_stops_its_shard_and_no_other():
    bucket = Bucket(
        bad=document(record(1)),
        after=document(record(2, "i-2")),
        other=document(record(3, "i-3"), shard="shardId-2"),
    )
    bucket.failing = {1}
    assert bucket.redrive() == ["bad", "after"]
    assert bucket.sent == [[1], [1], [1], [3]], "three attempts, then the other shard"
    assert set(bucket.documents) == {"bad", "after"}
    assert any("an earlier batch of its shard is left" in line for line in bucket.lines)


def test_an_instance_whose_event_is_left_is_not_sent_from_another_shard():
    """A shard ends after some hours; its child has the later events of the same instances."""
    bucket = Bucket(
        parent=document(record(1, "i-1"), record(2, "i-2"), arrived="2026-01-31T12:00:00Z"),
        child=document(record(3, "i-3"), record(4, "i-2"), shard="shardId-2", arrived="2026-01-31T16:00:00Z"),
        grandchild=document(record(5, "i-3"), shard="shardId-3", arrived="2026-01-31T20:00:00Z"),
        unconcerned=document(record(6, "i-1"), shard="shardId-4", arrived="2026-01-31T20:00:00Z"),
    )
    bucket.failing = {2}
    assert bucket.redrive() == ["parent", "child", "grandchild"]
    assert bucket.sent == [[1, 2], [2], [2], [6]], "the event of i-1 in the parent succeeded"


def test_only_records_from_the_lowest_reported_one_on_are_sent_again():
    sent, answers = [], [["30", "20"], ["30"], []]

    def send(records):
        sent.append([tool.sequence_number(it) for it in records])
        return {"batchItemFailures": [{"itemIdentifier": it} for it in answers.pop(0)]}

    pauses = []
    rest, reason = send_until_done([record(10), record(20), record(30)], send, attempts=2, pause=pauses.append)
    assert (rest, reason) == ([], None)
    assert sent == [[10, 20, 30], [20, 30], [30]]
    assert pauses == [1, 1], "each made progress"


def test_attempts_without_progress_are_bounded_and_ever_further_apart():
    pauses, attempts = [], []

    def send(records):
        attempts.append(records)
        raise AttemptFailed("throttled")

    rest, reason = send_until_done([record(1)], send, attempts=4, pause=pauses.append)
    assert (len(rest), reason) == (1, "throttled")
    assert (len(attempts), pauses) == (4, [1, 2, 4])


@pytest.mark.parametrize(
    "response, position",
    [
        (None, None),
        ({}, None),
        ({"batchItemFailures": []}, None),
        ({"batchItemFailures": None}, None),
        ({"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "2"}]}, 1),
        # Lambda takes these for a failure of the whole batch.
        ({"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "999"}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, 0),
        ({"batchItemFailures": [{}]}, 0),
    ],
)
def test_a_response_means_what_it_means_to_lambda(response, position):
    assert first_failed([record(1), record(2), record(3)], response) == position


@pytest.mark.parametrize("broken", [{}, [], document(), {**document(record(1)), "payload": "no JSON"}])
def test_an_object_that_is_no_discarded_batch_is_named(broken):
    with pytest.raises(Failed, match="aws/lambda/x is not a discarded batch"):
        batch_of("aws/lambda/x", broken)


def test_a_time_without_an_offset_is_utc():
    assert instant("2026-01-31T12:00") == instant("2026-01-31T13:00+01:00") == instant("2026-01-31T12:00:00Z")
