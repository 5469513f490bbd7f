"""Apps from before scopes were granted: each is completed once, and gains nothing by it (S119)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.owners import read_completed
from gatepost.errors import Conflict, InvalidClient, InvalidScope
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.stores.record_keys import UserKey
from tests.raising import raised
from tests.unit.clients.shop import update
from tests.unit.meanwhile import delay
from tests.unit.world import CALLBACK, NOW, OWNER, PASSWORD, READ, READ_WRITE, World, web_app


def old(world: World, **changes: Any) -> App:
    return world.add_app(web_app(own_scope=None, **changes))


def test_s119_an_app_from_before_is_completed_by_its_first_request(world: World) -> None:
    old(world)
    world.store.round_trips = 0

    assert world.claims(world.own_token()).scope == READ_WRITE

    assert world.store.round_trips == 2
    found = world.app()
    assert (found.own_scope, found.own_scope_by_update, found.owner_scope) == (READ_WRITE, True, None)
    assert (found.owner_stopped, found.version) == (False, 1)
    world.store.round_trips = 0
    world.own_token()
    assert world.store.round_trips == 1


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token", "authorization_code", "password"])
def test_s119_an_app_from_before_gets_nothing_if_its_owner_was_stopped_before(world: World, grant: str) -> None:
    sent: dict[str, Any] = {
        "refresh_token": world.redeem(world.code()).refresh_token,
        "code": world.code(),
        "redirect_uri": CALLBACK,
        "username": "alice",
        "password": PASSWORD,
    }
    old(world)
    world.store.set_user_status(OWNER.user_id, "deactivated")

    with pytest.raises(InvalidClient):
        world.send(world.web, grant_type=grant, **sent)

    assert world.app().owner_stopped


def test_s119_nor_more_than_the_limit_that_its_owner_had_before(world: World) -> None:
    granted = world.redeem(world.code())
    old(world)
    world.store.set_user_rights(OWNER.user_id, scope=READ)

    assert world.claims(world.own_token()).scope == READ
    assert world.refresh(granted.refresh_token, now=NOW + 1).scope == READ


def test_s119_nor_anything_without_its_owner(world: World) -> None:
    old(world)
    del world.store._records[UserKey(OWNER.user_id)]
    with pytest.raises(InvalidClient):
        world.own_token()


def test_s119_where_it_can_not_be_completed_it_gets_what_it_would_have(world: World) -> None:
    def refuse(app: App, *, owner: object) -> None:
        raise Conflict("user")

    old(world)
    world.store.complete_app = refuse  # type: ignore[method-assign]

    assert world.claims(world.own_token()).scope == READ_WRITE
    assert world.app().own_scope is None


def test_s119_a_wrong_secret_completes_nothing(world: World) -> None:
    old(world)

    assert not world.redeems("unknown")
    assert world.app().own_scope == READ_WRITE
    old(world, secrets=())
    with pytest.raises(InvalidClient):
        world.own_token()
    assert world.app().own_scope is None


@pytest.mark.parametrize(("grants", "kept"), [(("client_credentials",), "read"), (("authorization_code",), "")])
def test_s119_an_edit_gives_an_app_from_before_nothing(world: World, grants: tuple[str, ...], kept: str) -> None:
    before = old(world, scope=READ, grant_types=grants)

    found = update(world, before, scope=READ_WRITE, grant_types=("client_credentials", "authorization_code"))

    assert world.app() == found
    assert (str(found.own_scope), found.own_scope_by_update, found.version) == (kept, bool(kept), 2)
    if kept:
        assert str(world.send(found, grant_type="client_credentials", scope="read write").scope) == kept
    with pytest.raises(InvalidScope):
        world.own_token(found, scope="write")


@pytest.mark.parametrize("meanwhile", ["stopped", "limited"])
def test_s119_an_edit_of_one_whose_owner_was_changed_meanwhile_is_refused(world: World, meanwhile: str) -> None:
    before = old(world)
    if meanwhile == "stopped":
        world.store.set_user_status(OWNER.user_id, "deactivated")
    else:
        world.store.set_user_rights(OWNER.user_id, scope=READ)

    assert raised(Conflict, update, world, before, name="New").field == "version"
    assert world.app() == before


def test_s119_where_users_approve_one_from_before_its_owner_is_looked_at(world: World) -> None:
    before = old(world)
    world.add_app(web_app(own_scope=READ))
    assert read_completed(world.store, before) == web_app(own_scope=READ)  # completed meanwhile
    old(world)
    complete: App | None = read_completed(world.store, before)
    assert complete == before._replace(own_scope=READ_WRITE, own_scope_by_update=True)
    assert world.app() == before

    world.store.set_user_status(OWNER.user_id, "deactivated")
    stopped = read_completed(world.store, before)
    assert stopped is not None
    assert not stopped.works
    assert read_completed(world.store, web_app(client_id="gone", own_scope=None)) is None
    world.store.round_trips = 0
    assert read_completed(world.store, web_app()) == web_app()
    assert world.store.round_trips == 0


def test_s119_what_a_change_ends_ends_until_it_took_effect_though_the_app_had_to_be_completed(world: World) -> None:
    own = world.own_token(now=NOW + 1)
    delay(world.store, "complete_app")

    update(world, old(world), name="New", now=NOW + 0.7)
    assert world.app().approvals_valid_from == NOW + 1

    grant_scopes(world.store, world.settings, old(world), own=READ, marked=Scope(), owner=OWNER, now=NOW + 0.7)
    assert not world.opens(own, NOW + 2)
