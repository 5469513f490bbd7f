"""Revocation (S74, S75) and introspection (S76, S77) of tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.accounts.removal import deactivate_user, end_grants
from gatepost.clients.lifecycle import deactivate_app, delete_app
from gatepost.endpoints.introspection import introspect
from gatepost.endpoints.revocation import revoke
from gatepost.errors import InvalidClient, InvalidGrant, InvalidRequest
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.records import App
from gatepost.oauth.client_authentication import Credentials
from gatepost.scope import parse_scope
from gatepost.tokens.revocation_list import Watch
from tests.unit.world import ALICE, NOW, World, credentials_of, native_app

INACTIVE = {"active": False}
NO_TOKENS = ["x", "\x00", "a" * 100_000, "eyJhbGciOiJub25lIn0.e30.", "alice-id.g.1." + "A" * 43]


def give_back(world: World, token: str, app: App | None = None, *, now: float = NOW + 1, **hint: str) -> None:
    watch = Watch(world.store, world.settings)
    revoke(world.server, watch, {"token": token} | hint, credentials_of(app or world.web), now)


# Revocation (RFC 7009)


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "nonsense"}])
def test_s74_an_app_gives_a_refresh_token_back_and_its_access_tokens_end_with_it(
    world: World, first: TokenAnswer, hint: dict[str, Any]
) -> None:
    second = world.refresh(first.refresh_token)

    give_back(world, second.refresh_token, **hint)

    with pytest.raises(InvalidGrant):
        world.refresh(second.refresh_token, now=NOW + 2)
    assert not world.opens(first.access_token, NOW + 2)
    assert not world.opens(second.access_token, NOW + 2)


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}])
def test_s74_an_app_gives_an_access_token_back_and_nothing_else_ends(
    world: World, first: TokenAnswer, hint: dict[str, Any]
) -> None:
    second = world.refresh(first.refresh_token)

    give_back(world, first.access_token, **hint)

    assert not world.opens(first.access_token, NOW + 2)
    assert world.introspect(first.access_token) == INACTIVE
    assert world.opens(second.access_token, NOW + 2)
    assert world.refresh(second.refresh_token, now=NOW + 2).access_token


def test_s74_an_app_gives_the_token_that_it_has_for_itself_back(world: World) -> None:
    token = world.send(world.web, grant_type="client_credentials").access_token

    give_back(world, token)

    assert not world.opens(token, NOW + 2)


def test_s74_an_old_refresh_token_ends_its_grant_too(world: World, first: TokenAnswer) -> None:
    second = world.refresh(first.refresh_token)

    give_back(world, first.refresh_token, now=NOW + 9000)

    with pytest.raises(InvalidGrant):
        world.refresh(second.refresh_token, now=NOW + 9001)


def test_s74_twice_and_unknown_and_expired_is_no_error(world: World, first: TokenAnswer) -> None:
    for token in [first.access_token, first.access_token, first.refresh_token, first.refresh_token, *NO_TOKENS]:
        give_back(world, token)
    give_back(world, first.access_token, now=NOW + 10_000)


def test_s74_a_public_app_gives_back_what_is_its_own(world: World) -> None:
    answer = world.redeem(world.code(world.native), world.native)

    give_back(world, answer.refresh_token, world.native)

    assert not world.opens(answer.access_token, NOW + 2)


def test_s74_a_request_without_a_token_is_malformed(world: World) -> None:
    with pytest.raises(InvalidRequest, match="token is missing"):
        revoke(world.server, Watch(world.store, world.settings), {}, credentials_of(world.web), NOW)


def test_s75_a_token_of_another_app_lives_on(world: World, first: TokenAnswer) -> None:
    for app in (world.other, world.native):
        give_back(world, first.access_token, app)
        give_back(world, first.refresh_token, app)

    assert world.opens(first.access_token, NOW + 2)
    assert world.refresh(first.refresh_token, now=NOW + 2).access_token


@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "x"])
def test_s75_somebody_who_is_not_the_app_ends_nothing(world: World, first: TokenAnswer, kind: str) -> None:
    token = getattr(first, kind, "x")

    with pytest.raises(InvalidClient):
        give_back(world, token, native_app(client_id=world.web.client_id))

    assert world.opens(first.access_token, NOW + 2)


# Introspection (RFC 7662)


def test_s77_an_access_token_that_lives_is_described_without_secrets(world: World, first: TokenAnswer) -> None:
    claims = world.claims(first.access_token)

    assert world.introspect(first.access_token, world.other) == {
        "active": True,
        "token_type": "Bearer",
        "iss": "https://id.example.test",
        "sub": "alice-id",
        "aud": "https://api.example.test",
        "client_id": world.web.client_id,
        "scope": "read write",
        "jti": claims.jti,
        "iat": NOW,
        "exp": NOW + 3600,
    }


@pytest.mark.parametrize(
    ("scope", "openid", "named"),
    [
        ("openid read", True, False),
        ("openid profile", True, True),
        ("profile read", True, True),
        ("profile", False, False),
    ],
)
def test_s356_a_user_is_named_where_the_scope_says_so(world: World, scope: str, openid: bool, named: bool) -> None:
    world.set(openid=True)
    app = world.add_app(replace(world.web, scope=parse_scope("openid profile read")))
    token = world.redeem(world.code(app, scope=parse_scope(scope))).access_token
    world.set(openid=openid)

    assert world.introspect(token, world.other).get("username") == ("alice" if named else None)


def test_s77_the_token_of_an_app_for_itself_names_no_user(world: World) -> None:
    members = world.introspect(world.send(world.web, grant_type="client_credentials").access_token)

    assert (members["active"], members["sub"]) == (True, world.web.client_id)
    assert "username" not in members


def test_s77_a_refresh_token_is_described_to_its_app(world: World, first: TokenAnswer) -> None:
    assert world.introspect(first.refresh_token, now=NOW + 5) == {
        "active": True,
        "sub": "alice-id",
        "client_id": world.web.client_id,
        "scope": "read write",
        "iat": NOW,
        "exp": NOW + 14 * 86400,
    }


def test_s77_a_refresh_token_that_was_replaced_is_inactive(world: World, first: TokenAnswer) -> None:
    second = world.refresh(first.refresh_token)

    assert world.introspect(first.refresh_token, now=NOW + 1) == INACTIVE
    assert world.introspect(second.refresh_token, now=NOW + 1)["active"] is True


def test_s77_and_is_inactive_for_every_other(world: World, first: TokenAnswer) -> None:
    assert world.introspect(first.refresh_token, world.other) == INACTIVE


@pytest.mark.parametrize("token", NO_TOKENS)
def test_s77_what_is_no_token_is_inactive_and_no_more_is_said(world: World, token: str) -> None:
    assert world.introspect(token) == INACTIVE


def test_s77_a_code_and_an_expired_token_are_inactive(world: World, first: TokenAnswer) -> None:
    assert world.introspect(world.code()) == INACTIVE
    assert world.introspect(first.access_token, now=NOW + 3630) == INACTIVE
    assert world.introspect(first.refresh_token, now=NOW + 14 * 86400) == INACTIVE


@pytest.mark.parametrize("end", ["grant", "user", "user's grants", "app", "app for good"])
def test_s77_what_ends_a_grant_ends_its_tokens_at_once(world: World, first: TokenAnswer, end: str) -> None:
    store, settings, now = world.store, world.settings, NOW + 1
    watch = Watch(store, settings)  # a warm one, which has not heard of it
    watch.claims(first.access_token, NOW)
    ends: dict[str, Any] = {
        "grant": lambda: store.revoke_grant(first.grant_id, now=now, feed_until=NOW + 99),
        "user": lambda: deactivate_user(store, ALICE, now=now),
        "user's grants": lambda: end_grants(store, ALICE, now=now),
        "app": lambda: deactivate_app(store, world.web, reason="", now=now),
        "app for good": lambda: delete_app(store, world.web, now=now),
    }
    ends[end]()

    asking = credentials_of(world.other)
    assert introspect(world.server, watch, {"token": first.access_token}, asking, now + 1) == INACTIVE
    assert world.introspect(first.refresh_token, world.other, now + 1) == INACTIVE
    if not end.startswith("app"):
        assert world.introspect(first.refresh_token, now=now + 1) == INACTIVE


@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "none"])
@pytest.mark.parametrize("secret", [None, "", "wrong"])
def test_s76_without_the_secret_of_an_app_nothing_is_said(
    world: World, first: TokenAnswer, kind: str, secret: str | None
) -> None:
    credentials = Credentials(client_id=world.web.client_id, client_secret=secret, basic=False)
    watch = Watch(world.store, world.settings)

    with pytest.raises(InvalidClient):
        introspect(world.server, watch, {"token": getattr(first, kind, "x")}, credentials, NOW)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "none"])
def test_s76_a_public_app_can_not_prove_who_asks(world: World, kind: str) -> None:
    answer = world.redeem(world.code(world.native), world.native)

    with pytest.raises(InvalidClient):
        world.introspect(getattr(answer, kind, "x"), world.native)


def test_s76_a_request_without_a_token_is_malformed(world: World) -> None:
    with pytest.raises(InvalidRequest, match="token is missing"):
        introspect(world.server, Watch(world.store, world.settings), {}, credentials_of(world.web), NOW)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_introspection_takes_two_round_trips(world: World, first: TokenAnswer, kind: str) -> None:
    watch = Watch(world.store, world.settings)
    watch.claims(first.access_token, NOW)
    before = world.store.round_trips

    introspect(world.server, watch, {"token": getattr(first, kind)}, credentials_of(world.web), NOW + 5)

    assert world.store.round_trips - before <= 2
