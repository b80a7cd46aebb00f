"""Notices about endpoints are sent to the account's event bus, and as sentences to a topic."""

import json
import re

import jsonschema
import pytest
from patience import eventually

from conftest import ROOT, on


@pytest.fixture
def schema():
    """The JSON Schema of events that docs/events.md gives."""
    (schema,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs/events.md").read_text(), re.DOTALL)
    return json.loads(schema)


@pytest.fixture
def queue(emulator, workspace):
    sqs = emulator.client("sqs")
    return Queue(sqs, sqs.create_queue(QueueName=f"notices-{workspace}")["QueueUrl"])


class Queue:
    def __init__(self, sqs, url):
        self.sqs, self.url = sqs, url
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        self.arn = attributes["QueueArn"]
        # A topic sends to a queue only what the queue's policy allows.
        sends = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}
        policy = {"Version": "2012-10-17", "Statement": [sends]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})

    def bodies(self):
        messages = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=1).get("Messages", [])
        return [json.loads(it["Body"]) for it in messages]


@pytest.fixture
def gone(configure, api, workspace, receiver, instances):
    """Returns the id of an endpoint that has a name and a contact and answers 410 to what is written."""

    def gone():
        url = receiver.url("/410/")
        configure(created=on(url))
        (endpoint,) = api("GET", f"/v1/workspaces/{workspace}/endpoints").json["endpoints"]
        told = {"name": "Billing", "description": "Books loans", "contact": "billing@example.com"}
        answer = api("PATCH", f"/v1/workspaces/{workspace}/endpoints/{endpoint['endpointID']}", told)
        assert answer.status == 200, answer
        instances.put(instanceID=f"{workspace}-1", processName="Loan", workspaceID=workspace)
        return endpoint["endpointID"]

    return gone


def test_an_endpoint_that_is_gone_is_announced_as_disabled(emulator, stack, workspace, queue, gone, schema):
    events = emulator.client("events")
    pattern = {"source": ["instance-webhooks"], "detail": {"workspaceID": [workspace]}}
    events.put_rule(Name=f"notices-{workspace}", EventPattern=json.dumps(pattern))
    events.put_targets(Rule=f"notices-{workspace}", Targets=[{"Id": "queue", "Arn": queue.arn}])

    endpoint = gone()
    (event, *_) = eventually("an event", queue.bodies)
    jsonschema.validate(event, schema)
    detail = event["detail"]
    assert (event["source"], event["detail-type"]) == ("instance-webhooks", "Endpoint disabled")
    assert (detail["deployment"], detail["reason"]) == (stack.name, "gone")
    assert (detail["name"], detail["description"], detail["contact"]) == ("Billing", "Books loans", "billing@example.com")
    assert detail["link"] == f"{stack.outputs['ConsoleUrl']}workspaces/{workspace}/endpoints/{endpoint}"
    assert set(detail) <= set(schema["properties"]["detail"]["properties"]), "each member is documented"
    assert "/410/" not in json.dumps(event), "a URL may carry a token"


def test_people_are_told_in_a_sentence(emulator, stack, workspace, queue, gone):
    emulator.client("sns").subscribe(TopicArn=stack.outputs["NoticeTopicArn"], Protocol="sqs", Endpoint=queue.arn)

    endpoint = gone()
    told = eventually("a notice", lambda: [it["Message"] for it in queue.bodies() if workspace in it["Message"]])
    assert told[0].strip('"') == (
        f"Endpoint Billing of workspace {workspace} is disabled, because it responded 410 Gone. Its deliveries fail until it is "
        "resumed; they can be replayed. Contact: billing@example.com. "
        f"{stack.outputs['ConsoleUrl']}workspaces/{workspace}/endpoints/{endpoint}"
    )
