"""Cutoffs are not earlier than the moment at which they took effect, so they void everything issued until then."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from gatepost.accounts.removal import deactivate_user, delete_user, end_grants
from gatepost.clients.lifecycle import activate_app, deactivate_app, delete_app
from gatepost.cutoff import write_dated
from gatepost.errors import InvalidGrant, TemporarilyUnavailable
from gatepost.model.records import Login
from gatepost.stores.record_keys import UserKey
from tests.unit.meanwhile import meanwhile
from tests.unit.world import ALICE, NOW, PASSWORD, World, web_app

SLOW = 0.03  # seconds that a write takes here
LATE = NOW + 0.99  # the next second begins while it does


def test_what_takes_effect_in_the_next_second_is_written_again_with_its_date() -> None:
    written: list[float] = []

    def write(at: float) -> None:
        written.append(at)
        time.sleep(SLOW)

    write_dated(write, NOW + 0.2)
    assert written == [NOW + 0.2]
    write_dated(write, LATE)
    assert [int(each) for each in written[1:]] == [NOW, NOW + 1]


class SlowStore:
    """A store whose voiding writes take a while; every other call is the fake's."""

    def __init__(self, world: World) -> None:
        self._store = world.store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        called = getattr(self._store, name)

        def call(*positional: Any, **named: Any) -> Any:
            answer = called(*positional, **named)
            if name in ("void_user_grants", "deactivate_user", "set_app_status", "delete_app"):
                time.sleep(SLOW)
            return answer

        return call


ENDS: dict[str, Callable[[Any], object]] = {
    "the app is deleted": lambda store: delete_app(store, web_app(), now=LATE),
    "the app is deactivated": lambda store: deactivate_app(store, web_app(), reason="", now=LATE),
    "the account is deactivated": lambda store: deactivate_user(store, ALICE, now=LATE),
    "everything is disconnected": lambda store: end_grants(store, ALICE, now=LATE),
    "the account is deleted": lambda store: delete_user(store, ALICE, now=LATE),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_token_issued_while_the_end_takes_effect_is_refused(world: World, end: Callable[[Any], object]) -> None:
    first = world.redeem(world.code())
    under_way = world.refresh(first.refresh_token, now=NOW + 1)  # it read everything before the end took effect

    end(SlowStore(world))

    assert not world.opens(under_way.access_token, NOW + 2)


@pytest.mark.parametrize("end", list(ENDS.values())[1:4], ids=list(ENDS)[1:4])
def test_a_grant_made_while_the_end_takes_effect_stays_void(world: World, end: Callable[[Any], object]) -> None:
    under_way = world.send(world.web, now=NOW + 1, grant_type="password", username="alice", password=PASSWORD)

    end(SlowStore(world))
    activate_app(world.store, world.app(), now=NOW + 1)
    world.store.set_user_status("alice-id", "active")
    assert not world.refreshes(under_way.refresh_token, now=NOW + 2)


def test_an_account_that_an_older_release_reactivates_goes_with_what_was_granted(world: World) -> None:
    tokens = []

    def reactivate() -> None:
        world.store.set_user_status("alice-id", "active", before="leaving")
        sent = {"grant_type": "password", "username": "alice", "password": PASSWORD}
        tokens.append(world.send(world.web, now=NOW, **sent))

    delete_user(meanwhile(world.store, reactivate, "delete_user", times=1), ALICE, now=NOW)

    assert world.store.read(UserKey("alice-id")) == (None,)
    assert world.store.grants_of("alice-id") == []
    assert not world.opens(tokens[0].access_token, NOW + 1)


def test_an_account_whose_address_changes_while_it_is_deleted_takes_the_new_one_along(world: World) -> None:
    def change() -> None:
        user = world.stored(UserKey("alice-id"))
        world.store.change_email(user, "new@example.test", confirmed=True)

    delete_user(meanwhile(world.store, change, "delete_user", times=1), ALICE, now=NOW)

    bob = ALICE._replace(user_id="bob-id", user_name="bob")
    world.store.create_user(bob, Login(user_id="bob-id", password_hash="$2b$04$hash"))
    world.store.change_email(bob, "new@example.test", confirmed=True)


def test_an_account_that_never_stands_still_is_not_deleted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    reactivate = partial(world.store.set_user_status, "alice-id", "active", before="leaving")

    with pytest.raises(TemporarilyUnavailable):
        delete_user(meanwhile(world.store, reactivate, "delete_user"), ALICE, now=NOW)
    assert slept == [0.05, 0.1, 0.2, 0.4, 0.8]
    assert world.store.read(UserKey("alice-id"))[0] is not None


def test_a_password_grant_is_refused_if_the_password_changes_while_it_is_made(world: World) -> None:
    store = world.store
    changed = partial(store.change_password, ALICE, "$2b$04$new", sessions_valid_from=NOW)
    world.store = meanwhile(store, changed, "approve")
    with pytest.raises(InvalidGrant):
        world.send(world.web, grant_type="password", username="alice", password=PASSWORD)
    assert store.grants_of("alice-id") == []


@pytest.mark.parametrize("stops", [[NOW + 1], [NOW + 1, NOW - 90]])
def test_s110_an_app_that_a_late_clock_stops_or_activates_gets_no_grant_back(world: World, stops: list[int]) -> None:
    answer = world.redeem(world.code())
    for now in stops:
        deactivate_app(world.store, world.app(), reason="", now=now)
    activate_app(world.store, world.app(), now=NOW - 80)

    assert not world.refreshes(answer.refresh_token, now=NOW + 2)


def test_s110_grants_that_a_user_ended_stay_ended_for_a_clock_behind(world: World) -> None:
    answer = world.redeem(world.code())
    end_grants(world.store, ALICE, now=NOW + 1)
    end_grants(world.store, world.stored(UserKey("alice-id")), now=NOW - 90)

    assert not world.refreshes(answer.refresh_token, now=NOW + 2)
