"""Changing apps: at the version that was read, with the name atomically; and recording their use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.model.records import App, AppSecret
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey
from tests.contract.owned_apps import refused
from tests.contract.records import APP, STOPPED, register_app
from tests.unit.world import NOW, native_app

FIRST, SECOND = (AppSecret(secret_id=f"s{n}", secret_hash=f"h{n}", created_at=NOW) for n in (1, 2))
TWO = replace(APP, secrets=(FIRST, SECOND))
CHANGES: dict[str, Any] = {
    "name": "Other",
    "url": "https://other.example.test",
    "redirect_uris": (),
    "grant_types": ("implicit",),
    "scope": Scope.of("admin"),
    "secrets": (SECOND,),
    "approvals_valid_from": NOW + 7,
    "post_logout_redirect_uris": ("https://new.example.test/bye",),
    "backchannel_logout_uri": "https://new.example.test/logout",
    "id_token_signed_response_alg": "ES256",
    "userinfo_signed_response_alg": "RS256",
    "looks": 1,
}


def changed(app: App, **changes: Any) -> App:
    return replace(app, version=app.version + 1, **changes)


def stored(store: Store, client_id: str = APP.client_id) -> App | None:
    return store.read(AppKey(client_id))[0]


@pytest.mark.parametrize(("standing", "date", "found"), [(0, 5, 5), (5, 7, 7), (7, 5, 7), (5, 5, 5)])
def test_s121_approvals_are_voided_until_the_latest_date(store: Store, standing: int, date: int, found: int) -> None:
    register_app(store, replace(APP, approvals_valid_from=standing), limit=1)

    store.void_approvals(APP.client_id, approvals_valid_from=date)

    assert stored(store) == replace(APP, approvals_valid_from=found)


@pytest.mark.parametrize(("standing", "date", "found"), [(0, 5, 5), (7, 5, 7)])
def test_s351_grants_are_voided_with_them_if_asked_to(store: Store, standing: int, date: int, found: int) -> None:
    register_app(store, replace(APP, grants_valid_from=standing, approvals_valid_from=6), limit=1)

    store.void_approvals(APP.client_id, approvals_valid_from=date, grants_too=True)

    assert stored(store) == replace(APP, grants_valid_from=found, approvals_valid_from=6)


def test_s121_of_an_app_that_is_gone_nothing_is_left_to_void(store: Store) -> None:
    store.void_approvals(APP.client_id, approvals_valid_from=5, grants_too=True)

    assert stored(store) is None


def test_what_an_owner_may_change_is_replaced_and_the_rest_stays(store: Store) -> None:
    register_app(store, TWO, limit=1)
    new = changed(TWO, **CHANGES)
    forged = replace(new, owner="eve-id", confidential=False, created_at=1, status_reason="x")

    store.update_app(forged, before=TWO)

    assert stored(store) == new
    third = changed(new, redirect_uris=("https://a.example.test/",))
    store.update_app(third, before=new)
    assert stored(store) == third
    assert third.version == 3


def test_a_new_name_is_taken_and_the_old_one_given_back(store: Store) -> None:
    register_app(store, APP, limit=9)
    store.update_app(changed(APP, name="Shop"), before=APP)

    refused("name", register_app, store, replace(APP, client_id="b", name="SHOP"), limit=9)
    register_app(store, replace(APP, client_id="b", name=APP.name), limit=9)


def test_a_name_may_be_written_otherwise_or_be_that_of_anothers_app(store: Store) -> None:
    for app in (APP, replace(APP, client_id="c", name="Third", owner="bob-id")):
        register_app(store, app, limit=9)

    otherwise, third = changed(APP, name="WEB"), replace(APP, name="Third", version=3)
    store.update_app(otherwise, before=APP)
    assert stored(store) == otherwise
    store.update_app(third, before=otherwise)

    assert stored(store) == third


def test_an_app_that_changed_its_name_leaves_the_last_one_when_it_goes(store: Store) -> None:
    register_app(store, APP, limit=1)
    new = changed(APP, name="Shop")
    store.update_app(new, before=APP)

    store.delete_app(new, revocation=STOPPED)

    register_app(store, replace(APP, client_id="b", name="Shop"), limit=1)


def test_s351_a_change_withdraws_in_one_step_and_publishes_what_ends(store: Store) -> None:
    marked = replace(APP, marked_scope=Scope.of("admin"), granted_look="a digest")
    register_app(store, marked, limit=1)
    withdrawn = changed(marked, name="Shop", looks=1, granted_look="", status="pending", grants_valid_from=NOW)

    store.update_app(withdrawn, before=marked, revocation=STOPPED)

    assert (stored(store), list(store.feed(0))) == (withdrawn, [STOPPED])
    assert list(store.apps_with_status("pending", cursor=None, limit=9).items) == [withdrawn]


# Noting a use


@pytest.mark.parametrize(("secret_id", "used"), [("s1", [NOW, 0]), ("s2", [0, NOW]), ("", [0, 0]), ("s9", [0, 0])])
def test_a_use_is_noted_for_the_app_and_for_the_secret_that_was_used(
    store: Store, secret_id: str, used: list[int]
) -> None:
    register_app(store, TWO, limit=1)

    store.touch_app(TWO, secret_id=secret_id, now=NOW)

    found = stored(store)
    assert found is not None
    assert [secret.last_used_at for secret in found.secrets] == used
    assert replace(found, secrets=TWO.secrets) == replace(TWO, last_used_at=NOW)


def test_the_use_of_an_app_without_secrets_is_noted(store: Store) -> None:
    app = native_app()
    register_app(store, app, limit=1)

    store.touch_app(app, secret_id="", now=NOW)

    assert stored(store, app.client_id) == replace(app, last_used_at=NOW)


def test_a_use_of_an_older_version_leaves_the_secrets_alone(store: Store) -> None:
    register_app(store, TWO, limit=1)
    new = changed(TWO, secrets=(SECOND,))
    store.update_app(new, before=TWO)

    store.touch_app(TWO, secret_id="s1", now=NOW)
    assert stored(store) == new

    store.touch_app(new, secret_id="s2", now=NOW + 1)
    assert stored(store) == replace(new, last_used_at=NOW + 1, secrets=(replace(SECOND, last_used_at=NOW + 1),))


def test_a_use_is_no_change_so_an_owner_who_looked_before_can_still_write(store: Store) -> None:
    register_app(store, TWO, limit=1)
    store.touch_app(TWO, secret_id="s1", now=NOW)

    store.update_app(changed(TWO, name="Shop"), before=TWO)

    found = stored(store)
    assert found is not None
    assert (found.name, found.last_used_at) == ("Shop", NOW)


def test_the_use_of_an_app_that_is_gone_does_not_bring_it_back(store: Store) -> None:
    store.touch_app(TWO, secret_id="s1", now=NOW)

    assert stored(store) is None
