"""Revocations that introspection sees before its verifier reads the feed, and events that revoke nothing (S74, S77)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepost.endpoints.introspection import introspect
from gatepost.endpoints.revocation import revoke
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.feed import Revocation
from gatepost.stores.record_keys import AppKey, GrantKey, UserKey
from gatepost.tokens.revocation_list import Watch
from tests.unit.world import NOTHING, NOW, PASSWORD, WEB, World, credentials_of, web_app

INACTIVE = {"active": False}


class Asking:
    """A client of introspection, with a verifier that read the feed before any revocation."""

    def __init__(self, world: World, token: str) -> None:
        self._world, self._watch = world, Watch(world.store, world.settings)
        self._watch.claims(token, NOW)

    def active(self, token: str) -> bool:
        asking = credentials_of(self._world.other)
        members = introspect(self._world.server, self._watch, {"token": token}, asking, NOW + 1)
        assert members["active"] or members == INACTIVE
        return bool(members["active"])


def own_token(world: World) -> str:
    """A token that the web app has for itself."""
    return world.send(world.web, grant_type="client_credentials").access_token


ENDS: dict[str, Callable[[World, TokenAnswer], object]] = {
    "no grant": lambda world, first: world.store._records.pop(GrantKey(first.grant_id)),
    "no account": lambda world, _: world.store._records.pop(UserKey("alice-id")),
    "no app": lambda world, _: world.store._records.pop(AppKey(WEB)),
    "account stopped": lambda world, _: world.store.set_user_status("alice-id", "deactivated"),
    "app stopped": lambda world, _: world.add_app(web_app(status="deactivated")),
    "app's grants": lambda world, _: world.add_app(web_app(grants_valid_from=NOW)),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_s77_a_token_ends_with_each_of_those_it_stands_on(
    world: World, first: TokenAnswer, end: Callable[[World, TokenAnswer], object]
) -> None:
    asking = Asking(world, first.access_token)
    assert asking.active(first.access_token)

    end(world, first)

    assert not asking.active(first.access_token)


@pytest.mark.parametrize("end", ["no app", "app stopped", "app's grants"])
def test_s77_the_token_of_an_app_for_itself_ends_with_the_app(world: World, first: TokenAnswer, end: str) -> None:
    token = own_token(world)
    asking = Asking(world, token)
    assert asking.active(token)

    ENDS[end](world, first)

    assert not asking.active(token)


@pytest.mark.parametrize("end", ["no grant", "no account", "account stopped"])
def test_s77_a_refresh_token_ends_with_them_too(world: World, first: TokenAnswer, end: str) -> None:
    assert world.introspect(first.refresh_token)["active"]

    ENDS[end](world, first)

    assert world.introspect(first.refresh_token) == INACTIVE


def test_s77_what_was_granted_after_everything_was_ended_is_active(world: World) -> None:
    world.web = world.add_app(web_app(grants_valid_from=NOW - 1))
    world.store.void_user_grants("alice-id", grants_valid_from=NOW - 1, revocation=NOTHING)
    answer = world.send(world.web, grant_type="password", username="alice", password=PASSWORD)

    for token in (answer.access_token, own_token(world)):
        assert Asking(world, token).active(token)
    assert world.introspect(answer.refresh_token)["active"]


def test_s74_s77_a_single_token_that_was_given_back_is_inactive_at_once(world: World, first: TokenAnswer) -> None:
    asking = Asking(world, first.access_token)

    revoke(
        world.server,
        Watch(world.store, world.settings),
        {"token": first.access_token},
        credentials_of(world.web),
        NOW + 0.5,
    )

    assert not asking.active(first.access_token)
    jti = world.claims(first.access_token).jti
    entry = Revocation(kind="jti", subject=jti, revoked_at=NOW + 0.5, expires_at=NOW + 3600 + 300)
    assert entry in world.store.feed(0)


def test_s74_giving_back_a_token_whose_grant_is_gone_is_no_error(world: World, first: TokenAnswer) -> None:
    ENDS["no grant"](world, first)

    revoke(
        world.server, Watch(world.store, world.settings), {"token": first.refresh_token}, credentials_of(world.web), NOW
    )

    assert [entry.kind for entry in world.store.feed(0) if entry.kind == "grant"] == []
