"""Logout tokens (OpenID Connect Back-Channel Logout §2.4)."""

from __future__ import annotations

import json

import pytest

from gatepost.errors import InvalidToken
from gatepost.identifiers import from_base64url
from gatepost.oidc.id_token import subject_of
from gatepost.oidc.logout_token import issue_logout_token
from gatepost.tokens.access_token import Verifier, verify_access_token
from tests.unit.world import NOW, World


def token(world: World) -> str:
    signer = world.keys.signer(NOW)
    return issue_logout_token(signer, world.settings, sub="alice-id", client_id="app", sid="sid-1", now=NOW + 0.9)


def part(text: str, number: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(from_base64url(text.split(".")[number]))
    return found


def test_a_logout_token_says_which_session_of_which_user_ended(world: World) -> None:
    claims = part(token(world), 1)

    assert len(str(claims.pop("jti"))) == 36
    assert claims == {
        "iss": world.settings.issuer,
        "sub": "alice-id",
        "aud": "app",
        "iat": NOW,
        "exp": NOW + 120,
        "sid": "sid-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }


def test_no_two_logout_tokens_are_the_same(world: World) -> None:
    assert part(token(world), 1)["jti"] != part(token(world), 1)["jti"]


def test_s341_a_logout_token_is_neither_an_access_token_nor_an_id_token(world: World) -> None:
    made = token(world)
    assert part(made, 0)["typ"] == "logout+jwt"
    assert "nonce" not in part(made, 1)

    with pytest.raises(InvalidToken):
        verify_access_token(made, {world.public.kid: Verifier.of(world.public)}, world.settings, NOW)
    with pytest.raises(InvalidToken):
        subject_of(made, [world.public], world.settings, client_id="app", now=NOW)
