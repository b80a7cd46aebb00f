"""The console is public, at the address of the API, and has the parameters of the sign-in."""

import re

import pytest


@pytest.fixture(scope="module")
def visitor(stack):
    """A visitor without a token."""
    return stack.api(None)


def test_everybody_gets_the_page_and_what_it_names(stack, visitor):
    assert stack.outputs["ConsoleUrl"] == f"{stack.outputs['ApiAddress']}/"
    page = visitor("GET", "/")
    assert page.status != 503, "the function was built without the console: `make build-emulator` builds both"
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    view = visitor("GET", "/workspaces/default/deliveries").text
    assert "<h1>Deliveries</h1>" in view and '<html class="unsigned"' in view, "its frame, hidden until the sign-in"
    named = set(re.findall(r'(?:src|href)="(/[^"]+)"', page.text + view))
    assert any(path.endswith(".js") for path in named), page.text
    for path in named:
        file = visitor("GET", path)
        assert file.status == 200, path
        assert "default-src 'none'" in file.headers["content-security-policy"], path


def test_it_is_told_how_people_sign_in(stack, visitor):
    told = visitor("GET", "/console.json")
    assert told.status == 200
    sign_in = stack.outputs["SignInUrl"]
    assert told.json["signIn"] == {
        "issuer": stack.outputs["Issuer"], "clientId": stack.outputs["SignInClientId"], "scope": "openid", "token": "id",
        "logoutUrl": f"{sign_in}/logout",
    }
    assert told.json["tryIt"] is False
    policy = visitor("GET", "/").headers["content-security-policy"]
    assert sign_in in policy, "without it the page could not trade its code for a token"


def test_people_may_be_sent_back_to_it(emulator, stack):
    client = emulator.client("cognito-idp").describe_user_pool_client(
        UserPoolId=stack.outputs["UserPoolId"], ClientId=stack.outputs["SignInClientId"]
    )["UserPoolClient"]
    for urls in (client["CallbackURLs"], client["LogoutURLs"]):
        assert urls == [stack.outputs["ConsoleUrl"]]


def test_the_api_beside_it_stays_closed(visitor):
    for path in ("/v1/workspaces/default/callbacks", "/unknown", "/index.html"):
        assert visitor("GET", path).status == 401, path
