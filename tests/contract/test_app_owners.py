"""Apps and their owners: effects of an owner's status and of an administrator's grants, and another owner (S119)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.model.feed import Revocation
from gatepost.model.records import App, Login, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from tests.contract.owned_apps import COMPLETE, GRANTED, NONE, OLD, TOMAS, published, refused, stored
from tests.contract.records import APP, STOPPED, register_app
from tests.unit.world import OWNER, READ

# Creating one: the owner stands as read


@pytest.mark.parametrize("limit", [None, READ, NONE])
def test_an_app_is_made_for_an_owner_who_stands_as_read(store: Store, limit: Scope | None) -> None:
    owner = replace(OWNER, scope=limit)
    store.create_user(owner, Login(user_id=OWNER.user_id, password_hash=""))
    app = replace(APP, owner_scope=limit)

    store.create_app(app, owner=owner, limit=1)

    assert stored(store) == app
    assert store.app_count(OWNER.user_id) == 1


# Completing one from before


def test_s119_an_app_from_before_is_completed(store: Store) -> None:
    register_app(store, OLD, limit=1)
    complete = replace(COMPLETE, owner_scope=None, owner_stopped=False)

    store.complete_app(complete, owner=OWNER)

    assert stored(store) == complete


@pytest.mark.parametrize("version", [1, 3])
def test_s119_with_an_owner_who_is_stopped_and_limited_it_says_so(store: Store, version: int) -> None:
    owner = replace(OWNER, status="deactivated", scope=READ)
    register_app(store, replace(OLD, version=version, owner_scope=None), limit=1)
    store.set_user_status(OWNER.user_id, "deactivated")
    store.set_user_rights(OWNER.user_id, scope=READ)
    complete = replace(COMPLETE, version=version, owner_scope=READ, owner_stopped=True)

    store.complete_app(complete, owner=owner)

    assert stored(store) == complete


def test_s119_what_is_nothing_is_told_from_what_is_not_known(store: Store) -> None:
    register_app(store, OLD, limit=1)

    store.complete_app(replace(COMPLETE, own_scope=NONE, own_scope_by_update=False, owner_scope=NONE), owner=OWNER)

    found = stored(store)
    assert found is not None
    assert (found.own_scope, found.own_scope_by_update, found.owner_scope) == (NONE, False, NONE)


# An administrator's grant


@pytest.mark.parametrize("revocation", [None, STOPPED])
def test_s119_a_grant_replaces_what_was_granted_and_publishes(store: Store, revocation: Revocation | None) -> None:
    register_app(store, COMPLETE, limit=1)
    forged = replace(COMPLETE, **GRANTED, version=2, owner="eve-id", scope=NONE, name="Forged", status="pending")

    store.set_app_scopes(forged, before=COMPLETE, revocation=revocation)

    granted = replace(COMPLETE, **GRANTED, version=2)
    assert stored(store) == granted
    assert published(store) == ([revocation] if revocation else [])
    taken = replace(granted, own_scope=NONE, marked_scope=NONE, version=3)
    store.set_app_scopes(taken, before=granted, revocation=None)
    assert stored(store) == taken


# An owner's standing


@pytest.mark.parametrize(
    ("scope", "stopped", "revocation"), [(READ, True, STOPPED), (NONE, False, None), (None, True, None)]
)
def test_s119_an_owners_standing_comes_and_goes(
    store: Store, scope: Scope | None, stopped: bool, revocation: Revocation | None
) -> None:
    register_app(store, APP, limit=1)
    told = replace(APP, owner_scope=scope, owner_stopped=stopped)

    store.set_owner_standing(replace(told, name="Forged", version=7), revocation=revocation)

    assert stored(store) == told
    assert published(store) == ([revocation] if revocation else [])
    store.set_owner_standing(APP, revocation=None)
    assert stored(store) == APP


def test_s119_an_app_that_is_another_owners_by_now_or_gone_is_left_alone(store: Store) -> None:
    register_app(store, APP, limit=1)

    for other in (replace(APP, owner="tomas-id"), replace(APP, client_id="gone")):
        store.set_owner_standing(replace(other, owner_stopped=True), revocation=STOPPED)

    assert stored(store) == APP
    assert stored(store, "gone") is None
    assert published(store) == []


# Another owner


def handed(app: App, owner: User) -> App:
    return replace(app, owner=owner.user_id, owner_scope=owner.scope, owner_stopped=False, version=app.version + 1)


def test_s119_an_app_is_handed_over_with_its_name_and_both_counts(store: Store) -> None:
    stopped = replace(APP, owner_stopped=True)
    register_app(store, stopped, limit=1)
    store.create_user(TOMAS, Login(user_id=TOMAS.user_id, password_hash=""))
    theirs = handed(stopped, TOMAS)

    store.hand_over_app(theirs, before=stopped, owner=TOMAS, revocation=STOPPED)

    assert stored(store) == theirs
    assert published(store) == [STOPPED]
    assert (store.app_count(OWNER.user_id), store.app_count(TOMAS.user_id)) == (0, 1)
    assert [store.apps_of(user, cursor=None, limit=9).items for user in (OWNER.user_id, TOMAS.user_id)] == [
        [],
        [theirs],
    ]
    again = replace(APP, client_id="again")
    register_app(store, again, limit=1)  # its name is free here, and taken there
    refused("name", store.create_app, replace(again, client_id="x", owner="tomas-id"), owner=TOMAS, limit=9)
    store.delete_app(theirs, revocation=STOPPED)
    assert store.app_count(TOMAS.user_id) == 0


def test_s119_the_limit_of_apps_stops_no_administrator(store: Store) -> None:
    register_app(store, APP, limit=1)
    register_app(store, replace(APP, client_id="mine", owner="tomas-id", name="Mine", owner_scope=READ), limit=1)

    store.hand_over_app(handed(APP, TOMAS), before=APP, owner=TOMAS)

    assert store.app_count(TOMAS.user_id) == 2
