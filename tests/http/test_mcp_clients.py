"""Requests of MCP clients, written by hand: PyPI `mcp` 2.3 and npm `@modelcontextprotocol/sdk` 1.32.

Each finds the server by the metadata of the API that it calls
(RFC 9728), and names that API in every request (RFC 8707).
The API here is `/demo/notes`, with and without a slash behind it, as their libraries write it.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests

from gatepost.identifiers import digest, new_secret
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import Client, Person, get, new_client

CALLBACK = "http://127.0.0.1:3030/callback"  # the port is the client's choice
METADATA = "/.well-known/oauth-authorization-server"
VERSION = {"MCP-Protocol-Version": "2026-07-28"}


@pytest.fixture
def app(deployment: Deployment, person: Person) -> Client:
    """A native app, registered before; both clients take its client_id from their storage."""
    return new_client(
        deployment,
        person,
        name="MCP client",
        redirect_uris=["http://127.0.0.1/callback"],
        confidential=False,
        grant_types=["authorization_code", "refresh_token"],
    )


def discovered(deployment: Deployment) -> dict[str, Any]:
    """The metadata, as both look for it; each refuses a server without S256 or with another issuer."""
    answer = requests.get(deployment.base_url + METADATA, headers=VERSION, timeout=30)
    document: dict[str, Any] = answer.json()
    assert document["issuer"] == deployment.base_url
    assert "S256" in document["code_challenge_methods_supported"]
    assert "none" in document["token_endpoint_auth_methods_supported"]
    return document


def allowed(browser: Browser, endpoint: str, sent: dict[str, str]) -> dict[str, str]:
    url = requests.Request("GET", endpoint, params=sent).prepare().url
    assert url is not None
    page = browser.get(url.removeprefix(browser.base_url))
    assert "In <bdi>Demo notes</bdi>, it will be able to" in page.text
    answer = answer_of(browser.decide(page, "allow"))
    assert (answer["state"], answer["iss"]) == (sent["state"], browser.base_url)
    return answer


def posted(endpoint: str, form: dict[str, str], **headers: str) -> dict[str, Any]:
    answer = requests.post(endpoint, data=form, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    members: dict[str, Any] = answer.json()
    assert members["token_type"] == "Bearer"
    return members


@pytest.mark.parametrize("slash", ["", "/"])
def test_s200_a_client_of_the_model_context_protocol_gets_tokens_for_its_api_alone(
    deployment: Deployment, signed_in: Browser, app: Client, slash: str
) -> None:
    known, verifier = discovered(deployment), new_secret() + new_secret()
    target = {"client_id": app.app.client_id, "resource": f"{deployment.base_url}/demo/notes{slash}"}
    asked = {
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "state": "the-state",
        "code_challenge": digest(verifier),
        "code_challenge_method": "S256",
        "scope": "read",
        **target,
    }
    code = allowed(signed_in, known["authorization_endpoint"], asked)["code"]
    exchange = {"code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
    first = posted(known["token_endpoint"], {"grant_type": "authorization_code", **exchange, **target})
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **target}
    second = posted(known["token_endpoint"], refresh, Accept="application/json")

    assert (first["scope"], second["scope"]) == ("read", "read")
    for members in (first, second):
        assert get(deployment, "/demo/notes", members["access_token"]).status_code == 200
        for path in ("/demo/read", "/authorization/whoami", "/consumer/account"):
            assert get(deployment, path, members["access_token"]).status_code == 403
