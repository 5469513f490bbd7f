"""RS256 and ES256 signatures (RFC 7518 §3.3, §3.4) and their JWKs (RFC 7517, RFC 7518 §6), with `cryptography`.

Every token that is issued or verified passes through here, so it is not PyJWT (docs/decisions.md). Rotation verifies
the signatures of a new key with PyJWT as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from gatepost.identifiers import from_base64url

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicHalf = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

RS256, ES256 = "RS256", "ES256"
RSA_BITS = 2048  # at least (RFC 7518 §3.3)
_COORDINATE = 32  # bytes, on P-256
_HASH = SHA256()
_ECDSA, _PKCS1 = ec.ECDSA(_HASH), padding.PKCS1v15()


def sign(key: PrivateKey, message: bytes) -> bytes:
    """Return the signature by RS256 or ES256, depending on the key."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, _PKCS1, _HASH)
    r, s = decode_dss_signature(key.sign(message, _ECDSA))
    return r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")


def is_genuine(key: PublicHalf, signature: bytes, message: bytes) -> bool:
    """Whether the private half of the key signed the message."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, _PKCS1, _HASH)
            return True
        if len(signature) != 2 * _COORDINATE:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:_COORDINATE], signature[_COORDINATE:]))
        key.verify(encode_dss_signature(r, s), message, _ECDSA)
    except InvalidSignature:
        return False
    return True


def public_half(jwk: Mapping[str, Any]) -> PublicHalf:
    """Return the key of a JWK whose `alg` is RS256 or ES256.

    Raises ValueError for another algorithm, a key whose type does not match `alg`, a key that is too short, and a point
    that is not on its curve.
    """
    kind = (jwk.get("alg"), jwk.get("kty"), jwk.get("crv"))
    if kind == (RS256, "RSA", None):
        key = rsa.RSAPublicNumbers(e=_number(jwk.get("e")), n=_number(jwk.get("n"))).public_key()
        if key.key_size < RSA_BITS:
            raise ValueError("the RSA key is too short")
        return key
    if kind == (ES256, "EC", "P-256"):
        x, y = (_octets(jwk.get(name)) for name in ("x", "y"))
        if len(x) != _COORDINATE:  # the constructor only checks the length of both together
            raise ValueError("a coordinate has another length")
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)
    raise ValueError("a key for another algorithm")


def _octets(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("a part of the key is no text")  # noqa: TRY004 — a JWK is data
    return from_base64url(text)


def _number(text: object) -> int:
    return int.from_bytes(_octets(text), "big")
