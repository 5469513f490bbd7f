"""Apps that nobody owns, and the initial access tokens with which they register."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.model.permits import Permit
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import PermitKey
from tests.contract.owned_apps import published, stored
from tests.contract.records import register_app
from tests.unit.world import NOTHING, NOW, OTHER, WEB, web_app

APP = web_app(
    owner="registered",
    own_scope=None,
    default_scope=Scope.of("read"),
    registration_token_hash="the-token-hash",
    registered='{"software_id":"s"}',
    kept_unused=1000,
)
PERMIT = Permit(permit_hash="the-permit-hash", created_at=NOW, expires_at=NOW + 60, uses=0, most_uses=2)


def other(**changes: Any) -> App:
    return replace(APP, client_id=OTHER, **changes)


def permit(store: Store) -> Permit | None:
    return store.read(PermitKey(PERMIT.permit_hash))[0]


def test_it_is_stored_as_it_is_and_no_name_or_count_with_it(store: Store) -> None:
    store.register_app(APP, now=NOW)
    store.register_app(other(), now=NOW)

    assert (stored(store), stored(store, OTHER)) == (APP, other())
    assert store.app_count("registered") == 0
    assert {each.client_id for each in store.apps_of("registered", cursor=None, limit=9).items} == {WEB, OTHER}
    assert len(store.apps_with_status("active", cursor=None, limit=9).items) == 2


def test_it_goes_without_a_trace(store: Store) -> None:
    store.register_app(APP, now=NOW)

    assert store.delete_app(APP, revocation=NOTHING) is False

    assert stored(store) is None
    assert (store.app_count("registered"), published(store)) == (0, [])


def test_one_that_was_used_is_revoked_with_its_deletion(store: Store) -> None:
    store.register_app(APP, now=NOW)
    assert store.touch_app(APP, secret_id="s1", now=NOW + 5)

    assert store.delete_app(replace(APP, last_used_at=NOW + 5), revocation=NOTHING) is True

    assert (stored(store), published(store)) == (None, [NOTHING])


def test_its_use_is_noted(store: Store) -> None:
    store.register_app(APP, now=NOW)

    assert store.touch_app(APP, secret_id="s1", now=NOW + 5)

    found = stored(store)
    assert found is not None
    assert (found.last_used_at, found.secrets[0].last_used_at, found.expires_at) == (NOW + 5, NOW + 5, NOW + 1005)


def test_its_metadata_change_with_its_name_whoever_has_that_too(store: Store) -> None:
    for app in (APP, other(name="Taken")):
        store.register_app(app, now=NOW)
    changed = replace(APP, name="Taken", default_scope=Scope(), registered="{}", version=2)

    store.update_app(changed, before=APP)

    assert stored(store) == changed


def test_it_does_not_use_up_the_names_and_the_count_of_a_person(store: Store) -> None:
    store.register_app(other(name="Web"), now=NOW)
    register_app(store, web_app(), limit=1)

    assert store.app_count("owner-id") == 1


@pytest.mark.parametrize("uses", [0, 1])
def test_s226_a_permit_is_used_with_the_registration(store: Store, uses: int) -> None:
    store.save_permit(replace(PERMIT, uses=uses))

    store.register_app(APP, permit_hash=PERMIT.permit_hash, now=NOW + 59)

    assert permit(store) == replace(PERMIT, uses=uses + 1)
    assert stored(store) == APP


def test_permits_are_listed_beside_no_app_and_removed(store: Store) -> None:
    later = replace(PERMIT, permit_hash="another-hash", created_at=NOW + 1)
    store.register_app(APP, now=NOW)
    for each in (PERMIT, later):
        store.save_permit(each)
    store.register_app(other(), permit_hash=PERMIT.permit_hash, now=NOW)

    assert store.permits() == [later, replace(PERMIT, uses=1)]
    store.remove_permit(later.permit_hash)
    store.remove_permit("unknown")

    assert store.permits() == [replace(PERMIT, uses=1)]
    assert stored(store) == APP
