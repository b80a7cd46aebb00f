"""A deployment that changes parameters keeps the resources and their data, and takes effect."""

import pytest

from conftest import on

# Some of each kind: of variables, of the mapping, of a role, of a nested stack and of conditions. The emulator cannot update the
# nested stack of the alarms: its rules have no ARN then.
CHANGED = {
    "HoldMs": "300",
    "TestCallsPerMinute": "7",
    "StreamBatchSize": "50",
    "LogRetentionDays": "60",
    "SignInMfa": "off",
    "TracingMode": "Active",
    "ApiRateLimit": "50",
}


@pytest.fixture(scope="module")
def updated(emulator):
    """Deploys a stack of its own, with callbacks, and deploys it again with changed parameters."""
    first = emulator.deploy("updated", HoldMs="250")
    token = first.person("ada@example.com", "acme", "Administrator")
    put = first.api(token)("PUT", "/v1/workspaces/acme/callbacks", {"created": on("http://127.0.0.1:1/")})
    assert put.status == 200, put
    second = emulator.deploy("updated", **CHANGED)
    yield first, second, token, put
    emulator.client("cloudformation").delete_stack(StackName="updated")


def test_no_resource_is_replaced(updated):
    first, second, _, _ = updated
    assert second.status == "UPDATE_COMPLETE"
    assert second.resources == first.resources
    assert second.outputs == first.outputs


def test_what_was_set_and_who_signed_in_is_still_there(updated):
    _, second, token, put = updated
    assert second.api(token)("GET", "/v1/workspaces/acme/callbacks").json == put.json


def test_the_changes_take_effect(emulator, updated):
    _, second, _, _ = updated
    functions = emulator.client("lambda")
    configuration = functions.get_function_configuration(FunctionName=second.outputs["FanoutFunctionName"])
    assert configuration["Environment"]["Variables"]["HOLD_MS"] == "300"
    assert configuration["TracingConfig"]["Mode"] == "Active"
    configuration = functions.get_function_configuration(FunctionName=second.outputs["ApiFunctionName"])
    assert configuration["Environment"]["Variables"]["TEST_CALLS_PER_MINUTE"] == "7"
    mapping = functions.get_event_source_mapping(UUID=second.resources["InstanceStreamMapping"])
    assert mapping["BatchSize"] == 50
    (group,) = emulator.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/updated/fanout")["logGroups"]
    assert group["retentionInDays"] == 60
    pool = emulator.client("cognito-idp").describe_user_pool(UserPoolId=second.outputs["UserPoolId"])["UserPool"]
    assert pool["MfaConfiguration"] == "OFF"
