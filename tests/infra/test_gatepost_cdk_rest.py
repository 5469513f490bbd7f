"""Resources that `GatepostAuthorizer` adds to REST APIs: authorizers, gateway responses, a new deployment."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.protecting import authorizer, deciders, new_stack, only, rendered, rest_api, rest_method
from tests.infra.rendered import Template, of_type

if TYPE_CHECKING:
    from aws_cdk import Stack

    from gatepost_cdk import GatepostAuthorizer


@pytest.mark.parametrize(
    ("kind", "type_", "sources", "ttl"),
    [
        ("lambda", "REQUEST", "method.request.header.Authorization,context.resourcePath,context.httpMethod", 5),
        ("token", "TOKEN", "method.request.header.Authorization", 0),
    ],
)
def test_a_rest_method_gets_an_authorizer_whose_answers_are_kept_for_its_route_or_not_at_all(
    stack: Stack, kind: str, type_: str, sources: str, ttl: int
) -> None:
    auth, api = authorizer(stack, kind=kind), rest_api(stack)
    auth.protect(rest_method(api, "GET /reports/{id}"), scopes=["reports.read"])
    auth.protect(rest_method(api, "ANY /files/{path+}"), scopes=["files"])
    auth.protect(rest_method(api, "GET /"), scopes=[])
    template = rendered(stack)

    (name,) = of_type(template, "AWS::ApiGateway::Authorizer")
    found = only(template, "AWS::ApiGateway::Authorizer")
    assert (found["Type"], found["IdentitySource"], found["AuthorizerResultTtlInSeconds"]) == (type_, sources, ttl)
    for method in of_type(template, "AWS::ApiGateway::Method").values():
        assert (method["AuthorizationType"], method["AuthorizerId"]) == ("CUSTOM", {"Ref": name})
    routes = json.loads(deciders(template)[0]["Environment"]["Variables"]["GATEPOST_ROUTES"])
    assert routes == {"reports.read": ["GET /reports/{id}"], "files": ["ANY /files/{path+}"], "": ["GET /"]}


def gateway_responses(template: Template) -> dict[str, tuple[str, dict[str, str]]]:
    return {
        each["ResponseType"]: (each["StatusCode"], each["ResponseParameters"])
        for each in of_type(template, "AWS::ApiGateway::GatewayResponse").values()
    }


def test_a_rest_api_sends_the_challenges_as_gateway_responses(stack: Stack) -> None:
    auth = authorizer(stack, realm='the "reports"', resource_metadata="https://r.example.com/.well-known/x")
    auth.protect(rest_method(rest_api(stack)), scopes=["reports.read"])

    assert gateway_responses(rendered(stack)) == {
        "UNAUTHORIZED": (
            "401",
            {
                "gatewayresponse.header.WWW-Authenticate": (
                    '\'Bearer realm="the \\"reports\\"", scope="reports.read", '
                    'resource_metadata="https://r.example.com/.well-known/x"\''
                )
            },
        ),
        "ACCESS_DENIED": ("403", {"gatewayresponse.header.WWW-Authenticate": "context.authorizer.challenge"}),
        "AUTHORIZER_FAILURE": ("503", {"gatewayresponse.header.Retry-After": "'5'"}),
    }


@pytest.mark.parametrize(
    ("methods", "told"),
    [
        ([["a", "b", "o'clock"]], ', scope="a b"'),
        ([["a", "b"], ["b", "a", "c"]], ', scope="a b"'),
        ([["a", "b"], ["b", "a", "c"], ["b"]], ', scope="b"'),
        ([["a"], ["b"]], ""),
        ([["a"], []], ""),
    ],
)
def test_401_names_the_scopes_that_every_method_of_the_api_needs(
    stack: Stack, methods: list[list[str]], told: str
) -> None:
    auth, api, other = authorizer(stack), rest_api(stack), rest_api(stack, "Other")
    auth.protect(rest_method(other, "GET /elsewhere"), scopes=["z"])
    for number, scopes in enumerate(methods):
        auth.protect(rest_method(api, f"GET /{number}"), scopes=scopes)

    found = {
        each["ResponseParameters"]["gatewayresponse.header.WWW-Authenticate"]
        for each in of_type(rendered(stack), "AWS::ApiGateway::GatewayResponse").values()
        if each["ResponseType"] == "UNAUTHORIZED"
    }
    assert found == {f"'Bearer realm=\"api\"{told}'", '\'Bearer realm="api", scope="z"\''}


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [(["https://app.example.com"], "https://app.example.com"), (["https://a.test", "https://b.test"], "*")],
)
def test_scripts_may_read_the_challenge_where_cors_is_on_once_it_is_there(
    stack: Stack, origins: list[str], allowed: str
) -> None:
    from aws_cdk import aws_apigateway as rest

    api = rest_api(stack, default_cors_preflight_options=rest.CorsOptions(allow_origins=origins))
    authorizer(stack).protect(rest_method(api), scopes=[])
    template = rendered(stack)

    for _, headers in gateway_responses(template).values():
        assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == f"'{allowed}'"
        assert headers["gatewayresponse.header.Access-Control-Expose-Headers"] == "'WWW-Authenticate'"
    preflight = [
        each for each in of_type(template, "AWS::ApiGateway::Method").values() if each["HttpMethod"] == "OPTIONS"
    ]
    (deployment,) = [each for each in template["Resources"].values() if each["Type"] == "AWS::ApiGateway::Deployment"]
    assert set(of_type(template, "AWS::ApiGateway::GatewayResponse")) < set(deployment["DependsOn"])
    assert preflight
    assert all(each["AuthorizationType"] == "NONE" for each in preflight)


def test_a_change_of_the_protection_deploys_a_rest_api_anew() -> None:
    def deployment(change: Callable[[GatepostAuthorizer, Any], None] | None, **options: Any) -> str:
        stack = new_stack()
        method = rest_method(rest_api(stack))
        if change:
            change(authorizer(stack, **options), method)
        (name,) = of_type(rendered(stack), "AWS::ApiGateway::Deployment")
        return name

    def reads(auth: GatepostAuthorizer, method: Any) -> None:
        auth.protect(method, scopes=["reports.read"])

    found = [
        deployment(None),
        deployment(reads),
        deployment(lambda auth, method: auth.protect(method, scopes=["reports.write"])),
        deployment(reads, realm="other"),
        deployment(reads, cache_seconds=9),
    ]
    assert len(set(found)) == len(found)
    assert deployment(reads) == found[1]
