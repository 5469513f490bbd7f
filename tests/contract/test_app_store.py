"""Apps: written, counted and removed atomically."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.errors import Conflict
from gatepost.model.records import App
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey
from tests.contract.owned_apps import refused
from tests.contract.records import APP, STOPPED, register_app
from tests.unit.world import NOW, native_app


def app(client_id: str, name: str, owner: str = "owner-id") -> App:
    return replace(APP, client_id=client_id, name=name, owner=owner)


def names(store: Store, *client_ids: str) -> list[str | None]:
    found = [store.read(AppKey(client_id))[0] for client_id in client_ids]
    return [one.name if one else None for one in found]


@pytest.mark.parametrize("one", [APP, native_app(redirect_uris=(), status="pending", grants_valid_from=NOW)])
def test_an_app_is_found_as_it_was_written(store: Store, one: App) -> None:
    register_app(store, one, limit=1)

    assert store.read(AppKey(one.client_id)) == (one,)


@pytest.mark.parametrize("name", ["Web", "WEB", "web"])
def test_an_owner_can_not_have_a_name_twice(store: Store, name: str) -> None:
    register_app(store, app("a", "Web"), limit=9)

    with pytest.raises(Conflict) as caught:
        register_app(store, app("b", name), limit=9)
    assert caught.value.field == "name"
    assert names(store, "a", "b") == ["Web", None]


def test_other_owners_can_have_that_name(store: Store) -> None:
    register_app(store, app("a", "Web"), limit=1)
    register_app(store, app("b", "Web", owner="other-id"), limit=1)

    assert names(store, "a", "b") == ["Web", "Web"]


def test_an_owner_can_have_so_many_apps_and_not_one_more(store: Store) -> None:
    for number in range(3):
        register_app(store, app(f"a{number}", f"Web {number}"), limit=3)

    with pytest.raises(Conflict) as caught:
        register_app(store, app("a3", "Web 3"), limit=3)
    assert caught.value.field == "owner"
    assert names(store, "a3") == [None]


def test_a_refused_app_takes_neither_a_name_nor_a_place(store: Store) -> None:
    register_app(store, app("a", "Web"), limit=2)
    with pytest.raises(Conflict):
        register_app(store, app("b", "Web"), limit=2)

    register_app(store, app("b", "Other"), limit=2)
    with pytest.raises(Conflict):
        register_app(store, app("c", "Third"), limit=2)
    store.delete_app(app("b", "Other"), revocation=STOPPED)
    register_app(store, app("c", "Third"), limit=2)


def test_a_removed_app_leaves_its_name_and_its_place(store: Store) -> None:
    register_app(store, app("a", "Web"), limit=1)

    store.delete_app(app("a", "Web"), revocation=STOPPED)

    assert names(store, "a") == [None]
    register_app(store, app("b", "web"), limit=1)


def test_removing_an_app_again_changes_nothing(store: Store) -> None:
    register_app(store, app("a", "Web"), limit=1)
    store.delete_app(app("a", "Web"), revocation=STOPPED)
    register_app(store, app("b", "Web"), limit=1)
    store.delete_app(app("a", "Web"), revocation=STOPPED)

    with pytest.raises(Conflict):
        register_app(store, app("c", "Third"), limit=1)
    with pytest.raises(Conflict):
        register_app(store, app("c", "Web"), limit=2)


def test_the_status_changes_with_the_time_from_which_grants_count(store: Store) -> None:
    register_app(store, APP, limit=1)

    store.set_app_status(APP.client_id, "deactivated", reason="It sends spam.", grants_valid_from=NOW)

    stopped = replace(APP, status="deactivated", status_reason="It sends spam.", grants_valid_from=NOW, version=2)
    assert store.read(AppKey(APP.client_id)) == (stopped,)


def test_s351_a_status_can_be_bound_to_what_was_looked_at(store: Store) -> None:
    waiting = replace(APP, status="pending")
    register_app(store, waiting, limit=1)
    store.update_app(replace(waiting, name="Other", version=2), before=waiting)

    for seen in (1, 3):
        named = {"reason": "", "grants_valid_from": None, "before": replace(APP, version=seen)}
        refused("version", store.set_app_status, APP.client_id, "active", **named)
    store.set_app_status(APP.client_id, "active", reason="", grants_valid_from=None, before=replace(APP, version=2))

    assert store.read(AppKey(APP.client_id)) == (replace(APP, name="Other", version=3),)


def test_the_status_of_an_app_that_is_gone_does_not_bring_it_back(store: Store) -> None:
    store.set_app_status(APP.client_id, "active", reason="", grants_valid_from=NOW)

    assert store.read(AppKey(APP.client_id)) == (None,)


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


def test_an_app_that_changed_or_is_gone_is_not_noted_as_used(store: Store) -> None:
    assert not store.touch_app(APP, secret_id="", now=NOW)
    register_app(store, APP, limit=1)
    store.update_app(replace(APP, name="Renamed", version=2), before=APP)

    assert not store.touch_app(APP, secret_id="", now=NOW)


def test_an_app_that_works_again_is_not_published(store: Store) -> None:
    register_app(store, APP, limit=1)
    store.set_app_status(APP.client_id, "active", reason="", grants_valid_from=NOW)

    assert store.feed(0) == []


def test_of_an_app_that_is_gone_nothing_is_published(store: Store) -> None:
    store.set_app_status(APP.client_id, "deactivated", reason="", grants_valid_from=NOW, revocation=STOPPED)
    store.delete_app(APP, revocation=STOPPED)

    assert store.feed(0) == []
