"""Token checks inside a function: accepted requests, and error responses (RFC 6750 §3, RFC 9728 §5.1)."""

from __future__ import annotations

import base64
import json
from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, LambdaFunctionUrlResolver, Response

from gatepost.guard import metadata_url, protected, protected_route, resource_metadata
from tests.unit.loopback import JWKS, METADATA, LocalIssuer
from tests.unit.resource_server.protected_function import METADATA_PARAMETER, Context, Event, event, refusal

WHO = {"sub": "alice-id", "client_id": "web", "scope": "reports.read", "grant_id": "alice-id.g"}
Resolver = type[APIGatewayHttpResolver] | type[LambdaFunctionUrlResolver]


@protected(scopes=["reports.read"])
def reads(event: Event, context: object) -> Any:
    return event["requestContext"]["authorizer"]


@protected(scopes=["reports.read", "reports.write"])
def writes(event: Event, context: object) -> Any:
    raise AssertionError("nobody gets here")


@protected(scopes=[])
def anybody(event: Event, context: object) -> Any:
    return "opened"


def test_the_handler_finds_the_claims_where_an_authorizers_context_stands(issuer: LocalIssuer) -> None:
    given = event(f"Bearer {issuer.token()}")

    assert reads(given, Context()) == {"lambda": WHO}
    assert "authorizer" not in given["requestContext"]
    assert reads(event(f"Bearer {issuer.token()}", version="1.0"), Context()) == {**WHO, "principalId": "alice-id"}


def test_what_another_authorizer_found_stays_and_never_passes_for_ours(issuer: LocalIssuer) -> None:
    given = event(f"Bearer {issuer.token()}")
    given["requestContext"]["authorizer"] = {"iam": {"userId": "x"}, "lambda": {"sub": "forged"}}

    assert reads(given, Context()) == {"iam": {"userId": "x"}, "lambda": WHO}


def test_an_implied_scope_opens_and_no_scope_takes_any_token(issuer: LocalIssuer) -> None:
    assert reads(event(f"Bearer {issuer.token(scope='reports')}"), Context())["lambda"]["scope"] == "reports"
    assert anybody(event(f"Bearer {issuer.token(scope='')}"), Context()) == "opened"


@pytest.mark.parametrize(("headers", "version"), [((), "1.0"), (("Basic YTpi",), "2.0"), ((), "2.0")])
def test_without_a_token_401_names_what_is_needed(issuer: LocalIssuer, headers: tuple[str, ...], version: str) -> None:
    assert refusal(writes(event(*headers, version=version), Context())) == (
        401,
        f'Bearer realm="reports", scope="reports.read reports.write", {METADATA_PARAMETER}',
        {"error_description": "a bearer token is missing"},
    )
    assert issuer.asked == []


def test_a_bad_token_is_invalid_whatever_is_wrong_with_it(issuer: LocalIssuer) -> None:
    for token in ("x", issuer.token(aud="https://other.example.test"), issuer.token(lifetime=-60)):
        assert refusal(reads(event(f"Bearer {token}"), Context())) == (
            401,
            (
                'Bearer realm="reports", error="invalid_token", error_description="the token is not valid", '
                f'scope="reports.read", {METADATA_PARAMETER}'
            ),
            {"error": "invalid_token", "error_description": "the token is not valid"},
        )


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_two_tokens_and_bad_syntax_are_a_bad_request(issuer: LocalIssuer, version: str) -> None:
    token, told = f"Bearer {issuer.token()}", "the Authorization header must hold one bearer token"
    for headers in ((token, token), ("Bearer",)):
        assert refusal(reads(event(*headers, version=version), Context())) == (
            400,
            f'Bearer realm="reports", error="invalid_request", error_description="{told}", {METADATA_PARAMETER}',
            {"error": "invalid_request", "error_description": told},
        )


def test_a_token_that_lacks_a_scope_is_told_which(issuer: LocalIssuer) -> None:
    assert refusal(writes(event(f"Bearer {issuer.token()}"), Context())) == (
        403,
        (
            'Bearer realm="reports", error="insufficient_scope", '
            'error_description="the token does not have the scope for this", scope="reports.read reports.write", '
            f"{METADATA_PARAMETER}"
        ),
        {"error": "insufficient_scope", "error_description": "the token does not have the scope for this"},
    )


@pytest.mark.parametrize("path", [METADATA, JWKS])
def test_what_it_cant_know_is_503_and_no_challenge(issuer: LocalIssuer, path: str) -> None:
    del issuer.answers[path]
    answer = reads(event(f"Bearer {issuer.token()}"), Context())

    assert refusal(answer) == (503, "", {"error": "temporarily_unavailable", "error_description": "try again"})
    assert answer["headers"]["Retry-After"] == "5"


def test_a_token_in_the_query_the_body_or_a_cookie_is_none(issuer: LocalIssuer) -> None:
    token = issuer.token()
    for places in (
        {"queryStringParameters": {"access_token": token}, "rawQueryString": f"access_token={token}"},
        {"body": f"access_token={token}", "isBase64Encoded": False},
        {"body": base64.b64encode(f"access_token={token}".encode()).decode(), "isBase64Encoded": True},
        {"cookies": [f"access_token={token}"]},
    ):
        assert refusal(reads(event() | places, Context()))[0] == 401


def test_no_token_is_logged(issuer: LocalIssuer, capsys: pytest.CaptureFixture[str]) -> None:
    token = issuer.token()
    writes(event(f"Bearer {token}"), Context())
    reads(event(f"Bearer {token}", f"Bearer {token}"), Context())

    logged = capsys.readouterr().out
    assert [json.loads(line)["message"] for line in logged.splitlines()] == ["guard.refused"] * 2
    assert token[-20:] not in logged


@pytest.mark.parametrize("decorate", [protected, protected_route])
def test_a_bad_scope_name_stops_the_import(decorate: Any) -> None:
    for scopes in ("reports.read", ["a b"], [""]):
        with pytest.raises(ValueError, match="allowed is a list of scope names"):
            decorate(scopes=scopes)
    with pytest.raises(TypeError):
        decorate()


# With Powertools


def test_it_works_under_and_over_the_loggers_decorator(issuer: LocalIssuer) -> None:
    logger = Logger(service="reports")

    @logger.inject_lambda_context
    @protected(scopes=["reports.read"])
    def under(event: Event, context: Any) -> str:
        return str(event["requestContext"]["authorizer"]["lambda"]["sub"])

    @protected(scopes=["reports.read"])
    @logger.inject_lambda_context
    def over(event: Event, context: Any) -> str:
        return str(event["requestContext"]["authorizer"]["lambda"]["sub"])

    handlers: tuple[Any, ...] = (under, over)
    for handler in handlers:
        assert handler(event(f"Bearer {issuer.token()}"), Context()) == "alice-id"
        assert handler(event(), Context())["statusCode"] == 401
        assert handler.__name__ in ("under", "over")


@pytest.mark.parametrize("resolver", [APIGatewayHttpResolver, LambdaFunctionUrlResolver])
def test_a_resolver_finds_the_claims(issuer: LocalIssuer, resolver: Resolver) -> None:
    app = resolver()

    @app.get("/reports")
    def reports() -> Any:
        return app.current_event.request_context.authorizer.get_lambda

    @protected(scopes=["reports.read"])
    def handler(event: Event, context: Any) -> Any:
        return app.resolve(event, context)

    assert json.loads(handler(event(f"Bearer {issuer.token()}"), Context())["body"]) == WHO
    assert handler(event(path="/elsewhere"), Context())["statusCode"] == 401


@pytest.mark.parametrize("resolver", [APIGatewayHttpResolver, LambdaFunctionUrlResolver])
def test_single_routes_of_a_resolver_are_protected_by_a_middleware(issuer: LocalIssuer, resolver: Resolver) -> None:
    app = resolver(cors=CORSConfig(allow_origin="https://app.example.test", expose_headers=["WWW-Authenticate"]))
    inside = []

    @app.get("/health")
    def health() -> Any:
        return {"well": True}

    @app.get("/reports", middlewares=[protected_route(scopes=["reports.read"])])
    def reports() -> Any:
        inside.append(app.current_event.path)
        return Response(200, "application/json", json.dumps(app.current_event.request_context.authorizer.get_lambda))

    @app.get("/write", middlewares=[protected_route(scopes=["reports.write"])])
    def write() -> Any:
        raise AssertionError("nobody gets here")

    token, context = f"Bearer {issuer.token()}", cast("Any", Context())
    assert app.resolve(event(path="/health"), context)["statusCode"] == 200
    assert json.loads(app.resolve(event(token), context)["body"]) == WHO
    refused = app.resolve(event() | {"headers": {"origin": "https://app.example.test"}}, context)
    assert refusal(refused) == (
        401,
        f'Bearer realm="reports", scope="reports.read", {METADATA_PARAMETER}',
        {"error_description": "a bearer token is missing"},
    )
    assert refused["headers"]["Access-Control-Allow-Origin"] == "https://app.example.test"
    assert app.resolve(event(token, path="/write"), context)["statusCode"] == 403
    assert inside == ["/reports"]


def test_the_metadata_of_the_resource_is_what_rfc_9728_says(issuer: LocalIssuer) -> None:
    assert resource_metadata("https://reports.example.test", scopes=["reports.write", "reports.read"]) == {
        "resource": "https://reports.example.test",
        "authorization_servers": [issuer.url],
        "scopes_supported": ["reports.read", "reports.write"],
        "bearer_methods_supported": ["header"],
    }


def test_the_well_known_path_comes_between_host_and_path() -> None:
    for resource in ("https://api.example.com", "https://api.example.com/"):
        assert metadata_url(resource) == "https://api.example.com/.well-known/oauth-protected-resource"
    below = "http://localhost:3000/.well-known/oauth-protected-resource/a/mcp"
    assert metadata_url("http://localhost:3000/a/mcp") == below
