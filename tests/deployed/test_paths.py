"""Paths as API Gateway hands them over: decoded. A workspace that a path can carry is reached by its own id; any other is
none."""

from urllib.parse import quote

import pytest
from emulator import Api

from conftest import on, problem


@pytest.fixture
def as_administrator_of(stack):
    """Returns the API, called by an administrator of a workspace with any name."""

    def as_administrator_of(workspace):
        named = f'["{workspace}"]'
        return stack.api(stack.person(f"{abs(hash(workspace))}@example.com", named.replace("\\", "\\\\"), "Administrator"))

    return as_administrator_of


@pytest.mark.parametrize("workspace", ["A & B #1", "Wörk", "a+b;c=d,e", "it's", "a\\b", "...", "承認"])
def test_a_workspace_is_reached_by_its_id(as_administrator_of, workspace, receiver, instances):
    api, path = as_administrator_of(workspace), f"/v1/workspaces/{quote(workspace, safe='')}/callbacks"
    put = api("PUT", path, {"created": on(receiver.url("/"))})
    assert put.status == 200, put
    assert api("GET", f"{path}?unused=%23").json == put.json
    instance = f"of-{quote(workspace)}"
    instances.put(instanceID=instance, processName="Loan", workspaceID=workspace)
    receiver.heard(instance)


@pytest.mark.parametrize("workspace", ["org/team", "a?b", "50%20off"])
def test_a_workspace_that_a_path_cannot_carry_is_no_other_one(stack, as_administrator_of, workspace):
    """As another one it would be "50 off" or "a". A caller is rejected before the workspace is looked at."""
    api = as_administrator_of(workspace)
    answer = api("GET", f"/v1/workspaces/{quote(workspace, safe='')}/callbacks")
    expected = [(400, "invalid-workspace"), (403, "forbidden"), (404, "not-found")]
    assert (answer.status, answer.json["type"]) in [(status, problem(kind)) for status, kind in expected], answer


def test_an_open_path_answers_head_as_it_answers_get(emulator, stack):
    """Monitoring sends it, without a token."""
    visitor = stack.api()
    for path in ("/openapi.json", "/", "/workspaces", "/workspaces/default/deliveries", "/favicon.svg", "/console.json"):
        head, get = visitor("HEAD", path), visitor("GET", path)
        assert (head.status, head.text) == (get.status, "") == (200, ""), path
        assert head.headers["content-type"] == get.headers["content-type"], path
    # At the API's own address the emulator itself serves /health.
    health = Api(emulator.endpoint, emulator.port)("HEAD", f"/_aws/execute-api/{stack.resources['Api']}/$default/health")
    assert health.status == 200


@pytest.mark.parametrize("path", ["/v1/workspaces/default/callbacks", "/unknown"])
def test_head_of_any_other_path_needs_a_token(stack, path):
    assert stack.api()("HEAD", path).status == 401
