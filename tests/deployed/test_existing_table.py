"""A stack for an existing table and issuer, with its own attribute names; and the rejection of wrong parameters."""

import json

import pytest
from emulator import BUILT, Failed

from conftest import Table, on

# The records of one item invoke nothing. In inner quotes, as the command line of SAM asks for.
FILTER = "'" + json.dumps({"dynamodb": {"Keys": {"id": {"N": [{"anything-but": ["13"]}]}}}}) + "'"

# This table's attribute names for an instance's id, its process and its workspace.
NAMES = {"InstanceIdAttribute": "id", "ProcessNameAttribute": "kind", "WorkspaceIdAttribute": "tenant"}
STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/Cases/stream/2026-01-31T12:00:00.000"
KEY = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(scope="session")
def cases(emulator):
    """Returns a table of another owner."""
    dynamodb = emulator.client("dynamodb")
    table = dynamodb.create_table(
        TableName="Cases",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    table_of_cases = Table(dynamodb, "Cases")
    table_of_cases.stream = table["LatestStreamArn"]
    return table_of_cases


@pytest.fixture(scope="session")
def audience(emulator, stack):
    """Returns the app client of this stack at an issuer that it does not own: the first stack's user pool."""
    return emulator.client("cognito-idp").create_user_pool_client(
        UserPoolId=stack.outputs["UserPoolId"], ClientName="cases", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]


@pytest.fixture(scope="session")
def attached(emulator, stack, cases, audience):
    return emulator.deploy(
        "attached", InstanceStreamArn=cases.stream, **NAMES, Issuer=stack.outputs["Issuer"], Audience=audience,
        AdministratorGroup="CasesAdministrator", StreamFilter=FILTER,
    )


@pytest.fixture
def administrator(emulator, stack, attached, audience, workspace):
    """Returns the API of the attached stack, called by an administrator of the workspace."""
    cognito, pool = emulator.client("cognito-idp"), stack.outputs["UserPoolId"]
    if "CasesAdministrator" not in [it["GroupName"] for it in cognito.list_groups(UserPoolId=pool)["Groups"]]:
        cognito.create_group(UserPoolId=pool, GroupName="CasesAdministrator")
    email = f"cases-{workspace}@example.com"
    stack.invite(email, workspace, "CasesAdministrator")
    return attached.api(stack.sign_in(email, audience)["IdToken"])


def test_events_of_a_table_with_other_names_are_told(administrator, cases, receiver, workspace):
    callbacks = {name: on(receiver.url(f"/{name}")) for name in ("created", "updated", "deleted")}
    assert administrator("PUT", f"/v1/workspaces/{workspace}/callbacks", callbacks).status == 200

    case = {"id": {"N": "42"}, "kind": "Claim", "tenant": workspace}
    cases.put(**case)
    cases.put(**case, assigned="ada")
    cases.delete(id=case["id"])
    told = [(it.path, it.query["processName"], it.query["eventType"]) for it in receiver.heard("42", times=3)]
    assert sorted(told) == [(f"/{event}", "Claim", event) for event in ("created", "deleted", "updated")]

    path = f"/v1/workspaces/{workspace}/endpoints"
    (created, *_) = administrator("GET", path).json["endpoints"]
    dry_run = administrator("POST", f"{path}/{created['endpointID']}/dry-run", {"changed": ["assigned"]}).json
    told = [(it["instanceID"], it["processName"], it["eventType"], it["sent"]) for it in dry_run["events"]]
    assert told == [("42", "Claim", event, event == "created") for event in ("deleted", "updated", "created")]


def test_a_record_that_the_filter_of_the_stream_leaves_out_is_no_event(administrator, cases, receiver, workspace):
    assert administrator("PUT", f"/v1/workspaces/{workspace}/callbacks", {"created": on(receiver.url())}).status == 200
    for number in ("13", "14"):
        cases.put(id={"N": number}, kind="Claim", tenant=workspace)
    receiver.heard("14", times=1)
    assert [it.query["instanceID"] for it in receiver.requests] == ["14"]


def test_no_second_table_of_instances_and_no_second_user_pool_is_created(attached, stack):
    assert not {"InstancesTable", "SignIn"} & set(attached.resources)
    assert not {"InstancesTableName", "SignInUrl", "SignInClientId", "UserPoolId"} & set(attached.outputs)
    assert attached.outputs["Issuer"] == stack.outputs["Issuer"]


def test_each_stack_has_its_own_callbacks_and_its_own_callers(stack, attached, administrator, api, workspace):
    """Two stacks with one issuer, and one workspace: the tokens differ in their audience."""
    path = f"/v1/workspaces/{workspace}/callbacks"
    assert api("PUT", path, {"created": on("http://127.0.0.1:1/")}).status == 200
    assert administrator("GET", path).json["version"] == 0
    assert attached.api(api.token)("GET", path).status == 401
    assert stack.api(administrator.token)("GET", path).status == 401


def test_the_groups_are_called_what_the_issuer_calls_them(stack, attached, administrator, audience, workspace):
    email = f"other-{workspace}@example.com"
    stack.invite(email, workspace, "Administrator")
    assert administrator("GET", f"/v1/workspaces/{workspace}/callbacks").status == 200
    by_another_name = attached.api(stack.sign_in(email, audience)["IdToken"])
    assert by_another_name("GET", f"/v1/workspaces/{workspace}/callbacks").status == 403


# ── Wrong parameters ─────────────────────────────────────────────────────────────────────────────────────────────────────

WRONG = {
    "a table instead of its stream": (
        {"InstanceStreamArn": STREAM.split("/stream")[0]},
        "must be empty or the ARN of a DynamoDB stream",
    ),
    "the stream of another service": ({"InstanceStreamArn": STREAM.replace("dynamodb", "kinesis")}, "DynamoDB stream"),
    "two attributes of one name": (
        {"InstanceStreamArn": STREAM, "ProcessNameAttribute": "id", "InstanceIdAttribute": "id"},
        "InstanceIdAttribute and ProcessNameAttribute must be different attributes.",
    ),
    "a key without a table": ({"InstanceTableKeyArn": KEY}, "so InstanceStreamArn must name its stream."),
    "the alias of a key": ({"InstanceTableKeyArn": KEY.replace("key/", "alias/")}, "not of an alias"),
    "batches of nothing": ({"StreamBatchSize": "0"}, "must be 1 to 10000"),
    "an age beyond the stream's": ({"StreamMaximumRecordAge": "86400"}, "must be 60 to 82800 (23 hours)"),
    "an attribute with a blank": ({"ProcessNameAttribute": "process name"}, "must be 1 to 255 characters without white space"),
    "an issuer for everybody": (
        {"Issuer": "https://issuer.example.com"},
        "With an Issuer of your own, Audience must name the audience of the tokens that are meant for this API.",
    ),
    "an issuer that can be overheard": ({"Issuer": "http://issuer.example.com", "Audience": "x"}, "an https:// URL"),
    "a claim that its owner can write": ({"WorkspaceClaim": "name"}, "the user pool's is custom:workspace."),
    "two groups of one name": (
        {"AdministratorGroup": "Developer"}, "AdministratorGroup and DeveloperGroup must be different groups.",
    ),
    "a network without its size": ({"AllowedNetworks": "10.0.0.0"}, "networks such as 10.0.0.0/8"),
    "a port by name": ({"AllowedPorts": "https"}, "must be empty or ports such as 443"),
    "half a certificate": ({"PrivateCa": "-----BEGIN CERTIFICATE-----"}, "must be empty or PEM certificates"),
    "half an address": ({"AlarmEmail": "on-call"}, "must be empty or an e-mail address"),
}


@pytest.fixture(scope="session")
def packaged(emulator, stack):
    """Returns the address of the template as `sam deploy` uploads it, so that each case is one call to
    CloudFormation."""
    path = emulator.dir / "packaged.yaml"
    emulator.sam("package", "--resolve-s3", "--template-file", BUILT / "template.yaml", "--output-template-file", path)
    # By S3, because CloudFormation accepts no more than 51,200 bytes in the call itself.
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="packaged")
    s3.upload_file(str(path), "packaged", path.name)
    return f"{emulator.endpoint}/packaged/{path.name}"


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_parameter_is_refused_with_a_sentence_before_anything_is_created(emulator, packaged, case):
    parameters, sentence = WRONG[case]
    name = case.replace(" ", "-").replace("'", "")
    cloudformation = emulator.client("cloudformation")
    with pytest.raises(cloudformation.exceptions.ClientError) as refusal:
        cloudformation.create_change_set(
            StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateURL=packaged,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        )
    assert refusal.value.response["Error"]["Code"] == "ValidationError"
    assert sentence in str(refusal.value)
    assert name not in [it["StackName"] for it in cloudformation.list_stacks()["StackSummaries"]]


def test_who_deploys_reads_the_sentence(emulator, stack):
    with pytest.raises(Failed, match="InstanceIdAttribute and WorkspaceIdAttribute must be different attributes"):
        emulator.deploy("wrong", WorkspaceIdAttribute="instanceID")
