"""Each function has the variables that its code reads and its own log, and ends before its caller's timeout."""

import re
import tomllib

import pytest

from conftest import ROOT, STREAM, branches

TABLES = {"WEBHOOKS_TABLE": {"Ref": "WebhooksTable"}, "DELIVERIES_TABLE": {"Ref": "DeliveriesTable"}}
# Metrics and events have the name of their deployment.
DEPLOYMENT = {"DEPLOYMENT_NAME": {"Ref": "AWS::StackName"}}
WAKEUPS = {"WAKEUP_QUEUE_URL": {"Ref": "WakeupQueue"}}
# Events about endpoints link to it.
CONSOLE = {"CONSOLE_URL": {"Fn::Sub": "${Api.ApiEndpoint}/"}}
LOG = {"LOG_DELIVERIES": {"Ref": "LogDeliveries"}}
# A function that writes a completed delivery sets its expiry.
RETENTION = {
    "LOG_RETENTION_DAYS": {"Ref": "DeliveryRetentionDays"},
    "AUDIT_RETENTION_DAYS": {"Ref": "AuditRetentionDays"},
}
HOLD = {"HOLD_MS": {"Ref": "HoldMs"}}
# Every function that reads records of the instance table's stream makes the same events of them.
EVENTS = {
    "INSTANCE_ID_ATTRIBUTE": {"Ref": "InstanceIdAttribute"},
    "PROCESS_NAME_ATTRIBUTE": {"Ref": "ProcessNameAttribute"},
    "WORKSPACE_ID_ATTRIBUTE": {"Ref": "WorkspaceIdAttribute"},
    "TTL_EXPIRY_IS_DELETED": {"Ref": "TtlExpiryIsDeleted"},
}
# Every function that calls or accepts a URL has the rules for allowed ones.
CALLABLE = {
    "ALLOWED_NETWORKS": {"Ref": "AllowedNetworks"},
    "ALLOWED_PORTS": {"Ref": "AllowedPorts"},
    "HTTPS_ONLY": {"Ref": "HttpsOnly"},
    "PRIVATE_CA": {"Ref": "PrivateCa"},
}


def of_the_pool_or(output, parameter):
    return {"Fn::If": ["CreatesUserPool", {"Fn::GetAtt": ["SignIn", f"Outputs.{output}"]}, {"Ref": parameter}]}


def of_the_network_or(output, parameter):
    return {"Fn::If": ["CreatesNetwork", {"Fn::GetAtt": ["Network", f"Outputs.{output}"]}, {"Ref": parameter}]}


ENVIRONMENT = {
    "ApiFunction": TABLES
    | WAKEUPS
    | RETENTION
    | CALLABLE
    | EVENTS
    | {
        "INSTANCE_STREAM_ARN": STREAM,
        "EGRESS_ADDRESSES": of_the_network_or("EgressAddresses", "EgressAddresses"),
        "ADMINISTRATOR_GROUP": {"Ref": "AdministratorGroup"},
        "DEVELOPER_GROUP": {"Ref": "DeveloperGroup"},
        "OPERATOR_GROUP": {"Ref": "OperatorGroup"},
        "GROUPS_CLAIM": {"Ref": "GroupsClaim"},
        "WORKSPACE_CLAIM": {"Ref": "WorkspaceClaim"},
        "TEST_CALLS_PER_MINUTE": {"Ref": "TestCallsPerMinute"},
    },
    # The console's own client of the pool, or the client at an issuer of the operator's own.
    "ConsoleFunction": {
        "SIGN_IN_ISSUER": of_the_pool_or("Issuer", "Issuer"),
        "SIGN_IN_CLIENT_ID": of_the_pool_or("SignInClientId", "ConsoleClientId"),
        "SIGN_IN_AUDIENCES": of_the_pool_or("SignInClientId", "Audience"),
        "SIGN_IN_SCOPE": {"Ref": "ConsoleScope"},
        "SIGN_IN_ORIGINS": of_the_pool_or("SignInUrl", "SignInOrigins"),
        "SIGN_IN_LOGOUT_URL": {"Fn::If": ["CreatesUserPool", {"Fn::Sub": "${SignIn.Outputs.SignInUrl}/logout"}, ""]},
    },
    "FanoutFunction": TABLES
    | DEPLOYMENT
    | WAKEUPS
    | LOG
    | RETENTION
    | HOLD
    | CALLABLE
    | EVENTS,
    "RetryFunction": TABLES | DEPLOYMENT | WAKEUPS | CONSOLE | LOG | RETENTION | HOLD | CALLABLE,
}

every_function = pytest.mark.parametrize("name", ENVIRONMENT)


def test_these_are_all_the_functions(stack):
    assert set(stack.of_type("AWS::Lambda::Function")) == set(ENVIRONMENT)


@every_function
def test_a_function_is_given_its_settings(stack, name):
    assert stack[name]["Environment"]["Variables"] == ENVIRONMENT[name]


def test_the_code_reads_every_variable_that_is_set():
    crates = (ROOT / "crates").glob("*/src")
    source = "\n".join(path.read_text() for crate in crates for path in crate.rglob("*.rs"))
    read = set(re.findall(r'\b\w+\(\s*"([A-Z]+(?:_[A-Z]+)+)"', source))
    is_set = {variable for variables in ENVIRONMENT.values() for variable in variables}
    assert is_set <= read


@every_function
def test_a_function_is_a_binary_of_the_workspace(template, name):
    metadata = template["Resources"][name]["Metadata"]
    assert metadata["BuildMethod"] == "rust-cargolambda"
    binary = metadata["BuildProperties"]["Binary"]
    manifest = tomllib.loads((ROOT / "functions" / binary / "Cargo.toml").read_text())
    assert manifest["package"]["name"] == binary


@every_function
def test_a_function_runs_on_the_operating_system_only_runtime(stack, name):
    assert (stack[name]["Runtime"], stack[name]["Handler"]) == ("provided.al2023", "bootstrap")
    assert stack[name]["Architectures"] == [{"Ref": "Architecture"}]
    # The console's function only returns files that are compiled into it.
    assert stack[name]["MemorySize"] == (128 if name == "ConsoleFunction" else {"Ref": "FunctionMemory"})
    assert stack[name]["TracingConfig"] == {"Mode": {"Ref": "TracingMode"}}


@every_function
def test_a_function_has_a_log_of_its_own_that_is_not_kept_for_ever(stack, name):
    logging = stack[name]["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert logging["ApplicationLogLevel"] == {"Ref": "LogLevel"}
    group = logging["LogGroup"]["Ref"]
    assert stack[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    users = [it["LoggingConfig"]["LogGroup"]["Ref"] for it in stack.of_type("AWS::Lambda::Function").values()]
    assert users.count(group) == 1


def test_every_log_is_kept_for_as_long_as_the_parameter_says(stack):
    for name, group in stack.of_type("AWS::Logs::LogGroup").items():
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name


@every_function
def test_a_function_that_writes_deliveries_knows_how_long_they_are_kept(stack, name):
    variables = stack[name]["Environment"]["Variables"]
    assert ("LOG_RETENTION_DAYS" in variables) == ("DELIVERIES_TABLE" in variables)


def test_fanout_has_time_for_its_hold_its_claims_and_its_writes(stack, template):
    hold = template["Parameters"]["HoldMs"]["MaxValue"] / 1000
    claim = 10 + 3.4  # an attempt's timeout, and the further lifetime of its claim (fanout/batch.rs)
    assert stack["FanoutFunction"]["Timeout"] >= hold + claim + 4


@pytest.mark.parametrize("function, integration", [("ApiFunction", "ApiIntegration"), ("ConsoleFunction", "ConsoleIntegration")])
def test_what_is_behind_the_api_answers_before_it_gives_up(stack, function, integration):
    assert stack[function]["Timeout"] < stack[integration].get("TimeoutInMillis", 30_000) / 1000


def test_lambda_does_not_take_a_chain_of_wake_ups_for_a_runaway_loop(stack):
    assert stack["RetryFunction"]["RecursiveLoop"] == "Allow"
    for name in ("ApiFunction", "ConsoleFunction", "FanoutFunction"):
        assert "RecursiveLoop" not in stack[name], f"{name} sends to nothing that calls it"


def test_concurrency_is_limited_only_where_a_parameter_says_so(stack):
    reserved = stack["FanoutFunction"]["ReservedConcurrentExecutions"]
    assert list(branches(reserved)) == [{"Ref": "FanoutReservedConcurrency"}]
    limited = stack["WakeupMapping"]["ScalingConfig"]
    assert list(branches(limited)) == [{"MaximumConcurrency": {"Ref": "RetryMaximumConcurrency"}}]


def test_the_lines_that_carry_metrics_are_never_dropped(template):
    # A line without a level counts as INFO (Lambda, "Log-level filtering").
    assert set(template["Parameters"]["LogLevel"]["AllowedValues"]) == {"TRACE", "DEBUG", "INFO"}
