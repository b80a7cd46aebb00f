"""The console function's responses, as API Gateway forwards them: text as it is, other content in base64."""

import base64
import gzip
import json
import re

import pytest
from conftest import SIGN_IN

from test_answers import ADDED, DOCUMENTED, call


@pytest.fixture(scope="module")
def console(start):
    with start("console") as function:
        yield function


def got(console, path, **headers):
    """Returns status, headers, whether the body is in base64, and the body."""
    answer = console.invoke(call("GET", path=path, **headers))
    assert DOCUMENTED <= answer.keys() <= DOCUMENTED | ADDED.keys()
    assert {name: answer[name] for name in ADDED if name in answer} == ADDED
    assert all(type(value) is str for value in answer["headers"].values())
    encoded, body = answer["isBase64Encoded"], answer["body"] or ""
    return answer["statusCode"], answer["headers"], encoded, base64.b64decode(body) if encoded else body.encode()


@pytest.fixture(scope="module")
def page(console):
    status, headers, encoded, page = got(console, "/", accept_encoding="identity")
    assert status != 503, "the function was built without the console: `make build-emulator` builds both"
    assert (status, headers["content-type"], encoded) == (200, "text/html; charset=utf-8", False)
    return page.decode()


@pytest.fixture(scope="module")
def assets(page):
    """Returns the files that the page names, by the end of their names."""
    found = re.findall(r'(?:src|href)="(/assets/[^"]+\.(\w+))"', page)
    assert {"js", "css"} <= {kind for _, kind in found}, page
    return {kind: path for path, kind in found}


def test_a_link_into_the_console_leads_to_the_page_of_its_view(console, page):
    """Its frame is for users who are signed in, and hidden until then. Of all workspaces there is none: most users go on."""
    (program,) = re.findall(r'<script type="module"[^>]* src="([^"]+)"', page)
    frames = {"/workspaces": [], "/workspaces/acme": ["Overview"], "/workspaces/acme/deliveries": ["Deliveries"]}
    for path, titles in frames.items():
        view = got(console, path, accept_encoding="identity")[3].decode()
        assert re.findall(r'<script type="module"[^>]* src="([^"]+)"', view) == [program], "one program for all views"
        assert re.findall("<h1>(.*?)</h1>", view) == titles, path
        assert ('<html class="unsigned"' in view) == bool(titles), path
    assert "<h1>" not in page


@pytest.mark.parametrize("kind", ["js", "css"])
def test_what_is_compressed_arrives_as_bytes(console, assets, kind):
    path = assets[kind]
    _, _, encoded, plain = got(console, path, accept_encoding="identity")
    assert not encoded, "text, which is base64 for nothing"
    status, headers, encoded, compressed = got(console, path, accept_encoding="gzip")
    assert (status, headers["content-encoding"], encoded) == (200, "gzip", True)
    assert gzip.decompress(compressed) == plain
    status, headers, encoded, smaller = got(console, path, accept_encoding="gzip, deflate, br, zstd")
    assert (status, headers["content-encoding"], encoded) == (200, "br", True)
    assert len(smaller) < len(compressed) < len(plain)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"


def test_no_answer_comes_near_lambdas_limit(console, assets):
    """The limit is 6 MB for a response, base64 included."""
    for path in assets.values():
        answer = console.invoke(call("GET", path=path, accept_encoding="identity"))
        assert len(json.dumps(answer)) < 5_000_000, path


def test_who_has_the_page_already_is_told_so(console, page):
    _, headers, _, _ = got(console, "/")
    status, again, _, body = got(console, "/", if_none_match=headers["etag"])
    assert (status, again["etag"], body) == (304, headers["etag"], b"")


def test_a_missing_file_is_not_the_page(console):
    status, headers, _, body = got(console, "/assets/index-00000000.js")
    assert (status, headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert b"reload the page" in body


def test_every_answer_keeps_the_browser_to_what_is_ours(console):
    for path in ("/", "/assets/index-00000000.js", "/console.json"):
        _, headers, _, _ = got(console, path)
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "connect-src 'self' https://id.example https://sign-in.example;" in policy
        assert headers["strict-transport-security"].startswith("max-age=")


def test_the_console_is_told_how_people_sign_in(console):
    status, headers, encoded, body = got(console, "/console.json")
    assert (status, headers["content-type"], headers["cache-control"], encoded) == (200, "application/json", "no-store", False)
    told = json.loads(body)
    assert told.pop("version")
    assert told == {
        "signIn": {
            "issuer": SIGN_IN["SIGN_IN_ISSUER"], "clientId": "console", "scope": "openid", "token": "id",
            "logoutUrl": SIGN_IN["SIGN_IN_LOGOUT_URL"],
        },
        "tryIt": False,
    }


def test_a_sign_in_that_cannot_be_fails_the_start_and_is_named_in_the_log(start):
    with start("console", SIGN_IN_ORIGINS="http://sign-in.example") as function:
        assert function.invoke(call("GET", path="/")) is None
        log = function.written()
    assert "SIGN_IN_ORIGINS" in log and "has to start with https://" in log
