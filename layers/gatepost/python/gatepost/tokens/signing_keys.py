"""Signing keys and refresh keys: their format in the secrets, selection and creation.

A secret holds the key in use and, after a rotation, the next one with the time from which it may be used
(`active_from`). Every container has read the new key before it is used, so a rotation rejects no valid token.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import base64url, from_base64url, random_text
from gatepost.model.feed import PublicKey
from gatepost.tokens.jws import RSA_BITS, PrivateKey


class SigningKey(NamedTuple):
    """A private key as stored in the secret."""

    kid: str
    alg: str
    pem: str
    active_from: int

    def load(self) -> PrivateKey:
        """Return the loaded key; parsing costs far more than signing, so cache the result."""
        key = _pem_loader()(self.pem.encode(), None)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise TypeError(f"key {self.kid} is of a kind that this server does not use")
        return key

    def public(self) -> PublicKey:
        """Return the verification key, with `kid`, `alg` and `use` (RFC 7517 §4)."""
        from jwt.algorithms import ECAlgorithm, RSAAlgorithm  # only rotation publishes keys

        key = self.load().public_key()
        if isinstance(key, rsa.RSAPublicKey):
            jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
        else:
            jwk = ECAlgorithm.to_jwk(key, as_dict=True)
        jwk = {name: value for name, value in jwk.items() if name != "key_ops"}
        return PublicKey(kid=self.kid, jwk=json.dumps({**jwk, "kid": self.kid, "alg": self.alg, "use": "sig"}))


class RefreshKey(NamedTuple):
    """An HMAC key for refresh tokens, 256 bits in base64url."""

    kid: str
    key: str
    active_from: int

    def raw(self) -> bytes:
        """Return the key's bytes."""
        return base64.urlsafe_b64decode(self.key)


_K = TypeVar("_K", SigningKey, RefreshKey)


def _pem_loader() -> Callable[[bytes, None], object]:
    # What `serialization` calls itself. Its package imports SSH's formats first: a sixth of a cold token function
    try:
        from cryptography.hazmat.bindings._rust import openssl

        load: Callable[[bytes, None], object] = openssl.keys.load_pem_private_key
    except (ImportError, AttributeError):  # a version of cryptography that has it elsewhere
        from cryptography.hazmat.primitives.serialization import load_pem_private_key as load
    return load


def new_signing_key(alg: str, *, active_from: int) -> SigningKey:
    """Return a new key for RS256 or ES256."""
    from cryptography.hazmat.primitives import serialization  # only rotation makes keys

    key: PrivateKey
    if alg == "ES256":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return SigningKey(kid=random_text(8), alg=alg, pem=pem, active_from=active_from)


def new_refresh_key(*, active_from: int) -> RefreshKey:
    """Return a new key of 256 random bits."""
    key = base64.urlsafe_b64encode(os.urandom(32)).decode()
    return RefreshKey(kid=random_text(8), key=key, active_from=active_from)


def written(keys: Sequence[SigningKey] | Sequence[RefreshKey], handle_key: bytes = b"") -> str:
    """Return the text of a secret that holds `keys`, oldest first; the signing secret holds the `handle_key` too."""
    beside = {"handle_key": base64url(handle_key)} if handle_key else {}
    return json.dumps({"keys": [key._asdict() for key in keys], **beside})


def signing_keys(text: str) -> tuple[SigningKey, ...]:
    """Return the keys of a secret; none if the rotation has not written any yet."""
    return tuple(SigningKey(**entry) for entry in _entries(text))


def refresh_keys(text: str) -> tuple[RefreshKey, ...]:
    """Return the keys of a secret; none if the rotation has not written any yet."""
    return tuple(RefreshKey(**entry) for entry in _entries(text))


def key_ids(text: str) -> tuple[str, ...]:
    """Return the ids of the keys of either secret, oldest first."""
    return tuple(entry["kid"] for entry in _entries(text))


def handle_key(text: str) -> bytes:
    """Return the key of the handles (`handles`); empty before the first rotation that made one."""
    return from_base64url(_document(text).get("handle_key", ""))


def active(keys: Sequence[_K], now: float) -> _K:
    """Return the key to use at `now`: the newest active one.

    Raises TemporarilyUnavailable if there is none: the first rotation has not run.
    """
    usable = [key for key in keys if key.active_from <= now]
    if not usable:
        raise TemporarilyUnavailable("the server has no keys yet", reason="no active key in the secret")
    return max(usable, key=lambda key: key.active_from)


def active_signing_key(keys: Sequence[SigningKey], now: float, alg: str, *, only: bool = False) -> SigningKey:
    """Return the newest active key for `alg`; where there is none yet, of any algorithm unless `only` this will do.

    Raises TemporarilyUnavailable if there is none.
    """
    fitting = [key for key in keys if key.alg == alg and key.active_from <= now]
    return active(fitting if fitting or only else keys, now)


def _entries(text: str) -> list[dict[str, Any]]:
    return list(_document(text).get("keys", []))


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}  # generated by CloudFormation before the first rotation
    return document if isinstance(document, dict) else {}
