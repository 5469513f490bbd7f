"""Apps and their owners: effects of an owner's status and of an administrator's grants (S119)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.model.feed import Revocation
from gatepost.model.records import Login, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from tests.contract.owned_apps import COMPLETE, GRANTED, NONE, OLD, published, refused, stored
from tests.contract.records import APP, STOPPED, owner_of, register_app
from tests.unit.world import OWNER, READ, READ_WRITE

# Creating one: the owner stands as read


@pytest.mark.parametrize("limit", [None, READ, NONE])
def test_an_app_is_made_for_an_owner_who_stands_as_read(store: Store, limit: Scope | None) -> None:
    owner = replace(OWNER, scope=limit)
    store.create_user(owner, Login(user_id=OWNER.user_id, password_hash=""))
    app = replace(APP, owner_scope=limit)

    store.create_app(app, owner=owner, limit=1)

    assert stored(store) == app
    assert store.app_count(OWNER.user_id) == 1


@pytest.mark.parametrize(
    ("read", "standing"),
    [
        ({}, {"status": "deactivated"}),
        ({}, {"status": "pending"}),
        ({"status": "deactivated"}, {"status": "deactivated"}),
        ({}, {"scope": READ}),
        ({"scope": READ}, {}),
        ({"scope": READ}, {"scope": READ_WRITE}),
        ({"scope": NONE}, {}),
        ({}, {"scope": NONE}),
    ],
)
def test_s119_and_for_no_other(store: Store, read: dict[str, Any], standing: dict[str, Any]) -> None:
    store.create_user(replace(OWNER, **standing), Login(user_id=OWNER.user_id, password_hash=""))

    refused("user", store.create_app, APP, owner=replace(OWNER, **read), limit=1)

    assert stored(store) is None
    assert store.app_count(OWNER.user_id) == 0


def test_s119_nor_for_nobody(store: Store) -> None:
    refused("user", store.create_app, APP, owner=OWNER, limit=1)


# Completing one from before


def test_s119_an_app_from_before_is_completed_once(store: Store) -> None:
    register_app(store, OLD, limit=1)
    complete = replace(COMPLETE, owner_scope=None, owner_stopped=False)

    store.complete_app(complete, owner=OWNER)

    assert stored(store) == complete
    refused("version", store.complete_app, replace(complete, own_scope=READ), owner=OWNER)
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


@pytest.mark.parametrize("owner", [replace(OWNER, scope=READ), replace(OWNER, status="deactivated")])
def test_s119_it_is_not_completed_by_an_owner_who_was_changed_meanwhile(store: Store, owner: User) -> None:
    register_app(store, OLD, limit=1)

    refused("user", store.complete_app, COMPLETE, owner=owner)

    assert stored(store) == OLD


@pytest.mark.parametrize("version", [1, 2])
def test_s119_nor_if_it_was_changed_or_is_gone(store: Store, version: int) -> None:
    owner_of(store, OLD)
    refused("version", store.complete_app, COMPLETE, owner=OWNER)
    register_app(store, replace(OLD, version=version), limit=1)

    refused("version", store.complete_app, replace(COMPLETE, version=3 - version), owner=OWNER)

    assert stored(store) == replace(OLD, version=version)


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


def test_s119_a_grant_to_an_app_that_was_changed_meanwhile_is_none(store: Store) -> None:
    register_app(store, replace(COMPLETE, version=2), limit=1)

    for read in (COMPLETE, replace(COMPLETE, version=3), replace(COMPLETE, client_id="gone")):
        granted = replace(read, **GRANTED, version=read.version + 1)
        refused("version", store.set_app_scopes, granted, before=read, revocation=STOPPED)

    assert stored(store) == replace(COMPLETE, version=2)
    assert published(store) == []


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
