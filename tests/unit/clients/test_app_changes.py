"""An owner's changes of an app's details."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.owner_changes import InvalidApp, create_app, update_app
from gatepost.clients.use import note_first_use
from gatepost.errors import Conflict, InvalidGrant, InvalidScope
from gatepost.model.records import App
from gatepost.scope import Scope
from tests.unit.clients.shop import BOB, stored
from tests.unit.world import CALLBACK, NOW, OWNER, READ, READ_WRITE, WRITE, World, app_details, requester_in

pytestmark = pytest.mark.usefixtures("bob")

CHANGED: dict[str, Any] = {
    "name": "Store",
    "url": "https://store.example.test",
    "redirect_uris": ("https://store.example.test/a", "https://store.example.test/b"),
    "grant_types": ("authorization_code",),
    "scope": READ_WRITE,
}


def update(world: World, app: App, **changes: Any) -> App:
    return update_app(world.store, world.settings, app, app_details(**changes), owner=BOB, now=NOW)


def test_an_owner_changes_the_details_and_everything_else_stays(world: World, shop: App) -> None:
    changed = update(world, shop, **CHANGED)

    assert stored(world, shop) == changed
    assert changed == replace(shop, **CHANGED, version=2, looks=1, approvals_valid_from=NOW)


@pytest.mark.parametrize("confidential", [True, False])
def test_whether_an_app_has_a_secret_does_not_change(world: World, confidential: bool) -> None:
    details = app_details(confidential=confidential)
    app, _ = create_app(world.store, world.settings, owner=BOB, details=details, now=NOW)

    changed = update(world, app, confidential=not confidential)

    assert (changed.confidential, changed.secrets) == (confidential, app.secrets)
    assert stored(world, app) == changed


def test_s62_a_public_app_does_not_get_client_credentials_by_calling_itself_confidential(world: World) -> None:
    details = app_details(confidential=False)
    app, _ = create_app(world.store, world.settings, owner=BOB, details=details, now=NOW)

    with pytest.raises(InvalidApp, match="The client credentials grant needs an app with a secret"):
        update(world, app, confidential=True, grant_types=("client_credentials",))


def test_an_app_that_was_stopped_meanwhile_stays_so(world: World, shop: App) -> None:
    deactivate_app(world.store, shop, reason="It sends spam.", now=NOW + 1)

    with pytest.raises(Conflict):
        update(world, shop, **CHANGED)
    found = stored(world, shop)
    assert found is not None
    update(world, found, **CHANGED)

    found = stored(world, shop)
    assert found is not None
    assert (found.name, found.status, found.status_reason) == ("Store", "deactivated", "It sends spam.")
    assert found.grants_valid_from == NOW + 1


def test_an_app_that_waits_still_waits_and_one_that_works_works_on(world: World, shop: App) -> None:
    world.set(app_approval=True)
    waiting, _ = create_app(world.store, world.settings, owner=BOB, details=app_details(name="New"), now=NOW)

    assert update(world, waiting, name="Newer").status == "pending"
    same = {"scope": READ_WRITE, "grant_types": ("authorization_code",)}
    assert update(world, shop, **same).status == "active"


def test_when_it_was_used_is_not_lost(world: World) -> None:
    note_first_use(world.store, requester_in(world.web), now=NOW + 1)

    update(world, world.web, **CHANGED)

    found = stored(world, world.web)
    assert found is not None
    assert found.last_used_at == NOW + 1


@pytest.mark.parametrize(
    ("entry", "value", "fault"),
    [
        ("name", " ", "The name must have 1 to 60 characters."),
        ("url", "javascript:alert(1)", "The website must start with https://."),
        ("redirect_uris", (CALLBACK + "#",), "Redirect URI 1 must not have a fragment."),
        ("scope", Scope.of("root"), "This server has no scope root."),
    ],
)
def test_s04_the_rules_are_those_of_registering(world: World, shop: App, entry: str, value: object, fault: str) -> None:
    with pytest.raises(InvalidApp) as caught:
        update(world, shop, **{entry: value})
    assert caught.value.faults == {entry: fault}
    assert stored(world, shop) == shop


def test_a_name_stays_unique_and_the_old_one_is_given_back(world: World, shop: App) -> None:
    other, _ = create_app(world.store, world.settings, owner=BOB, details=app_details(name="Other"), now=NOW)

    with pytest.raises(InvalidApp) as caught:
        update(world, other, name="SHOP")
    assert caught.value.faults == {"name": "You already have an app with this name."}
    update(world, shop, name="Store")
    assert update(world, other, name="SHOP").name == "SHOP"


def test_who_looked_at_an_older_version_changes_nothing(world: World, shop: App) -> None:
    first = update(world, shop, **CHANGED)

    with pytest.raises(Conflict) as caught:
        update(world, shop, name="Late")
    assert caught.value.field == "version"
    assert stored(world, shop) == first
    assert update(world, first, name="In time").version == 3


def test_s08_a_narrower_app_gets_less_from_what_was_granted_before(world: World) -> None:
    first, narrow = world.redeem(world.code(scope=READ_WRITE)), world.redeem(world.code(scope=READ))
    details = app_details(name=world.web.name, scope=WRITE, grant_types=world.web.grant_types)

    update_app(world.store, world.settings, world.web, details, owner=OWNER, now=NOW)

    second = world.refresh(first.refresh_token, now=NOW + 1)
    assert str(second.scope) == "write"
    with pytest.raises(InvalidScope):
        world.refresh(second.refresh_token, now=NOW + 2, scope="read")

    with pytest.raises(InvalidGrant):
        world.refresh(narrow.refresh_token, now=NOW + 4)
