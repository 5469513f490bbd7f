"""Access tokens at the authorizer and at a protected route (S78 … S88, S142)."""

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gatepost.routes import JWKS, WHOAMI
from gatepost.tokens.signing_keys import active, signing_keys
from infra.local.deployment import Deployment
from tests.people import Client, Person, get, opens, stops

Signed = Callable[..., str]


def part(document: dict[str, Any]) -> str:
    return encoded(json.dumps(document).encode())


def encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    return dict(jwt.get_unverified_header(token))


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


@pytest.fixture
def signed(deployment: Deployment, token: str) -> Signed:
    """Re-sign the claims of `token` with the server's own key; None removes a claim or a header."""
    secrets = deployment.client("secretsmanager")
    text = secrets.get_secret_value(SecretId=deployment.secret_arn("signing"))["SecretString"]
    key = active(signing_keys(text), time.time()).load()
    assert isinstance(key, rsa.RSAPrivateKey)

    def sign(header: dict[str, Any] | None = None, **changes: Any) -> str:
        members = ({**header_of(token), **(header or {})}, {**claims_of(token), **changes})
        payload = ".".join(part({k: v for k, v in each.items() if v is not None}) for each in members)
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(payload.encode(), key)
        return f"{payload}.{encoded(signature)}"

    return sign


def assert_refused(client: Client, *forged: str) -> None:
    """No protected route takes a token, and introspection calls it inactive."""
    for each in forged:
        answer = get(client.deployment, "/demo/read", each)
        assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"}), each[:80]
        assert client.introspect(each).json() == {"active": False}, each[:80]


def test_s82_an_access_token_is_what_rfc_9068_says_and_no_other_string_is_one(
    deployment: Deployment, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    header, claims = header_of(tokens["access_token"]), claims_of(tokens["access_token"])

    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert sorted(claims) == ["aud", "client_id", "exp", "grant_id", "iat", "iss", "jti", "scope", "sub"]
    assert claims["iss"] == claims["aud"] == deployment.base_url
    assert (claims["sub"], claims["exp"] - claims["iat"]) == (person.user.user_id, 3600)
    for other in (tokens["refresh_token"], client.code(person), client.secret):
        assert get(deployment, "/demo/read", other).status_code == 403


def test_s78_s83_unsigned_badly_signed_and_changed_tokens_are_refused(
    deployment: Deployment, client: Client, token: str
) -> None:
    head, payload, signature = token.split(".")
    header, claims = header_of(token), claims_of(token)
    stranger = jwt.encode(claims, rsa.generate_private_key(65537, 2048), "RS256", headers=header)

    unsigned = [part({**header, "alg": alg}) for alg in ("none", "nOnE", None)]
    assert_refused(
        client,
        *(f"{other}.{payload}.{each}" for other in unsigned for each in ("", signature)),
        *(f"{head}.{payload}.{each}" for each in ("", signature[:-20], "A" * len(signature))),
        stranger,
        f"{head}.{part({**claims, 'scope': 'read write'})}.{signature}",
        *("a", "a.b.c", f"{head}..", f".{token}", f"{token}.x", "x" * 9000, "%00"),
    )
    assert opens(deployment, token, "/demo/read")


def test_s79_a_token_keyed_with_the_public_key_is_refused(deployment: Deployment, client: Client, token: str) -> None:
    (key,) = (each for each in get(deployment, JWKS.path, None).json()["keys"] if each["alg"] == "RS256")
    pem = jwt.PyJWK(key, algorithm="RS256").key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    payload = f"{part({**header_of(token), 'alg': 'HS256'})}.{token.split('.')[1]}"
    for secret in (pem, json.dumps(key).encode(), b""):
        assert_refused(client, f"{payload}.{encoded(hmac.new(secret, payload.encode(), hashlib.sha256).digest())}")


def test_s80_a_key_that_the_token_itself_names_is_never_used_or_fetched(
    client: Client, token: str, listener: str
) -> None:
    attacker = rsa.generate_private_key(65537, 2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(attacker.public_key()))
    for extra in ({"jku": listener, "jwk": jwk}, {"x5u": listener, "x5c": ["MIIB"]}, {"kid": listener}, {"kid": ""}):
        forged = jwt.encode(claims_of(token), attacker, "RS256", headers={**header_of(token), **extra})
        assert_refused(client, forged)


def test_s80_s81_s82_a_genuine_signature_mends_neither_a_header_nor_a_claim(
    deployment: Deployment, client: Client, signed: Signed
) -> None:
    now = int(time.time())
    for accepted in (signed(), signed(exp=now - 20), signed(nbf=now + 20), signed(iat=now + 20)):
        assert opens(deployment, accepted, "/demo/read")
    assert_refused(
        client,
        *(signed(header) for header in ({"crit": ["exp"]}, {"typ": "JWT"}, {"kid": None}, {"alg": "RS512"})),
        *(signed(**{claim: value}) for claim, value in (("exp", now - 32), ("nbf", now + 61), ("iat", now + 61))),
        *(signed(**{claim: None}) for claim in ("exp", "iat", "sub", "jti", "client_id", "iss", "aud")),
        *(signed(exp=value) for value in ("9999999999", True, 1e400)),
        *(signed(iss="https://evil.example.test"), signed(aud="https://api.example.test"), signed(scope=7)),
    )


def test_s142_a_token_that_is_bound_to_a_key_is_no_bearer_token(client: Client, signed: Signed) -> None:
    assert_refused(client, *(signed(cnf=confirmation) for confirmation in ({"jkt": "0ZcOCORZNYy"}, {}, "x")))


def test_s83_a_respelled_token_is_revoked_with_the_original(
    deployment: Deployment, client: Client, person: Person
) -> None:
    token = client.tokens(person)["access_token"]
    client.revoke(token)

    assert stops(deployment, token)
    assert_refused(client, f"{token}=", f"{token}==")


def test_s84_a_token_counts_in_a_single_authorization_header_only(deployment: Deployment, token: str) -> None:
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
        assert requests.get(url, timeout=30, **options).status_code in (401, 403), options  # type: ignore[arg-type]
    assert requests.get(url, headers={"authorization": f"bearer {token}"}, timeout=30).status_code == 200

    for first, second in ((token, "x"), ("x", token), (token, token)):
        connection = http.client.HTTPConnection(urlsplit(deployment.base_url).netloc, timeout=30)
        connection.putrequest("GET", "/demo/read")
        connection.putheader("Authorization", f"Bearer {first}")
        connection.putheader("Authorization", f"Bearer {second}")
        connection.endheaders()
        assert connection.getresponse().status == 403
        connection.close()


def test_s85_s86_a_cached_decision_is_for_its_token_and_its_route(
    deployment: Deployment, client: Client, person: Person
) -> None:
    reads, writes = (client.tokens(person, scope=scope)["access_token"] for scope in ("read", "write"))

    for _ in range(2):
        for path, allowed, denied in (("/demo/read", reads, writes), ("/demo/write", writes, reads)):
            assert opens(deployment, allowed, path)
            refused = get(deployment, path, denied)
            assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})
        assert [get(deployment, WHOAMI.path, each).json()["scope"] for each in (reads, writes)] == ["read", "write"]


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
