"""Changing and removing accounts: related records change atomically."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.links import EmailOwner
from gatepost.model.records import Login, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import ApprovalKey, EmailKey, LoginKey, UserKey
from tests.contract.records import APPROVAL, GRANT, LOGIN, USER
from tests.unit.world import NOW, READ

BOB = User(
    user_id="bob-id",
    user_name="Bob",
    email="Bob@example.test",
    email_confirmed=True,
    status="active",
    created_at=NOW,
)
BOBS_LOGIN = Login(user_id="bob-id", password_hash="$2b$04$other")
BOBS_ADDRESS = EmailKey("bob@example.test")
OWNER = EmailOwner(user_id="bob-id", user_name="Bob")
BOB_ENDS = Revocation(kind="user", subject="bob-id", revoked_at=NOW + 60, expires_at=NOW + 99)


@pytest.fixture(autouse=True)
def accounts(store: Store) -> None:
    store.create_user(USER, LOGIN)
    store.create_user(BOB, BOBS_LOGIN)


def account(store: Store, user_id: str = "bob-id") -> User | None:
    return store.read(UserKey(user_id))[0]


# Status and rights


@pytest.mark.parametrize("status", ["active", "pending", "deactivated"])
def test_the_status_changes_and_nothing_else(store: Store, status: str) -> None:
    store.set_user_status("bob-id", status)

    assert account(store) == replace(BOB, status=status)
    assert account(store, "alice-id") == USER


@pytest.mark.parametrize("scope", [None, Scope(), READ, Scope.of("read", "write")])
@pytest.mark.parametrize("role", ["user", "administrator"])
def test_role_and_allowed_scope_change_together(store: Store, role: str, scope: Scope | None) -> None:
    for before in (READ, None):
        store.set_user_rights("bob-id", role="user", scope=before)
        store.set_user_rights("bob-id", role=role, scope=scope)

        assert account(store) == replace(BOB, role=role, scope=scope)


@pytest.mark.parametrize("groups", [(), ("staff",), ("editors", "org/team:lead@example.com")])
def test_groups_are_replaced_and_nothing_else(store: Store, groups: tuple[str, ...]) -> None:
    for before in ((), ("board", "staff")):
        store.set_user_rights("bob-id", groups=before)
        store.set_user_rights("bob-id", groups=groups)

        assert account(store) == replace(BOB, groups=groups)
        assert account(store, "alice-id") == USER


def test_sessions_are_voided_from_a_moment_on(store: Store) -> None:
    store.void_sessions("bob-id", sessions_valid_from=NOW)

    assert account(store) == replace(BOB, sessions_valid_from=NOW)


def test_changing_an_account_that_is_gone_does_not_bring_it_back(store: Store) -> None:
    store.delete_user(BOB, revocation=BOB_ENDS, forget_at=NOW)

    store.set_user_status("bob-id", "active")
    store.set_user_rights("bob-id", role="administrator", scope=None)
    store.set_user_rights("bob-id", groups=("staff",))
    store.void_sessions("bob-id", sessions_valid_from=NOW)

    assert account(store) is None
    assert store.users("", cursor=None, limit=9).items == [USER]


@pytest.mark.parametrize("status", ["pending", "deactivated"])
def test_what_was_granted_is_voided_without_touching_the_status(store: Store, status: str) -> None:
    store.set_user_status("bob-id", status)
    ends = replace(BOB_ENDS, revoked_at=NOW)

    store.void_user_grants("bob-id", grants_valid_from=NOW, revocation=ends)

    assert account(store) == replace(BOB, status=status, grants_valid_from=NOW)
    assert store.feed(0) == [ends]


# The password


def test_a_password_is_replaced_and_the_sessions_from_before_are_void(store: Store) -> None:
    store.change_password(BOB, "$2b$04$new", sessions_valid_from=NOW)

    assert store.read(LoginKey("bob")) == (Login(user_id="bob-id", password_hash="$2b$04$new"),)
    assert account(store) == replace(BOB, sessions_valid_from=NOW)
    assert store.read(LoginKey("alice"), UserKey("alice-id")) == (LOGIN, USER)


def test_the_password_of_an_account_that_is_gone_does_not_bring_it_back(store: Store) -> None:
    store.delete_user(BOB, revocation=BOB_ENDS, forget_at=NOW)

    with pytest.raises(Conflict) as caught:
        store.change_password(BOB, "$2b$04$new", sessions_valid_from=NOW)
    assert caught.value.field == "user"
    assert store.read(LoginKey("bob"), UserKey("bob-id")) == (None, None)


@pytest.mark.parametrize(
    "half", [replace(BOB, user_name="alice2"), replace(BOB, user_id="carol-id")], ids=["no login", "no account"]
)
def test_a_password_changes_with_the_account_or_not_at_all(store: Store, half: User) -> None:
    with pytest.raises(Conflict):
        store.change_password(half, "$2b$04$new", sessions_valid_from=NOW)

    assert store.read(LoginKey("bob"), UserKey("bob-id")) == (BOBS_LOGIN, BOB)


# The address


def test_a_confirmed_address_is_found_in_lower_case_and_belongs_to_its_account(store: Store) -> None:
    assert store.read(BOBS_ADDRESS) == (OWNER,)

    with pytest.raises(Conflict) as caught:
        store.change_email(USER, "BOB@example.test", confirmed=True)
    assert caught.value.field == "email"
    assert store.read(BOBS_ADDRESS, UserKey("alice-id")) == (OWNER, USER)


def test_another_confirmed_address_gives_the_first_one_back(store: Store) -> None:
    store.change_email(BOB, "New@example.test", confirmed=True)

    assert account(store) == replace(BOB, email="New@example.test")
    assert store.read(BOBS_ADDRESS, EmailKey("new@example.test")) == (None, OWNER)
    store.change_email(USER, "bob@example.test", confirmed=True)


@pytest.mark.parametrize("email", ["bob@example.test", "new@example.test", ""])
def test_an_address_that_is_not_confirmed_belongs_to_nobody(store: Store, email: str) -> None:
    store.change_email(BOB, email, confirmed=False)

    assert account(store) == replace(BOB, email=email, email_confirmed=False)
    assert store.read(BOBS_ADDRESS, EmailKey("new@example.test")) == (None, None)


@pytest.mark.parametrize("email", ["Bob@example.test", "BOB@EXAMPLE.TEST"])
def test_an_address_may_be_confirmed_again_and_written_otherwise(store: Store, email: str) -> None:
    store.change_email(BOB, email, confirmed=True)

    assert account(store) == replace(BOB, email=email)
    assert store.read(BOBS_ADDRESS) == (OWNER,)


def test_an_address_that_two_have_written_is_whose_confirms_it_first(store: Store) -> None:
    for user in (USER, BOB):
        store.change_email(user, "both@example.test", confirmed=False)
    bob = replace(BOB, email="both@example.test", email_confirmed=False)

    store.change_email(replace(USER, email="both@example.test"), "both@example.test", confirmed=True)
    with pytest.raises(Conflict):
        store.change_email(bob, "both@example.test", confirmed=True)

    assert account(store) == bob
    store.change_email(bob, "", confirmed=False)  # that takes nothing from alice
    owner = EmailOwner(user_id="alice-id", user_name="alice")
    assert store.read(EmailKey("both@example.test")) == (owner,)


def test_the_address_of_an_account_that_is_gone_is_nobodys(store: Store) -> None:
    store.delete_user(BOB, revocation=BOB_ENDS, forget_at=NOW)

    for confirmed in (True, False):
        with pytest.raises(Conflict) as caught:
            store.change_email(BOB, "new@example.test", confirmed=confirmed)
        assert caught.value.field == "user"
    assert store.read(UserKey("bob-id"), EmailKey("new@example.test")) == (None, None)


# The end


def test_an_account_goes_with_its_name_its_address_and_its_approvals(store: Store) -> None:
    for number in range(3):
        approval = replace(APPROVAL, user_id="bob-id", client_id=f"c{number}")
        store.approve(replace(GRANT, grant_id=f"bob-id.g{number}"), user=BOB, code=None, approval=approval)
    store.approve(GRANT, user=USER, code=None, approval=APPROVAL)

    store.delete_user(BOB, revocation=BOB_ENDS, forget_at=NOW)
    store.delete_user(BOB, revocation=BOB_ENDS, forget_at=NOW)

    assert store.read(UserKey("bob-id"), LoginKey("bob"), BOBS_ADDRESS) == (None, None, None)
    assert store.approvals_of("bob-id") == []
    assert store.connected_count("c1", most=9) == 0
    assert store.feed(0)[0] == BOB_ENDS
    kept = ApprovalKey("alice-id", APPROVAL.client_id)
    assert store.read(UserKey("alice-id"), LoginKey("alice"), kept) == (USER, LOGIN, APPROVAL)
    store.create_user(replace(BOB, user_id="bob2-id"), replace(BOBS_LOGIN, user_id="bob2-id"))


def test_an_account_without_a_confirmed_address_takes_nobodys_along(store: Store) -> None:
    store.change_email(USER, "bob@example.test", confirmed=False)

    store.delete_user(replace(USER, email="bob@example.test"), revocation=BOB_ENDS, forget_at=NOW)

    assert store.read(BOBS_ADDRESS) == (OWNER,)


def test_all_grants_of_a_user_are_removed_and_nobody_elses(store: Store) -> None:
    for number in range(3):
        store.add_grant(replace(GRANT, grant_id=f"alice-id.g{number}"))
    other = replace(GRANT, grant_id="bob-id.g1")
    store.add_grant(other)

    store.delete_grants("alice-id")
    store.delete_grants("alice-id")

    assert store.grants_of("alice-id") == []
    assert store.grants_of("bob-id") == [other]
