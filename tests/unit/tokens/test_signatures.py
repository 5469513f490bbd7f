"""RS256 and ES256 compared with PyJWT, and malformed keys and signatures (RFC 7518)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from gatepost.identifiers import base64url, from_base64url
from gatepost.tokens.jws import PrivateKey, PublicHalf, is_genuine, public_half, sign
from gatepost.tokens.signing_keys import SigningKey, new_signing_key

MESSAGE = b"header.payload"
ES256 = new_signing_key("ES256", active_from=0)
OTHER = new_signing_key("ES256", active_from=0)
JWK: dict[str, Any] = json.loads(ES256.public().jwk)


def halves(alg: str, rsa_key: SigningKey) -> tuple[PrivateKey, PublicHalf]:
    return _halves(rsa_key if alg == "RS256" else ES256)


@cache  # loading an RSA key checks it, which takes longer than all that is done with it here
def _halves(key: SigningKey) -> tuple[PrivateKey, PublicHalf]:
    return key.load(), public_half(json.loads(key.public().jwk))


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_pyjwt_accepts_what_is_signed_here_and_the_other_way_round(alg: str, signing_key: SigningKey) -> None:
    private, public = halves(alg, signing_key)
    other: Any = jwt.get_algorithm_by_name(alg)

    assert other.verify(MESSAGE, public, sign(private, MESSAGE))
    assert is_genuine(public, other.sign(MESSAGE, private), MESSAGE)


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_a_signature_is_for_one_message_and_one_key(alg: str, signing_key: SigningKey) -> None:
    private, public = halves(alg, signing_key)
    signature = sign(private, MESSAGE)

    assert is_genuine(public, signature, MESSAGE)
    assert not is_genuine(public, signature, MESSAGE + b"x")
    assert not is_genuine(public_half(json.loads(OTHER.public().jwk)), signature, MESSAGE)
    for at in (0, 31, 32, len(signature) - 1):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not is_genuine(public, bytes(changed), MESSAGE)


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
@given(signature=st.binary(max_size=300))
def test_s117_any_octets_are_refused_and_raise_nothing(alg: str, signature: bytes, signing_key: SigningKey) -> None:
    assert not is_genuine(halves(alg, signing_key)[1], signature, MESSAGE)


@pytest.mark.parametrize("octets", [b"", bytes(64), b"\xff" * 64, bytes(63), bytes(65), bytes(63) + b"\x01"])
def test_a_signature_of_zeros_or_of_another_length_is_refused(octets: bytes) -> None:
    assert not is_genuine(public_half(JWK), octets, MESSAGE)


def test_the_halves_of_a_signature_and_of_a_point_are_of_their_length() -> None:
    private, public = ES256.load(), public_half(JWK)
    signature = sign(private, MESSAGE)
    x, y = (from_base64url(JWK[name]) for name in "xy")

    assert is_genuine(public, signature, MESSAGE)
    assert not is_genuine(public, signature[:32] + b"\0" + signature[32:], MESSAGE)  # the same numbers
    with pytest.raises(ValueError, match="another length"):
        public_half(JWK | {"x": base64url(x[:-1]), "y": base64url(x[-1:] + y)})  # the same octets


def test_a_der_signature_is_none_of_a_jwt() -> None:
    private = ES256.load()
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    from cryptography.hazmat.primitives.hashes import SHA256

    assert not is_genuine(public_half(JWK), private.sign(MESSAGE, ec.ECDSA(SHA256())), MESSAGE)


def short_rsa() -> dict[str, Any]:
    numbers = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key().public_numbers()
    n, e = (base64url(each.to_bytes(128, "big").lstrip(b"\0")) for each in (numbers.n, numbers.e))
    return {"kty": "RSA", "alg": "RS256", "n": n, "e": e}


@pytest.mark.parametrize(
    "change",
    [
        {"y": JWK["x"]},  # no point of the curve
        {"x": base64url(bytes(32)), "y": base64url(bytes(32))},
        *({"x": x} for x in (JWK["x"][:-4], JWK["x"] + "AAAA", JWK["x"] + "=", 7)),
        *({"crv": crv} for crv in ("P-384", "secp256k1", None)),
        *({"kty": "RSA"}, {"kty": "oct", "k": "AAAA"}),
        *({"alg": alg} for alg in ("HS256", "none", "RS256", "ES384", None, ["ES256"])),
    ],
)
def test_what_is_no_key_for_es256_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 — the words are cryptography's in part
        public_half(JWK | change)
    for missing in change.keys() & JWK.keys():
        with pytest.raises(ValueError):  # noqa: PT011
            public_half({each: value for each, value in JWK.items() if each != missing})


def test_what_is_no_key_for_rs256_is_refused(signing_key: SigningKey) -> None:
    jwk = json.loads(signing_key.public().jwk)
    even = base64url(b"\x02")
    wrong: list[dict[str, Any]] = [{"n": None}, {"n": ""}, {"n": "AQAB"}, {"e": ""}, {"e": even}, {"e": 3}]
    for change in (*wrong, {"kty": "EC"}, {"alg": "ES256"}):
        with pytest.raises(ValueError):  # noqa: PT011
            public_half(jwk | change)
    with pytest.raises(ValueError, match="too short"):
        public_half(short_rsa())
