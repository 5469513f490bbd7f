"""The lower bound: the cryptography and the JSON of a token alone, measured in the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gatepost.identifiers import new_secret
from tests.bench.cpu import Cost, cost

_TEXT = new_secret().encode() * 12  # as long as a token


def raw_limits() -> Iterator[tuple[str, Cost]]:
    """Each piece with its cost."""
    curve, sha256 = ec.ECDSA(hashes.SHA256()), hashes.SHA256()
    private = ec.generate_private_key(ec.SECP256R1())
    public, signed = private.public_key(), private.sign(_TEXT, curve)
    yield "ES256 sign", cost(lambda: private.sign(_TEXT, curve))
    yield "ES256 verify", cost(lambda: public.verify(signed, _TEXT, curve))
    large, pkcs = rsa.generate_private_key(public_exponent=65537, key_size=2048), padding.PKCS1v15()
    known, sealed = large.public_key(), large.sign(_TEXT, pkcs, sha256)
    yield "RS256 sign", cost(lambda: large.sign(_TEXT, pkcs, sha256))
    yield "RS256 verify", cost(lambda: known.verify(sealed, _TEXT, pkcs, sha256))
    yield "SHA-256 of a token", cost(lambda: hashlib.sha256(_TEXT).digest())
    answer = {"access_token": _TEXT.decode(), "token_type": "Bearer", "expires_in": 3600, "scope": "read write"}
    yield "JSON of a token answer", cost(lambda: json.dumps(answer, separators=(",", ":")))
