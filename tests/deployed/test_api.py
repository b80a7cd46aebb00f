"""The API at its address: who is let in, and that what it answers passes the gateway unchanged.

The emulator verifies SigV4 signatures and the policies of users. What it does not show: the form in which API Gateway
itself refuses a caller (AWS answers 403 with a `message` and nothing else), throttling, the access log, resource policies.
"""

import pytest
from botocore.credentials import Credentials
from emulator import Api

from conftest import on, problem

CALLBACKS = "/v1/workspaces/{}/callbacks"
# One of each group of routes, and one that does not exist: it must not be open either.
CLOSED = [
    ("GET", "/v1/workspaces/default/callbacks"),
    ("PUT", "/v1/workspaces/default/callbacks"),
    ("DELETE", "/v1/workspaces/default/callbacks/created"),
    ("POST", "/v1/workspaces/default/deliveries/replay"),
    ("GET", "/no/such/path"),
    ("POST", "/openapi.json"),
]


@pytest.fixture(scope="module")
def anybody(stack):
    return stack.api()


@pytest.fixture(scope="module")
def without_permission(stack, emulator):
    return stack.api(emulator.user("somebody"))


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_who_does_not_sign_is_refused(anybody, method, path):
    assert anybody(method, path).status == 403


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_who_signs_without_permission_is_refused(without_permission, method, path):
    assert without_permission(method, path).status == 403


def test_a_signature_with_another_secret_is_refused(stack, api):
    forged = stack.api(Credentials(api.user.access_key, "x" * 40))
    assert forged("GET", CALLBACKS.format("default")).status == 403


def test_a_signature_of_another_request_is_refused(stack, api):
    """As one that was overheard and changed."""
    path = CALLBACKS.format("default")
    signed = stack.api(api.user)
    signed.pool = Redirecting(signed.pool, path.replace("default", "other"))
    assert signed("GET", path).status == 403


class Redirecting:
    def __init__(self, pool, path):
        self.pool, self.path = pool, path

    def request(self, method, _, **rest):
        return self.pool.request(method, self.path, **rest)


def test_health_and_description_are_open_to_anybody(emulator, stack, anybody):
    description = anybody("GET", "/openapi.json")
    assert (description.status, description.json["info"]["title"]) == (200, "Instance Webhooks")
    # At the API's own address the emulator answers /health itself.
    by_path = Api(emulator.endpoint, emulator.port)
    health = by_path("GET", f"/_aws/execute-api/{stack.resources['Api']}/$default/health")
    assert (health.status, health.json["status"]) == (200, "ok")


def test_what_is_set_is_read_back_with_its_entity_tag(api, workspace):
    urls = ["https://example.com/a?b=c&d=%20", "http://127.0.0.1:1/%C3%BC"]
    put = api("PUT", CALLBACKS.format(workspace), {"created": {"enabled": True, "urls": "\n".join(urls)}})
    assert put.status == 200, put
    got = api("GET", CALLBACKS.format(workspace))
    assert got.status == 200
    assert got.headers["etag"] == put.headers["etag"]
    assert got.json == put.json
    assert (got.json["version"], got.json["created"]) == (1, on(*urls))
    unchanged = api("GET", CALLBACKS.format(workspace), headers={"If-None-Match": got.headers["etag"]})
    assert (unchanged.status, unchanged.text) == (304, "")


def test_who_has_not_seen_the_latest_change_is_refused(api, workspace):
    first = api("PUT", CALLBACKS.format(workspace), {"created": on("http://127.0.0.1:1/first")})
    second = api("PUT", CALLBACKS.format(workspace), {"created": on("http://127.0.0.1:1/second")})
    late = api(
        "PUT", CALLBACKS.format(workspace), {"created": on("http://127.0.0.1:1/late")},
        headers={"If-Match": first.headers["etag"]},
    )
    assert (late.status, late.json["type"]) == (412, problem("precondition-failed"))
    assert late.headers["content-type"] == "application/problem+json"
    assert api("GET", CALLBACKS.format(workspace)).json == second.json


def test_a_bad_line_is_named_and_nothing_of_the_request_is_kept(api, workspace):
    body = {"created": on("http://127.0.0.1:1/good"), "deleted": on("https://example.com/", "ftp://example.com/")}
    refused = api("PUT", CALLBACKS.format(workspace), body)
    assert (refused.status, refused.json["type"]) == (422, problem("unsupported-scheme"))
    assert refused.headers["content-type"] == "application/problem+json"
    (line,) = refused.json["errors"]
    assert (line["eventType"], line["line"]) == ("deleted", 2)
    assert api("GET", CALLBACKS.format(workspace)).json["version"] == 0


def test_what_does_not_exist_is_not_found(api, workspace):
    nowhere = api("GET", "/v1/nothing")
    assert (nowhere.status, nowhere.json["type"]) == (404, problem("not-found"))
    unknown = api("GET", CALLBACKS.format(workspace) + "/archived")
    assert (unknown.status, unknown.json["type"]) == (404, problem("unknown-event-type"))


def test_after_a_reset_the_workspace_is_as_never_set(api, workspace):
    api("PUT", CALLBACKS.format(workspace), {"created": on("http://127.0.0.1:1/")})
    reset = api("DELETE", CALLBACKS.format(workspace))
    assert (reset.status, reset.text) == (204, "")
    assert api("GET", CALLBACKS.format(workspace)).json["version"] == 0
