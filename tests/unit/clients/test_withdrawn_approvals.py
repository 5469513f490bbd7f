"""Where apps need approval, one that looks different waits again; owners confirm that, strangers lose marks (S351)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.documents import fetched_app
from gatepost.clients.dynamic_registration import change_registration, register_app
from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.clients.owner_changes import create_app
from gatepost.clients.scopes import asks_for_more, granted_for_users, scope_for_user
from gatepost.clients.withdrawal import Unconfirmed, Withdrawal, at_stake, changed_looks, withdrawn_by
from gatepost.errors import Conflict, InvalidClient, InvalidGrant
from gatepost.model.records import App
from gatepost.scope import Scope
from tests.unit.clients.documents import HOUR, OPEN, URL, Scene
from tests.unit.clients.withdrawing import ADMIN, NOTHING, OTHER_LOOKS, ROOT, stored, update
from tests.unit.world import ALICE, CALLBACK, NOW, OWNER, READ, WRITE, World, app_details, delay, web_app

# Approval


def approved(world: World) -> App:
    world.set(app_approval=True)
    app, _ = create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)
    activate_app(world.store, app, now=NOW)
    return stored(world, app)


@pytest.mark.parametrize("change", OTHER_LOOKS)
def test_s351_where_apps_need_approval_one_that_looks_different_waits_again(
    world: World, change: dict[str, Any]
) -> None:
    app = approved(world)

    changed = update(world, app, now=NOW + 3, **change)

    assert stored(world, app) == changed
    assert (changed.status, changed.grants_valid_from) == ("pending", NOW + 3)
    assert withdrawn_by(app, changed) == replace(NOTHING, approval=True)
    assert [(each.kind, each.subject) for each in world.store.feed(0)] == [("client", app.client_id)]


def test_s351_what_it_had_ends_as_if_it_were_deactivated(world: World) -> None:
    world.set(app_approval=True)
    users = world.redeem(world.code())
    delay(world.store, "update_app")

    changed = update(world, world.web, now=NOW + 0.7, name="Bank")

    assert not world.opens(users.access_token, NOW + 2)
    with pytest.raises(InvalidClient):
        world.refresh(users.refresh_token, changed, now=NOW + 2)
    assert stored(world, world.web).grants_valid_from == NOW + 1
    activate_app(world.store, stored(world, world.web), now=NOW + 3)
    with pytest.raises(InvalidGrant):
        world.refresh(users.refresh_token, stored(world, world.web), now=NOW + 4)


@pytest.mark.parametrize("status", ["pending", "deactivated"])
def test_one_that_does_not_work_stays_as_it_is(world: World, status: str) -> None:
    world.set(app_approval=True)
    app = world.add_app(web_app(status=status, status_reason="It sends spam."))

    changed = update(world, app, name="Bank")

    assert (changed.status, changed.status_reason) == (status, "It sends spam.")


def test_s351_an_approval_is_for_what_was_looked_at(world: World) -> None:
    world.set(app_approval=True)
    app, _ = create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)
    update(world, app, name="Bank")

    with pytest.raises(Conflict):
        activate_app(world.store, app, now=NOW)
    assert stored(world, app).status == "pending"


def test_s351_an_app_that_was_approved_meanwhile_is_read_again_before_it_changes(world: World) -> None:
    world.set(app_approval=True)
    app, _ = create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)
    activate_app(world.store, app, now=NOW)

    with pytest.raises(Conflict):
        update(world, app, name="Bank")
    assert update(world, stored(world, app), name="Bank").status == "pending"


# Confirmation


def test_s351_nothing_is_taken_from_an_owner_who_was_not_told(world: World, granted: App) -> None:
    with pytest.raises(Unconfirmed) as caught:
        update(world, granted, confirmed=False, name="Bank")

    assert caught.value.withdrawal == Withdrawal(users=ADMIN, itself=WRITE, approval=False)
    assert caught.value.withdrawal == at_stake(granted, world.settings, OWNER)
    assert stored(world, granted) == granted
    assert update(world, granted, confirmed=False, scope=READ).scope == READ
    assert not at_stake(granted, world.settings, ROOT)


def test_an_owner_who_loses_nothing_is_not_asked(world: World) -> None:
    app = world.add_app(web_app(own_scope=Scope()))

    assert update(world, app, confirmed=False, name="Bank").name == "Bank"
    assert not at_stake(app, world.settings, OWNER)


def test_why_it_was_taken_is_said_by_the_names_of_the_fields() -> None:
    app = web_app()

    assert changed_looks(app, replace(app, name="Bank", redirect_uris=())) == ("name", "redirect URIs")
    two = replace(app, redirect_uris=(CALLBACK, "https://other.example.test/"))
    assert changed_looks(two, replace(two, url="", redirect_uris=two.redirect_uris[::-1])) == ("website",)
    assert changed_looks(app, replace(app, name=app.name[::-1])) == ("name",)


# Apps that nobody owns


def test_s351_an_app_that_registered_itself_loses_its_marks_by_its_own_change(world: World) -> None:
    world.set(restricted_scopes=ADMIN, dynamic_registration="open", app_approval=True)
    document = {"redirect_uris": [CALLBACK], "client_name": "Good"}
    app, _ = register_app(world.store, world.settings, document, source_ip="192.0.2.7", now=NOW)
    marked = grant_scopes(world.store, world.settings, app, own=Scope(), marked=ADMIN, owner=None, now=NOW)
    assert not asks_for_more(marked, world.settings)
    same = {**document, "client_id": app.client_id}
    kept = change_registration(
        world.store, world.settings, marked, {**same, "scope": "read"}, source_ip="192.0.2.7", now=NOW
    )
    assert granted_for_users(kept) == ADMIN

    changed = change_registration(
        world.store, world.settings, kept, {**same, "client_name": "Bank"}, source_ip="192.0.2.7", now=NOW
    )

    assert (granted_for_users(changed), changed.status) == (Scope(), "active")
    assert (changed.marked_scope, changed.granted_look) == (ADMIN, marked.granted_look)  # its role writes neither
    assert asks_for_more(changed, world.settings)


def test_s351_an_app_whose_document_changed_loses_its_marks(scene: Scene) -> None:
    scene.settings = replace(OPEN, restricted_scopes=ADMIN)
    app = scene.app()
    marked = grant_scopes(scene.world.store, scene.settings, app, own=Scope(), marked=ADMIN, owner=None, now=NOW)
    scene.web.document["redirect_uris"].reverse()
    assert granted_for_users(scene.app(now=NOW + HOUR)) == ADMIN
    scene.web.document["client_name"] = "Bank"

    changed = scene.app(now=NOW + 2 * HOUR)

    assert scope_for_user(changed, ALICE.user_id, None, scene.settings) == Scope.of("read", "write")
    assert changed.marked_scope == marked.marked_scope
    assert scene.known() == changed
    assert scene.changes[-1][1] == changed
    assert asks_for_more(changed, scene.settings)


def test_s351_a_document_that_changed_has_to_be_approved_again(scene: Scene) -> None:
    scene.settings = replace(OPEN, client_id_documents="approval")
    activate_app(scene.world.store, scene.app(), now=NOW)
    scene.web.document["client_name"] = "Bank"

    changed = scene.app(now=NOW + HOUR)

    assert scene.known() == changed
    assert (changed.status, changed.grants_valid_from) == ("pending", NOW + HOUR)
    assert [(each.kind, each.subject) for each in scene.world.store.feed(0)] == [("client", changed.client_id)]
    assert scene.world.store.goes_at == {changed.client_id: NOW + HOUR + 30 * 86400}


def test_s351_a_document_that_an_administrator_stopped_while_it_was_fetched_stays_so(scene: Scene) -> None:
    scene.settings = replace(OPEN, client_id_documents="approval")
    activate_app(scene.world.store, scene.app(), now=NOW)
    app = scene.known()
    assert app is not None
    scene.web.document["client_name"] = "Bank"
    deactivate_app(scene.world.store, app, reason="", now=NOW)
    who: Any = {"user": ALICE, "source_ip": "", "now": NOW + HOUR, "changed": lambda *_: None}

    found = fetched_app(scene.server, lambda: scene.web, URL, app, **who)

    assert (found, found.status) == (scene.known(), "deactivated")
