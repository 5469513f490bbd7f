"""Ends of accounts: the entries of the feed, and surviving links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gatepost.accounts.connected_apps import MOST_ENTRIES, disconnect
from gatepost.accounts.removal import deactivate_user, delete_user, end_grants
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.model.records import Grant
from gatepost.oauth.grant_standing import is_revocable, may_have_tokens
from gatepost.stores.record_keys import GrantKey, LoginKey, UserKey
from tests.unit.meanwhile import meanwhile
from tests.unit.signing_in import account
from tests.unit.world import ALICE, LIVING, NOW, WEB, World

WAITING = replace(LIVING, grant_id="alice-id.g2", redeem_before=NOW + 60, expires_at=NOW + 60)


# What the feed hears of


@pytest.mark.parametrize(
    ("grant", "tokens", "revocable"),
    [
        *((LIVING, True, True), (replace(LIVING, revoked_at=NOW - 1), False, False)),
        (replace(LIVING, expires_at=NOW - 299), True, True),  # whoever verifies has a leeway of 300 seconds at most
        (replace(LIVING, expires_at=NOW - 300), False, False),
        *((WAITING, False, True), (replace(WAITING, redeem_before=NOW), False, False)),
        (replace(WAITING, redeemed_by="somebody"), True, True),
    ],
)
def test_s128_tokens_live_of_redeemed_grants(grant: Grant, tokens: bool, revocable: bool) -> None:
    assert may_have_tokens(grant, NOW) is tokens
    assert is_revocable(grant, NOW) is revocable


def test_s128_ending_everything_is_told_once_where_something_lives(world: World) -> None:
    assert end_grants(world.store, ALICE, now=NOW - 1) is False
    assert world.published == []

    world.store.add_grant(LIVING)
    assert end_grants(world.store, world.stored(UserKey("alice-id")), now=NOW) is True
    user = world.stored(UserKey("alice-id"))
    assert end_grants(world.store, user, now=NOW + 1) is False
    assert world.published == [("user", "alice-id")]
    assert user.grants_valid_from == NOW


def test_ending_everything_sets_the_date_though_nothing_lives(world: World) -> None:
    end_grants(world.store, ALICE, now=NOW)

    with pytest.raises(Conflict):  # of a request that read the account before
        world.store.approve(LIVING, user=ALICE, code=None, approval=None)


def test_s128_what_waits_is_ended_and_not_told(world: World) -> None:
    world.store.add_grant(WAITING)

    assert end_grants(world.store, ALICE, now=NOW + 1) is True
    grant = world.stored(GrantKey(WAITING.grant_id))
    assert (grant.revoked_at, world.published) == (NOW + 1, [])


@pytest.mark.parametrize("end", [end_grants, deactivate_user])
def test_a_grant_that_comes_after_the_first_look_is_told_by_itself(world: World, end: Callable[..., object]) -> None:
    names = ("void_user_grants", "deactivate_user", "begin_deletion")
    end(meanwhile(world.store, lambda: world.store.add_grant(LIVING), *names, times=1), ALICE, now=NOW)
    assert world.published == [("grant", LIVING.grant_id)]


def test_stopping_an_account_again_tells_it_again(world: World) -> None:
    world.store.add_grant(LIVING)
    deactivate_user(world.store, ALICE, now=NOW)
    deactivate_user(world.store, world.stored(UserKey("alice-id")), now=NOW + 1)

    assert world.published == [("user", "alice-id")] * 2


@pytest.mark.parametrize(
    ("grants", "told"), [(MOST_ENTRIES, ["grant"] * MOST_ENTRIES), (MOST_ENTRIES + 1, ["user"] * 2)]
)
def test_s128_disconnecting_an_app_writes_a_few_entries(world: World, grants: int, told: list[str]) -> None:
    for number in range(grants):
        world.store.add_grant(replace(LIVING, grant_id=f"alice-id.{number}"))
    world.store.add_grant(replace(WAITING, grant_id="alice-id.w"))

    disconnect(world.store, ALICE, WEB, now=NOW + 1)

    assert [kind for kind, _ in world.published] == told
    assert all(grant.revoked_at for grant in world.store.grants_of("alice-id"))


# Who may be taken away


def test_an_account_that_changes_all_the_time_is_not_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(*_: object, **__: object) -> None:
        raise Conflict("user")

    monkeypatch.setattr(world.store, "deactivate_user", changed)
    monkeypatch.setattr("gatepost.accounts.removal._PAUSES", (0, 0))

    with pytest.raises(TemporarilyUnavailable):
        deactivate_user(world.store, ALICE, now=NOW)


def test_stopping_an_account_that_is_gone_does_nothing(world: World) -> None:
    delete_user(world.store, ALICE, now=NOW)

    deactivate_user(world.store, ALICE, now=NOW + 1)

    assert (account(world, ALICE), world.store.read(LoginKey("alice"))) == (None, (None,))


@pytest.mark.parametrize(("now", "revoked_at"), [(NOW + 59, NOW + 59), (NOW + 60, 0)])
def test_a_grant_is_revoked_by_itself_while_its_code_lives(world: World, now: int, revoked_at: int) -> None:
    world.code()

    end_grants(world.store, ALICE, now=now)

    assert [grant.revoked_at for grant in world.store.grants_of("alice-id")] == [revoked_at]
