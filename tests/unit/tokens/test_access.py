"""Access tokens: what they say, when they end (S81, S110), and every forgery (S78, S79, S80, S82, S83).

A forgery stands beside the genuine token that it was made from, and that one is accepted.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256, sha512
from hmac import new as hmac
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidToken
from gatepost.model import PublicKey
from gatepost.tokens.access import Claims, Signer, Verifier, issue_access_token, key_id, verify_access_token
from gatepost.tokens.keys import SigningKey, new_signing_key
from tests.unit.world import ISSUER, NOW, READ_WRITE, SETTINGS

CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "alice-id",
    "aud": "https://api.example.test",
    "client_id": "web",
    "scope": "read write",
    "jti": "the-jti",
    "iat": NOW,
    "exp": NOW + 3600,
    "grant_id": "alice-id.g",
}
ES256 = new_signing_key("ES256", active_from=0)  # far cheaper than an RSA key
ES_VERIFIERS = {ES256.kid: Verifier.of(ES256.public())}


def b64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def segment(document: object) -> str:
    return b64(json.dumps(document).encode())


def signed(claims: dict[str, Any], **headers: object) -> str:
    """A token by the genuine key; a header that is None is left out."""
    return jwt.encode(claims, ES256.load(), algorithm="ES256", headers={"kid": ES256.kid, "typ": "at+jwt"} | headers)


def verify(token: str, now: float = NOW) -> Claims:
    return verify_access_token(token, ES_VERIFIERS, SETTINGS, now)


def refused(token: str, now: float = NOW) -> None:
    with pytest.raises(InvalidToken, match="^the token is not valid$"):
        verify(token, now)


GENUINE = signed(CLAIMS)
HEADER, PAYLOAD, SIGNATURE = GENUINE.split(".")


def test_the_genuine_token_is_accepted() -> None:
    assert verify(GENUINE) == Claims(
        sub="alice-id",
        client_id="web",
        scope=READ_WRITE,
        jti="the-jti",
        iat=NOW,
        exp=NOW + 3600,
        grant_id="alice-id.g",
        kid=ES256.kid,
    )


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_s82_a_token_says_what_rfc_9068_asks_for(alg: str, signing_key: SigningKey) -> None:
    key = signing_key if alg == "RS256" else ES256
    signer = Signer(kid=key.kid, alg=key.alg, key=key.load())
    who = {"sub": "alice-id", "client_id": "web", "grant_id": "alice-id.g"}

    token = issue_access_token(signer, SETTINGS, **who, scope=READ_WRITE, lifetime=60, now=NOW + 0.9)
    header, payload = (json.loads(urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])

    assert header == {"alg": alg, "typ": "at+jwt", "kid": key.kid}
    assert len(payload.pop("jti")) == 43
    assert payload == {
        "iss": "https://id.example.test",
        "sub": "alice-id",
        "aud": "https://api.example.test",
        "client_id": "web",
        "scope": "read write",
        "iat": NOW,
        "exp": NOW + 60,
        "grant_id": "alice-id.g",
    }
    verifiers = {key.kid: Verifier.of(key.public())}
    assert verify_access_token(token, verifiers, SETTINGS, NOW).scope == READ_WRITE


def test_a_token_of_an_app_for_itself_names_no_grant() -> None:
    signer = Signer(kid=ES256.kid, alg="ES256", key=ES256.load())
    who = {"sub": "web", "client_id": "web", "grant_id": ""}

    token = issue_access_token(signer, SETTINGS, **who, scope=READ_WRITE, lifetime=60, now=NOW)

    assert "grant_id" not in jwt.decode(token, options={"verify_signature": False})
    assert verify(token).grant_id == ""


# Times


@pytest.mark.parametrize(("skew", "accepted"), [(-1, True), (0, True), (29.9, True), (30, False), (31, False)])
def test_s81_a_token_ends_with_the_leeway_after_its_time(skew: float, accepted: bool) -> None:
    if accepted:
        verify(GENUINE, NOW + 3600 + skew)
    else:
        refused(GENUINE, NOW + 3600 + skew)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("skew", "accepted"), [(29, True), (30, True), (31, False), (90, False)])
def test_s81_a_token_from_the_future_is_refused_beyond_the_leeway(claim: str, skew: int, accepted: bool) -> None:
    token = signed(CLAIMS | {claim: NOW + skew})
    if accepted:
        verify(token)
    else:
        refused(token)


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [str(NOW), True, None, [NOW], {}, NOW + 0.5, "", float("inf"), -(10**30)])
def test_s81_a_time_that_is_no_integer_or_none_is_refused(claim: str, value: object) -> None:
    if (claim, value) in [("iat", -(10**30)), ("nbf", -(10**30))]:
        verify(signed(CLAIMS | {claim: value}))
    else:
        refused(signed(CLAIMS | {claim: value}))


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "client_id", "scope", "jti", "exp", "iat"])
def test_s81_a_token_without_a_claim_is_refused(claim: str) -> None:
    refused(signed({name: value for name, value in CLAIMS.items() if name != claim}))


# Other tokens


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://other.example.test"),
        ("iss", "https://id.example.test/"),
        ("iss", ["https://id.example.test"]),
        ("aud", "https://other.example.test"),
        ("aud", []),
        ("aud", ""),
        ("aud", None),
        ("sub", 1),
        ("client_id", None),
        ("scope", ["read", "write"]),
        ("jti", 7),
    ],
)
def test_s82_a_token_of_another_issuer_audience_or_form_is_refused(claim: str, value: object) -> None:
    refused(signed(CLAIMS | {claim: value}))


@pytest.mark.parametrize("typ", ["JWT", "AT+JWT", "application/at+jwt", "", "id_token+jwt", None])
def test_s82_a_token_of_another_type_is_refused(typ: str | None) -> None:
    refused(signed(CLAIMS, typ=typ))


@pytest.mark.parametrize("typ", [1, ["at+jwt"]])
def test_s82_a_type_that_is_no_string_is_refused(typ: object) -> None:
    refused(f"{segment({'alg': 'ES256', 'typ': typ, 'kid': ES256.kid})}.{PAYLOAD}.{SIGNATURE}")


# Forgeries


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None])
@pytest.mark.parametrize("signature", ["", SIGNATURE])
def test_s78_a_token_without_an_algorithm_is_refused(alg: str | None, signature: str) -> None:
    refused(f"{segment({'alg': alg, 'typ': 'at+jwt', 'kid': ES256.kid})}.{PAYLOAD}.{signature}")


@pytest.mark.parametrize(
    "signature",
    ["", "A", SIGNATURE[:-2], b64(bytes(64)), SIGNATURE[::-1], b64(bytes(range(64))), SIGNATURE + "AAAA", "!" * 86],
)
def test_s78_a_token_with_another_signature_is_refused(signature: str) -> None:
    refused(f"{HEADER}.{PAYLOAD}.{signature}")


@pytest.mark.parametrize("claims", [{"scope": "admin"}, {"sub": "bob-id"}, {"exp": NOW + 10**6}, {"jti": "other"}])
def test_s83_a_token_with_another_payload_is_refused(claims: dict[str, Any]) -> None:
    refused(f"{HEADER}.{segment(CLAIMS | claims)}.{SIGNATURE}")


@pytest.mark.parametrize("alg", ["HS256", "HS512"])
@pytest.mark.parametrize("what", ["pem", "der", "jwk", "n", "empty", "word", "kid"])
def test_s79_a_token_keyed_with_what_everybody_knows_is_refused(
    alg: str, what: str, signing_key: SigningKey, public_key: PublicKey
) -> None:
    key = _public_bytes(what, signing_key, public_key)
    signing_input = f"{segment({'alg': alg, 'typ': 'at+jwt', 'kid': public_key.kid})}.{segment(CLAIMS)}"
    mac = hmac(key, signing_input.encode(), sha256 if alg == "HS256" else sha512).digest()

    with pytest.raises(InvalidToken):
        verify_access_token(
            f"{signing_input}.{b64(mac)}", {public_key.kid: Verifier.of(public_key)}, SETTINGS, NOW
        )


def _public_bytes(what: str, signing_key: SigningKey, public_key: PublicKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = signing_key.load().public_key()
    known = {
        "pem": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "jwk": public_key.jwk.encode(),
        "n": json.loads(public_key.jwk)["n"].encode(),
        "empty": b"",
        "word": b"secret",
        "kid": public_key.kid.encode(),
    }
    return known[what]
