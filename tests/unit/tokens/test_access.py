"""Access tokens: their claims (S82), their expiry (S81, S110), and tokens for other servers."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode

import jwt
import pytest

from gatepost.errors import InvalidToken
from gatepost.tokens.access_token import Claims, Verifier, issue_access_token, verify_access_token
from gatepost.tokens.signing_keys import SigningKey
from tests.raising import raised
from tests.unit.tokens.forge import CLAIMS, ES256, GENUINE, refused, signed, verify
from tests.unit.world import NOW, READ_WRITE, SETTINGS, signer_of


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
        aud=("https://api.example.test",),
    )


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_s82_a_token_says_what_rfc_9068_asks_for(alg: str, signing_key: SigningKey) -> None:
    key = signing_key if alg == "RS256" else ES256
    signer = signer_of(key)
    who = {"sub": "alice-id", "client_id": "web", "grant_id": "alice-id.g"}

    token = issue_access_token(
        signer, SETTINGS, **who, scope=READ_WRITE, lifetime=60, now=NOW + 0.9, audience=SETTINGS.audience
    )
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
    signer = signer_of(ES256)
    who = {"sub": "web", "client_id": "web", "grant_id": "", "audience": SETTINGS.audience}

    token = issue_access_token(signer, SETTINGS, **who, scope=READ_WRITE, lifetime=60, now=NOW)

    assert "grant_id" not in jwt.decode(token, options={"verify_signature": False})
    assert verify(token).grant_id == ""


def test_an_audience_may_be_one_of_several() -> None:
    assert verify(signed(CLAIMS | {"aud": ["https://other.example.test", CLAIMS["aud"]]})).sub == "alice-id"


def test_the_log_says_whom_a_token_is_for_and_whom_it_had_to_be_for() -> None:
    caught = raised(InvalidToken, verify, signed(CLAIMS | {"aud": ["https://other.example.test", "x" * 50]}))
    needed = f"needed is {SETTINGS.audience}"
    assert caught.description == "the token is not valid"
    assert caught.reason == f"another audience: is for https://other.example.test …, {needed}"
    assert caught.facts == {"client_id": CLAIMS["client_id"]}


@pytest.mark.parametrize("grant_id", [7, None, ["alice-id.g"], {}])
def test_a_grant_that_is_no_string_is_none(grant_id: object) -> None:
    assert verify(signed(CLAIMS | {"grant_id": grant_id})).grant_id == ""


def test_a_key_counts_until_its_time_and_not_at_all_once_it_was_ended() -> None:
    ending = {ES256.kid: Verifier.of(ES256.public()._replace(expires_at=NOW + 10))}
    ended = {ES256.kid: Verifier.of(ES256.public()._replace(expires_at=NOW + 10, ended_at=NOW + 9))}

    assert verify_access_token(GENUINE, ending, SETTINGS, NOW + 9.9).sub == "alice-id"
    for verifiers, now in ((ending, NOW + 10), (ended, NOW), (ended, NOW + 20)):
        with pytest.raises(InvalidToken):
            verify_access_token(GENUINE, verifiers, SETTINGS, now)


# Times


def test_s81_a_token_ends_with_the_leeway_after_its_time() -> None:
    verify(GENUINE, NOW + 3600 + 29.9)
    refused(GENUINE, NOW + 3600 + 30)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_s81_a_token_from_the_future_is_refused_beyond_the_leeway(claim: str) -> None:
    verify(signed(CLAIMS | {claim: NOW + 30}))
    refused(signed(CLAIMS | {claim: NOW + 31}))


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [str(NOW), True, None, [NOW], {}, NOW + 0.5, "", float("inf")])
def test_s81_a_time_that_is_no_integer_or_none_is_refused(claim: str, value: object) -> None:
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
        ("aud", "https://api.example.test.evil.test"),
        ("aud", "https://api.example.test https://other.example.test"),
        ("aud", ["https://api.example.test/"]),
        ("aud", ["https://api.example.test", 5]),
        ("aud", [["https://api.example.test"]]),
        ("aud", {"https://api.example.test": 1}),
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


@pytest.mark.parametrize("typ", ["JWT", "AT+JWT", "application/at+jwt", "", "id_token+jwt", None, 1, ["at+jwt"]])
def test_s82_a_token_of_another_type_is_refused(typ: object) -> None:
    refused(signed(CLAIMS, typ=typ))
