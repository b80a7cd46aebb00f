"""Nobody calls the API without credentials, but for two routes that tell nothing."""

import json

OPEN = {"GET /health", "GET /openapi.json"}


def test_every_route_but_two_asks_for_credentials(stack):
    routes = stack.of_type("AWS::ApiGatewayV2::Route").values()
    unauthorised = {it["RouteKey"] for it in routes if it.get("AuthorizationType", "NONE") == "NONE"}
    assert unauthorised == OPEN
    assert {it["RouteKey"]: it["AuthorizationType"] for it in routes if it["RouteKey"] not in OPEN} == {"$default": "AWS_IAM"}


def test_every_route_leads_to_the_config_function(stack):
    for route in stack.of_type("AWS::ApiGatewayV2::Route").values():
        assert route["ApiId"] == {"Ref": "Api"}
        assert route["Target"] == {"Fn::Sub": "integrations/${ApiIntegration}"}
    integration = stack["ApiIntegration"]
    assert integration["IntegrationUri"] == {"Fn::GetAtt": ["ConfigFunction", "Arn"]}
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")


def test_only_this_api_calls_the_config_function(stack):
    permissions = [stack[name] for name in stack.of_type("AWS::Lambda::Permission")]
    (permission,) = [it for it in permissions if it["FunctionName"] == {"Ref": "ConfigFunction"}]
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${Api}/*")


def test_the_api_is_throttled(stack):
    settings = stack["ApiStage"]["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == {"Ref": "ApiRateLimit"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "ApiBurstLimit"}


def test_each_call_is_logged_on_one_line_without_its_query(stack):
    access = stack["ApiStage"]["AccessLogSettings"]
    assert access["DestinationArn"] == {"Fn::GetAtt": ["ApiLogs", "Arn"]}
    assert "\n" not in access["Format"]
    fields = json.loads(access["Format"])
    assert {"requestId", "routeKey", "status", "userArn"} <= set(fields)
    assert not [value for value in fields.values() if "query" in value.lower() or "authorization" in value.lower()]
