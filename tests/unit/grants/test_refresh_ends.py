"""The end of refreshing: idle, absolute (S72), voided by app or account (S73)."""

from __future__ import annotations

from functools import partial

import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.grants.token_response import TokenAnswer
from gatepost.stores.record_keys import GrantKey, UserKey
from tests.unit.grants.refusing import refused
from tests.unit.meanwhile import meanwhile
from tests.unit.world import NOTHING, NOW, WEB, World

DAY = 86400


def test_s72_a_token_that_was_not_used_for_two_weeks_is_over(world: World, first: TokenAnswer) -> None:
    refused(world, first.refresh_token, now=NOW + 14 * DAY)

    assert world.refresh(first.refresh_token, now=NOW + 14 * DAY - 1).access_token


def test_s72_using_it_keeps_it_alive_but_never_beyond_its_absolute_end(world: World, first: TokenAnswer) -> None:
    token = first.refresh_token
    for day in (10, 20, 29):
        token = world.refresh(token, now=NOW + day * DAY).refresh_token
    last = world.refresh(token, now=NOW + 30 * DAY - 100)

    assert last.expires_in == 100
    assert (world.grant(first).idle_expires_at, world.grant(first).expires_at) == (NOW + 30 * DAY, NOW + 30 * DAY)
    refused(world, last.refresh_token, now=NOW + 30 * DAY)


def test_s73_an_account_that_is_inactive_or_gone_has_no_grants(world: World, first: TokenAnswer) -> None:
    world.store.set_user_status("alice-id", "inactive")
    assert refused(world, first.refresh_token) == "account is not active"
    del world.store._records[UserKey("alice-id")]
    assert refused(world, first.refresh_token) == "account is gone"


@pytest.mark.parametrize(("app", "user"), [(NOW, 0), (0, NOW), (NOW - 9, NOW - 9)])
def test_s73_what_was_granted_until_the_end_is_void(world: World, first: TokenAnswer, app: int, user: int) -> None:
    """App and account end their grants, and are activated again."""
    world.store.set_app_status(WEB, "active", reason="", grants_valid_from=app)
    world.store.void_user_grants("alice-id", grants_valid_from=user, revocation=NOTHING)

    if NOW in (app, user):
        refused(world, first.refresh_token, now=NOW + 1)
    else:
        assert world.refresh(first.refresh_token, now=NOW + 1).refresh_token


@pytest.mark.parametrize("revoked", [True, False])
def test_s73_a_grant_that_ends_meanwhile_is_over_and_no_reuse(world: World, first: TokenAnswer, revoked: bool) -> None:
    store, grant_id = world.store, first.grant_id
    ends = partial(store.revoke_grant, grant_id, now=NOW, feed_until=NOW + 99)
    gone = partial(store._records.pop, GrantKey(grant_id))
    world.store = meanwhile(store, ends if revoked else gone, "rotate")
    assert refused(world, first.refresh_token) == "revoked meanwhile"


def test_s114_a_server_without_keys_uses_nothing_up(world: World, first: TokenAnswer) -> None:
    world.keys.missing = True
    with pytest.raises(TemporarilyUnavailable):
        world.refresh(first.refresh_token)

    assert world.grant(first).generation == 1


def test_s72_s73_the_log_tells_apart_why_a_refresh_token_was_refused(world: World, first: TokenAnswer) -> None:
    token = first.refresh_token

    assert refused(world, "x") == "malformed"
    assert refused(world, token[:-4] + "AAAA") == "not authentic"
    assert refused(world, token, world.other) == "refresh token of another app"
    world.store.revoke_grant(first.grant_id, now=NOW, feed_until=NOW + 99)
    assert refused(world, token) == "revoked"
    del world.store._records[GrantKey(first.grant_id)]
    assert refused(world, token) == "no such grant"
