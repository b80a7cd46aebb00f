"""Every route of the API requires a token, except two without data; the console is public."""

import json

import pytest



def got(*paths):
    """Returns the route keys of open paths. A route for GET does not match HEAD, which would need a token."""
    return {f"{method} {path}" for path in paths for method in ("GET", "HEAD")}


# The routes of crates/console-assets/src/router.rs.
CONSOLE = got("/", "/workspaces", "/workspaces/{proxy+}", "/assets/{proxy+}", "/favicon.svg", "/console.json")
OPEN = got("/health", "/openapi.json") | CONSOLE


def test_every_route_but_two_and_the_consoles_asks_for_a_token(stack):
    routes = stack.of_type("AWS::ApiGatewayV2::Route").values()
    unauthorised = {it["RouteKey"] for it in routes if it.get("AuthorizationType", "NONE") == "NONE"}
    assert unauthorised == OPEN
    closed = {it["RouteKey"]: (it["AuthorizationType"], it["AuthorizerId"]) for it in routes if it["RouteKey"] not in OPEN}
    assert closed == {"$default": ("JWT", {"Ref": "ApiAuthorizer"})}


def test_a_token_counts_if_it_is_of_the_issuer_and_meant_for_this_api(stack):
    (authorizer,) = stack.of_type("AWS::ApiGatewayV2::Authorizer").values()
    assert (authorizer["ApiId"], authorizer["AuthorizerType"]) == ({"Ref": "Api"}, "JWT")
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"], "in a query it would be logged on its way"
    of_the_pool = {"Fn::GetAtt": ["SignIn", "Outputs.SignInClientId"]}
    given = {"Ref": "Audience"}
    assert authorizer["JwtConfiguration"] == {
        "Issuer": {"Fn::If": ["CreatesUserPool", {"Fn::GetAtt": ["SignIn", "Outputs.Issuer"]}, {"Ref": "Issuer"}]},
        "Audience": {
            "Fn::If": [
                "CreatesUserPool",
                {
                    "Fn::If": [
                        "HasAudience",
                        {"Fn::Split": [",", {"Fn::Join": [",", [of_the_pool, given]]}]},
                        [of_the_pool],  # an empty parameter would add an empty audience
                    ]
                },
                {"Fn::Split": [",", given]},
            ]
        },
    }


def test_without_an_issuer_there_is_a_user_pool(stack, template):
    assert stack.attribute("SignIn", "Condition") == "CreatesUserPool"
    assert template["Conditions"]["CreatesUserPool"] == {"Fn::Equals": [{"Ref": "Issuer"}, ""]}
    assert template["Conditions"]["HasAudience"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Audience"}, ""]}]}


def test_the_consoles_routes_lead_to_the_console_function_and_every_other_to_the_config_function(stack):
    for route in stack.of_type("AWS::ApiGatewayV2::Route").values():
        integration = "ConsoleIntegration" if route["RouteKey"] in CONSOLE else "ApiIntegration"
        assert route["ApiId"] == {"Ref": "Api"}
        assert route["Target"] == {"Fn::Sub": f"integrations/${{{integration}}}"}
    for name, function in (("ApiIntegration", "ApiFunction"), ("ConsoleIntegration", "ConsoleFunction")):
        integration = stack[name]
        assert integration["IntegrationUri"] == {"Fn::GetAtt": [function, "Arn"]}
        assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")


@pytest.mark.parametrize("function", ["ApiFunction", "ConsoleFunction"])
def test_only_this_api_calls_the_functions_behind_it(stack, function):
    permissions = [stack[name] for name in stack.of_type("AWS::Lambda::Permission")]
    (permission,) = [it for it in permissions if it["FunctionName"] == {"Ref": function}]
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${Api}/*")


def test_the_api_is_throttled(stack):
    settings = stack["ApiStage"]["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == {"Ref": "ApiRateLimit"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "ApiBurstLimit"}


def test_each_call_is_logged_on_one_line_with_its_caller_and_without_its_query_and_token(stack):
    access = stack["ApiStage"]["AccessLogSettings"]
    assert access["DestinationArn"] == {"Fn::GetAtt": ["ApiLogs", "Arn"]}
    assert "\n" not in access["Format"]
    fields = json.loads(access["Format"])
    assert {"requestId", "routeKey", "status"} <= set(fields)
    # sub is a number that the issuer chose; an address or a name would be personal.
    assert [it for it in fields.values() if "authorizer" in it] == ["$context.authorizer.claims.sub", "$context.authorizer.error"]
    assert not [value for value in fields.values() if "query" in value.lower() or "authorization" in value.lower()]
