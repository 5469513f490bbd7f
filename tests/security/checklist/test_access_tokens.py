"""Access tokens at the authorizer. Checklist H (S78 … S88)."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gatepost.routes import JWKS
from infra.local.deployment import Deployment
from tests.people import Client, Person, get, opens, stops
from tests.security.checklist.forging import (
    Refused,
    Signed,
    assert_refused,
    claims_of,
    header_of,
    part,
    signed,
    signing_key,
)

__all__ = ["assert_refused", "signed", "signing_key"]


def test_s82_an_access_token_is_what_rfc_9068_says(
    deployment: Deployment, client: Client, person: Person, token: str
) -> None:
    header, claims = header_of(token), claims_of(token)

    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert sorted(claims) == ["aud", "client_id", "exp", "grant_id", "iat", "iss", "jti", "scope", "sub"]
    assert claims["iss"] == claims["aud"] == deployment.base_url
    assert claims["sub"] == person.user.user_id
    assert claims["exp"] - claims["iat"] == 3600


def test_s78_unsigned_and_badly_signed_tokens_are_refused(
    deployment: Deployment, assert_refused: Refused, token: str
) -> None:
    _, payload, signature = token.split(".")
    header = header_of(token)
    for alg in ("none", "None", "NONE", "nOnE", "", None):
        assert_refused(
            f"{part({**header, 'alg': alg})}.{payload}.",
            f"{part({**header, 'alg': alg})}.{payload}.{signature}",
        )
    head = token.rpartition(".")[0]
    stranger = jwt.encode(claims_of(token), rsa.generate_private_key(65537, 2048), "RS256", headers=header)
    assert_refused(f"{head}.", f"{head}.{signature[:-20]}", f"{head}.{'A' * len(signature)}", head, stranger)
    assert opens(deployment, token, "/demo/read")


def test_s79_a_token_keyed_with_the_public_key_is_refused(
    deployment: Deployment, assert_refused: Refused, token: str
) -> None:
    (key,) = (each for each in get(deployment, JWKS.path, None).json()["keys"] if each["alg"] == "RS256")
    public = jwt.PyJWK(key, algorithm="RS256").key
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    payload = token.split(".")[1]
    for alg, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
        signed = f"{part({**header_of(token), 'alg': alg})}.{payload}"
        for secret in (pem, der, json.dumps(key).encode(), key["n"].encode(), b"", b"secret", key["kid"].encode()):
            mac = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), digest).digest()).rstrip(b"=").decode()
            assert_refused(f"{signed}.{mac}")


def test_s80_a_key_that_the_token_itself_names_is_never_used_or_fetched(
    assert_refused: Refused, token: str, listener: str
) -> None:
    attacker = rsa.generate_private_key(65537, 2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(attacker.public_key()))
    header = header_of(token)
    for extra in (
        {"jwk": jwk},
        {"jku": listener, "jwk": jwk},
        {"jku": listener},
        {"x5u": listener},
        {"x5c": ["MIIB"]},
        {"x5u": "http://169.254.169.254/"},
        {"kid": "../../etc/passwd"},
        {"kid": listener},
        {"kid": "unknown"},
        {"kid": ""},
        {"typ": "JWT"},
    ):
        assert_refused(jwt.encode(claims_of(token), attacker, "RS256", headers={**header, **extra}))


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ({}, True),
        ({"crit": ["exp"]}, False),
        ({"crit": []}, False),
        ({"typ": "JWT"}, False),
        ({"typ": None}, False),
        ({"kid": None}, False),
        ({"alg": "RS512"}, False),
        ({"alg": "PS256"}, False),
    ],
)
def test_s80_s82_a_genuine_signature_does_not_mend_the_header(
    deployment: Deployment, assert_refused: Refused, signed: Signed, header: dict[str, Any], accepted: bool
) -> None:
    token = signed(header)

    if accepted:
        assert opens(deployment, token, "/demo/read")
    else:
        assert_refused(token)


@pytest.mark.parametrize(
    ("claim", "offset", "accepted"),
    [
        ("exp", -20, True),
        ("exp", -32, False),
        ("exp", -61, False),
        ("nbf", 20, True),
        ("nbf", 61, False),
        ("iat", 20, True),
        ("iat", 61, False),
    ],
)
def test_s81_times_are_read_with_thirty_seconds_of_leeway(
    deployment: Deployment,
    assert_refused: Refused,
    signed: Signed,
    claim: str,
    offset: int,
    accepted: bool,
) -> None:
    token = signed(**{claim: int(time.time()) + offset})

    if accepted:
        assert opens(deployment, token, "/demo/read")
    else:
        assert_refused(token)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("exp", None),
        ("exp", "9999999999"),
        ("exp", True),
        ("exp", 1e400),
        ("iat", None),
        ("nbf", "0"),
        ("sub", None),
        ("jti", None),
        ("client_id", None),
        ("iss", None),
        ("iss", "https://evil.example.test"),
        ("aud", None),
        ("aud", "https://api.example.test"),
        ("aud", ["https://api.example.test"]),
        ("scope", 7),
    ],
)
def test_s81_s82_a_genuine_signature_does_not_mend_a_claim(
    assert_refused: Refused, signed: Signed, claim: str, value: object
) -> None:
    assert_refused(signed(**{claim: value}))


def test_s83_a_changed_payload_and_malformed_tokens_are_refused(
    deployment: Deployment, assert_refused: Refused, token: str
) -> None:
    head, _, signature = token.split(".")
    changed = f"{head}.{part({**claims_of(token), 'scope': 'read write'})}.{signature}"
    assert_refused(changed)
    for malformed in (
        "a",
        ".",
        "..",
        "a.b",
        head + "..",
        "." + token,
        token.rpartition(".")[0],
        "a.b.c",
        "...",
        "e30.e30.e30",
        token + ".x",
        "x" * 9000,
        "%00",
        token.replace(".", ","),
    ):
        assert_refused(malformed)


def test_s83_a_respelled_token_is_revoked_with_the_original(
    deployment: Deployment, assert_refused: Refused, client: Client, person: Person
) -> None:
    token = client.tokens(person)["access_token"]
    client.revoke(token)

    assert stops(deployment, token)
    for respelled in (token + "=", token + "=="):
        assert_refused(respelled)


def test_s82_other_strings_are_no_bearer_tokens(deployment: Deployment, client: Client, person: Person) -> None:
    tokens = client.tokens(person)

    for other in (tokens["refresh_token"], client.code(person), client.secret):
        assert get(deployment, "/demo/read", other).status_code == 403
