"""A change of a parameter replaces what docs/operations.md says, and nothing else."""

import re

import pytest

from changes import Changes
from conftest import ROOT
from schemas import fixed

# Resources with data that no deployment can create again.
DATA = {"InstancesTable", "WebhooksTable", "DeliveriesTable", "DiscardedBatchesBucket", "TablesKey", "SignIn.UserPool"}
# The table of the instances is replaced with its key: the document says not to.
LOSES = {"InstanceIdAttribute": {"InstancesTable"}}


@pytest.fixture(scope="module")
def templates(stack, template, nested_templates):
    whole = {"Resources": stack.resources, "Conditions": template["Conditions"], "Outputs": template["Outputs"]}
    return {"template.yaml": whole} | nested_templates


@pytest.fixture(scope="module")
def changes(templates, template):
    return {name: Changes(templates, "template.yaml", {name}) for name in template["Parameters"]}


@pytest.fixture(scope="module")
def documented():
    """Returns what is replaced, and what appears or disappears, by parameter."""
    section = (ROOT / "docs/operations.md").read_text().split("### Change a parameter\n")[1].split("\n#")[0]
    found = {}
    for row in re.findall(r"^\| (`.+) \|$", section, re.MULTILINE):
        names, *cells = ([re.findall(r"`([\w.]+)`", it) for it in cell.split(";")] for cell in row.split("|")[:3])
        for position, name in enumerate(names[0]):
            # Several parameters in a row have their resources apart, or in common.
            found[name] = tuple(set(cell[position] if len(cell) > 1 else cell[0]) for cell in cells)
    return found


def test_each_change_does_what_the_document_says(changes, documented):
    computed = {name: (it.replaced, it.conditional) for name, it in changes.items() if it.replaced or it.conditional}
    assert documented == computed


def test_no_change_replaces_what_holds_data(changes):
    for name, it in changes.items():
        assert it.replaced & DATA == LOSES.get(name, set()), name


def test_what_a_change_removes_is_kept_if_it_holds_data(templates, changes):
    removed = {name for it in changes.values() for name in it.conditional} & DATA
    assert removed == {"InstancesTable", "TablesKey"}
    for name in removed:
        assert templates["template.yaml"]["Resources"][name]["DeletionPolicy"].startswith("Retain"), name
    # SignIn goes as a whole.
    assert templates["infra/sign-in.yaml"]["Resources"]["UserPool"]["DeletionPolicy"] == "Retain"


def test_a_replacement_is_followed_from_resource_to_resource_and_into_nested_stacks(nested_templates):
    """The helper sees a property that cannot be changed, what depends on it, and both through a nested stack."""
    assert {"AttributeDefinitions", "KeySchema", "TableName"} & fixed("AWS::DynamoDB::Table") == {"KeySchema", "TableName"}
    group = {"Type": "AWS::Cognito::UserPoolGroup", "Properties": {"UserPoolId": {"Ref": "Pool"}, "GroupName": {"Fn::Sub": "${Name}"}}}
    inner = {"Resources": {"Group": group}, "Outputs": {"Group": {"Value": {"Ref": "Group"}}}}
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": {"Fn::GetAtt": ["In", "Outputs.Group"]}}}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner", "Parameters": {"Name": {"Ref": "Given"}}}}
    outer = {"Resources": {"Mapping": mapping, "In": nested}}
    found = Changes({"outer": outer, "inner": inner}, "outer", {"Given"})
    assert (found.replaced, found.conditional) == ({"In.Group", "Mapping"}, set())
