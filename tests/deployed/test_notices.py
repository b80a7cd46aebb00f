"""Notices about an endpoint's failures are sent to the account's event bus."""

import json

from patience import eventually

from conftest import on


def test_an_endpoint_that_is_gone_is_announced_as_disabled(configure, emulator, stack, workspace, receiver, instances):
    sqs, events = emulator.client("sqs"), emulator.client("events")
    queue = sqs.create_queue(QueueName=f"notices-{workspace}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["instance-webhooks"], "detail": {"workspaceID": [workspace]}}
    events.put_rule(Name=f"notices-{workspace}", EventPattern=json.dumps(pattern))
    events.put_targets(Rule=f"notices-{workspace}", Targets=[{"Id": "queue", "Arn": arn}])

    configure(created=on(receiver.url("/410/")))
    instances.put(instanceID=f"{workspace}-1", processName="Loan", workspaceID=workspace)

    def told():
        messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        return [json.loads(it["Body"]) for it in messages]

    (event, *_) = eventually("an event", told)
    assert (event["source"], event["detail-type"]) == ("instance-webhooks", "Endpoint disabled")
    assert (event["detail"]["deployment"], event["detail"]["reason"]) == (stack.name, "gone")
    assert "url" not in json.dumps(event), "a URL may carry a token"
