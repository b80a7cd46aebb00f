"""What is sent is verified by libraries of two languages, and nothing else is."""

import string
import time
from datetime import datetime

import pytest
from libraries import LIBRARIES, python

of_each_language = pytest.mark.parametrize("verify", LIBRARIES, ids=lambda it: it.__name__)
of_one_and_of_all = pytest.mark.parametrize("rotate", ["rotate", "rotate_all"])


@of_each_language
def test_every_request_verifies_whatever_its_url_and_its_names(arrivals, secret, verify):
    assert verify(secret, arrivals) == [True] * len(arrivals)


@of_each_language
def test_a_change_of_any_byte_of_target_id_or_time_is_noticed(arrivals, secret, verify):
    longest = max(arrivals, key=lambda it: len(it.target))
    printable = string.digits + string.ascii_letters + string.punctuation
    changed = list(longest.changed(lambda byte: printable.replace(byte, "")))
    assert len(changed) > 93 * len(longest.target)
    accepted = [it for it, verified in zip(changed, verify(secret, changed), strict=True) if verified]
    assert accepted == []


@of_each_language
def test_a_byte_more_or_less_is_noticed(arrivals, secret, verify):
    changed = []
    for it in arrivals:
        target, event = it.target, it.headers["webhook-id"]
        changed += [it.having(target=target[:at] + target[at + 1 :]) for at in range(len(target))]
        changed += [it.having(target=target[:at] + "." + target[at:]) for at in range(len(target) + 1)]
        changed += [it.having(webhook_id=event[:at] + event[at + 1 :]) for at in range(len(event))]
        changed += [it.having(webhook_id=event[:at] + "." + event[at:]) for at in range(len(event) + 1)]
        # The blank between what is signed cannot move: an id has no dot.
        changed.append(it.having(webhook_id=event + target[:1], target=target[1:]))
    assert not any(verify(secret, changed))


@of_each_language
def test_another_endpoints_secret_does_not_verify(program, receiver, arrivals, verify):
    program.configure("another", receiver.address + "/")
    assert not any(verify(program.secret("another", receiver.address + "/"), arrivals))


@of_each_language
def test_one_requests_signature_does_not_fit_another_one(arrivals, secret, verify):
    ours, *others = arrivals
    moved = [it.having(webhook_signature=ours.headers["webhook-signature"]) for it in others]
    assert not any(verify(secret, moved))


@of_each_language
@of_one_and_of_all
def test_in_an_overlap_old_and_new_secret_verify(program, receiver, verify, rotate):
    workspace, url = f"overlapping-{verify.__name__}-{rotate}", receiver.address + "/"
    program.configure(workspace, url)
    old = program.secret(workspace, url)
    before = event(program, receiver, workspace, "before")
    assert verify(old, [before]) == [True]

    new = getattr(program, rotate)(workspace, url, overlap=3600)["secret"]
    during = event(program, receiver, workspace, "during")
    assert (verify(old, [during]), verify(new, [during])) == ([True], [True])
    assert verify(new, [before]) == [False], "what was sent before the rotation"


@of_each_language
def test_while_one_and_all_overlap_every_secret_that_was_shown_verifies(program, receiver, verify):
    workspace, url = f"both-{verify.__name__}", receiver.address + "/"
    program.configure(workspace, url)
    shown = [program.secret(workspace, url)]
    shown.append(program.rotate(workspace, url, overlap=3600)["secret"])
    shown.append(program.rotate_all(workspace, url, overlap=3600)["secret"])
    arrival = event(program, receiver, workspace, "both")
    assert [verify(it, [arrival]) for it in shown] == [[True]] * 3
    assert len(arrival.headers["webhook-signature"].split(" ")) == 4


@of_each_language
@of_one_and_of_all
def test_after_an_overlap_only_the_new_secret_verifies(program, receiver, verify, rotate):
    workspace, url = f"overlapped-{verify.__name__}-{rotate}", receiver.address + "/"
    program.configure(workspace, url)
    old = program.secret(workspace, url)
    rotated = getattr(program, rotate)(workspace, url, overlap=3)
    new, ends = rotated["secret"], datetime.fromisoformat(rotated["previous"][0]["expiresAt"]).timestamp()
    # On a machine that is slow enough the overlap is over before this is signed.
    during = event(program, receiver, workspace, "during")
    assert verify(new, [during]) == [True]

    time.sleep(max(0, ends - time.time()) + 0.1)
    after = event(program, receiver, workspace, "after")
    assert (verify(old, [after]), verify(new, [after])) == ([False], [True])


@of_each_language
@of_one_and_of_all
def test_without_overlap_only_the_new_secret_verifies_at_once(program, receiver, verify, rotate):
    workspace, url = f"leaked-{verify.__name__}-{rotate}", receiver.address + "/"
    program.configure(workspace, url)
    first = program.secret(workspace, url)
    second = getattr(program, rotate)(workspace, url, overlap=3600)["secret"]
    third = getattr(program, rotate)(workspace, url, overlap=0)["secret"]
    arrival = event(program, receiver, workspace, "at-once")
    assert [verify(it, [arrival]) for it in (first, second, third)] == [[False], [False], [True]]


def test_each_workspace_has_secrets_of_its_own(program, receiver):
    for workspace in ("one", "two"):
        program.configure(workspace, receiver.address + "/")
    for workspace in ("one", "two"):
        arrival = event(program, receiver, workspace, f"i-{workspace}")
        verified = [python(program.secret(it, receiver.address + "/"), [arrival]) for it in ("one", "two")]
        assert verified == [[workspace == "one"], [workspace == "two"]]


@of_each_language
def test_an_edited_url_that_replaces_another_keeps_its_secret(program, receiver, verify):
    workspace, old, new = f"replaced-{verify.__name__}", receiver.address + "/", receiver.address + "/?token=2"
    program.configure(workspace, old)
    secret = program.secret(workspace, old)
    callbacks = {"created": {"enabled": True, "urls": [new]}, "replaces": {new: old}}
    program.call("PUT", f"/v1/workspaces/{workspace}/callbacks", callbacks)
    assert verify(secret, [event(program, receiver, workspace, "after")]) == [True]


def event(program, receiver, workspace, instance):
    """The request about a new instance."""
    program.put(workspace, f"{workspace}-{instance}")
    (arrival,) = receiver.heard(1, f"instanceID={workspace}-{instance}&")
    return arrival
