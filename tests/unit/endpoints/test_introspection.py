"""Introspection of tokens (RFC 7662; S76, S77): what it tells to whom, and what ends before its reader knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepost.accounts.removal import deactivate_user, end_grants
from gatepost.clients.lifecycle import deactivate_app, delete_app
from gatepost.endpoints.introspection import introspect
from gatepost.errors import InvalidClient, InvalidRequest
from gatepost.grants.token_response import TokenAnswer
from gatepost.oauth.client_authentication import Credentials
from gatepost.scope import parse_scope
from gatepost.stores.record_keys import AppKey, GrantKey, UserKey
from gatepost.tokens.revocation_list import Watch
from tests.unit.endpoints.listing import NO_TOKENS
from tests.unit.world import ALICE, NOTHING, NOW, PASSWORD, WEB, World, credentials_of, web_app

INACTIVE = {"active": False}


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
    own = world.introspect(world.own_token())  # of the app itself, which names no user
    assert (own["active"], own["sub"], own.get("username")) == (True, WEB, None)


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
    app = world.add_app(world.web._replace(scope=parse_scope("openid profile read")))
    token = world.redeem(world.code(app, scope=parse_scope(scope))).access_token
    world.set(openid=openid)

    assert world.introspect(token, world.other).get("username") == ("alice" if named else None)


def test_s77_a_refresh_token_is_described_to_its_app_alone(world: World, first: TokenAnswer) -> None:
    assert world.introspect(first.refresh_token, now=NOW + 5) == {
        "active": True,
        "sub": "alice-id",
        "client_id": world.web.client_id,
        "scope": "read write",
        "iat": NOW,
        "exp": NOW + 14 * 86400,
    }
    assert world.introspect(first.refresh_token, world.other) == INACTIVE

    second = world.refresh(first.refresh_token)
    assert world.introspect(first.refresh_token, now=NOW + 1) == INACTIVE
    assert world.introspect(second.refresh_token, now=NOW + 1)["active"] is True


@pytest.mark.parametrize("token", NO_TOKENS)
def test_s77_what_is_no_token_is_inactive_and_no_more_is_said(world: World, token: str) -> None:
    assert world.introspect(token) == INACTIVE


def test_s77_a_code_and_an_expired_token_are_inactive(world: World, first: TokenAnswer) -> None:
    assert world.introspect(world.code()) == INACTIVE
    assert world.introspect(first.access_token, now=NOW + 3630) == INACTIVE
    assert world.introspect(first.refresh_token, now=NOW + 14 * 86400) == INACTIVE


@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "none"])
def test_s76_nothing_is_said_to_who_is_no_app_with_a_secret(world: World, first: TokenAnswer, kind: str) -> None:
    watch = Watch(world.store, world.settings)

    for secret in (None, "", "wrong"):
        credentials = Credentials(client_id=WEB, client_secret=secret, basic=False)
        with pytest.raises(InvalidClient):
            introspect(world.server, watch, {"token": getattr(first, kind, "x")}, credentials, NOW)
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


# What ends


class Asking:
    """A client of introspection, with a verifier that read the feed before any revocation."""

    def __init__(self, world: World, token: str) -> None:
        self._world, self._watch = world, Watch(world.store, world.settings)
        self._watch.claims(token, NOW)

    def active(self, token: str) -> bool:
        asking = credentials_of(self._world.other)
        members = introspect(self._world.server, self._watch, {"token": token}, asking, NOW + 2)
        assert members["active"] or members == INACTIVE
        return bool(members["active"])


ENDS: dict[str, Callable[[World, TokenAnswer], object]] = {
    "grant revoked": lambda world, first: world.store.revoke_grant(first.grant_id, now=NOW + 1, feed_until=NOW + 99),
    "grant gone": lambda world, first: world.store._records.pop(GrantKey(first.grant_id)),
    "account gone": lambda world, _: world.store._records.pop(UserKey("alice-id")),
    "account not active": lambda world, _: world.store.set_user_status("alice-id", "deactivated"),
    "account stopped": lambda world, _: deactivate_user(world.store, ALICE, now=NOW + 1),
    "account's grants": lambda world, _: end_grants(world.store, ALICE, now=NOW + 1),
    "app gone": lambda world, _: world.store._records.pop(AppKey(WEB)),
    "app deleted": lambda world, _: delete_app(world.store, world.web, now=NOW + 1),
    "app not active": lambda world, _: world.add_app(web_app(status="deactivated")),
    "app's owner stopped": lambda world, _: world.add_app(web_app(owner_stopped=True)),
    "app stopped": lambda world, _: deactivate_app(world.store, world.web, reason="", now=NOW + 1),
    "app's grants": lambda world, _: world.add_app(web_app(grants_valid_from=NOW)),
}


@pytest.mark.parametrize("end", ENDS)
def test_s77_s119_tokens_end_at_once_with_what_they_stand_on(world: World, first: TokenAnswer, end: str) -> None:
    own = world.own_token()
    asking = Asking(world, first.access_token)
    assert asking.active(first.access_token)
    assert asking.active(own)
    assert world.introspect(first.refresh_token)["active"]

    ENDS[end](world, first)

    assert not asking.active(first.access_token)
    assert not asking.active(first.refresh_token)
    assert asking.active(own) is not end.startswith("app")
    if not end.startswith("app"):
        assert world.introspect(first.refresh_token, now=NOW + 2) == INACTIVE


def test_s77_what_was_granted_after_everything_was_ended_is_active(world: World) -> None:
    world.web = world.add_app(web_app(grants_valid_from=NOW - 1))
    world.store.void_user_grants("alice-id", grants_valid_from=NOW - 1, revocation=NOTHING)
    answer = world.send(world.web, grant_type="password", username="alice", password=PASSWORD)

    for token in (answer.access_token, world.own_token()):
        assert Asking(world, token).active(token)
    assert world.introspect(answer.refresh_token)["active"]
