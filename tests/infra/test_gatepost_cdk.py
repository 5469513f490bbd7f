"""Resources that `GatepostAuthorizer` adds to other apps' stacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from infra.configuration.context import ROOT
from tests.infra.protecting import (
    ISSUER,
    authorizer,
    deciders,
    environment,
    function,
    http_route,
    new_stack,
    only,
    rendered,
)
from tests.infra.rendered import of_type

if TYPE_CHECKING:
    from aws_cdk import Stack


def test_an_http_route_gets_a_lambda_authorizer_with_a_simple_response(stack: Stack) -> None:
    auth = authorizer(stack, audience="https://reports.example.com", scope_implies={"reports": ["reports.read"]})
    auth.protect(http_route(stack), scopes=["reports.read"])
    auth.protect(http_route(stack, "POST /reports"), scopes=["reports.read", "reports.write"])
    auth.protect(http_route(stack, "GET /me"), scopes=[])
    http_route(stack, "GET /open")
    template = rendered(stack)

    (name,) = of_type(template, "AWS::ApiGatewayV2::Authorizer")
    found = only(template, "AWS::ApiGatewayV2::Authorizer")
    assert found["AuthorizerType"] == "REQUEST"
    assert found["AuthorizerPayloadFormatVersion"] == "2.0"
    assert found["EnableSimpleResponses"] is True
    assert found["IdentitySource"] == ["$request.header.Authorization", "$context.routeKey"]
    assert found["AuthorizerResultTtlInSeconds"] == 5
    routes = {each["RouteKey"]: each for each in of_type(template, "AWS::ApiGatewayV2::Route").values()}
    for key in ("GET /reports", "POST /reports", "GET /me"):
        assert (routes[key]["AuthorizationType"], routes[key]["AuthorizerId"]) == ("CUSTOM", {"Ref": name})
    assert routes["GET /open"]["AuthorizationType"] == "NONE"
    (decider,) = deciders(template)
    assert decider["Environment"]["Variables"] == {
        **environment(audience="https://reports.example.com"),
        "GATEPOST_SCOPE_IMPLIES": '{"reports":["reports.read"]}',
        "GATEPOST_ROUTES": (
            '{"reports.read":["GET /reports"],"reports.read reports.write":["POST /reports"],"":["GET /me"]}'
        ),
        "GATEPOST_LOG_SERVICE": "gatepost",
    }


def test_only_authorizers_of_that_api_may_invoke_the_function_and_only_by_its_alias(stack: Stack) -> None:
    authorizer(stack).protect(http_route(stack), scopes=[])
    template = rendered(stack)

    ((name, decides),) = of_type(template, "AWS::ApiGatewayV2::Authorizer").items()
    (api,) = of_type(template, "AWS::ApiGatewayV2::Api")
    ((allowed, permission),) = of_type(template, "AWS::Lambda::Permission").items()
    ((alias, properties),) = of_type(template, "AWS::Lambda::Alias").items()
    (version,) = of_type(template, "AWS::Lambda::Version")
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"]["Fn::Join"][1][-3:] == [":", {"Ref": api}, "/authorizers/*"]
    assert permission["FunctionName"] == {"Ref": alias}
    assert {"Ref": alias} in decides["AuthorizerUri"]["Fn::Join"][1]
    assert properties["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    assert template["Resources"][name]["DependsOn"] == [allowed]  # an update calls nothing before it may be called


def test_another_layer_is_another_version_whatever_flags_the_app_has() -> None:
    from aws_cdk import aws_lambda as lambda_

    def version(digest: str) -> str:
        stack = new_stack()
        authorizer(stack).protect(http_route(stack), scopes=[])
        for each in stack.node.find_all():
            if isinstance(each, lambda_.CfnLayerVersion):
                each.content = lambda_.CfnLayerVersion.ContentProperty(s3_bucket="b", s3_key=digest)
        (found,) = of_type(rendered(stack), "AWS::Lambda::Version")
        return found

    assert version("one") == version("one") != version("other")


def test_with_the_flags_of_cdk_json_another_layer_makes_a_new_version_of_a_function_of_the_server() -> None:
    """`infra.stack.functions` leaves it to CDK."""
    from aws_cdk import App, Stack
    from aws_cdk import aws_lambda as lambda_

    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    flags = {name: value for name, value in context.items() if name != "gatepost"}

    def version(folder: str) -> str:
        stack = Stack(App(context=flags), "Stack")
        layer = lambda_.LayerVersion(stack, "Layer", code=lambda_.Code.from_asset(str(ROOT / folder)))
        made = function(stack)
        made.add_layers(layer)
        assert made.current_version
        (found,) = of_type(rendered(stack), "AWS::Lambda::Version")
        return found

    assert version("functions/token") == version("functions/token") != version("functions/revoke")


@pytest.mark.parametrize("audience", ["https://reports.example.com", "urn:reports", "reports"])
def test_an_audience_is_a_url_or_a_name(stack: Stack, audience: str) -> None:
    authorizer(stack, audience=audience).guard(function(stack))

    found = only(rendered(stack), "AWS::Lambda::Function")
    assert found["Environment"]["Variables"]["GATEPOST_AUDIENCE"] == audience


@pytest.mark.parametrize("resource", ["https://reports.example.com/v1", "HTTPS://Reports.example.com:443/v1/"])
def test_s201_a_resource_is_the_audience_in_its_plain_form(stack: Stack, resource: str) -> None:
    authorizer(stack, resource=resource).guard(function(stack))
    authorizer(stack, "Native", kind="native", resource=resource).protect(http_route(stack), scopes=["read"])
    authorizer(stack, "Lambda", resource=resource).protect(http_route(stack, "GET /b"), scopes=["read"])

    template = rendered(stack)
    environments = [each["Environment"]["Variables"] for each in of_type(template, "AWS::Lambda::Function").values()]
    assert [each["GATEPOST_AUDIENCE"] for each in environments] == ["https://reports.example.com/v1"] * 2
    (jwt,) = [
        each["JwtConfiguration"]["Audience"]
        for each in of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
        if each["AuthorizerType"] == "JWT"
    ]
    assert jwt == ["https://reports.example.com/v1"]


def test_a_native_authorizer_has_no_function_and_asks_for_one_scope_or_what_implies_it(stack: Stack) -> None:
    auth = authorizer(stack, kind="native", audience="reports", scope_implies={"all": ["reports"], "reports": ["read"]})
    auth.protect(http_route(stack), scopes=["read"])
    auth.protect(http_route(stack, "GET /me"), scopes=[])
    auth.protect(http_route(stack, "GET /apps"), scopes=["consumer.apps"])
    template = rendered(stack)

    assert not of_type(template, "AWS::Lambda::Function")
    found = only(template, "AWS::ApiGatewayV2::Authorizer")
    assert found["AuthorizerType"] == "JWT"
    assert found["JwtConfiguration"] == {"Audience": ["reports"], "Issuer": ISSUER}
    assert found["IdentitySource"] == ["$request.header.Authorization"]
    routes = {each["RouteKey"]: each for each in of_type(template, "AWS::ApiGatewayV2::Route").values()}
    assert routes["GET /reports"]["AuthorizationScopes"] == ["all", "read", "reports"]
    assert routes["GET /apps"]["AuthorizationScopes"] == ["consumer", "consumer.apps"]
    assert routes["GET /me"]["AuthorizationType"] == "JWT"
    assert "AuthorizationScopes" not in routes["GET /me"]


def test_l1_resources_are_protected_like_l2s(stack: Stack) -> None:
    from aws_cdk import aws_apigateway as rest
    from aws_cdk import aws_apigatewayv2 as http

    auth = authorizer(stack)
    api = http.CfnApi(stack, "Api", name="x", protocol_type="HTTP")
    auth.protect(http.CfnRoute(stack, "Route", api_id=api.ref, route_key="GET /a"), scopes=["a"])
    old = rest.CfnRestApi(stack, "Old", name="x")
    parent = rest.CfnResource(stack, "A", rest_api_id=old.ref, parent_id=old.attr_root_resource_id, path_part="b")
    child = rest.CfnResource(stack, "B", rest_api_id=old.ref, parent_id=parent.ref, path_part="{id}")
    for name, resource in (("Root", old.attr_root_resource_id), ("Child", child.ref)):
        method = rest.CfnMethod(stack, name, rest_api_id=old.ref, resource_id=resource, http_method="PUT")
        auth.protect(method, scopes=["b"])
    template = rendered(stack)

    routes = json.loads(deciders(template)[0]["Environment"]["Variables"]["GATEPOST_ROUTES"])
    assert routes == {"a": ["GET /a"], "b": ["PUT /", "PUT /b/{id}"]}
    assert only(template, "AWS::ApiGatewayV2::Route")["AuthorizationType"] == "CUSTOM"
    assert {each["AuthorizationType"] for each in of_type(template, "AWS::ApiGateway::Method").values()} == {"CUSTOM"}
    elsewhere = rest.CfnMethod(stack, "E", rest_api_id=old.ref, resource_id="abc", http_method="GET")
    with pytest.raises(ValueError, match="the path of Reports/E can't be determined"):
        auth.protect(elsewhere, scopes=[])


def test_two_apis_of_one_authorizer_have_each_their_own_and_one_function(stack: Stack) -> None:
    auth = authorizer(stack)
    auth.protect(http_route(stack), scopes=["a"])
    auth.protect(http_route(stack, api="Second"), scopes=["a"])
    with pytest.raises(ValueError, match="GET /reports of another API requires a; make a GatepostAuthorizer"):
        auth.protect(http_route(stack, api="Third"), scopes=["b"])
    template = rendered(stack)

    assert len(of_type(template, "AWS::ApiGatewayV2::Authorizer")) == 2
    assert len(deciders(template)) == 1
