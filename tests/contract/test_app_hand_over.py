"""An app gets another owner, with its name and both counts atomically (S119)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.model.records import App, Login, User
from gatepost.stores.ports.store import Store
from tests.contract.owned_apps import TOMAS, published, refused, stored
from tests.contract.records import APP, STOPPED, register_app
from tests.unit.world import NOW, OWNER, READ, WRITE


def handed(app: App, owner: User) -> App:
    return replace(app, owner=owner.user_id, owner_scope=owner.scope, owner_stopped=False, version=app.version + 1)


def test_s119_an_app_is_handed_over_with_its_name_and_both_counts(store: Store) -> None:
    stopped = replace(APP, owner_stopped=True)
    register_app(store, stopped, limit=1)
    store.create_user(TOMAS, Login(user_id=TOMAS.user_id, password_hash=""))
    theirs = handed(stopped, TOMAS)

    seen = replace(stopped, version=2)
    refused("version", store.hand_over_app, theirs, before=seen, owner=TOMAS, revocation=STOPPED)
    assert published(store) == []
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


def test_s119_the_limit_of_apps_stops_no_administrator_and_a_taken_name_does(store: Store) -> None:
    register_app(store, APP, limit=1)
    mine = replace(APP, client_id="mine", owner="tomas-id", name=APP.name.upper(), owner_scope=READ)
    register_app(store, mine, limit=1)

    refused("name", store.hand_over_app, handed(APP, TOMAS), before=APP, owner=TOMAS)

    assert stored(store) == APP
    other = replace(mine, name="Mine", version=2)
    store.update_app(other, before=mine)
    store.hand_over_app(handed(APP, TOMAS), before=APP, owner=TOMAS)
    assert store.app_count(TOMAS.user_id) == 2


@pytest.mark.parametrize("standing", [{"status": "deactivated"}, {"status": "pending"}, {"scope": WRITE}])
def test_s119_nobody_gets_an_app_who_is_stopped_or_was_changed(store: Store, standing: dict[str, Any]) -> None:
    register_app(store, APP, limit=1)
    store.create_user(replace(TOMAS, **standing), Login(user_id=TOMAS.user_id, password_hash=""))

    refused("user", store.hand_over_app, handed(APP, TOMAS), before=APP, owner=TOMAS)

    assert stored(store) == APP
    assert (store.app_count(OWNER.user_id), store.app_count(TOMAS.user_id)) == (1, 0)


def test_s119_nor_who_is_gone_or_was_deleted(store: Store) -> None:
    register_app(store, APP, limit=1)
    refused("user", store.hand_over_app, handed(APP, TOMAS), before=APP, owner=TOMAS)
    store.create_user(TOMAS, Login(user_id=TOMAS.user_id, password_hash=""))
    store.delete_user(TOMAS, revocation=STOPPED, forget_at=NOW + 86400)

    refused("user", store.hand_over_app, handed(APP, TOMAS), before=APP, owner=TOMAS)


def test_s119_an_app_that_was_changed_or_deleted_meanwhile_stays_where_it_is(store: Store) -> None:
    register_app(store, replace(APP, version=2), limit=1)
    store.create_user(TOMAS, Login(user_id=TOMAS.user_id, password_hash=""))

    refused("version", store.hand_over_app, handed(APP, TOMAS), before=APP, owner=TOMAS)

    store.delete_app(replace(APP, version=2), revocation=STOPPED)
    gone = replace(APP, version=2)
    refused("version", store.hand_over_app, handed(gone, TOMAS), before=gone, owner=TOMAS)
    assert store.app_count(TOMAS.user_id) == 0
