"""Keys in their secrets: written, read, chosen, published (S88); handles, known from tokens alone."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.tokens.access_token import Signer, issue_access_token
from gatepost.tokens.handles import KEY, claimed
from gatepost.tokens.key_rotation import next_signing_secret
from gatepost.tokens.signing_keys import (
    RefreshKey,
    SigningKey,
    active,
    handle_key,
    new_refresh_key,
    new_signing_key,
    refresh_keys,
    signing_keys,
    written,
)
from tests.unit.tokens.forge import CLAIMS, ES256, refused, signed, verify
from tests.unit.world import NOW, READ, SETTINGS

NOT_WRITTEN = ["", "what-CloudFormation-generated", "{}", "[]", "1", "null", '{"keys":[]}']


def test_a_secret_gives_back_the_keys_that_were_written(signing_key: SigningKey) -> None:
    assert signing_keys(written([signing_key])) == (signing_key,)
    keys = [new_refresh_key(active_from=1), new_refresh_key(active_from=2)]

    assert refresh_keys(written(keys)) == tuple(keys)
    assert [len(key.raw()) for key in keys] == [32, 32]
    assert keys[0].key != keys[1].key


def test_a_key_is_loaded_with_a_cryptography_that_has_the_loader_only_where_it_is_documented(
    signing_key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = signing_key.load().private_numbers()
    monkeypatch.delattr("cryptography.hazmat.bindings._rust.openssl.keys.load_pem_private_key")

    assert signing_key.load().private_numbers() == known


@pytest.mark.parametrize("text", NOT_WRITTEN)
def test_s114_a_secret_without_keys_has_none(text: str) -> None:
    assert signing_keys(text) == ()
    assert refresh_keys(text) == ()
    assert handle_key(text) == b""


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


A_KEY = bytes(range(KEY))
TWO = ["AAAAAAAAAAA", "__________8"]


def issued(**changes: str) -> dict[str, Any]:
    signer = Signer(kid=ES256.kid, alg=ES256.alg, key=ES256.load(), handle_key=A_KEY)
    who = {"sub": "alice-id", "client_id": "web", "grant_id": "alice-id.g", **changes}
    token = issue_access_token(
        signer, SETTINGS, **who, scope=READ, lifetime=60, now=NOW, audience="https://api.example.test"
    )
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_a_token_names_the_handles_of_its_app_and_its_user_if_there_is_a_key() -> None:
    expected = []
    for subject in (b"client#web", b"user#alice-id"):
        digest = hmac.new(A_KEY, hashlib.sha256(subject).digest()[:8], hashlib.sha256).digest()[:8]
        expected.append(digest)
    handles = issued()["handles"]

    assert [from_base64url(each) for each in handles] == expected
    assert [len(each) for each in handles] == [11, 11]


def test_another_user_app_or_key_has_another_handle_and_another_token_has_the_same() -> None:
    alice, again = issued(), issued(grant_id="alice-id.other")
    bob, other = issued(sub="bob-id"), issued(client_id="other")
    app, user = alice["handles"]

    assert again["handles"] == [app, user]
    assert bob["handles"][0] == app
    assert bob["handles"][1] != user
    assert other["handles"][0] != app
    assert other["handles"][1] == user
    assert not {*claimed(b"x" * KEY, client_id="web", sub="alice-id")} & {app, user}


def test_without_the_key_a_token_is_as_before() -> None:
    signer = Signer(kid=ES256.kid, alg=ES256.alg, key=ES256.load())
    token = issue_access_token(
        signer, SETTINGS, sub="a", client_id="b", grant_id="", scope=READ, lifetime=60, now=NOW, audience="c"
    )

    assert set(jwt.decode(token, options={"verify_signature": False})) == {
        "iss", "sub", "aud", "client_id", "scope", "jti", "iat", "exp"
    }  # fmt: skip
    assert verify(signed(CLAIMS)).handles == ()


@pytest.mark.parametrize(
    "value",
    ["AAAAAAAAAAA", [], [1], ["AAAA"], ["AAAAAAAAAA="], ["AAAAAAAAAAB"], {}, 7, [["AAAAAAAAAAA"]], [TWO[0], None]],
)
def test_handles_are_read_as_marks_are_and_those_of_another_form_make_a_token_invalid(value: object) -> None:
    assert verify(signed(CLAIMS | {"handles": TWO})).handles == (0, 2**64 - 1)
    assert len(verify(signed(CLAIMS | {"handles": TWO[:1]})).handles) == 1
    refused(signed(CLAIMS | {"handles": value}))


def test_the_key_stays_from_secret_to_secret_and_is_made_where_there_is_none() -> None:
    first = next_signing_secret("", SETTINGS, NOW)
    before = json.dumps({"keys": json.loads(first)["keys"]})  # of a release without handles
    made = [handle_key(next_signing_secret(before, SETTINGS, NOW + 1000)) for _ in range(2)]

    assert len(handle_key(first)) == KEY
    assert handle_key(next_signing_secret(first, SETTINGS, NOW + 1000)) == handle_key(first)
    assert handle_key(before) == b""
    assert [len(each) for each in made] == [KEY, KEY]
    assert made[0] != made[1]
