"""Users are invited, an administrator assigns their groups and workspaces, and they cannot change these themselves."""

import json

import pytest
from samcli.yamlhelper import yaml_parse

from conftest import ROOT

# The scopes of the API (crates/model/src/access).
SCOPES = ["callbacks:read", "callbacks:write", "deliveries:read", "deliveries:replay", "deliveries:erase"]


@pytest.fixture(scope="module")
def nested(request):
    path = request.config.getoption("--template").parent / "infra/sign-in.yaml"
    return json.loads(json.dumps(yaml_parse((path if path.exists() else ROOT / "infra/sign-in.yaml").read_text())))


@pytest.fixture(scope="module")
def resources(nested):
    return {name: it["Properties"] for name, it in nested["Resources"].items()}


@pytest.fixture(scope="module")
def people(resources):
    return resources["People"]


def test_accounts_outlive_the_stack_and_a_mistake(nested, resources):
    pool = nested["Resources"]["UserPool"]
    # Not RetainExceptOnCreate: a first deployment that fails could not remove a pool that is protected.
    assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert resources["UserPool"]["DeletionProtection"] == "ACTIVE"


def test_there_is_no_self_service_sign_up(resources):
    assert resources["UserPool"]["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_an_address_counts_only_once_it_is_verified(resources):
    pool = resources["UserPool"]
    assert pool["UsernameAttributes"] == pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    assert [it["Name"] for it in pool["AccountRecoverySetting"]["RecoveryMechanisms"]] == ["verified_email"]


def test_a_second_factor_is_off_optional_or_required(nested, resources, template):
    pool, conditions = resources["UserPool"], nested["Conditions"]
    assert pool["MfaConfiguration"] == {"Fn::If": ["RequiresMfa", "ON", {"Fn::If": ["HasMfa", "OPTIONAL", "OFF"]}]}
    assert pool["EnabledMfas"] == {"Fn::If": ["HasMfa", ["SOFTWARE_TOKEN_MFA"], {"Ref": "AWS::NoValue"}]}
    assert conditions["HasMfa"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "SignInMfa"}, "off"]}]}
    assert conditions["RequiresMfa"] == {"Fn::Equals": [{"Ref": "SignInMfa"}, "required"]}
    parameter = template["Parameters"]["SignInMfa"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("optional", ["off", "optional", "required"])


def test_passwords_are_long(resources):
    pool = resources["UserPool"]
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 14
    assert all(policy[f"Require{kind}"] is True for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))
    assert policy["TemporaryPasswordValidityDays"] <= 7
    assert pool["UserPoolTier"] == "ESSENTIALS"


def test_a_workspace_can_be_changed_by_an_administrator(resources):
    (workspace,) = [it for it in resources["UserPool"]["Schema"] if it["Name"] == "workspace"]
    assert workspace["Mutable"] is True


def test_users_cannot_write_their_own_workspace(people):
    """A user could get access to another workspace. Without the list, it would be every standard attribute."""
    assert people["WriteAttributes"] == ["email", "name"]


def test_the_token_names_the_users_workspace(people):
    assert "custom:workspace" in people["ReadAttributes"]
    # Together with email, openid would add no other attribute than email.
    assert people["AllowedOAuthScopes"] == ["openid"], "neither a machine's scopes nor aws.cognito.signin.user.admin"


def test_people_sign_in_by_code_or_srp_and_without_a_secret(people):
    assert (people["GenerateSecret"], people["AllowedOAuthFlowsUserPoolClient"]) == (False, True)
    assert people["AllowedOAuthFlows"] == ["code"], "the implicit flow puts tokens into addresses"
    # No ALLOW_USER_PASSWORD_AUTH: it would accept passwords from every caller, without IAM.
    assert set(people["ExplicitAuthFlows"]) == {
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    }
    assert people["SupportedIdentityProviders"] == ["COGNITO"]
    assert people["CallbackURLs"] == people["LogoutURLs"] == {"Ref": "SignInCallbackUrls"}


def test_who_asks_is_not_told_which_accounts_there_are(people):
    assert people["PreventUserExistenceErrors"] == "ENABLED"


def test_tokens_are_short_lived_and_can_be_revoked(people):
    assert people["TokenValidityUnits"] == {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"}
    assert people["AccessTokenValidity"] == people["IdTokenValidity"] <= 60
    assert people["RefreshTokenValidity"] <= 24
    assert people["EnableTokenRevocation"] is True


def test_the_groups_are_those_that_the_api_asks_for(resources):
    groups = {name: it["GroupName"] for name, it in resources.items() if "GroupName" in it}
    kinds = ["Administrator", "Developer", "Operator"]
    assert groups == {f"{kind}s": {"Ref": f"{kind}Group"} for kind in kinds}
    assert not [name for name, it in resources.items() if "RoleArn" in it], "a group gives no permissions in AWS"


def test_machines_may_be_allowed_what_the_api_knows_in_the_default_workspace(resources):
    server = resources["DefaultWorkspace"]
    assert server["Identifier"] == "default"
    assert [it["ScopeName"] for it in server["Scopes"]] == SCOPES


def test_no_machine_client_is_made_by_itself(nested):
    clients = [name for name, it in nested["Resources"].items() if it["Type"] == "AWS::Cognito::UserPoolClient"]
    assert clients == ["People"]


def test_the_address_of_the_sign_in_page_is_unique(resources):
    """The prefix must be unique in a region over all customers, and lower case: a stack's name is neither."""
    assert resources["Domain"]["Domain"] == {
        "Fn::Sub": ["instance-webhooks-${Id}", {"Id": {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}}]
    }


def test_there_is_a_page_to_sign_in(nested, resources):
    assert resources["Domain"]["ManagedLoginVersion"] == {"Fn::If": ["HasManagedPage", 2, 1]}
    style = resources["SignInPageStyle"]
    assert nested["Resources"]["SignInPageStyle"]["Condition"] == "HasManagedPage"
    assert (style["ClientId"], style["UseCognitoProvidedValues"]) == ({"Ref": "People"}, True)
    assert nested["Conditions"]["HasManagedPage"] == {"Fn::Equals": [{"Ref": "SignInPage"}, "managed"]}


def test_the_stack_hands_over_what_is_asked_for(nested, stack):
    given = stack["SignIn"]["Parameters"]
    assert set(given) == set(nested["Parameters"])
    assert given.pop("DeploymentName") == {"Ref": "AWS::StackName"}
    # No second deployment is needed to set an address that is known only then.
    assert given.pop("SignInCallbackUrls") == {
        "Fn::If": [
            "HasSignInCallbackUrls",
            {"Fn::Sub": "${SignInCallbackUrls},${Api.ApiEndpoint}/"},
            {"Fn::Sub": "${Api.ApiEndpoint}/"},
        ]
    }
    assert given == {name: {"Ref": name} for name in given}


def test_no_sign_in_leads_to_this_machine_unless_that_is_asked_for(template):
    """Any program that listens on a port of the user's machine would receive the code of the sign-in."""
    assert template["Parameters"]["SignInCallbackUrls"]["Default"] == ""
    assert template["Conditions"]["HasSignInCallbackUrls"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "SignInCallbackUrls"}, ""]}]}
