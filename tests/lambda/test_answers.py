"""Each function's responses are those that AWS documents.

- API Gateway, "Create AWS Lambda proxy integrations for HTTP APIs", response format 2.0
- Lambda, "Configuring partial batch response with DynamoDB" and "… with Amazon SQS"
"""

import base64
import json

import pytest

from conftest import event

# The response format 2.0, and the members that the runtime adds for other callers, which must stay empty.
DOCUMENTED = {"statusCode", "headers", "body", "isBase64Encoded", "cookies"}
ADDED = {"multiValueHeaders": {}, "cookies": []}


def call(method, path="/v1/workspaces/acme/callbacks", body=None, **headers):
    """Returns the documented event, with the caller's request in it."""
    request = event("api-put-callbacks")
    request["rawPath"] = request["requestContext"]["http"]["path"] = path
    request["requestContext"]["http"]["method"] = method
    request["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        del request["body"]
    else:
        request["body"] = json.dumps(body, ensure_ascii=False)
    return request


def on(*urls):
    return {"enabled": True, "urls": list(urls)}


def checked(answer):
    """Checks that a response of the API has the documented form; returns it with its body parsed."""
    assert DOCUMENTED <= answer.keys() <= DOCUMENTED | ADDED.keys()
    assert {name: answer[name] for name in ADDED if name in answer} == ADDED
    assert type(answer["statusCode"]) is int
    assert answer["isBase64Encoded"] is False
    assert all(type(value) is str for value in answer["headers"].values())
    return answer["statusCode"], answer["headers"], json.loads(answer["body"]) if answer["body"] else None


@pytest.fixture(scope="module")
def fanout(start):
    with start("fanout") as function:
        yield function


# ── api ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_api_answers_in_response_format_2(api):
    status, headers, body = checked(api.invoke(call("PUT", body={"created": on("http://127.0.0.1:1/a?b=%C3%BC")})))
    assert (status, headers["content-type"]) == (200, "application/json")
    assert body["created"] == on("http://127.0.0.1:1/a?b=%C3%BC")

    status, again, read = checked(api.invoke(call("GET")))
    assert (status, again["etag"], read) == (200, headers["etag"], body)
    status, _, nothing = checked(api.invoke(call("GET", if_none_match=headers["etag"])))
    assert (status, nothing) == (304, None)


def test_a_body_that_the_gateway_has_encoded_is_read(api):
    request = call("PUT")
    body = json.dumps({"deleted": on("http://127.0.0.1:1/encoded")}).encode()
    request |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    status, _, stored = checked(api.invoke(request))
    assert (status, stored["deleted"]) == (200, on("http://127.0.0.1:1/encoded"))


@pytest.mark.parametrize(
    ("request_event", "status", "kind"),
    [
        (call("PUT", body={"created": on("ä")}), 422, "unsupported-scheme"),
        (call("PUT", body={"créé": 1}), 422, "invalid-field"),
        (call("GET", path="/v1/nothing"), 404, "not-found"),
        (call("PUT", body={}, if_match='"0"'), 412, "precondition-failed"),
    ],
)
def test_a_refusal_is_a_problem_document(api, request_event, status, kind):
    api.invoke(call("PUT", body={}))
    refused, headers, problem = checked(api.invoke(request_event))
    assert (refused, headers["content-type"]) == (status, "application/problem+json")
    assert problem["type"] == f"urn:instance-webhooks:problem:{kind}"


def test_without_an_authorizers_claims_no_call_is_allowed(api):
    request = call("GET")
    del request["requestContext"]["authorizer"]
    status, headers, problem = checked(api.invoke(request))
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert problem["type"] == "urn:instance-webhooks:problem:unauthenticated"


def test_the_claims_decide_who_may_do_what(api):
    request = call("GET")
    request["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = "[Clerk Auditor]"
    status, _, problem = checked(api.invoke(request))
    assert (status, problem["type"]) == (403, "urn:instance-webhooks:problem:forbidden")
    status, _, _ = checked(api.invoke(call("GET", path="/v1/workspaces/another/callbacks")))
    assert status == 403


# ── fanout ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def configure(api, **callbacks):
    status, _, body = checked(api.invoke(call("PUT", body=callbacks)))
    assert status == 200, body


def test_a_batch_with_every_type_of_attribute_is_told_and_acknowledged(api, fanout, receiver):
    url = on(receiver.url("/"))
    configure(api, created=url, updated=url, deleted=url)
    assert fanout.invoke(event("stream-batch")) == {"batchItemFailures": []}
    told = [(it.query["instanceID"], it.query["processName"], it.query["eventType"]) for it in receiver.requests]
    assert sorted(told) == sorted(
        [("Antrag 1/ä€😀", "承認フロー", "created"), ("2", "Loan", "updated"), ("3", "Loan", "deleted")]
    )
    ids = {it.headers["webhook-id"] for it in receiver.requests}
    assert ids == {it["eventID"] for it in event("stream-batch")["Records"][:3]}
    assert r'attribute \"processName\" is of type BOOL' in fanout.written(), "the fourth cannot be told, and is passed over"


def test_exactly_what_is_neither_delivered_nor_kept_is_reported_back(api, start, receiver):
    configure(api, created=on(receiver.url("/")), updated=on(receiver.url("/503/")), deleted=on(receiver.url("/")))
    with start("fanout", DELIVERIES_TABLE="Missing") as fanout:
        answer = fanout.invoke(event("stream-batch"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": event("stream-batch")["Records"][1]["dynamodb"]["SequenceNumber"]}]}


def test_an_empty_batch_is_acknowledged(fanout):
    assert fanout.invoke({"Records": []}) == {"batchItemFailures": []}


def test_what_is_no_batch_is_an_error_and_the_environment_lives_on(fanout):
    error = fanout.invoke({"detail": "a test event"})
    assert error.keys() >= {"errorType", "errorMessage"}
    assert error["errorMessage"].startswith("the payload is not a DynamoDB stream batch")
    assert fanout.invoke({"Records": []}) == {"batchItemFailures": []}


def test_nothing_of_a_url_but_its_host_is_in_a_functions_log(start, receiver):
    """At the finest log level, with a failure in each function."""
    marked = [f"{url}?token=MARKED" for url in (receiver.url("/503/MARKED"), receiver.url("/404/MARKED"), "http://127.0.0.1:1/MARKED")]
    with start("api", AWS_LAMBDA_LOG_LEVEL="TRACE") as api, start("fanout", AWS_LAMBDA_LOG_LEVEL="TRACE") as fanout:
        configure(api, created=on(*marked), updated=on(*marked), deleted=on(*marked))
        checked(api.invoke(call("POST", path="/v1/workspaces/acme/callbacks/created/test", body={})))
        refused = call("PUT", body={"created": on("ftp://127.0.0.1/MARKED", "http://10.0.0.1/MARKED")})
        status, _, problem = checked(api.invoke(refused))
        assert status == 422 and "MARKED" not in json.dumps(problem)
        assert fanout.invoke(event("stream-batch")) == {"batchItemFailures": []}
        wake_ups = {"Records": [event("sqs-batch")["Records"][0] | {"body": json.dumps({"workspaceID": "acme", "endpointID": it})}
                                for it in endpoint_ids(api)]}
        with start("retry", AWS_LAMBDA_LOG_LEVEL="TRACE") as retry:
            assert retry.invoke(wake_ups) == {"batchItemFailures": []}
            logs = [function.written() for function in (api, fanout, retry)]
    assert any("batch" in log for log in logs) and len(receiver.requests) > 4, "there was something to tell"
    assert [line for log in logs for line in log.splitlines() if "MARKED" in line] == []


def endpoint_ids(api):
    _, _, body = checked(api.invoke(call("GET", path="/v1/workspaces/acme/endpoints")))
    return [it["endpointID"] for it in body["endpoints"]]


# ── retry ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_that_is_no_wake_up_is_reported_back_and_one_for_which_nothing_waits_is_not(start):
    with start("retry") as retry:
        answer = retry.invoke(event("sqs-batch"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": event("sqs-batch")["Records"][1]["messageId"]}]}


def test_the_schedule_sweeps(start):
    with start("retry") as retry:
        assert retry.invoke({"sweep": True}) == {"batchItemFailures": []}
        assert '"message":"sweep"' in retry.written()


def test_a_sweep_sends_every_lost_wake_up_in_the_group_of_its_workspace(start, emulator):
    sqs, dynamodb = emulator.client("sqs"), emulator.client("dynamodb")
    queue = sqs.create_queue(QueueName="wake-ups")["QueueUrl"]
    # More than one request's worth; both workspaces in it.
    lost = {(workspace, f"{n:032x}") for workspace in ("acme", "Wörk space") for n in range(12)}
    for workspace, endpoint in lost:
        key = {"pk": {"S": workspace}, "sk": {"S": f"endpoint#{endpoint}"}}
        dynamodb.put_item(TableName="Webhooks", Item=key | {"wakePk": {"S": f"wake#{endpoint[0]}"}, "wakeAt": {"N": "1000"}})
    with start("retry", WAKEUP_QUEUE_URL=queue) as retry:
        assert retry.invoke({"sweep": True}) == {"batchItemFailures": []}
    groups = {}
    while messages := sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"], VisibilityTimeout=600
    ).get("Messages"):
        for message in messages:
            body = json.loads(message["Body"])
            groups.setdefault(body["workspaceID"], []).append((body["endpointID"], message["Attributes"]["MessageGroupId"]))
    sent = {(workspace, endpoint) for workspace, all in groups.items() for endpoint, _ in all}
    assert sent == lost
    assert [len(all) for all in groups.values()] == [12, 12], "each once"
    names = {workspace: {group for _, group in all} for workspace, all in groups.items()}
    assert [len(it) for it in names.values()] == [1, 1], names
    assert names["acme"] != names["Wörk space"]
    for workspace, endpoint in lost:
        dynamodb.delete_item(TableName="Webhooks", Key={"pk": {"S": workspace}, "sk": {"S": f"endpoint#{endpoint}"}})


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_setting_fails_the_start_and_is_named_in_the_log(start):
    with start("fanout", HOLD_MS="soon") as function:
        assert function.invoke({"Records": []}) is None
        log = function.written()
    assert "HOLD_MS" in log and "soon" in log
    assert "Runtime.ExitError" in log
