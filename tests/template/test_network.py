"""The functions that call receivers are in a VPC where a parameter says so; the created one has fixed addresses."""

from ipaddress import ip_network

import pytest

from conftest import branches

CALLERS = {"ApiFunction", "FanoutFunction", "RetryFunction"}


@pytest.fixture(scope="module")
def network(nested_templates):
    return nested_templates["infra/network.yaml"]


def of_type(network, kind):
    return {name: it["Properties"] for name, it in network["Resources"].items() if it["Type"] == f"AWS::EC2::{kind}"}


def test_what_calls_receivers_is_in_the_vpc_and_nothing_else(stack, template):
    """The API makes test calls. The console's function only returns files."""
    functions = stack.of_type("AWS::Lambda::Function")
    assert {name for name, it in functions.items() if "VpcConfig" in it} == CALLERS
    for name in CALLERS:
        condition, config, none = functions[name]["VpcConfig"]["Fn::If"]
        assert (condition, none) == ("IsInAVpc", {"Ref": "AWS::NoValue"})
        for part, parameter in (("SubnetIds", "VpcSubnetIds"), ("SecurityGroupIds", "VpcSecurityGroupIds")):
            output = {"Fn::GetAtt": ["Network", f"Outputs.{part}"]}
            assert config[part] == {"Fn::Split": [",", {"Fn::If": ["CreatesNetwork", output, {"Ref": parameter}]}]}
        assert config["Ipv6AllowedForDualStack"] == {"Fn::If": ["IsDualStack", True, False]}
    given = {"Fn::Not": [{"Fn::Equals": [{"Ref": "VpcSubnetIds"}, ""]}]}
    assert template["Conditions"]["IsInAVpc"] == {"Fn::Or": [{"Condition": "CreatesNetwork"}, given]}


def test_the_network_is_created_only_where_it_is_asked_for(stack, network):
    assert stack.attribute("Network", "Condition") == "CreatesNetwork"
    assert set(stack["Network"]["Parameters"]) == set(network["Parameters"])
    assert "$102 a month" in " ".join(network["Description"].split())


def test_callbacks_leave_by_the_gateway_of_their_own_zone(network):
    """Two zones: one that fails takes its own gateway along."""
    nats, routes, subnets = (of_type(network, kind) for kind in ("NatGateway", "Route", "Subnet"))
    for zone in "AB":
        assert nats[f"Nat{zone}"]["AllocationId"] == {"Fn::GetAtt": [f"Address{zone}", "AllocationId"]}
        assert nats[f"Nat{zone}"]["SubnetId"] == {"Ref": f"PublicSubnet{zone}"}
        assert routes[f"ToNat{zone}"]["NatGatewayId"] == {"Ref": f"Nat{zone}"}
        assert routes[f"ToNat{zone}"]["RouteTableId"] == {"Ref": f"Routes{zone}"}
        association = of_type(network, "SubnetRouteTableAssociation")[f"RoutesOf{zone}"]
        assert association == {"SubnetId": {"Ref": f"PrivateSubnet{zone}"}, "RouteTableId": {"Ref": f"Routes{zone}"}}
        assert subnets[f"PrivateSubnet{zone}"]["AvailabilityZone"] == subnets[f"PublicSubnet{zone}"]["AvailabilityZone"]
    assert network["Outputs"]["EgressAddresses"]["Value"] == {"Fn::Sub": "${AddressA},${AddressB}"}
    assert network["Outputs"]["SubnetIds"]["Value"] == {"Fn::Sub": "${PrivateSubnetA},${PrivateSubnetB}"}


def test_each_subnet_has_addresses_of_its_own(network):
    (vpc,) = of_type(network, "VPC").values()
    parts = [ip_network(it["CidrBlock"]) for it in of_type(network, "Subnet").values()]
    assert sorted(parts) == list(ip_network(vpc["CidrBlock"]).subnets(prefixlen_diff=2))


@pytest.mark.parametrize("name", ["AddressA", "AddressB"])
def test_the_addresses_in_receivers_firewalls_outlive_a_mistake(network, name):
    address = network["Resources"][name]
    assert (address["DeletionPolicy"], address["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_nothing_calls_the_functions_and_only_they_call_the_endpoints(network):
    groups = of_type(network, "SecurityGroup")
    assert "SecurityGroupIngress" not in groups["FunctionsSecurityGroup"]
    (ingress,) = groups["EndpointsSecurityGroup"]["SecurityGroupIngress"]
    assert (ingress["SourceSecurityGroupId"], ingress["FromPort"], ingress["ToPort"]) == ({"Ref": "FunctionsSecurityGroup"}, 443, 443)


def test_there_are_endpoints_for_what_the_functions_call(network, stack):
    services = {name: it["ServiceName"]["Fn::Sub"].rsplit(".", 1)[1] for name, it in of_type(network, "VPCEndpoint").items()}
    assert services == {"DynamoDbEndpoint": "dynamodb", "SqsEndpoint": "sqs", "EventsEndpoint": "events"}
    called = {
        action.split(":")[0]
        for role in ("ApiRole", "FanoutRole", "RetryRole")
        for it in stack.statements(role)
        if it["Effect"] == "Allow"
        for action in ([it["Action"]] if isinstance(it["Action"], str) else it["Action"])
    }
    # Lambda itself writes logs and discarded batches and makes interfaces, DynamoDB uses the key, and traces go by Lambda's daemon.
    assert called - {"logs", "s3", "kms", "ec2", "xray"} == set(services.values())
    gateway = of_type(network, "VPCEndpoint")["DynamoDbEndpoint"]
    assert (gateway["VpcEndpointType"], gateway["RouteTableIds"]) == ("Gateway", [{"Ref": "RoutesA"}, {"Ref": "RoutesB"}])


def test_where_there_is_no_network_of_ours_the_addresses_are_those_of_the_parameter(stack, template):
    addresses = stack["ApiFunction"]["Environment"]["Variables"]["EGRESS_ADDRESSES"]
    assert list(branches(addresses)) == [{"Fn::GetAtt": ["Network", "Outputs.EgressAddresses"]}, {"Ref": "EgressAddresses"}]
    assert template["Parameters"]["EgressAddresses"]["Default"] == ""
