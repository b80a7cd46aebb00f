"""The template as a person reads it, and as CloudFormation receives it after SAM has transformed it."""

import json
import sys
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).parents[2]

# The stream that is read: of the table that the stack creates, or of one that was there before.
STREAM = {"Fn::If": ["CreatesInstancesTable", {"Fn::GetAtt": ["InstancesTable", "StreamArn"]}, {"Ref": "InstanceStreamArn"}]}
sys.path.insert(0, str(ROOT / "tools"))

from transform import transform  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--template", type=Path, default=ROOT / "template.yaml", help="the template to test")


@pytest.fixture(scope="session")
def text(request):
    return request.config.getoption("--template").read_text()


@pytest.fixture(scope="session")
def template(text):
    """The template before SAM: parameters, rules, globals."""
    return json.loads(json.dumps(yaml_parse(text)))


@pytest.fixture(scope="session")
def nested_templates(request):
    """The nested templates, by their paths; those beside the tested template go before."""
    beside = request.config.getoption("--template").parent
    paths = [path.relative_to(ROOT) for path in sorted(ROOT.glob("infra/*.yaml"))]
    found = {str(it): beside / it if (beside / it).exists() else ROOT / it for it in paths}
    return {name: json.loads(json.dumps(yaml_parse(path.read_text()))) for name, path in found.items()}


@pytest.fixture(scope="session")
def stack(text):
    return Stack(transform(text)["Resources"])


class Stack:
    """The resources that are deployed."""

    def __init__(self, resources):
        self.resources = resources

    def __getitem__(self, logical_id):
        return self.resources[logical_id]["Properties"]

    def attribute(self, logical_id, name):
        return self.resources[logical_id].get(name)

    def of_type(self, kind):
        return {name: it["Properties"] for name, it in self.resources.items() if it["Type"] == kind}

    def statements(self, role):
        """Returns the statements of a role, under any of the stack's conditions."""
        for policy in self[role]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield from branches(statement)


def branches(value):
    """Returns both outcomes of an Fn::If, without AWS::NoValue."""
    if isinstance(value, dict) and "Fn::If" in value:
        for branch in value["Fn::If"][1:]:
            yield from branches(branch)
    elif value != {"Ref": "AWS::NoValue"}:
        yield value


def listed(value):
    return value if isinstance(value, list) else [value]
