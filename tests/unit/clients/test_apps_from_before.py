"""Apps from before scopes were granted: each is completed once, and gains nothing by it (S119)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.owner_changes import update_app
from gatepost.clients.owners import read_completed
from gatepost.errors import Conflict, InvalidClient, InvalidGrant, InvalidScope
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from tests.unit.world import (
    NOW,
    OWNER,
    READ,
    READ_WRITE,
    WEB,
    World,
    app_details,
    delay,
    web_app,
)


def app(world: World, client_id: str = WEB) -> App:
    found = world.store.read(AppKey(client_id))[0]
    assert isinstance(found, App)
    return found


def machine(world: World, now: float = NOW, scope: str | None = "read write") -> str:
    return world.send(world.web, now=now, grant_type="client_credentials", scope=scope).access_token


def old(world: World, **changes: Any) -> App:
    return world.add_app(web_app(own_scope=None, **changes))


def test_s119_an_app_from_before_is_completed_by_its_first_request(world: World) -> None:
    old(world)
    world.store.round_trips = 0

    assert world.claims(machine(world)).scope == READ_WRITE

    assert world.store.round_trips == 2
    found = app(world)
    assert (found.own_scope, found.own_scope_by_update, found.owner_scope) == (READ_WRITE, True, None)
    assert (found.owner_stopped, found.version) == (False, 1)
    world.store.round_trips = 0
    machine(world)
    assert world.store.round_trips == 1


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token", "authorization_code", "password"])
def test_s119_an_app_from_before_gets_nothing_if_its_owner_was_stopped_before(world: World, grant: str) -> None:
    granted, code = world.redeem(world.code()), world.code()
    old(world)
    world.store.set_user_status(OWNER.user_id, "deactivated")
    sent: dict[str, Any] = {
        "client_credentials": {},
        "refresh_token": {"refresh_token": granted.refresh_token},
        "authorization_code": {"code": code, "redirect_uri": world.web.redirect_uris[0]},
        "password": {"username": "alice", "password": "correct horse battery"},
    }[grant]

    with pytest.raises(InvalidClient):
        world.send(world.web, grant_type=grant, **sent)

    assert app(world).owner_stopped


def test_s119_nor_more_than_the_limit_that_its_owner_had_before(world: World) -> None:
    granted = world.redeem(world.code())
    old(world)
    world.store.set_user_rights(OWNER.user_id, scope=READ)

    assert world.claims(machine(world)).scope == READ
    assert world.refresh(granted.refresh_token, now=NOW + 1).scope == READ


def test_s119_an_app_without_its_owner_gets_nothing(world: World) -> None:
    old(world)
    world.store._records.pop(next(key for key in world.store._records if "'owner-id'" in repr(key)))

    with pytest.raises(InvalidClient):
        machine(world)


def test_s119_where_it_can_not_be_completed_it_gets_what_it_would_have(world: World) -> None:
    old(world)
    world.store.complete_app = lambda app, *, owner: refuse()  # type: ignore[method-assign]

    def refuse() -> None:
        raise Conflict("user")

    assert world.claims(machine(world)).scope == READ_WRITE
    assert app(world).own_scope is None


def test_s119_a_wrong_secret_completes_nothing(world: World) -> None:
    old(world)
    world.store.round_trips = 0

    with pytest.raises(InvalidGrant):
        world.redeem("unknown")
    assert app(world).own_scope == READ_WRITE
    world.add_app(web_app(own_scope=None, secrets=()))
    with pytest.raises(InvalidClient):
        machine(world)
    assert app(world).own_scope is None


@pytest.mark.parametrize(("grants", "kept"), [(("client_credentials",), "read"), (("authorization_code",), "")])
def test_s119_an_owners_edit_gives_an_app_from_before_nothing_for_itself(
    world: World, grants: tuple[str, ...], kept: str
) -> None:
    before = old(world, scope=READ, grant_types=grants)
    details = app_details(
        name=before.name,
        url=before.url,
        redirect_uris=before.redirect_uris,
        scope=READ_WRITE,
        grant_types=("client_credentials", "authorization_code"),
    )

    update_app(world.store, world.settings, before, details, owner=OWNER, now=NOW)

    found = app(world)
    assert (str(found.own_scope), found.own_scope_by_update, found.version) == (kept, bool(kept), 2)
    if kept:
        assert str(world.send(found, grant_type="client_credentials", scope="read write").scope) == kept
    with pytest.raises(InvalidScope):
        world.send(found, grant_type="client_credentials", scope="write")


@pytest.mark.parametrize("meanwhile", [{"status": "deactivated"}, {"scope": READ}])
def test_s119_an_edit_of_one_whose_owner_was_changed_meanwhile_is_refused(
    world: World, meanwhile: dict[str, Any]
) -> None:
    before = old(world)
    if "status" in meanwhile:
        world.store.set_user_status(OWNER.user_id, "deactivated")
    else:
        world.store.set_user_rights(OWNER.user_id, scope=READ)

    with pytest.raises(Conflict) as caught:
        update_app(world.store, world.settings, before, app_details(), owner=OWNER, now=NOW)

    assert caught.value.field == "version"
    assert app(world) == before


def test_s119_where_users_approve_one_from_before_its_owner_is_looked_at(world: World) -> None:
    before = old(world)
    world.add_app(web_app(own_scope=READ))
    assert read_completed(world.store, before) == web_app(own_scope=READ)  # completed meanwhile
    old(world)
    complete: App | None = read_completed(world.store, before)
    assert complete == replace(before, own_scope=READ_WRITE, own_scope_by_update=True)
    assert app(world) == before

    world.store.set_user_status(OWNER.user_id, "deactivated")
    stopped = read_completed(world.store, before)
    assert stopped is not None
    assert not stopped.works
    assert read_completed(world.store, web_app(client_id="gone", own_scope=None)) is None
    world.store.round_trips = 0
    assert read_completed(world.store, web_app()) == web_app()
    assert world.store.round_trips == 0


def test_s119_what_an_edit_ends_ends_until_it_took_effect_though_the_app_had_to_be_completed(world: World) -> None:
    old(world)
    delay(world.store, "complete_app")

    update_app(world.store, world.settings, app(world), app_details(name="New"), owner=OWNER, now=NOW + 0.7)

    assert app(world).approvals_valid_from == NOW + 1


def test_s119_so_does_what_an_administrator_takes_from_it(world: World) -> None:
    own = machine(world, NOW + 1)
    old(world)
    delay(world.store, "complete_app")

    grant_scopes(world.store, world.settings, app(world), own=READ, marked=Scope(), owner=OWNER, now=NOW + 0.7)

    assert not world.opens(own, NOW + 2)
