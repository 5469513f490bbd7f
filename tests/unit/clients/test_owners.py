"""An owner's status is copied to the apps, and limits everything that they request (S119)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.accounts.removal import activate_user, deactivate_user
from gatepost.accounts.rights import limit_user
from gatepost.clients.owners import tell_apps
from gatepost.errors import InvalidClient, InvalidScope
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from tests.unit.world import (
    NOTHING,
    NOW,
    OTHER,
    OWNER,
    READ,
    READ_WRITE,
    WEB,
    WRITE,
    World,
    delay,
    web_app,
)


def app(world: World, client_id: str = WEB) -> App:
    found = world.store.read(AppKey(client_id))[0]
    assert isinstance(found, App)
    return found


def standings(world: World) -> set[tuple[bool, str | None]]:
    found = world.store.apps_of(OWNER.user_id, cursor=None, limit=9).items
    return {(each.owner_stopped, None if each.owner_scope is None else str(each.owner_scope)) for each in found}


def machine(world: World, now: float = NOW, scope: str | None = "read write") -> str:
    return world.send(world.web, now=now, grant_type="client_credentials", scope=scope).access_token


def test_s119_the_apps_of_an_owner_who_is_stopped_get_no_tokens_and_go_on_afterwards(world: World) -> None:
    granted, code, own = world.redeem(world.code()), world.code(), machine(world)

    deactivate_user(world.store, OWNER, now=NOW + 1)

    assert standings(world) == {(True, None)}
    for ask in (
        lambda: machine(world, NOW + 2),
        lambda: world.refresh(granted.refresh_token, now=NOW + 2),
        lambda: world.redeem(code, now=NOW + 2),
        lambda: world.send(world.web, grant_type="password", username="alice", password="x"),
        lambda: world.introspect(granted.access_token, now=NOW + 2),
    ):
        with pytest.raises(InvalidClient, match="client_id is unknown, or the credentials of the app are wrong"):
            ask()
    assert not world.opens(own, NOW + 2)
    assert world.opens(granted.access_token, NOW + 2)  # what users granted is theirs, and lives to its end

    activate_user(world.store, replace(OWNER, status="deactivated"), now=NOW + 3)

    assert standings(world) == {(False, None)}
    assert world.refresh(granted.refresh_token, now=NOW + 4).access_token
    assert world.redeem(code, now=NOW + 4).access_token
    assert not world.opens(own, NOW + 4)
    assert world.opens(machine(world, NOW + 4), NOW + 4)


def test_s119_a_token_of_such_an_app_is_inactive_to_others(world: World) -> None:
    granted = world.redeem(world.code())
    asking = world.add_app(web_app(client_id=OTHER, name="Other", owner="owner-id"))
    world.store.set_owner_standing(replace(app(world), owner_stopped=True), revocation=None)

    assert world.introspect(granted.access_token, asking) == {"active": False}
    own = machine_of_other(world)
    world.store.set_owner_standing(replace(app(world, OTHER), owner_stopped=True), revocation=None)
    world.store.set_owner_standing(replace(app(world), owner_stopped=False), revocation=None)
    assert world.introspect(own) == {"active": False}


def machine_of_other(world: World) -> str:
    return world.send(world.other, grant_type="client_credentials").access_token


def test_s119_the_limit_of_an_owner_narrows_what_the_apps_get(world: World) -> None:
    granted, own = world.redeem(world.code()), machine(world)
    narrow = machine(world, scope="read")

    limit_user(world.store, OWNER, READ, now=NOW + 1)

    assert standings(world) == {(False, "read")}
    assert not world.opens(own, NOW + 2)
    assert not world.opens(narrow, NOW + 2)  # one entry ends them all: the next is as good
    assert world.claims(machine(world, NOW + 2), NOW + 2).scope == READ
    assert world.refresh(granted.refresh_token, now=NOW + 2).scope == READ
    with pytest.raises(InvalidScope):
        machine(world, NOW + 2, "write")

    limit_user(world.store, OWNER, None, now=NOW + 3)

    assert standings(world) == {(False, None)}
    assert world.claims(machine(world, NOW + 4), NOW + 4).scope == READ_WRITE


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [
        (None, READ, True),
        (READ_WRITE, READ, True),
        (READ, WRITE, True),
        (READ, READ_WRITE, False),
        (READ, None, False),
        (READ, Scope(), True),
    ],
)
def test_s119_tokens_end_where_the_limit_takes_something_away(
    world: World, before: Scope | None, after: Scope | None, ends: bool
) -> None:
    limit_user(world.store, OWNER, before, now=NOW - 9)
    own = machine(world, scope=None)

    limit_user(world.store, OWNER, after, now=NOW + 1)

    assert world.opens(own, NOW + 2) is not ends


def test_s119_an_app_that_never_acts_for_itself_needs_no_entry_of_the_feed(world: World) -> None:
    world.add_app(web_app(client_id=OTHER, name="Other", grant_types=("authorization_code",)))
    before = len(world.store.feed(0))

    world.store.set_user_status(OWNER.user_id, "deactivated")
    tell_apps(world.store, OWNER.user_id, now=NOW)

    published = [each.subject for each in world.store.feed(0)[before:]]
    assert published == [WEB]


def test_s119_a_limit_that_stays_ends_nothing_when_the_owner_is_active_again(world: World) -> None:
    limit_user(world.store, OWNER, READ, now=NOW)
    deactivate_user(world.store, OWNER, now=NOW)
    before = len(world.store.feed(0))

    activate_user(world.store, OWNER, now=NOW)

    assert len(world.store.feed(0)) == before


@pytest.mark.parametrize("slow", ["set_owner_standing", "deactivate_user"])
def test_s119_a_deactivation_that_takes_until_the_next_second_ends_tokens_until_then(world: World, slow: str) -> None:
    for app_beside in (world.native, world.other):  # the one that is told first is the one that counts
        world.store.delete_app(app_beside, revocation=NOTHING)
    delay(world.store, slow)
    own = machine(world, NOW + 1)  # it read the app before

    deactivate_user(world.store, OWNER, now=NOW + 0.7)

    assert not world.opens(own, NOW + 2)


def test_s119_so_does_a_limit(world: World) -> None:
    delay(world.store, "set_user_rights")
    own = machine(world, NOW + 1)

    limit_user(world.store, OWNER, READ, now=NOW + 0.7)

    assert not world.opens(own, NOW + 2)
