"""A release, deployed as docs/deploy/README.md says: by calls of the AWS CLI alone, from the release's folder."""

import os
import uuid
from pathlib import Path

import pytest
from emulator import ARCHITECTURE, PARAMETERS, REGION, Stack, built
from release import bundle
from release.template import ROOT, binaries, name_of

from conftest import Table, on

VERSION = "0.0.0"
BUCKET = "my-artifacts"
STACK = "released"


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """The folder of a release: the one that `RELEASE` names, as `make release` has made it; otherwise of the functions that were built
    for this machine, which both architectures have."""
    if made := os.environ.get("RELEASE"):
        return Path(made).resolve(strict=True)
    folder = tmp_path_factory.mktemp("release") / name_of(VERSION)
    programs = {program: built(function) for function, program in binaries((ROOT / "template.yaml").read_text()).items()}
    keys = bundle.functions(folder, {ARCHITECTURE: programs})
    bundle.templates(folder, {"arm64": keys[ARCHITECTURE], "x86_64": keys[ARCHITECTURE]}, VERSION)
    return folder


@pytest.fixture(scope="module")
def released(emulator, release):
    aws = emulator.aws
    aws("s3", "mb", f"s3://{BUCKET}")
    aws("s3", "cp", "--recursive", "--only-show-errors", release, f"s3://{BUCKET}/{release.name}")
    # The CLI's short form has commas between what belongs to a parameter.
    parameters = {key: value.replace(",", "\\,") for key, value in PARAMETERS.items()} | {"ArtifactBucket": BUCKET}
    aws(
        "cloudformation", "create-stack", "--stack-name", STACK, "--capabilities", "CAPABILITY_IAM",
        "--template-url", f"https://s3.{REGION}.amazonaws.com/{BUCKET}/{release.name}/template.json",
        "--parameters", *(f"ParameterKey={key},ParameterValue={value}" for key, value in parameters.items()),
    )
    aws("cloudformation", "wait", "stack-create-complete", "--stack-name", STACK)
    yield Stack(emulator, STACK)
    aws("cloudformation", "delete-stack", "--stack-name", STACK)


def test_a_released_stack_calls_back(emulator, released, receiver):
    workspace = f"workspace-{uuid.uuid4().hex[:8]}"
    api = released.api(released.person(f"{workspace}@example.com", workspace, "Administrator"))
    answer = api("PUT", f"/v1/workspaces/{workspace}/callbacks", {"created": on(receiver.url("/created"))})
    assert answer.status == 200, answer
    instances = Table(emulator.client("dynamodb"), released.outputs["InstancesTableName"])
    instances.put(instanceID="released-1", processName="Order", workspaceID=workspace)
    (request,) = receiver.heard("released-1")
    assert request.target == "/created?instanceID=released-1&processName=Order&eventType=created"


def test_its_console_is_there(released):
    assert "Instance Webhooks" in released.api()("GET", "/").text
