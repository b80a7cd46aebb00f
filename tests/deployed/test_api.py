"""The API at its address: callers without a valid token are rejected, and responses pass the gateway unchanged.

The gateway accepts only tokens of the user pool; test_sign_in tests their permissions. Not covered by the emulator:
throttling and the access log.
"""

import base64
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from emulator import REGION, ROOT_USER, Api

from conftest import on, problem

CALLBACKS = "/v1/workspaces/{}/callbacks"
# One of each group of routes, and one that does not exist: it must not be open either.
CLOSED = [
    ("GET", "/v1/workspaces/default/callbacks"),
    ("PUT", "/v1/workspaces/default/callbacks"),
    ("DELETE", "/v1/workspaces/default/callbacks/created"),
    ("POST", "/v1/workspaces/default/deliveries/replay"),
    ("GET", "/v1/workspaces/default/signing-secret"),
    ("GET", "/no/such/path"),
    ("POST", "/openapi.json"),
]


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=="))


def without_signature(token):
    header, claims, _ = token.split(".")
    return f"{encoded(decoded(header) | {'alg': 'none'})}.{claims}."


def of_another_workspace(token):
    header, claims, signature = token.split(".")
    return f"{header}.{encoded(decoded(claims) | {'custom:workspace': 'default'})}.{signature}"


def of_another_key(token):
    header, claims, signature = token.split(".")
    return f"{header}.{claims}.{'A' * len(signature)}"


NO_TOKENS = {
    "no token": lambda token: None,
    "garbage": lambda token: "garbage",
    "three parts of garbage": lambda token: "a.b.c",
    "a token without its signature": without_signature,
    "a token for another workspace": of_another_workspace,
    "a token of another key": of_another_key,
}


@pytest.fixture(scope="module")
def anybody(stack):
    return stack.api()


@pytest.mark.parametrize(("method", "path"), CLOSED)
@pytest.mark.parametrize("kind", NO_TOKENS)
def test_who_has_no_token_of_the_pool_is_refused(stack, token, kind, method, path):
    assert stack.api(NO_TOKENS[kind](token))(method, path).status == 401


@pytest.fixture(scope="module")
def token(stack):
    """Returns a valid token."""
    token = stack.person("whose-token@example.com", "elsewhere", "Administrator")
    assert stack.api(token)("GET", CALLBACKS.format("elsewhere")).status == 200
    return token


def test_a_signed_request_is_no_token(emulator, stack):
    """Former credentials: those of the account do not make an administrator of a workspace."""
    request = AWSRequest("GET", stack.outputs["ApiAddress"] + CALLBACKS.format("default"))
    SigV4Auth(ROOT_USER, "execute-api", REGION).add_auth(request)
    assert stack.api()("GET", CALLBACKS.format("default"), headers=dict(request.headers)).status == 401


@pytest.fixture
def left_open(emulator, stack):
    """Adds a route without an authorizer to the gateway."""
    gateway, api = emulator.client("apigatewayv2"), stack.resources["Api"]
    route = gateway.create_route(
        ApiId=api, RouteKey="GET /v1/workspaces/{workspace}/callbacks", AuthorizationType="NONE",
        Target=f"integrations/{stack.resources['ApiIntegration']}",
    )
    yield
    gateway.delete_route(ApiId=api, RouteId=route["RouteId"])


def test_a_gateway_that_lets_everybody_in_does_not_open_the_door(stack, anybody, token, left_open):
    """The function trusts the claims that an authorizer has verified, and not the caller's own statements."""
    for api in (anybody, stack.api(token), stack.api(of_another_workspace(token))):
        refused = api("GET", CALLBACKS.format("elsewhere"))
        assert (refused.status, refused.json["type"]) == (401, problem("unauthenticated"))
        assert refused.headers["www-authenticate"].startswith("Bearer")


def test_health_and_description_are_open_to_anybody(emulator, stack, anybody):
    description = anybody("GET", "/openapi.json")
    assert (description.status, description.json["info"]["title"]) == (200, "Instance Webhooks")
    # At the API's own address the emulator itself serves /health.
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


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "0x0a000001"])
def test_an_address_that_is_not_public_and_not_allowed_is_refused(api, workspace, host):
    """Loopback is the only allowed one, by the parameter of the deployment."""
    refused = api("PUT", CALLBACKS.format(workspace), {"created": on(f"http://{host}/")})
    assert (refused.status, refused.json["type"]) == (422, problem("address-not-allowed"))


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
