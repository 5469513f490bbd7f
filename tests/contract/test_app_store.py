"""Apps: written, counted and removed atomically."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.model.records import App
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey
from tests.contract.owned_apps import refused
from tests.contract.records import APP, STOPPED, register_app
from tests.unit.world import NOW, native_app


def app(client_id: str, name: str, owner: str = "owner-id") -> App:
    return replace(APP, client_id=client_id, name=name, owner=owner)


@pytest.mark.parametrize("one", [APP, native_app(redirect_uris=(), status="pending", grants_valid_from=NOW)])
def test_an_app_is_found_as_it_was_written(store: Store, one: App) -> None:
    register_app(store, one, limit=1)

    assert store.read(AppKey(one.client_id)) == (one,)


def test_other_owners_can_have_that_name(store: Store) -> None:
    register_app(store, app("a", "Web"), limit=1)
    register_app(store, app("b", "Web", owner="other-id"), limit=1)

    assert store.read(AppKey("a"), AppKey("b")) == (app("a", "Web"), app("b", "Web", owner="other-id"))


def test_a_removed_app_leaves_its_name_and_its_place_once(store: Store) -> None:
    register_app(store, app("a", "Web"), limit=1)
    for _ in range(2):
        store.delete_app(app("a", "Web"), revocation=STOPPED)
    assert store.read(AppKey("a")) == (None,)

    register_app(store, app("b", "web"), limit=1)
    store.delete_app(app("a", "Web"), revocation=STOPPED)

    refused("owner", register_app, store, app("c", "Third"), limit=1)
    refused("name", register_app, store, app("c", "Web"), limit=2)


def test_an_app_that_was_renamed_meanwhile_goes_with_its_new_name(store: Store) -> None:
    used = replace(APP, last_used_at=NOW)
    register_app(store, used, limit=9)
    store.update_app(replace(used, name="Renamed", version=2), before=used)

    assert store.delete_app(APP, revocation=STOPPED)

    assert (store.read(AppKey(APP.client_id)), store.feed(0)) == ((None,), [STOPPED])
    register_app(store, replace(APP, name="Renamed"), limit=1)
    register_app(store, replace(APP, client_id="another"), limit=2)


def test_s351_the_status_changes_with_the_time_from_which_grants_count(store: Store) -> None:
    register_app(store, APP, limit=1)

    store.set_app_status(APP.client_id, "deactivated", reason="It sends spam.", grants_valid_from=NOW)

    stopped = replace(APP, status="deactivated", status_reason="It sends spam.", grants_valid_from=NOW, version=2)
    assert store.read(AppKey(APP.client_id)) == (stopped,)
    store.set_app_status(APP.client_id, "active", reason="", grants_valid_from=None, before=stopped)
    assert store.read(AppKey(APP.client_id)) == (replace(stopped, status="active", status_reason="", version=3),)


# What is published with it


def test_s21_an_app_is_removed_or_stopped_and_published_in_one_step(store: Store) -> None:
    register_app(store, replace(APP, last_used_at=NOW), limit=1)
    store.set_app_status(APP.client_id, "deactivated", reason="", grants_valid_from=NOW, revocation=STOPPED)
    assert store.feed(0) == [STOPPED]

    later = replace(STOPPED, revoked_at=NOW + 7)
    assert store.delete_app(replace(APP, last_used_at=NOW), revocation=later)
    assert store.feed(0) == [STOPPED, later]


def test_s128_an_app_that_was_never_used_goes_without_an_entry(store: Store) -> None:
    register_app(store, APP, limit=1)

    assert not store.delete_app(APP, revocation=STOPPED)
    assert store.read(AppKey(APP.client_id)) == (None,)
    assert store.feed(0) == []


def test_s128_an_app_that_was_used_meanwhile_goes_with_its_entry(store: Store) -> None:
    register_app(store, APP, limit=1)
    assert store.touch_app(APP, secret_id="", now=NOW)

    assert store.delete_app(APP, revocation=STOPPED)
    assert store.feed(0) == [STOPPED]


def test_an_app_that_works_again_or_is_gone_is_not_published(store: Store) -> None:
    store.set_app_status(APP.client_id, "deactivated", reason="", grants_valid_from=NOW, revocation=STOPPED)
    store.delete_app(APP, revocation=STOPPED)
    assert store.read(AppKey(APP.client_id)) == (None,)

    register_app(store, APP, limit=1)
    store.set_app_status(APP.client_id, "active", reason="", grants_valid_from=NOW)

    assert store.feed(0) == []
