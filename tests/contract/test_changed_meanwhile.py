"""Concurrent changes of a record: nothing is lost, left behind, or restored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.errors import Conflict
from gatepost.model.links import EmailOwner
from gatepost.model.records import Login
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, EmailKey, GrantKey, LoginKey, UserKey
from tests.contract.records import APP, GRANT, LOGIN, REQUEST, STOPPED, USER, VOIDED, register_app
from tests.unit.world import NOW

MINE = replace(APP, owner="alice-id")


@pytest.fixture(autouse=True)
def _alice(store: Store) -> None:
    store.create_user(USER, LOGIN)


def refused(field: str, *calls: object) -> None:
    """Every one of `calls` raises a conflict about `field`."""
    for call in calls:
        assert callable(call)
        with pytest.raises(Conflict) as caught:
            call()
        assert caught.value.field == field


def test_ending_grants_leaves_the_status_as_it_stands(store: Store) -> None:
    store.set_user_status("alice-id", "deactivated")

    store.void_user_grants("alice-id", grants_valid_from=NOW, revocation=VOIDED)

    assert store.read(UserKey("alice-id")) == (replace(USER, status="deactivated", grants_valid_from=NOW),)


def test_who_changes_the_scope_leaves_the_role_as_it_stands_and_the_other_way_round(store: Store) -> None:
    store.set_user_rights("alice-id", role="administrator")
    store.set_user_rights("alice-id", scope=Scope.of("read"))
    assert store.read(UserKey("alice-id")) == (replace(USER, role="administrator", scope=Scope.of("read")),)

    store.set_user_rights("alice-id", role="user")
    assert store.read(UserKey("alice-id")) == (replace(USER, scope=Scope.of("read")),)

    store.set_user_rights("alice-id", scope=None)
    assert store.read(UserKey("alice-id")) == (USER,)


def test_activating_an_app_leaves_the_date_that_voids_as_it_stands(store: Store) -> None:
    register_app(store, MINE, limit=9)
    store.set_app_status(APP.client_id, "deactivated", reason="", grants_valid_from=NOW, revocation=STOPPED)

    store.set_app_status(APP.client_id, "active", reason="", grants_valid_from=None)

    assert store.read(AppKey(APP.client_id)) == (replace(MINE, grants_valid_from=NOW, version=3),)


def test_an_app_that_was_renamed_meanwhile_goes_with_its_new_name(store: Store) -> None:
    used = replace(MINE, last_used_at=NOW)
    register_app(store, used, limit=9)
    store.update_app(replace(used, name="Renamed", version=2), before=used)

    assert store.delete_app(MINE, revocation=STOPPED)

    assert store.read(AppKey(APP.client_id)) == (None,)
    assert STOPPED in store.feed(0)
    register_app(store, replace(MINE, name="Renamed"), limit=1)
    register_app(store, replace(MINE, client_id="another", name=APP.name), limit=2)


def test_of_two_changes_of_an_address_the_second_is_refused_and_takes_nothing(store: Store) -> None:
    store.change_email(USER, "first@example.test", confirmed=True)

    refused("user", lambda: store.change_email(USER, "second@example.test", confirmed=True))

    owner = EmailOwner(user_id="alice-id", user_name="alice")
    assert store.read(EmailKey("first@example.test"), EmailKey("second@example.test")) == (owner, None)


def test_an_address_is_changed_again_by_who_knows_the_last_one(store: Store) -> None:
    store.change_email(USER, "first@example.test", confirmed=False)
    first = replace(USER, email="first@example.test")
    store.change_email(first, "first@example.test", confirmed=True)
    store.change_email(replace(first, email_confirmed=True), "", confirmed=False)
    store.change_email(USER, "last@example.test", confirmed=True)

    owner = EmailOwner(user_id="alice-id", user_name="alice")
    assert store.read(EmailKey("first@example.test"), EmailKey("last@example.test")) == (None, owner)


def test_an_account_whose_address_or_status_changed_meanwhile_is_not_deleted(store: Store) -> None:
    store.change_email(USER, "new@example.test", confirmed=True)
    standing = replace(USER, email="new@example.test", email_confirmed=True)

    refused(
        "user",
        lambda: store.delete_user(USER, revocation=VOIDED, forget_at=NOW),
        lambda: store.delete_user(replace(standing, status="deactivated"), revocation=VOIDED, forget_at=NOW),
    )

    assert store.read(UserKey("alice-id"), LoginKey("alice")) == (standing, LOGIN)
    store.delete_user(standing, revocation=VOIDED, forget_at=NOW)
    assert store.read(UserKey("alice-id"), LoginKey("alice"), EmailKey("new@example.test")) == (None, None, None)


@pytest.mark.parametrize(
    ("read", "stands"),
    [
        (("", False), ("x@example.test", False)),
        (("x@example.test", False), ("y@example.test", False)),
        (("x@example.test", False), ("x@example.test", True)),
        (("x@example.test", True), ("y@example.test", True)),
        (("x@example.test", True), ("x@example.test", False)),
    ],
)
def test_an_address_is_as_it_was_read_if_both_its_text_and_its_confirmation_are(
    store: Store, read: tuple[str, bool], stands: tuple[str, bool]
) -> None:
    before, standing = (replace(USER, email=email, email_confirmed=confirmed) for email, confirmed in (read, stands))
    store.change_email(USER, before.email, confirmed=before.email_confirmed)
    store.change_email(before, standing.email, confirmed=standing.email_confirmed)

    refused(
        "user",
        lambda: store.change_email(before, "new@example.test", confirmed=False),
        lambda: store.delete_user(before, revocation=VOIDED, forget_at=NOW),
    )
    assert store.read(UserKey("alice-id")) == (standing,)


def test_an_account_that_has_apps_is_not_deleted(store: Store) -> None:
    register_app(store, MINE, limit=9)

    refused("apps", lambda: store.delete_user(USER, revocation=VOIDED, forget_at=NOW))

    store.delete_app(MINE, revocation=STOPPED)
    store.delete_user(USER, revocation=VOIDED, forget_at=NOW)
    assert store.read(UserKey("alice-id")) == (None,)


def test_no_app_is_made_for_an_account_that_was_deleted_meanwhile(store: Store) -> None:
    store.delete_user(USER, revocation=VOIDED, forget_at=NOW)

    refused("owner", lambda: register_app(store, MINE, limit=16))

    assert store.read(AppKey(APP.client_id)) == (None,)


@pytest.mark.parametrize("change", ["another password", "no account"])
def test_nothing_is_granted_by_a_password_that_was_changed_meanwhile(store: Store, change: str) -> None:
    if change == "another password":
        store.change_password(USER, "$2b$04$new", sessions_valid_from=NOW)
    else:
        store.delete_user(USER, revocation=VOIDED, forget_at=NOW)

    refused("user", lambda: store.approve(GRANT, user=USER, code=None, approval=None, login=LOGIN))

    assert store.read(GrantKey(GRANT.grant_id)) == (None,)


def test_a_changed_password_is_told_as_such_also_where_a_request_waits(store: Store) -> None:
    store.save_request(REQUEST)
    store.change_password(USER, "$2b$04$new", sessions_valid_from=NOW)

    refused("user", lambda: store.approve(GRANT, user=USER, code=None, approval=None, login=LOGIN, request=REQUEST))


def test_something_is_granted_by_the_password_as_it_stands(store: Store) -> None:
    store.change_password(USER, "$2b$04$new", sessions_valid_from=NOW)

    new = Login(user_id="alice-id", password_hash="$2b$04$new")
    store.approve(GRANT, user=USER, code=None, approval=None, login=new)

    assert store.read(GrantKey(GRANT.grant_id)) == (GRANT,)
