"""Changing apps: at the version that was read, with the name atomically; and recording their use."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.model.logo import Logo
from gatepost.model.records import App, AppSecret
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, LogoKey
from tests.contract import app_steps as do
from tests.contract.app_steps import refused
from tests.contract.records import APP, STOPPED, register_app
from tests.unit.world import NOW

FIRST, SECOND = (AppSecret(secret_id=f"s{n}", secret_hash=f"h{n}", created_at=NOW) for n in (1, 2))
TWO = APP._replace(secrets=(FIRST, SECOND))
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
    return app._replace(version=app.version + 1, **changes)


def stored(store: Store, client_id: str = APP.client_id) -> App | None:
    return store.read(AppKey(client_id))[0]


@pytest.mark.parametrize(("standing", "found"), [(0, 5), (5, 5), (7, 7)])
def test_s121_s351_approvals_and_grants_are_voided_until_the_latest(store: Store, standing: int, found: int) -> None:
    store.void_approvals(APP.client_id, approvals_valid_from=5, grants_too=True)
    assert stored(store) is None  # of an app that is gone nothing is left to void
    register_app(store, APP._replace(approvals_valid_from=standing, grants_valid_from=standing), limit=1)

    store.void_approvals(APP.client_id, approvals_valid_from=5)
    assert stored(store) == APP._replace(approvals_valid_from=found, grants_valid_from=standing)
    store.void_approvals(APP.client_id, approvals_valid_from=5, grants_too=True)

    assert stored(store) == APP._replace(approvals_valid_from=found, grants_valid_from=found)


def test_what_an_owner_may_change_is_replaced_and_the_rest_stays(store: Store) -> None:
    register_app(store, TWO, limit=1)
    new = changed(TWO, **CHANGES)
    forged = new._replace(owner="eve-id", confidential=False, created_at=1, status_reason="x")

    store.update_app(forged, before=TWO)

    assert stored(store) == new
    store.update_app(changed(new, redirect_uris=("https://a.example.test/",)), before=new)
    assert stored(store) == new._replace(redirect_uris=("https://a.example.test/",), version=3)


def test_a_new_name_is_taken_and_the_old_one_given_back(store: Store) -> None:
    register_app(store, APP, limit=9)
    store.update_app(changed(APP, name="Shop"), before=APP)

    refused("name", register_app, store, APP._replace(client_id="b", name="SHOP"), limit=9)
    register_app(store, APP._replace(client_id="b", name=APP.name), limit=9)


def test_a_name_may_be_written_otherwise_or_be_that_of_anothers_app(store: Store) -> None:
    for app in (APP, APP._replace(client_id="c", name="Third", owner="bob-id")):
        register_app(store, app, limit=9)

    otherwise, third = changed(APP, name="WEB"), APP._replace(name="Third", version=3)
    store.update_app(otherwise, before=APP)
    assert stored(store) == otherwise
    store.update_app(third, before=otherwise)

    assert stored(store) == third


def test_a_logo_is_written_with_its_app_replaced_removed_and_gone_with_it(store: Store) -> None:
    register_app(store, APP, limit=1)
    key, other = LogoKey(APP.client_id), Logo.of(b"another picture")
    do.drawn()(store)
    with_logo = APP._replace(logo=do.LOGO.digest, looks=1, version=2)
    assert store.read(AppKey(APP.client_id), key) == (with_logo, do.LOGO)
    assert do.published(store) == [STOPPED]

    do.drawn(with_logo, other)(store)
    store.keep_logo(APP.client_id, NOW + 99)
    second = with_logo._replace(logo=other.digest, version=3)
    assert store.read(AppKey(APP.client_id), key) == (second, other)
    do.drawn(second, None)(store)
    store.keep_logo(APP.client_id, NOW + 99)  # of none
    third = second._replace(logo="", version=4)
    assert store.read(AppKey(APP.client_id), key) == (third, None)

    do.drawn(third)(store)
    store.delete_app(third._replace(logo=do.LOGO.digest, version=5), revocation=STOPPED)
    assert store.read(AppKey(APP.client_id), key) == (None, None)


# Noting a use


@pytest.mark.parametrize(("secret_id", "used"), [("s1", [NOW, 0]), ("s2", [0, NOW]), ("", [0, 0]), ("s9", [0, 0])])
def test_a_use_is_noted_for_the_app_and_its_secret(store: Store, secret_id: str, used: list[int]) -> None:
    register_app(store, TWO, limit=1)

    assert store.touch_app(TWO, secret_id=secret_id, now=NOW)

    secrets = tuple(secret._replace(last_used_at=at) for secret, at in zip(TWO.secrets, used, strict=True))
    assert stored(store) == TWO._replace(secrets=secrets, last_used_at=NOW)
    store.update_app(changed(TWO, name="Shop"), before=TWO)  # a use is no change: who looked before can still write


def test_a_use_of_an_older_version_or_of_an_app_that_is_gone_leaves_everything_alone(store: Store) -> None:
    assert not store.touch_app(TWO, secret_id="s1", now=NOW)
    assert stored(store) is None
    register_app(store, TWO, limit=1)
    new = changed(TWO, secrets=(SECOND,))
    store.update_app(new, before=TWO)

    assert not store.touch_app(TWO, secret_id="s1", now=NOW)
    assert stored(store) == new

    assert store.touch_app(new, secret_id="s2", now=NOW + 1)
    assert stored(store) == new._replace(last_used_at=NOW + 1, secrets=(SECOND._replace(last_used_at=NOW + 1),))
