"""The application of docs/deploy/cdk, synthesized by the AWS CDK itself."""

import json
import os
import subprocess

import pytest

from conftest import ROOT

APP = ROOT / "docs/deploy/cdk"


def synthesized(folder, **environment):
    command = ["node", "app.mjs"]
    given = {"PATH": os.environ["PATH"], "CDK_OUTDIR": str(folder), "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1"}
    return subprocess.run(command, cwd=APP, capture_output=True, text=True, env=given | environment)


@pytest.fixture(scope="module")
def synthesis(release, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cdk.out")
    done = synthesized(folder, RELEASE=str(release), ARTIFACT_BUCKET="mine", ALARM_EMAIL="a@example.com")
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "InstanceWebhooks.template.json").read_text())


def test_the_application_has_every_resource_of_the_release(synthesis, release):
    released = json.loads((release / "template.json").read_text())["Resources"]
    own = {name for name, it in synthesis["Resources"].items() if it["Type"] == "AWS::CDK::Metadata"}
    assert set(synthesis["Resources"]) - own == set(released)
    for name, resource in released.items():
        assert synthesis["Resources"][name]["Type"] == resource["Type"]


def test_its_parameters_are_set(synthesis):
    assert synthesis["Resources"]["ApiFunction"]["Properties"]["Code"]["S3Bucket"] == "mine"
    assert "ArtifactBucket" not in synthesis["Parameters"]
    assert synthesis["Resources"]["Observability"]["Properties"]["Parameters"]["AlarmEmail"] == "a@example.com"


def test_without_a_release_it_says_what_is_missing(tmp_path):
    done = synthesized(tmp_path)
    assert done.returncode != 0
    assert "RELEASE is the release's folder" in done.stderr
