"""Rules that a schema cannot state: which URLs are accepted, which can replace which, that a replay needs a target, and how
attributes and secret headers may be called."""

import os
import re
import time
from datetime import datetime, timedelta

import schemathesis
from hypothesis import strategies as st

# The port has no listener: the program calls the configured URLs, and must not reach any other server.
RECEIVER = os.environ["API_FUZZ_RECEIVER"]

paths = st.text("abz019-._~!$&'()*+,;=:@%/?#[]{}|^", max_size=40)
schemes = st.sampled_from(["http://", "https://", "HTTP://"])
urls = st.builds(lambda scheme, path: f"{scheme}{RECEIVER}/{path}", schemes, paths)
lines = st.lists(urls | st.sampled_from(["", "  "]), max_size=5).map("\n".join)

schemathesis.openapi.format("uri", urls)
schemathesis.openapi.format("uri-list", lines)

HTTP = re.compile("https?://", re.IGNORECASE)
OURS = tuple(f"{scheme}{RECEIVER}/" for scheme in ("http://", "https://", "HTTP://"))
ENTITY_TAGS = ("If-Match", "If-None-Match")
CURSOR = re.compile(r"[0-9]{13}\.\S+|[0-9]{14}-\S+")
NAME = r"(?:[^.\[\\]|\\.)+"
PATH = re.compile(rf"{NAME}(?:\[[0-9]{{1,18}}\])*(?:\.{NAME}(?:\[[0-9]{{1,18}}\])*)*", re.DOTALL)
HEADER = re.compile("[-!#$%&'*+.^_`|~0-9A-Za-z]+")
RESERVED = re.compile(
    "accept|accept-encoding|connection|expect|forwarded|host|http2-settings|keep-alive|max-forwards|origin|range|te|trailer|"
    "transfer-encoding|upgrade|user-agent|via|x-http-method-override|x-real-ip|(content-|if-|proxy-|sec-|webhook-|x-forwarded-).*",
    re.IGNORECASE,
)
FILTERS = ("status", "eventType", "endpointID", "instanceID", "since", "until")


def unsayable(given):
    """Returns whether a line is one of those that the schema does not describe exactly: another URL, which would be
    called, or a blank line, which is not a URL and is accepted nevertheless."""
    lines = given if isinstance(given, list) else [given]
    texts = [line.strip() for line in lines if isinstance(line, str)]
    return any(not text or (HTTP.match(text) and not text.startswith(OURS)) for text in texts)


def no_range(query):
    """Returns whether these are times with an empty or too long range."""
    try:
        since, until = (datetime.fromisoformat(query[name]) if name in query else None for name in ("since", "until"))
        until = until or datetime.now(since and since.tzinfo)
        return since is not None and not timedelta(0) < until - since <= timedelta(days=7)
    except (TypeError, ValueError):
        return False


def no_order(query):
    """Returns whether these are two times of which the second is not later."""
    try:
        return datetime.fromisoformat(query["since"]) >= datetime.fromisoformat(query["until"])
    except (KeyError, TypeError, ValueError):
        return False


def no_end_of_pause(body):
    """Returns whether the body has an end of a pause that is not allowed: in the past, or without a pause."""
    if not isinstance(body, dict) or "pausedUntil" not in body:
        return False
    if "paused" not in body:
        return True
    until = body["pausedUntil"]
    try:
        end = datetime.fromisoformat(until) if isinstance(until, str) else None
    except ValueError:
        return False
    return end is not None and (body.get("paused") is not True or end.timestamp() < time.time() + 60)


def unsayable_names(body):
    """Returns whether the body has a path or a header that the schema does not describe exactly, or too much of them."""
    if not isinstance(body, dict):
        return False
    changed, where, headers = (body.get(name) for name in ("changed", "where", "secretHeaders"))
    paths = [*(changed if isinstance(changed, list) else []), *(where if isinstance(where, dict) else [])]
    names = list(headers) if isinstance(headers, dict) else []
    texts = [path for path in paths if isinstance(path, str)]
    if any(not PATH.fullmatch(path) or len(path) > 255 for path in texts):
        return True
    if any(not HEADER.fullmatch(name) or RESERVED.fullmatch(name) for name in names):
        return True
    lower = {name.lower() for name in names}
    return len(lower) != len(names) or len(str([changed, where, headers]).encode()) > 2_000


@schemathesis.hook
def filter_case(_context, case):
    """Skips cases that are valid by the schema, or for this tool, but not for the API."""
    # The coverage phase writes headers of letters and digits only, whatever their pattern is.
    if any((case.headers or {}).get(name, "").isalnum() for name in ENTITY_TAGS):
        return False
    if case.operation.path.endswith("/test") and isinstance(case.body, dict) and unsayable(case.body.get("urls")):
        return False
    if no_end_of_pause(case.body) or unsayable_names(case.body):
        return False
    if case.operation.path.endswith("/statistics") and no_range(case.query or {}):
        return False
    if case.operation.path.endswith("/audit") and no_order(case.query or {}):
        return False
    # A cursor is valid only for the query whose page returned it, and in no other workspace.
    if CURSOR.fullmatch(str((case.query or {}).get("cursor", ""))):
        return False
    # Which URL can replace which, and the possible targets of a replay, depend on the configuration.
    if isinstance(case.body, dict) and (case.body.get("replaces") or case.body.get("to")):
        return False
    # A replay of everything is rejected.
    if case.operation.path.endswith("/deliveries/replay") and isinstance(case.body, dict):
        return any(case.body.get(name) is not None for name in FILTERS)
    return True


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """Changes callbacks only in separate workspaces, so that the endpoints of the other calls stay."""
    changes = case.method in ("PUT", "DELETE") and "/callbacks" in case.operation.path
    if changes and case.path_parameters.get("workspace") == "default":
        case.path_parameters["workspace"] = "changing"
