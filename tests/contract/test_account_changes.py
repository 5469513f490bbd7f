"""Changes and the end of accounts: each with everything that belongs to it, and nothing else.

What the conditions refuse is in test_account_conflicts.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gatepost.model.feed import Revocation
from gatepost.model.links import EmailOwner, Link
from gatepost.model.records import Login, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import ApprovalKey, EmailKey, LinkKey, LoginKey, UserKey
from tests.contract.cloud import contents
from tests.contract.records import (
    APP,
    BOB,
    BOBS_LOGIN,
    GRANT,
    LINK,
    LOGIN,
    STOPPED,
    USER,
    VOIDED,
    register_app,
)
from tests.unit.world import APPROVAL, NOW, READ

BOBS_ADDRESS, NEW = EmailKey("bob@example.test"), EmailKey("new@example.test")
OWNER = EmailOwner(user_id="bob-id", user_name="Bob")
BOB_ENDS = Revocation(kind="user", subject="bob-id", revoked_at=NOW + 60, expires_at=NOW + 99)
BOSS = BOB._replace(user_id="boss-id", user_name="Boss", email="", email_confirmed=False)


@pytest.fixture(autouse=True)
def accounts(store: Store) -> None:
    store.create_user(USER, LOGIN)
    store.create_user(BOB, BOBS_LOGIN)
    store.create_user(BOSS, LOGIN._replace(user_id="boss-id"))


def account(store: Store, user_id: str = "bob-id") -> User | None:
    return store.read(UserKey(user_id))[0]


# Where an account is gone, these change nothing.
CHANGES: dict[str, tuple[Callable[[Store], object], dict[str, Any]]] = {
    "a status": (lambda s: s.set_user_status("bob-id", "pending"), {"status": "pending"}),
    "a status as it was read": (
        lambda s: s.set_user_status("bob-id", "deactivated", before="active"), {"status": "deactivated"}
    ),
    "a status after another one": (lambda s: s.set_user_status("bob-id", "active", before="leaving"), {}),
    "a role": (lambda s: s.set_user_rights("bob-id", role="user"), {"role": "user"}),
    "a limit": (lambda s: s.set_user_rights("bob-id", scope=Scope.of("read", "write")),
                {"scope": Scope.of("read", "write")}),
    "an empty limit": (lambda s: s.set_user_rights("bob-id", scope=Scope()), {"scope": Scope()}),
    "no limit": (lambda s: s.set_user_rights("bob-id", scope=None), {"scope": None}),
    "groups": (lambda s: s.set_user_rights("bob-id", groups=("org/team:lead@example.com",)),
               {"groups": ("org/team:lead@example.com",)}),
    "no groups": (lambda s: s.set_user_rights("bob-id", groups=()), {"groups": ()}),
    "role and limit": (lambda s: s.set_user_rights("bob-id", role="user", scope=None), {"role": "user", "scope": None}),
    "a demotion": (lambda s: s.demote("bob-id", besides=BOSS), {"role": "user"}),
    "the cutoff of sessions": (lambda s: s.void_sessions("bob-id", sessions_valid_from=NOW),
                               {"sessions_valid_from": NOW}),
    "the cutoff of grants": (
        lambda s: s.void_user_grants("bob-id", grants_valid_from=NOW, revocation=None), {"grants_valid_from": NOW}
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "changed"), CHANGES.values(), ids=CHANGES)
def test_an_account_changes_just_so(store: Store, change: Callable[[Store], object], changed: dict[str, Any]) -> None:
    change(store)

    assert account(store) == BOB._replace(**changed)
    assert store.read(UserKey("alice-id"), LoginKey("bob")) == (USER, BOBS_LOGIN)


@pytest.mark.parametrize("change", [change for change, _ in CHANGES.values()], ids=CHANGES)
def test_changing_an_account_that_is_gone_brings_nothing_back(store: Store, change: Callable[[Store], object]) -> None:
    store.delete_user(BOB, revocation=BOB_ENDS, forget_at=NOW)
    before = contents(store)

    change(store)

    assert contents(store) == before


@pytest.mark.parametrize("status", ["active", "pending", "deactivated"])
def test_grants_are_voided_with_an_entry_of_the_feed_whatever_the_status(store: Store, status: str) -> None:
    store.set_user_status("bob-id", status)

    store.void_user_grants("bob-id", grants_valid_from=NOW, revocation=BOB_ENDS)
    store.void_user_grants("nobody-id", grants_valid_from=NOW, revocation=VOIDED)

    assert account(store) == BOB._replace(status=status, grants_valid_from=NOW)
    assert store.feed(0) == [BOB_ENDS]


# The password


def test_a_password_is_replaced_and_the_sessions_from_before_are_void(store: Store) -> None:
    store.deactivate_user(BOB, valid_from=NOW, revocation=None, besides=None)
    store.change_password(BOB, "$2b$04$new", sessions_valid_from=NOW + 5)

    new = Login(user_id="bob-id", password_hash="$2b$04$new", devices_valid_from=NOW)  # known browsers stay as they are
    assert store.read(LoginKey("bob")) == (new,)
    assert account(store) == BOB._replace(status="deactivated", grants_valid_from=NOW, sessions_valid_from=NOW + 5)
    assert store.read(LoginKey("alice"), UserKey("alice-id")) == (LOGIN, USER)


def test_a_hash_is_replaced_only_where_it_is_still_the_one_that_was_read(store: Store) -> None:
    store.replace_hash("alice", LOGIN, "stronger")
    store.replace_hash("alice", LOGIN, "too late")
    store.replace_hash("nobody", LOGIN, "nothing")

    assert store.read(LoginKey("alice"), LoginKey("nobody")) == (LOGIN._replace(password_hash="stronger"), None)


# The address


def test_another_confirmed_address_gives_the_first_one_back(store: Store) -> None:
    store.change_email(BOB, "New@example.test", confirmed=True)

    assert account(store) == BOB._replace(email="New@example.test")
    assert store.read(BOBS_ADDRESS, NEW) == (None, OWNER)
    store.change_email(USER, "bob@example.test", confirmed=True)


@pytest.mark.parametrize("email", ["bob@example.test", "new@example.test", ""])
def test_an_address_that_is_not_confirmed_belongs_to_nobody(store: Store, email: str) -> None:
    store.change_email(BOB, email, confirmed=False)

    assert account(store) == BOB._replace(email=email, email_confirmed=False)
    assert store.read(BOBS_ADDRESS, NEW) == (None, None)


@pytest.mark.parametrize("email", ["Bob@example.test", "BOB@EXAMPLE.TEST"])
def test_an_address_may_be_confirmed_again_and_written_otherwise(store: Store, email: str) -> None:
    store.change_email(BOB, email, confirmed=True)

    assert account(store) == BOB._replace(email=email)
    assert store.read(BOBS_ADDRESS) == (OWNER,)


def test_who_has_not_confirmed_an_address_takes_it_from_nobody(store: Store) -> None:
    store.change_email(USER, "bob@example.test", confirmed=False)
    written = USER._replace(email="bob@example.test")

    store.change_email(written, "", confirmed=False)
    store.delete_user(USER, revocation=VOIDED, forget_at=NOW)

    assert store.read(BOBS_ADDRESS) == (OWNER,)


# Links


def test_a_link_is_kept_as_it_is_and_is_no_account(store: Store) -> None:
    kinds: dict[Any, dict[str, Any]] = {
        "register": {"user_id": "", "password_hash": "$2b$04$h"}, "reset": {"email": ""}, "email": {"expires_at": 1}
    }  # fmt: skip
    for kind, changes in kinds.items():
        link = LINK._replace(kind=kind, **changes)
        store.save_link(link)
        assert store.read(LinkKey(LINK.link_hash)) == (link,)  # S111: who takes it looks at the time
    assert len(store.users("", cursor=None, limit=9).items) == 3


USES: dict[str, Callable[[Store, Link], object]] = {
    "register": lambda s, link: s.create_user(
        USER._replace(user_id="c", user_name="carol"), LOGIN._replace(user_id="c"), link=link),
    "email": lambda s, link: s.change_email(USER, "new@example.test", confirmed=True, link=link),
    "reset": lambda s, link: s.change_password(USER, "new", sessions_valid_from=NOW, link=link),
}  # fmt: skip


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_link_is_used_up_by_what_it_does(store: Store, use: Callable[[Store, Link], object]) -> None:
    other = LINK._replace(link_hash="other")
    for link in (LINK, other):
        store.save_link(link)

    use(store, LINK)

    assert store.read(LinkKey("the-link-hash"), LinkKey("other")) == (None, other)


# The end


def test_s122_s128_stopping_an_account_voids_by_date_what_was_granted_signed_in_and_trusted(store: Store) -> None:
    store.deactivate_user(USER, valid_from=NOW - 1, revocation=None, besides=None)
    assert store.feed(0) == []

    store.deactivate_user(USER, valid_from=NOW, revocation=VOIDED, besides=BOSS)

    stopped = USER._replace(status="deactivated", grants_valid_from=NOW, sessions_valid_from=NOW + 1)
    assert account(store, "alice-id") == stopped
    assert store.read(LoginKey("alice")) == (LOGIN._replace(devices_valid_from=NOW),)
    assert store.feed(0) == [VOIDED]


def test_s353_a_decided_deletion_voids_grants_is_repeatable_and_is_not_taken_back(store: Store) -> None:
    for _ in range(2):
        store.begin_deletion(USER, valid_from=NOW, revocation=VOIDED, besides=BOSS)
    leaving = USER._replace(status="leaving", grants_valid_from=NOW)
    assert account(store, "alice-id") == leaving
    assert store.read(LoginKey("alice")) == (LOGIN,)
    assert VOIDED in store.feed(0)

    store.set_user_status("alice-id", "active")
    store.set_user_status("alice-id", "pending", before="active")
    assert account(store, "alice-id") == leaving
    store.set_user_status("alice-id", "active", before="leaving")
    assert account(store, "alice-id") == leaving._replace(status="active")


def test_an_account_goes_with_its_name_its_address_and_its_approvals(store: Store) -> None:
    mine = APP._replace(owner="bob-id", owner_scope=READ)
    register_app(store, mine, limit=1)
    store.delete_app(mine, revocation=STOPPED)
    for number in range(3):
        approval = APPROVAL._replace(user_id="bob-id", client_id=f"c{number}")
        store.approve(GRANT._replace(grant_id=f"bob-id.g{number}"), user=BOB, code=None, approval=approval)
    store.approve(GRANT, user=USER, code=None, approval=APPROVAL)

    for _ in range(2):
        store.delete_user(BOB, revocation=BOB_ENDS, forget_at=NOW)

    assert store.read(UserKey("bob-id"), LoginKey("bob"), BOBS_ADDRESS) == (None, None, None)
    assert store.approvals_of("bob-id") == []
    assert store.connected_count("c1", most=9) == 0
    assert store.feed(0)[0] == BOB_ENDS
    kept = ApprovalKey("alice-id", APPROVAL.client_id)
    assert store.read(UserKey("alice-id"), LoginKey("alice"), kept) == (USER, LOGIN, APPROVAL)
    store.create_user(BOB._replace(user_id="bob2-id"), BOBS_LOGIN._replace(user_id="bob2-id"))
