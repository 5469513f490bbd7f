"""Every forgery of an access token (S78, S79, S80, S83), next to the genuine one that it was made from."""

from __future__ import annotations

import json
from hashlib import sha256, sha512
from hmac import new as hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.errors import InvalidToken
from gatepost.model.feed import PublicKey
from gatepost.tokens.access_token import Verifier, key_id, verify_access_token
from gatepost.tokens.signing_keys import SigningKey, new_signing_key
from tests.unit.tokens.forge import (
    CLAIMS,
    ES256,
    ES_VERIFIERS,
    GENUINE,
    HEADER,
    PAYLOAD,
    SIGNATURE,
    b64,
    refused,
    segment,
    signed,
    signed_payload,
    verify,
)
from tests.unit.world import NOW, SETTINGS

fewer = settings(max_examples=60)  # each takes a signature or three looks; tests/security/fuzz goes on
ATTACKER = new_signing_key("ES256", active_from=0)

ATTACKER_JWK = json.loads(ATTACKER.public().jwk)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None])
@pytest.mark.parametrize("signature", ["", SIGNATURE], ids=["unsigned", "signed"])
def test_s78_a_token_without_an_algorithm_is_refused(alg: str | None, signature: str) -> None:
    refused(f"{segment({'alg': alg, 'typ': 'at+jwt', 'kid': ES256.kid})}.{PAYLOAD}.{signature}")


@pytest.mark.parametrize(
    "signature",
    ["", "A", SIGNATURE[:-2], b64(bytes(64)), SIGNATURE[::-1], b64(bytes(range(64))), SIGNATURE + "AAAA", "!" * 86],
    ids=lambda _: "random",
)
def test_s78_a_token_with_another_signature_is_refused(signature: str) -> None:
    refused(f"{HEADER}.{PAYLOAD}.{signature}")


@pytest.mark.parametrize("claims", [{"scope": "admin"}, {"sub": "bob-id"}, {"exp": NOW + 10**6}, {"jti": "other"}])
def test_s83_a_token_with_another_payload_is_refused(claims: dict[str, Any]) -> None:
    refused(f"{HEADER}.{segment(CLAIMS | claims)}.{SIGNATURE}")


@pytest.mark.parametrize("alg", ["HS256", "HS512"])
@pytest.mark.parametrize("what", ["pem", "der", "jwk", "n", "empty", "word", "kid"])
def test_s79_a_key_known_to_all_is_refused(alg: str, what: str, signing_key: SigningKey, public_key: PublicKey) -> None:
    key = _public_bytes(what, signing_key, public_key)
    signing_input = f"{segment({'alg': alg, 'typ': 'at+jwt', 'kid': public_key.kid})}.{segment(CLAIMS)}"
    mac = hmac(key, signing_input.encode(), sha256 if alg == "HS256" else sha512).digest()

    with pytest.raises(InvalidToken):
        verify_access_token(f"{signing_input}.{b64(mac)}", {public_key.kid: Verifier.of(public_key)}, SETTINGS, NOW)


def _public_bytes(what: str, signing_key: SigningKey, public_key: PublicKey) -> bytes:
    key = signing_key.load().public_key()
    known: dict[str, bytes] = {
        "pem": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "jwk": public_key.jwk.encode(),
        "n": json.loads(public_key.jwk)["n"].encode(),
        "empty": b"",
        "word": b"secret",
        "kid": public_key.kid.encode(),
    }
    return known[what]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"jwk": ATTACKER_JWK},
        {"jwk": ATTACKER_JWK, "kid": ATTACKER.kid},
        {"jku": "http://127.0.0.1:9/jwks.json"},
        {"x5u": "http://169.254.169.254/cert.pem"},
        {"x5c": ["MIIB"]},
        {"kid": ATTACKER.kid},
        {"kid": "../../dev/null"},
        {"kid": "' OR 1=1"},
        {"kid": ""},
    ],
)
def test_s80_a_key_that_the_token_names_itself_is_not_used(headers: dict[str, Any]) -> None:
    refused(signed(CLAIMS, ATTACKER.load(), **headers))


@pytest.mark.parametrize(
    "headers", [{"jwk": ATTACKER_JWK}, {"jku": "http://127.0.0.1:9"}, {"x5u": "http://127.0.0.1:9"}]
)
def test_s80_and_not_even_looked_at(headers: dict[str, Any]) -> None:
    assert verify(signed(CLAIMS, **headers)).sub == "alice-id"


@pytest.mark.parametrize("critical", [["exp"], ["b64"], ["made-up"], []])
def test_s80_a_critical_header_is_refused(critical: list[str]) -> None:
    refused(signed(CLAIMS, crit=critical))
    refused(signed(CLAIMS, crit=critical, exp=1, b64=True))


@pytest.mark.parametrize("b64", [False, True, None])
def test_s80_a_header_that_says_how_the_payload_is_written_is_refused(b64: object) -> None:
    refused(signed(CLAIMS, b64=b64))  # RFC 7797


@pytest.mark.parametrize("kid", [None, 1, ["a"], {"a": 1}, True])
def test_s80_a_kid_that_is_no_string_is_refused(kid: object) -> None:
    refused(f"{segment({'alg': 'ES256', 'typ': 'at+jwt', 'kid': kid})}.{PAYLOAD}.{SIGNATURE}")


@pytest.mark.parametrize(
    "token",
    [
        *("", ".", "..", "...", "\x00", "a" * 100_000, "the-secret-of-the-web-app", f"alice-id.g.1.{'A' * 43}"),
        *(GENUINE + end for end in (".", ".x", "\ud800", "\x00")),
        *("." + GENUINE, GENUINE.replace("e", "\u00e9", 1)),
        *(f"{HEADER}.{PAYLOAD}", f"{HEADER}..{SIGNATURE}", f".{PAYLOAD}.{SIGNATURE}"),
        *(f"{PAYLOAD}.{HEADER}.{SIGNATURE}", f"{HEADER}.{b64(b'[]')}.{SIGNATURE}"),
        *(f"{b64(head)}.{PAYLOAD}.{SIGNATURE}" for head in (b"[]", b"1", b"\xff", b"[" * 5000, b'{"a":' * 900)),
    ],
)
def test_s83_what_is_no_token_is_refused(token: str) -> None:
    refused(token)


@pytest.mark.parametrize("alg", ["RS256", "ES384", "HS256", "none", "es256", None, 7, ["ES256"]])
def test_s78_a_genuine_signature_under_another_algorithms_name_is_refused(alg: object) -> None:
    refused(signed(CLAIMS, alg=alg))


@pytest.mark.parametrize(
    "payload",
    [b64(b"no JSON"), b64(b"[" * 3000), b64(b"\xff"), "!!", "", b64(b"[]"), b64(b'"x"'), b64(b"1"), b64(b"null")],
)
def test_s117_a_genuine_signature_over_what_are_no_claims_is_refused(payload: str) -> None:
    refused(signed_payload(payload))


def test_s83_a_token_of_eight_thousand_characters_is_read_and_no_longer_one() -> None:
    tokens = {
        len(token): token
        for extra in range(4)
        for padding in range(5350, 5700)
        if len(token := signed(CLAIMS | {"padding": "x" * padding}, extra="x" * extra)) in (8000, 8001)
    }

    assert verify(tokens[8000]).sub == "alice-id"
    refused(tokens[8001])


@fewer
@given(st.one_of(st.text(), st.text("abcdefgh._-=", max_size=50), st.binary(max_size=60).map(b64)))
def test_s117_any_text_as_a_token_raises_nothing_but_invalid_token(text: str) -> None:
    for token in (text, f"{text}.{PAYLOAD}.{SIGNATURE}", f"{HEADER}.{text}.{SIGNATURE}", f"{HEADER}.{PAYLOAD}.{text}"):
        if token != GENUINE:
            try:
                key_id(token)
                verify_access_token(token, ES_VERIFIERS, SETTINGS, NOW)
            except InvalidToken:
                continue
            # only the same bytes, respelled, may pass (S83: tokens are revoked by `jti`, not by their text)
            assert verify(token) == verify(GENUINE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@fewer
@given(st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64", "jwk", "enc"]), JSON))
def test_s117_any_header_raises_nothing_but_invalid_token(header: dict[str, object]) -> None:
    with pytest.raises(InvalidToken):
        verify(f"{segment({'typ': 'at+jwt', 'kid': ES256.kid} | header)}.{PAYLOAD}.{b64(bytes(64))}")


@fewer
@given(st.dictionaries(st.sampled_from(list(CLAIMS)), JSON, min_size=1))
def test_s117_any_claims_under_a_genuine_signature_raise_nothing_but_invalid_token(changes: dict[str, object]) -> None:
    try:
        claims = verify(signed(CLAIMS | changes))
    except InvalidToken:
        return
    assert isinstance(claims.sub, str)


@pytest.mark.parametrize("confirmation", [{"jkt": "x"}, {"x5t#S256": "x"}, {}, None, "", 0])
def test_s142_a_token_that_is_bound_to_a_key_is_no_bearer_token(confirmation: object) -> None:
    refused(signed(CLAIMS | {"cnf": confirmation}))
