"""A change of an instance calls the URLs that its workspace configured, straight from the table's stream.

Each function runs with its role's permissions and no others. The emulator has one batch in flight at a time and treats
every response of a function as success, so that tests/lambda/mapping tests reported failures.
"""

import base64
import hashlib
import hmac

from patience import eventually

from conftest import on


def test_created_updated_and_deleted_each_reach_their_own_url(configure, workspace, receiver, instances):
    configure(created=on(receiver.url("/c?k=1")), updated=on(receiver.url("/u")), deleted=on(receiver.url("/d")))
    item = {"instanceID": "Auftrag 7/ä&=?", "processName": "Прийом заявки", "workspaceID": workspace}
    instances.put(**item, status="open")
    instances.put(**item, status="done")
    instances.delete(instanceID=item["instanceID"])

    # Different URLs are different endpoints: they are called at once, in no order.
    told = receiver.heard(item["instanceID"], times=3)
    created, deleted, updated = sorted(told, key=lambda it: it.query["eventType"])
    named = {"instanceID": item["instanceID"], "processName": item["processName"]}
    assert [it.method for it in (created, updated, deleted)] == ["GET"] * 3
    assert (created.path, created.query) == ("/c", {"k": "1"} | named | {"eventType": "created"})
    assert (updated.path, updated.query) == ("/u", named | {"eventType": "updated"})
    assert (deleted.path, deleted.query) == ("/d", named | {"eventType": "deleted"})
    assert "+" not in created.target and "%20" in created.target
    assert len({it.headers["webhook-id"] for it in (created, updated, deleted)}) == 3


def test_every_url_of_an_event_is_called_and_a_switch_that_is_off_calls_none(configure, workspace, receiver, instances):
    configure(
        created=on(receiver.url("/a"), receiver.url("/b")),
        updated={"enabled": False, "urls": [receiver.url("/off")]},
        deleted=on(receiver.url("/last")),
    )
    item = {"instanceID": f"{workspace}-1", "processName": "Loan", "workspaceID": workspace}
    instances.put(**item)
    instances.put(**item, status="changed")
    instances.delete(instanceID=item["instanceID"])

    requests = receiver.heard(item["instanceID"], times=3)
    assert sorted(it.path for it in requests) == ["/a", "/b", "/last"]
    a, b = (it for it in requests if it.path != "/last")
    assert a.headers["webhook-id"] == b.headers["webhook-id"]


def test_a_callback_is_signed_with_a_secret_that_is_made_when_it_is_first_needed(
    api, configure, workspace, receiver, instances
):
    configure(created=on(receiver.url("/signed?k=%20")))
    instances.put(instanceID=f"{workspace}-1", processName="Order intake", workspaceID=workspace)
    (request,) = receiver.heard(f"{workspace}-1")

    path = f"/v1/workspaces/{workspace}/endpoints"
    (endpoint,) = api("GET", path).json["endpoints"]
    secret = api("GET", f"{path}/{endpoint['endpointID']}/signing-secret").json["secret"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.{request.target}"
    signature = base64.b64encode(hmac.digest(key, signed.encode(), hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{signature}"


def test_a_dry_run_reads_the_events_from_the_stream(api, configure, workspace, receiver, instances):
    configure(created=on(receiver.url()), updated=on(receiver.url()))
    item = {"instanceID": f"{workspace}-1", "processName": "Loan", "workspaceID": workspace}
    instances.put(**item, status="open")
    instances.put(**item, status="done")
    instances.delete(instanceID=item["instanceID"])
    receiver.heard(item["instanceID"], times=2)

    path = f"/v1/workspaces/{workspace}/endpoints"
    (endpoint,) = api("GET", path).json["endpoints"]
    response = api("POST", f"{path}/{endpoint['endpointID']}/dry-run", {"where": {"status": ["done"]}})
    assert response.status == 200, response.text
    dry_run = response.json
    told = [(it["instanceID"], it["eventType"], it.get("excludedBy", "sent")) for it in dry_run["events"]]
    events = [("deleted", "callbacks"), ("updated", "sent"), ("created", "where")]
    assert told == [(item["instanceID"], *event) for event in events]
    assert (dry_run["sent"], dry_run["complete"]) == (1, True)


def test_an_item_without_workspace_belongs_to_the_default_one(stack, receiver, instances):
    api = stack.api(stack.person("administrator-of-default@example.com", "default", "Administrator"))
    path = "/v1/workspaces/default/callbacks"
    assert api("PUT", path, {"created": on(receiver.url("/default"))}).status == 200
    instances.put(instanceID="without-workspace", processName="Loan")
    (request,) = receiver.heard("without-workspace")
    assert request.path == "/default"
    api("DELETE", path)


def test_what_a_receiver_refuses_is_kept_with_its_reason_and_does_not_hold_the_others(
    configure, workspace, receiver, instances, deliveries
):
    refusing = receiver.url("/503/refusing")
    configure(created=on(refusing, "http://127.0.0.1:1/closed", receiver.url("/healthy")))
    instance = f"{workspace}-1"
    instances.put(instanceID=instance, processName="Loan", workspaceID=workspace)

    requests = receiver.heard(instance, times=2)
    assert sorted(it.path for it in requests) == ["/503/refusing", "/healthy"]
    kept = eventually(
        "two deliveries that wait", lambda: len(found := deliveries.items(instanceID=instance, status="pending")) == 2 and found
    )
    reasons = {}
    for delivery in kept:
        assert (delivery["status"], delivery["eventType"], delivery["processName"]) == ("pending", "created", "Loan")
        assert delivery["eventID"] == requests[0].headers["webhook-id"]
        attempt = delivery["attempts"][0]
        reasons[delivery["url"]] = (attempt["reason"], attempt.get("status"), attempt.get("body"))
    assert reasons == {
        refusing: ("status", 503, "this is a 503"),
        "http://127.0.0.1:1/closed": ("connection-refused", None, None),
    }


def test_a_record_without_process_name_is_named_in_the_log_and_does_not_stop_those_beside_it(
    configure, emulator, stack, workspace, receiver, instances
):
    configure(created=on(receiver.url("/")))
    good = [f"{workspace}-{number}" for number in (1, 2)]
    bad = f"{workspace}-unreadable"
    items = [{"instanceID": instance, "processName": "Loan", "workspaceID": workspace} for instance in good]
    items.insert(1, {"instanceID": bad, "workspaceID": workspace})
    instances.put_together(*items)

    for instance in good:
        receiver.heard(instance)
    assert receiver.about(bad) == []

    def log():
        events = emulator.client("logs").filter_log_events(logGroupName=stack.resources["FanoutLogs"])["events"]
        return [event["message"] for event in events]

    told = lambda line: "ERROR" in line and "the item has no attribute" in line and "processName" in line  # noqa: E731
    eventually("a line about the record", lambda: any(told(line) for line in log()))
    assert bad not in "\n".join(log()), "a log names the record, not what the item holds"
