"""Access tokens made by hand with a genuine key, and the verdict on them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest

from gatepost.errors import InvalidToken
from gatepost.tokens.access_token import Claims, Verifier, verify_access_token
from gatepost.tokens.jws import PrivateKey
from gatepost.tokens.signing_keys import new_signing_key
from tests.unit.world import ISSUER, NOW, SETTINGS

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
GENUINE_KEY = ES256.load()
ES_VERIFIERS = {ES256.kid: Verifier.of(ES256.public())}


def b64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def segment(document: object) -> str:
    return b64(json.dumps(document).encode())


def signed(claims: dict[str, Any], key: PrivateKey | None = None, **headers: object) -> str:
    """A token by the genuine key, or by another `key` in its name; whatever `claims` and `headers` hold."""
    return signed_payload(segment(claims), key, **headers)


def signed_payload(payload: str, key: PrivateKey | None = None, **headers: object) -> str:
    """The same for a second part that is made by hand."""
    header = {"alg": "ES256", "typ": "at+jwt", "kid": ES256.kid} | headers
    signing_input = f"{segment(header)}.{payload}"
    signature: bytes = jwt.get_algorithm_by_name("ES256").sign(signing_input.encode(), key or GENUINE_KEY)
    return f"{signing_input}.{b64(signature)}"


def verify(token: str, now: float = NOW) -> Claims:
    return verify_access_token(token, ES_VERIFIERS, SETTINGS, now)


def refused(token: str, now: float = NOW) -> None:
    with pytest.raises(InvalidToken, match=r"^the token is not valid$"):
        verify(token, now)


GENUINE = signed(CLAIMS)
HEADER, PAYLOAD, SIGNATURE = GENUINE.split(".")
