"""The template of a release: CloudFormation's alone, with every artifact in the bucket."""

import json
import re

import pytest
from samcli.yamlhelper import yaml_parse

from conftest import PREFIX, ROOT, VERSION
from transform import transform


@pytest.fixture(scope="module")
def template(release):
    return json.loads((release / "template.json").read_text())


def of_type(template, kind):
    return {name: it["Properties"] for name, it in template["Resources"].items() if it["Type"] == kind}


def text_of(value, parameters):
    """Returns a value with references to parameters replaced, for one architecture."""
    match value:
        case {"Ref": name}:
            return parameters[name]
        case {"Fn::Join": [between, parts]}:
            return between.join(text_of(part, parameters) for part in parts)
        case {"Fn::If": ["DeploysOnArm64", arm, x86]}:
            return arm if parameters["Architecture"] == "arm64" else x86
        case {"Fn::Sub": text}:
            for name, replaced in parameters.items():
                text = text.replace(f"${{{name}}}", replaced)
            return text
        case _:
            return value


def test_it_needs_no_transformation(template):
    assert "Transform" not in template
    assert not [it["Type"] for it in template["Resources"].values() if it["Type"].startswith("AWS::Serverless::")]


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_each_function_has_its_program_in_the_bucket(template, release, keys, architecture):
    given = {"ArtifactBucket": "mine", "ArtifactPrefix": "", "Architecture": architecture}
    found = {}
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        code = function["Code"]
        assert code["S3Bucket"] == {"Ref": "ArtifactBucket"}
        key = text_of(code["S3Key"], given)
        assert (release / key).is_file(), key
        found[name] = key
    programs = {"ApiFunction": "api", "ConsoleFunction": "console", "FanoutFunction": "fanout", "RetryFunction": "retry"}
    assert found == {name: keys[architecture][program] for name, program in programs.items()}


def test_each_nested_template_is_in_the_bucket(template, release):
    given = {"ArtifactBucket": "mine", "ArtifactPrefix": PREFIX, "AWS::Region": "eu-west-1", "AWS::URLSuffix": "amazonaws.com"}
    stacks = of_type(template, "AWS::CloudFormation::Stack")
    assert stacks
    for stack in stacks.values():
        address = text_of(stack["TemplateURL"], given)
        start = f"https://s3.eu-west-1.amazonaws.com/mine/{PREFIX}"
        assert address.startswith(start), address
        assert (release / address.removeprefix(start)).is_file(), address


def test_the_application_repository_finds_what_it_asks_for(template, release):
    """The rules are those of AWS SAM's document on the metadata."""
    told = template["Metadata"]["AWS::ServerlessRepo::Application"]
    assert re.fullmatch("[a-zA-Z0-9-]{1,140}", told["Name"])
    assert re.fullmatch("[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?", told["Author"])
    assert 1 <= len(told["Description"]) <= 256
    assert len(told["Labels"]) <= 10 and all(re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", label) for label in told["Labels"])
    assert told["SemanticVersion"] == VERSION
    assert told["SourceCodeUrl"].endswith(f"/v{VERSION}")
    assert {told["LicenseUrl"], told["ReadmeUrl"]} == {"LICENSE", "NOTES.md"}, "files of the release"


def test_everything_else_is_what_sam_deploys(template):
    text = (ROOT / "template.yaml").read_text()
    deployed = transform(text)
    without = {"Code", "TemplateURL"}
    for name, resource in deployed["Resources"].items():
        released = template["Resources"][name]["Properties"]
        kept = {key: value for key, value in resource["Properties"].items() if key not in without}
        assert {key: value for key, value in released.items() if key not in without} == kept, name
    assert set(template["Parameters"]) - set(yaml_parse(text)["Parameters"]) == {"ArtifactBucket", "ArtifactPrefix"}
    assert template["Parameters"]["ArtifactPrefix"]["Default"] == PREFIX
    for part in ("Outputs", "Rules"):
        assert template[part] == deployed[part]
