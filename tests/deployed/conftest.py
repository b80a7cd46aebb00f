"""The stack as a user has it: built by `sam build`, deployed by `sam deploy`, on an emulator of AWS.

The emulator checks tokens, signatures and policies, so that the tests also show that the template's permissions are
enough. It lacks Lambda's handling of a stream's failures (tests/lambda/mapping tests that) and lets one slow function
block all others, so that no receiver here is slow.
"""

import sys
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from emulator import Emulator  # noqa: E402
from receiver import Receiver  # noqa: E402


@pytest.fixture(scope="session")
def emulator():
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def stack(emulator):
    """Deploys the stack that creates its own instance table."""
    return emulator.deploy("webhooks")


@pytest.fixture(scope="session")
def instances(emulator, stack):
    """Returns the instance table, written to as a process platform does."""
    return Table(emulator.client("dynamodb"), stack.outputs["InstancesTableName"])


@pytest.fixture(scope="session")
def deliveries(emulator, stack):
    return Table(emulator.client("dynamodb"), stack.outputs["DeliveriesTableName"])


@pytest.fixture
def workspace():
    """Returns a workspace that no other test uses."""
    return f"workspace-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def api(stack, workspace):
    """Returns the API, called by an administrator of the workspace."""
    return stack.api(stack.person(f"{workspace}@example.com", workspace, "Administrator"))


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


def pytest_collection_modifyitems(items):
    """Moves the tests that remove the stacks to the end."""
    items.sort(key=lambda item: item.path.name == "test_removal.py")


class Table:
    """A table of items whose values are strings, or attribute values as the API has them."""

    def __init__(self, dynamodb, name):
        self.dynamodb = dynamodb
        self.name = name

    def put(self, **item):
        self.dynamodb.put_item(TableName=self.name, Item=attributes(item))

    def put_together(self, *items):
        puts = [{"PutRequest": {"Item": attributes(item)}} for item in items]
        assert not self.dynamodb.batch_write_item(RequestItems={self.name: puts})["UnprocessedItems"]

    def delete(self, **key):
        self.dynamodb.delete_item(TableName=self.name, Key=attributes(key))

    def items(self, **values):
        """Returns every item with these values."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True)
        found = (plain({"M": item}) for page in pages for item in page["Items"])
        return [item for item in found if all(item.get(name) == value for name, value in values.items())]


def attributes(item):
    return {name: value if isinstance(value, dict) else {"S": value} for name, value in item.items()}


def plain(value):
    ((kind, value),) = value.items()
    match kind:
        case "M":
            return {name: plain(it) for name, it in value.items()}
        case "L":
            return [plain(it) for it in value]
        case "N":
            return float(value) if "." in value else int(value)
        case _:
            return value


def on(*urls):
    return {"enabled": True, "urls": list(urls)}


def problem(kind):
    return f"urn:instance-webhooks:problem:{kind}"


@pytest.fixture
def configure(api, workspace):
    def configure(**callbacks):
        answer = api("PUT", f"/v1/workspaces/{workspace}/callbacks", callbacks)
        assert answer.status == 200, answer

    return configure
