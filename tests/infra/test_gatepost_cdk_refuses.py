"""Errors of `GatepostAuthorizer` at synthesis, each with one sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.protecting import authorizer, function, http_route, new_stack, rest_api, rest_method

if TYPE_CHECKING:
    from aws_cdk import Stack


AUDIENCES = "a URL or name of up to 200 characters without spaces, or None for"
URLS = "an https URL of up to 200 characters without"
SCOPES = "allowed is a list of scope names"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"issuer": "https://auth.example.com/"}, "issuer is 'https://auth.example.com/'; allowed is an https origin"),
        *(({"issuer": bad}, f"issuer is '{bad}'") for bad in ("http://auth.example.com", "")),
        ({"audience": ""}, f"audience is ''; allowed is {AUDIENCES}"),
        ({"audience": "https://a.example.com https://b.example.com"}, "audience is 'https://a.example.com https:"),
        *(({"audience": bad}, "audience is ") for bad in ("https://r.example.com/\n", "https://bücher.de", "a" * 201)),
        ({"audience": ["reports"]}, r"audience is \['reports'\]"),
        (
            {"audience": "reports", "resource": "https://reports.example.com"},
            "resource and audience are both given; the audience of a resource is its URL",
        ),
        ({"resource": "reports"}, f"resource is 'reports'; allowed is {URLS}"),
        *(
            ({"resource": bad}, f"resource is {re.escape(repr(bad))}")
            for bad in (
                "",
                "https://r.example.com/*",
                "http://r.example.com",
                "https://r.example.com#a",
                ["https://r.de"],
            )
        ),
        ({"kind": "jwt"}, "kind is 'jwt'; allowed is 'lambda', 'token' or 'native'"),
        ({"cache_seconds": 3601}, "cache_seconds is 3601; allowed is a whole number from 0 to 3600"),
        ({"cache_seconds": -1}, "cache_seconds is -1"),
        ({"kind": "token", "cache_seconds": 5}, "cache_seconds is 5; allowed is a whole number from 0 to 0"),
        ({"revocation_poll": 301}, "revocation_poll is 301"),
        ({"revocation_poll": 100}, "revocation_max_stale is 60; allowed is a whole number from 100 to 3600"),
        ({"revocation_poll": True}, "revocation_poll is True"),
        ({"tokens_table_arn": "Tokens"}, "tokens_table_arn is 'Tokens'; allowed is the ARN of a DynamoDB table"),
        ({"scope_implies": {"a b": ["c"]}}, SCOPES),
        ({"scope_implies": {"a": "c"}}, SCOPES),
        ({"realm": "it's"}, 'realm is "it\'s"; allowed is a text without single quotes'),
        ({"realm": "a\nb"}, "printable"),
        ({"resource_metadata": "r.example.com"}, "resource_metadata is 'r.example.com'; allowed is a URL"),
        ({"architecture": "arm"}, "architecture is 'arm'; allowed is 'arm64' or 'x86_64'"),
    ],
)
def test_a_bad_option_is_refused_with_a_sentence(stack: Stack, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        authorizer(stack, **options)


@pytest.mark.parametrize("scopes", ["reports.read", ["reports read"], ["a,b"], [""], None])
def test_a_bad_scope_is_refused(stack: Stack, scopes: Any) -> None:
    auth, route = authorizer(stack), http_route(stack)
    with pytest.raises((ValueError, TypeError)):
        auth.protect(route, scopes=scopes)
    with pytest.raises(TypeError):
        auth.protect(route)  # type: ignore[call-arg]


def test_a_route_is_protected_once(stack: Stack) -> None:
    auth, route, method = authorizer(stack), http_route(stack), rest_method(rest_api(stack), "PUT /reports")
    auth.protect(route, scopes=["a"])
    auth.protect(method, scopes=["b"])
    for again in (auth, authorizer(stack, "Other")):
        with pytest.raises(ValueError, match="GET /reports has an authorizer already"):
            again.protect(route, scopes=["a"])
        with pytest.raises(ValueError, match="has an authorizer already"):
            again.protect(method, scopes=["b"])


def test_a_route_of_another_kind_of_api_is_refused(stack: Stack) -> None:
    from aws_cdk import aws_apigatewayv2 as http

    route, method = http_route(stack), rest_method(rest_api(stack))
    with pytest.raises(ValueError, match="GET /reports is of an HTTP API; kind 'token' is for REST APIs"):
        authorizer(stack, "Token", kind="token").protect(route, scopes=[])
    native = authorizer(stack, "Native", kind="native")
    with pytest.raises(ValueError, match="GET /reports is of a REST API; kind 'native' is for HTTP APIs"):
        native.protect(method, scopes=[])
    with pytest.raises(ValueError, match="GET /reports requires a b; a native authorizer takes one scope"):
        native.protect(route, scopes=["a", "b"])
    socket = http.CfnRoute(stack, "Socket", api_id="x", route_key="$connect")
    with pytest.raises(ValueError, match="Reports/Socket is not a route of an HTTP API"):
        authorizer(stack).protect(socket, scopes=[])
    with pytest.raises(ValueError, match="is neither a route of an HTTP API nor a method of a REST API"):
        authorizer(stack, "Other").protect(stack, scopes=[])  # type: ignore[arg-type]


def test_a_route_of_another_stack_and_a_second_authorizer_of_a_rest_api_are_refused(stack: Stack) -> None:
    auth, api = authorizer(stack), rest_api(stack)
    with pytest.raises(ValueError, match="is in another stack; make a GatepostAuthorizer there"):
        auth.protect(http_route(new_stack("Elsewhere")), scopes=[])
    auth.protect(rest_method(api), scopes=[])
    with pytest.raises(ValueError, match="the API has a gateway response UNAUTHORIZED already"):
        authorizer(stack, "Second").protect(rest_method(api, "POST /reports"), scopes=[])


def test_more_routes_than_an_environment_holds_are_refused(stack: Stack) -> None:
    auth, api = authorizer(stack), rest_api(stack)
    for number in range(46):
        auth.protect(rest_method(api, f"GET /{'x' * 50}{number:02}"), scopes=["a"])
    last = rest_method(api, f"GET /{'x' * 50}46")
    with pytest.raises(ValueError, match="make a second GatepostAuthorizer for some of them"):
        auth.protect(last, scopes=["a"])


def test_a_function_that_is_not_made_here_can_not_be_guarded(stack: Stack) -> None:
    from aws_cdk import aws_lambda as lambda_

    auth, arn = authorizer(stack), "arn:aws:lambda:eu-west-1:111122223333:function:reports"
    imported: Any = lambda_.Function.from_function_arn(stack, "Imported", arn)
    alias: Any = lambda_.Alias(stack, "Live", alias_name="live", version=function(stack).current_version)
    others: list[tuple[Any, str]] = [(imported, "Reports/Imported"), (alias, "Reports/Live"), (None, "None")]
    for each, name in others:
        with pytest.raises(ValueError, match=f"^{name} is no function that this app makes, .*: call guard\\(\\) with"):
            auth.guard(each)


def test_the_guard_is_for_python(stack: Stack) -> None:
    from aws_cdk import aws_lambda as lambda_

    code = lambda_.Code.from_inline("exports.handler = async () => {}")
    other = lambda_.Function(stack, "Js", runtime=lambda_.Runtime.NODEJS_22_X, handler="index.handler", code=code)
    auth = authorizer(stack)
    auth._machine = {"architecture": None, "python": None}
    with pytest.raises(ValueError, match=r"the function's runtime is nodejs22\.x; the guard is for Python"):
        auth.guard(other)
