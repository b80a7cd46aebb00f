"""Permissions: of users by group and workspace, of machine clients by the scopes of a workspace; with tokens of a real
user pool.

Each caller requests one route of each permission. The emulator differs from Cognito: it lets users sign up on their own
and write attributes that their app client must not (tests/template/test_sign_in.py checks the template for both), and
the removal of a stack removes the user pool.
"""

import base64
import json

import pytest

from conftest import problem

HERE = "orders"
ELSEWHERE = "billing"
SCOPES = ["callbacks:read", "callbacks:write", "deliveries:read", "deliveries:replay", "deliveries:erase"]
# By the permission that each requires; operations of the two roles only have no scope.
ROUTES = {
    "callbacks:read": ("GET", "callbacks", None),
    "callbacks:write": ("PUT", "callbacks", {}),
    "deliveries:read": ("GET", "deliveries", None),
    "deliveries:replay": ("POST", "deliveries/replay", {"status": "failed", "dryRun": True}),
    "deliveries:erase": ("DELETE", "deliveries?instanceID=none", None),
    "signing-secret": ("GET", "signing-secret", None),
}
EVERYTHING = set(ROUTES)
NOTHING = set()


def allowed(api, workspace):
    """Returns the caller's permissions in a workspace. Every other request is rejected in the same way."""
    may = set()
    for permission, (method, path, body) in ROUTES.items():
        answer = api(method, f"/v1/workspaces/{workspace}/{path}", body)
        if answer.status == 403:
            assert answer.headers["content-type"] == "application/problem+json", answer
            assert answer.json["type"] == problem("forbidden"), answer
        else:
            # A secret is created when it is first used, not when it is read.
            assert answer.status == 200 or answer.json["type"] == problem("no-signing-secret"), (permission, answer)
            may.add(permission)
    return may


PEOPLE = {
    "administrator": ((HERE, "Administrator"), EVERYTHING),
    "developer": ((HERE, "Developer"), EVERYTHING),
    "administrator-of-two": ((f"{ELSEWHERE} {HERE}", "Administrator"), EVERYTHING),
    "in-both-groups-and-a-third": ((HERE, "Auditor", "Administrator", "Developer"), EVERYTHING),
    "in-no-group": ((HERE,), NOTHING),
    "in-another-group": ((HERE, "Auditor"), NOTHING),
    "administrator-elsewhere": ((ELSEWHERE, "Administrator"), NOTHING),
    "administrator-of-a-workspace-that-begins-alike": ((f"{HERE}-2", "Administrator"), NOTHING),
    "administrator-of-nothing": ((None, "Administrator"), NOTHING),
}


@pytest.fixture(scope="module")
def auditors(emulator, stack):
    """Creates a group that the API does not know."""
    emulator.client("cognito-idp").create_group(UserPoolId=stack.outputs["UserPoolId"], GroupName="Auditor")


@pytest.mark.parametrize("who", PEOPLE)
def test_people_may_do_everything_in_their_workspaces_if_they_are_in_one_of_the_two_groups(stack, auditors, who):
    (workspace, *groups), may = PEOPLE[who]
    api = stack.api(stack.person(f"{who}@example.com", workspace, *groups))
    assert allowed(api, HERE) == may


def test_what_is_refused_elsewhere_does_not_tell_whether_there_is_anything(stack, api, workspace):
    assert api("PUT", f"/v1/workspaces/{workspace}/callbacks", {}).status == 200
    user = stack.api(stack.person(f"else-{workspace}@example.com", ELSEWHERE, "Administrator"))
    there, nowhere = (user("GET", f"/v1/workspaces/{it}/callbacks") for it in (workspace, f"{workspace}-not"))
    assert (there.status, there.text.replace(workspace, "")) == (403, nowhere.text.replace(f"{workspace}-not", ""))


def test_an_access_token_of_a_person_names_no_workspace_and_so_allows_nothing(stack, workspace):
    stack.invite(f"access-{workspace}@example.com", HERE, "Administrator")
    tokens = stack.sign_in(f"access-{workspace}@example.com")
    assert allowed(stack.api(tokens["AccessToken"]), HERE) == NOTHING
    assert allowed(stack.api(tokens["IdToken"]), HERE) == EVERYTHING


def test_who_is_taken_out_of_the_group_may_do_nothing_with_the_next_token(emulator, stack, workspace):
    email = f"leaving-{workspace}@example.com"
    assert allowed(stack.api(stack.person(email, HERE, "Developer")), HERE) == EVERYTHING
    emulator.client("cognito-idp").admin_remove_user_from_group(
        UserPoolId=stack.outputs["UserPoolId"], Username=email, GroupName="Developer"
    )
    assert allowed(stack.api(stack.sign_in(email)["IdToken"]), HERE) == NOTHING


def test_the_audit_names_who_it_was(stack, workspace):
    email = f"audited-{workspace}@example.com"
    api = stack.api(stack.person(email, workspace, "Developer"))
    assert api("PUT", f"/v1/workspaces/{workspace}/callbacks", {}).status == 200
    (entry,) = api("GET", f"/v1/workspaces/{workspace}/audit").json["entries"]
    assert entry["caller"] == {"id": claims(api.token)["sub"], "name": email}


def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_the_app_client_of_people_may_not_write_workspaces_nor_ask_for_scopes_of_machines(emulator, stack):
    client = emulator.client("cognito-idp").describe_user_pool_client(
        UserPoolId=stack.outputs["UserPoolId"], ClientId=stack.outputs["SignInClientId"]
    )["UserPoolClient"]
    assert client["WriteAttributes"] == ["email", "name"]
    assert client["AllowedOAuthScopes"] == ["openid"]
    assert "ClientSecret" not in client


# ── Machine clients ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def machines(emulator, stack):
    """Creates clients with one scope each, one with all of them and one of another workspace, as docs/operations.md
    says."""
    cognito, pool = emulator.client("cognito-idp"), stack.outputs["UserPoolId"]
    for workspace in (HERE, ELSEWHERE):
        cognito.create_resource_server(
            UserPoolId=pool, Identifier=workspace, Name=f"Workspace {workspace}",
            Scopes=[{"ScopeName": it, "ScopeDescription": it} for it in SCOPES],
        )
    clients = {scope: stack.machine(scope, f"{HERE}/{scope}") for scope in SCOPES}
    clients["all"] = stack.machine("all", *(f"{HERE}/{scope}" for scope in SCOPES))
    clients["elsewhere"] = stack.machine("elsewhere", *(f"{ELSEWHERE}/{scope}" for scope in SCOPES))
    tokens = {name: stack.machine_token(client).json["access_token"] for name, client in clients.items()}
    before = {name: stack.api(token)("GET", f"/v1/workspaces/{HERE}/callbacks").status for name, token in tokens.items()}
    stack.emulator.deploy(stack.name, Audience=",".join(it["ClientId"] for it in clients.values()))
    return Machines(clients, tokens, before)


class Machines:
    def __init__(self, clients, tokens, before):
        self.clients, self.tokens, self.before = clients, tokens, before


def test_a_machine_client_is_refused_until_the_audience_names_it(machines):
    assert set(machines.before.values()) == {401}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_machine_client_may_do_what_its_scope_says(stack, machines, scope):
    assert allowed(stack.api(machines.tokens[scope]), HERE) == {scope}


def test_the_audit_names_a_machine_by_its_client(stack, machines):
    machine = stack.api(machines.tokens["all"])
    created = {"created": {"enabled": False, "urls": ["https://example.com/named"]}}
    assert machine("PUT", f"/v1/workspaces/{HERE}/callbacks", created).status == 200
    latest, *_ = machine("GET", f"/v1/workspaces/{HERE}/audit").json["entries"]
    assert latest["caller"]["id"] == machines.clients["all"]["ClientId"]


def test_no_scope_shows_the_signing_secret(stack, machines):
    assert allowed(stack.api(machines.tokens["all"]), HERE) == EVERYTHING - {"signing-secret"}


def test_a_scope_counts_in_its_workspace_only(stack, machines):
    elsewhere = stack.api(machines.tokens["elsewhere"])
    assert allowed(elsewhere, HERE) == NOTHING
    assert allowed(elsewhere, ELSEWHERE) == EVERYTHING - {"signing-secret"}


def test_a_machine_client_gets_no_scope_that_it_was_not_given(stack, machines):
    refused = stack.machine_token(machines.clients["callbacks:read"], f"{HERE}/callbacks:write")
    assert refused.status == 400
    wrong = machines.clients["all"] | {"ClientSecret": "guessed"}
    assert stack.machine_token(wrong).status == 400


def test_people_still_come_in_beside_machines(stack, machines):
    assert allowed(stack.api(stack.person("beside-machines@example.com", HERE, "Developer")), HERE) == EVERYTHING
