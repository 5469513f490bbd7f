"""An API that is named by its own address (S200, RFC 9728 §3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from gatepost.guard import own_url, protected, protected_route
from gatepost.resource_server.protection import Protection
from gatepost.settings import Settings
from tests.unit.loopback import AUDIENCE, LocalIssuer, told
from tests.unit.resource_server.protected_function import METADATA_PARAMETER, Context, Event, event, refusal


def mcp_url(event: Event) -> str:
    return own_url(event, "/mcp/")


@protected(scopes=["reports.read"], resource=mcp_url)
def addressed(event: Event, context: object) -> Any:
    return event["requestContext"]["authorizer"]["lambda"]["sub"]


def reached(host: str, *authorization: str) -> Event:
    given = event(*authorization, path="/mcp")
    return given | {"requestContext": given["requestContext"] | {"domainName": host}}


@pytest.fixture
def unnamed(issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIssuer]:
    """The construct names no metadata."""
    settings = Settings(issuer=issuer.url, audience=AUDIENCE)
    with told(settings.to_env("issuer", "audience") | Protection(realm="notes").to_env(), monkeypatch):
        yield issuer


def test_s200_a_token_opens_an_api_by_the_address_that_it_is_for_and_no_other(unnamed: LocalIssuer) -> None:
    token = f"Bearer {unnamed.token(aud='https://a.lambda-url.eu-west-1.on.aws/mcp')}"

    assert addressed(reached("a.lambda-url.eu-west-1.on.aws", token), Context()) == "alice-id"
    for host in ("b.lambda-url.eu-west-1.on.aws", "reports.example.test", "a.lambda-url.eu-west-1.on.aws:8443"):
        assert refusal(addressed(reached(host, token), Context()))[0] == 401
    for audience in (AUDIENCE, unnamed.url, "https://a.lambda-url.eu-west-1.on.aws", "/mcp", ""):
        other = f"Bearer {unnamed.token(aud=audience)}"
        assert refusal(addressed(reached("a.lambda-url.eu-west-1.on.aws", other), Context()))[0] == 401


@pytest.mark.parametrize("name", ["x-forwarded-host", "host", "forwarded"])
def test_s200_a_header_does_not_name_another_address(unnamed: LocalIssuer, name: str) -> None:
    given = reached("a.example.test", f"Bearer {unnamed.token(aud='https://b.example.test/mcp')}")
    given["headers"][name] = "host=b.example.test" if name == "forwarded" else "b.example.test"

    assert refusal(addressed(given, Context()))[0] == 401


def test_metadata_that_the_construct_names_come_first(issuer: LocalIssuer) -> None:
    assert refusal(addressed(reached("a.example.test"), Context()))[1].endswith(METADATA_PARAMETER)


def test_its_challenge_leads_to_the_metadata_at_that_address(unnamed: LocalIssuer) -> None:
    for headers in ((), ("Bearer x",)):
        challenge = refusal(addressed(reached("a.example.test", *headers), Context()))[1]
        assert challenge.endswith(
            'scope="reports.read", resource_metadata="https://a.example.test/.well-known/oauth-protected-resource/mcp"'
        )


def test_a_route_of_a_resolver_has_an_address_too(unnamed: LocalIssuer) -> None:
    app = APIGatewayHttpResolver()

    @app.get("/mcp", middlewares=[protected_route(scopes=[], resource=mcp_url)])
    def mcp() -> Any:
        return {"well": True}

    found = [
        app.resolve(
            reached("a.example.test", f"Bearer {unnamed.token(aud=f'https://{host}/mcp')}"), cast("Any", Context())
        )["statusCode"]
        for host in ("a.example.test", "b.example.test")
    ]
    assert found == [200, 401]


def test_an_address_is_https_but_on_this_machine() -> None:
    for host in ("api.example.com", "localhost.example.com", "http.example.com"):
        assert own_url({"requestContext": {"domainName": host}}, "/mcp") == f"https://{host}/mcp"
    assert own_url({"requestContext": {"domainName": "localhost:3000"}}, "/mcp") == "http://localhost:3000/mcp"
    with pytest.raises(KeyError):
        own_url({"requestContext": {}}, "/mcp")
