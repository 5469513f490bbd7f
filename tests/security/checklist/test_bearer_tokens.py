"""Access tokens at a protected route: where they count, and what a route answers (S84–S88, S142)."""

import base64
import http.client
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests

from gatepost.routes import JWKS, WHOAMI
from gatepost.tokens.signing_keys import SigningKey
from infra.local.deployment import Deployment
from tests.people import Client, Person, get, opens
from tests.security.checklist.forging import Refused, assert_refused, claims_of, header_of, signing_key

__all__ = ["assert_refused", "signing_key"]


def test_s84_a_token_counts_in_the_authorization_header_only(deployment: Deployment, token: str) -> None:
    url = f"{deployment.base_url}/demo/read"
    for options in (
        {},
        {"params": {"access_token": token}},
        {"cookies": {"access_token": token}},
        {"headers": {"X-Access-Token": token}},
        {"headers": {"Authorization": token}},
        {"headers": {"Authorization": f"Basic {token}"}},
        {"headers": {"Authorization": "Bearer"}},
        {"headers": {"Authorization": f"Bearer {token}, Bearer {token}"}},
        {"headers": {"Authorization": f"Bearer {token} {token}"}},
    ):
        answer = requests.get(url, timeout=30, **options)  # type: ignore[arg-type]
        assert answer.status_code in (401, 403), options
    assert requests.get(url, headers={"authorization": f"bearer {token}"}, timeout=30).status_code == 200


def test_s84_of_two_authorization_headers_neither_counts(deployment: Deployment, token: str) -> None:
    for first, second in ((token, "x"), ("x", token), (token, token)):
        connection = http.client.HTTPConnection(urlsplit(deployment.base_url).netloc, timeout=30)
        connection.putrequest("GET", "/demo/read")
        connection.putheader("Authorization", f"Bearer {first}")
        connection.putheader("Authorization", f"Bearer {second}")
        connection.endheaders()
        assert connection.getresponse().status == 403
        connection.close()


def test_s85_a_route_that_needs_more_scope_is_forbidden(deployment: Deployment, token: str) -> None:
    answer = get(deployment, "/demo/write", token)

    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_s86_cached_answers_leak_neither_between_routes_nor_between_tokens(
    deployment: Deployment, client: Client, person: Person
) -> None:
    reads = client.tokens(person, scope="read")["access_token"]
    writes = client.tokens(person, scope="write")["access_token"]

    for _ in range(2):
        assert opens(deployment, reads, "/demo/read")
        assert not opens(deployment, reads, "/demo/write")
        assert not opens(deployment, writes, "/demo/read")
        assert opens(deployment, writes, "/demo/write")
        assert get(deployment, WHOAMI.path, reads).json()["scope"] == "read"
        assert get(deployment, WHOAMI.path, writes).json()["scope"] == "write"


def test_s87_no_decision_is_anything_but_a_boolean(deployment: Deployment, token: str) -> None:
    event = {
        "version": "2.0",
        "type": "REQUEST",
        "routeKey": "GET /demo/read",
        "headers": {"authorization": f"Bearer {token}"},
    }

    assert deployment.invoke("authorizer", event)["isAuthorized"] is True
    for broken in ({}, {**event, "headers": {}}, {**event, "routeKey": "GET /elsewhere"}, {**event, "headers": None}):
        assert deployment.invoke("authorizer", broken) == {"isAuthorized": False}


def test_s88_the_jwk_set_holds_public_members_only(deployment: Deployment, token: str) -> None:
    answer = get(deployment, JWKS.path, None)

    curve, key = sorted(answer.json()["keys"], key=lambda each: each["alg"])
    assert sorted(curve) == ["alg", "crv", "kid", "kty", "use", "x", "y"]
    assert (curve["alg"], curve["kty"], curve["crv"], curve["use"]) == ("ES256", "EC", "P-256", "sig")
    assert sorted(key) == ["alg", "e", "kid", "kty", "n", "use"]
    assert (key["alg"], key["kty"], key["use"]) == ("RS256", "RSA", "sig")
    assert len(base64.urlsafe_b64decode(key["n"] + "==")) >= 256
    assert header_of(token)["kid"] == key["kid"]
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("confirmation", [{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}, {}, None, "x"])
def test_s142_a_token_that_is_bound_to_a_key_is_no_bearer_token(
    assert_refused: Refused, deployment: Deployment, signing_key: SigningKey, token: str, confirmation: object
) -> None:
    def by_the_server(claims: dict[str, Any]) -> str:
        return jwt.encode(claims, signing_key.pem, signing_key.alg, headers=header_of(token))

    claims = {**claims_of(token), "jti": f"bound-{confirmation}"}
    assert opens(deployment, by_the_server(claims), "/demo/read")

    assert_refused(by_the_server({**claims, "cnf": confirmation}))
