"""What docs/receivers.md says is so, and its receivers work as they stand there."""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime

import documented
import pytest
from arrivals import Arrival, Receiver
from conftest import ROOT
from standardwebhooks import Webhook


@pytest.fixture(scope="module", params=documented.RECEIVERS, ids=lambda it: it.__name__)
def receiver(request, secret, tmp_path_factory):
    with documented.Running(request.param, secret, tmp_path_factory.mktemp("receiver")) as running:
        yield running


def test_it_takes_what_we_send_whatever_the_url(receiver, arrivals):
    assert [it.target for it in arrivals if receiver.status(it) == 401] == []
    at_its_route = [it for it in arrivals if it.target.startswith("/instanceCreated?")]
    assert at_its_route and {receiver.status(it) for it in at_its_route} == {204}


def test_it_refuses_a_change_of_any_byte_of_target_id_or_time(receiver, arrivals):
    longest = max(arrivals, key=lambda it: len(it.target))
    accepted = [
        it for it in longest.changed(lambda byte: "2" if byte == "1" else "1")
        if receiver.status(it) != 401 and it.target.startswith("/")
    ]
    assert accepted == []
    # Without the slash it is no target at all, and some servers say so before anybody verifies.
    assert receiver.status(longest.having(target="1" + longest.target[1:])) in (400, 401)


def test_it_refuses_what_is_not_signed_and_never_fails(receiver, arrivals):
    ours = arrivals[0]
    right = ours.headers["webhook-signature"]
    for name in ours.headers:
        kept = {it: value for it, value in ours.headers.items() if it != name}
        assert receiver.status(Arrival(ours.target, kept)) == 401, f"without {name}"
        assert receiver.status(Arrival(ours.target, kept | {name: ""})) == 401, f"with an empty {name}"
    for signature in ["v1", "v1,", ",", " ", "v1,%%%", "v1,AAAA", right.replace("v1", "v2"), right[3:], right[:-2]]:
        assert receiver.status(ours.having(webhook_signature=signature)) == 401, signature
    for at in ["x", "-1", "1e9", "9" * 30, "0x6920"]:
        assert receiver.status(ours.having(webhook_timestamp=at)) == 401, at


def test_it_takes_one_right_signature_among_others(receiver, arrivals):
    ours = arrivals[0]
    signature = f"v1a,AAAA v1,AAAA {ours.headers['webhook-signature']} v1,BBBB"
    assert receiver.status(ours.having(webhook_signature=signature)) != 401


def test_it_refuses_what_is_older_or_newer_than_five_minutes(receiver, secret):
    def status(age):
        at, target = int(time.time()) - age, "/instanceCreated?instanceID=1"
        signature = Webhook(secret).sign("e", datetime.fromtimestamp(at, UTC), target)
        headers = {"webhook-id": "e", "webhook-timestamp": str(at), "webhook-signature": signature}
        return receiver.status(Arrival(target, headers))

    # Near the bound on the side from which time leads away, with a minute and more on the other.
    assert [status(age) for age in (310, 240, 0, -290, -420)] == [401, 204, 204, 204, 401]


@pytest.mark.parametrize("make", documented.RECEIVERS, ids=lambda it: it.__name__)
def test_no_receiver_can_forge_a_callback_to_another(program, make, tmp_path):
    workspace = f"two-receivers-{make.__name__}"
    with Receiver() as a, Receiver() as b:
        urls = [it.address + "/instanceCreated" for it in (a, b)]
        program.configure(workspace, *urls)
        program.put(workspace, f"{workspace}-1")
        (to_a,), (to_b,) = a.heard(1), b.heard(1)
    assert to_a.target == to_b.target, "nothing but the secret tells them apart"
    secret_of_a, secret_of_b = (program.secret(workspace, it) for it in urls)

    event, at = to_b.headers["webhook-id"], datetime.fromtimestamp(int(to_b.headers["webhook-timestamp"]), UTC)
    forged = to_b.having(webhook_signature=Webhook(secret_of_a).sign(event, at, to_b.target))
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    with documented.Running(make, secret_of_b, folders[1]) as receiver:
        assert receiver.status(to_b) == 204
        assert receiver.status(forged) == 401, "signed by A with its own secret"
        assert receiver.status(to_a) == 401, "passed on by A"
    with documented.Running(make, secret_of_a, folders[0]) as receiver:
        assert receiver.status(forged) == 204, "it is a good signature, but for B"


def test_the_worked_example_comes_out_as_documented():
    example = documented.example()
    signed = f"{example['webhook-id']}.{example['webhook-timestamp']}.{example['target']}"
    key = base64.b64decode(example["secret"].removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, signed.encode(), hashlib.sha256)).decode()
    assert example["webhook-signature"] == f"v1,{signature}"


def test_the_rust_receiver_is_the_one_that_is_compiled():
    example = (ROOT / "crates/api/examples/receiver.rs").read_text()
    assert example.endswith(documented.code("Rust"))
