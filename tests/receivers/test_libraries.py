"""What is sent is verified by libraries of two languages, and nothing else is."""

import string
import time
from datetime import datetime

import pytest
from libraries import LIBRARIES, python

of_each_language = pytest.mark.parametrize("verify", LIBRARIES, ids=lambda it: it.__name__)


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
def test_another_workspaces_secret_does_not_verify(program, arrivals, verify):
    assert not any(verify(program.secret("another"), arrivals))


@of_each_language
def test_one_requests_signature_does_not_fit_another_one(arrivals, secret, verify):
    ours, *others = arrivals
    moved = [it.having(webhook_signature=ours.headers["webhook-signature"]) for it in others]
    assert not any(verify(secret, moved))


@of_each_language
def test_in_an_overlap_old_and_new_secret_verify(program, receiver, verify):
    workspace = f"overlapping-{verify.__name__}"
    program.configure(workspace, receiver.address)
    old = program.secret(workspace)
    before = event(program, receiver, workspace, "before")
    assert verify(old, [before]) == [True]

    new = program.rotate(workspace, overlap=3600)["secret"]
    during = event(program, receiver, workspace, "during")
    assert (verify(old, [during]), verify(new, [during])) == ([True], [True])
    assert verify(new, [before]) == [False], "what was sent before the rotation"


@of_each_language
def test_after_an_overlap_only_the_new_secret_verifies(program, receiver, verify):
    workspace = f"overlapped-{verify.__name__}"
    program.configure(workspace, receiver.address)
    old = program.secret(workspace)
    rotated = program.rotate(workspace, overlap=3)
    new, ends = rotated["secret"], datetime.fromisoformat(rotated["previous"][0]["expiresAt"]).timestamp()
    # On a machine that is slow enough the overlap is over before this is signed.
    during = event(program, receiver, workspace, "during")
    assert verify(new, [during]) == [True]

    time.sleep(max(0, ends - time.time()) + 0.1)
    after = event(program, receiver, workspace, "after")
    assert (verify(old, [after]), verify(new, [after])) == ([False], [True])


@of_each_language
def test_without_overlap_only_the_new_secret_verifies_at_once(program, receiver, verify):
    workspace = f"leaked-{verify.__name__}"
    program.configure(workspace, receiver.address)
    first = program.secret(workspace)
    second = program.rotate(workspace, overlap=3600)["secret"]
    third = program.rotate(workspace, overlap=0)["secret"]
    arrival = event(program, receiver, workspace, "at-once")
    assert [verify(it, [arrival]) for it in (first, second, third)] == [[False], [False], [True]]


def test_each_workspace_has_a_secret_of_its_own(program, receiver):
    for workspace in ("one", "two"):
        program.configure(workspace, receiver.address)
        arrival = event(program, receiver, workspace, f"i-{workspace}")
        verified = [python(program.secret(it), [arrival]) for it in ("one", "two")]
        assert verified == [[workspace == "one"], [workspace == "two"]]


def event(program, receiver, workspace, instance):
    """The request about a new instance."""
    program.put(workspace, f"{workspace}-{instance}")
    (arrival,) = receiver.heard(1, f"instanceID={workspace}-{instance}&")
    return arrival
