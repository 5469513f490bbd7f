"""ID tokens as hints (S204), and logout tokens (OpenID Connect Back-Channel Logout §2.4)."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from gatepost.errors import InvalidToken
from gatepost.identifiers import base64url, from_base64url
from gatepost.model.feed import PublicKey
from gatepost.oidc.id_token import TYPE, half_hash, issue_id_token, read_hint, subject_of
from gatepost.oidc.logout_token import issue_logout_token
from gatepost.settings import Settings
from gatepost.tokens.access_token import Signer, Verifier, issue_access_token, verify_access_token
from gatepost.tokens.signing_keys import SigningKey, new_signing_key
from tests.unit.world import NOW, READ, SETTINGS, WEB, World

CLAIMS = {"iss": SETTINGS.issuer, "sub": "alice-id", "aud": WEB, "iat": NOW, "exp": NOW + 60}


def id_token(signer: Signer, settings: Settings = SETTINGS, client_id: str = WEB) -> str:
    who: dict[str, Any] = {"sub": "alice-id", "client_id": client_id, "auth_time": NOW, "sid": "s", "nonce": ""}
    return issue_id_token(signer, settings, **who, access_token="a", lifetime=60, now=NOW)


def signed(key: SigningKey, claims: Any, **header: Any) -> str:
    """Return a token by PyJWT, which signs what ours would not."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(payload, key.pem, key.alg, {"typ": TYPE, "kid": key.kid, **header})


def hinted(token: str, *keys: PublicKey, now: float = NOW) -> str | None:
    try:
        return subject_of(token, keys, SETTINGS, client_id=WEB, now=now)
    except InvalidToken:
        return None


def test_a_hint_names_its_user_also_when_it_has_expired(signer: Signer, public_key: PublicKey) -> None:
    assert hinted(id_token(signer), public_key) == "alice-id"
    assert hinted(id_token(signer), public_key, now=NOW + 86400 * 365) == "alice-id"
    assert hinted(id_token(signer), PublicKey(kid="odd", jwk="{}"), public_key) == "alice-id"  # of another token


def test_s204_a_hint_of_another_key_server_or_app_names_nobody(signer: Signer, public_key: PublicKey) -> None:
    token = id_token(signer)

    assert hinted(token) is None
    assert hinted(token, PublicKey(kid=public_key.kid, jwk=public_key.jwk, expires_at=NOW)) is None
    assert hinted(token, PublicKey(kid=public_key.kid, jwk=public_key.jwk, ended_at=NOW)) is None
    assert hinted(id_token(signer, Settings(issuer="https://other.example.test")), public_key) is None
    assert hinted(id_token(signer, client_id="another-app"), public_key) is None


def test_s203_an_access_token_is_no_hint(signer: Signer, public_key: PublicKey) -> None:
    who = {"sub": "alice-id", "client_id": WEB, "grant_id": "alice-id.g", "audience": WEB}
    token = issue_access_token(signer, SETTINGS, **who, scope=READ, lifetime=60, now=NOW)

    assert hinted(token, public_key) is None


def test_s204_forgeries_name_nobody(signing_key: SigningKey, signer: Signer, public_key: PublicKey) -> None:
    header, payload, signature = id_token(signer).split(".")
    other = new_signing_key("ES256", active_from=0)
    forged = (
        f"{base64url(json.dumps({'alg': 'none', 'typ': TYPE, 'kid': signing_key.kid}).encode())}.{payload}.",
        f"{header}.{base64url(json.dumps(CLAIMS | {'sub': 'bob-id'}).encode())}.{signature}",
        signed(other, CLAIMS, kid=signing_key.kid),
        signed(signing_key, CLAIMS, typ="at+jwt"),
        signed(signing_key, CLAIMS, typ="logout+jwt"),
        "",
        "nonsense",
    )
    assert [hinted(token, public_key) for token in forged] == [None] * len(forged)
    assert hinted(signed(signing_key, CLAIMS), public_key) == "alice-id"


@pytest.mark.parametrize(
    "claims",
    [
        *({name: value for name, value in CLAIMS.items() if name != left} for left in ("iss", "sub", "aud")),
        *(CLAIMS | {"sub": sub} for sub in (None, 1, ["alice-id"])),
        *(CLAIMS | {"aud": aud} for aud in ([WEB], None, 1)),
        *([], "text", 1, None, b"no JSON", b"\xff"),
    ],
)
def test_claims_of_another_form_name_nobody(signing_key: SigningKey, public_key: PublicKey, claims: Any) -> None:
    assert hinted(signed(signing_key, claims), public_key) is None
    with pytest.raises(InvalidToken):
        read_hint(signed(signing_key, claims), [public_key], SETTINGS, now=NOW)
    assert read_hint(signed(signing_key, CLAIMS), [public_key], SETTINGS, now=NOW) == ("alice-id", WEB)


def test_the_hash_of_an_access_token_is_half_of_its_digest() -> None:
    # OpenID Connect Core, appendix A.3
    assert half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_s341_a_logout_token_says_which_session_ended_and_is_neither_an_access_token_nor_an_id_token(
    world: World,
) -> None:
    about = {"sub": "alice-id", "client_id": WEB, "sid": "sid-1"}
    token, another = (issue_logout_token(world.keys.signing, world.settings, **about, now=NOW + 0.9) for _ in range(2))
    header, claims = (json.loads(from_base64url(part)) for part in token.split(".")[:2])

    assert header["typ"] == "logout+jwt"
    assert len(claims.pop("jti")) == 36
    assert token != another
    assert claims == {
        "iss": world.settings.issuer,
        "sub": "alice-id",
        "aud": WEB,
        "iat": NOW,
        "exp": NOW + 120,
        "sid": "sid-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    with pytest.raises(InvalidToken):
        verify_access_token(token, {world.public.kid: Verifier.of(world.public)}, world.settings, NOW)
    assert hinted(token, world.public) is None
