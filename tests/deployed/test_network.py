"""A stack whose functions are in a VPC makes callbacks, and names the addresses that they come from.

The emulator runs functions on this machine, ignores their subnets, and has no fixed addresses (AWS::EC2::EIP): which functions are in
which subnets, and the network that the stack creates, are tested as templates only.
"""

import pytest

from conftest import on


@pytest.fixture(scope="module")
def in_a_vpc(emulator):
    parameters = {
        "VpcSubnetIds": "subnet-0123456789abcdef0,subnet-1123456789abcdef0",
        "VpcSecurityGroupIds": "sg-0123456789abcdef0",
        "EgressAddresses": "203.0.113.7,203.0.113.8",
    }
    stack = emulator.deploy("private", **parameters)
    yield stack
    emulator.client("cloudformation").delete_stack(StackName=stack.name)


def test_callbacks_are_made_and_their_addresses_are_named(emulator, in_a_vpc, receiver):
    api = in_a_vpc.api(in_a_vpc.person("ada@example.com", "acme", "Administrator"))
    put = api("PUT", "/v1/workspaces/acme/callbacks", {"created": on(receiver.url("/"))})
    assert put.status == 200, put
    item = {"instanceID": {"S": "private-1"}, "processName": {"S": "Loan"}, "workspaceID": {"S": "acme"}}
    emulator.client("dynamodb").put_item(TableName=in_a_vpc.outputs["InstancesTableName"], Item=item)
    receiver.heard("private-1")
    addresses = api("GET", "/v1/egress-addresses")
    assert (addresses.status, addresses.json) == (200, {"addresses": ["203.0.113.7", "203.0.113.8"]})


def test_where_callbacks_come_from_is_told_to_signed_in_callers_only(stack, in_a_vpc, api):
    assert in_a_vpc.api()("GET", "/v1/egress-addresses").status == 401
    assert api("GET", "/v1/egress-addresses").json == {"addresses": []}, "this stack has no fixed ones"
