"""Keys in their secrets: written, read, chosen, published (S88)."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatepost.errors import TemporarilyUnavailable
from gatepost.tokens.signing_keys import (
    RefreshKey,
    SigningKey,
    active,
    new_refresh_key,
    new_signing_key,
    refresh_keys,
    signing_keys,
    written,
)

NOT_WRITTEN = ["", "what-CloudFormation-generated", "{}", "[]", "1", "null", '{"keys":[]}']


def test_a_secret_gives_back_the_signing_keys_that_were_written(signing_key: SigningKey) -> None:
    assert signing_keys(written([signing_key])) == (signing_key,)


def test_a_secret_gives_back_the_refresh_keys_that_were_written() -> None:
    keys = [new_refresh_key(active_from=1), new_refresh_key(active_from=2)]

    assert refresh_keys(written(keys)) == tuple(keys)
    assert [len(key.raw()) for key in keys] == [32, 32]
    assert keys[0].key != keys[1].key


@pytest.mark.parametrize("text", NOT_WRITTEN)
def test_s114_a_secret_without_keys_has_none(text: str) -> None:
    assert signing_keys(text) == ()
    assert refresh_keys(text) == ()


def test_the_newest_key_whose_time_has_come_is_used() -> None:
    keys = [RefreshKey(kid=f"k{at}", key="", active_from=at) for at in (0, 200, 100)]

    assert [active(keys, now).kid for now in (0, 99.9, 100, 199.9, 200)] == ["k0", "k0", "k100", "k100", "k200"]


@pytest.mark.parametrize("keys", [[], [RefreshKey(kid="k", key="", active_from=10)]])
def test_s114_without_a_key_whose_time_has_come_the_server_is_unavailable(keys: list[RefreshKey]) -> None:
    with pytest.raises(TemporarilyUnavailable):
        active(keys, 9.9)


def test_s88_an_rsa_key_has_2048_bits_and_is_published_without_its_private_half(signing_key: SigningKey) -> None:
    key = signing_key.load()
    public = signing_key.public()
    jwk = json.loads(public.jwk)

    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 2048
    assert set(jwk) == {"kty", "n", "e", "kid", "alg", "use"}
    assert (jwk["kty"], jwk["alg"], jwk["use"], jwk["kid"]) == ("RSA", "RS256", "sig", signing_key.kid)
    assert (public.kid, public.expires_at) == (signing_key.kid, 0)


def test_s88_an_ec_key_is_on_p256_and_is_published_without_its_private_half() -> None:
    made = new_signing_key("ES256", active_from=5)
    key = made.load()
    jwk = json.loads(made.public().jwk)

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (jwk["alg"], made.active_from) == ("ES256", 5)


def test_a_private_key_of_another_kind_is_refused() -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    with pytest.raises(TypeError, match="a kind that this server does not use"):
        SigningKey(kid="ed", alg="RS256", pem=pem, active_from=0).load()
