"""Remembered approvals, how many there are of an app, and one-time links."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.model import Link, Login, User
from gatepost.scope import Scope
from gatepost.stores.keys import ApprovalKey, LinkKey
from gatepost.stores.ports import Store
from tests.contract.records import APPROVAL, GRANT, LINK, USER
from tests.unit.world import NOW

# Approvals


def approve(store: Store, number: int, *client_ids: str) -> User:
    """A new user who approved apps."""
    user = replace(USER, user_id=f"u{number}-id", user_name=f"user{number}")
    store.create_user(user, Login(user_id=user.user_id, password_hash="h"))
    for client_id in client_ids:
        approval = replace(APPROVAL, user_id=user.user_id, client_id=client_id)
        store.approve(replace(GRANT, grant_id=f"{user.user_id}.g"), user=user, code=None, approval=approval)
    return user


def approved(store: Store, user: User) -> list[str]:
    return sorted(approval.client_id for approval in store.approvals_of(user.user_id))


def test_all_approvals_of_a_user_are_listed_and_nobody_elses(store: Store) -> None:
    first, second = approve(store, 1, "a", "b", "c"), approve(store, 11, "a")

    assert approved(store, first) == ["a", "b", "c"]
    assert approved(store, second) == ["a"]
    assert store.approvals_of("u") == []
    expected = replace(APPROVAL, user_id="u11-id", client_id="a", scope=Scope.of("read"), approved_at=NOW)
    assert store.approvals_of("u11-id") == [expected]


def test_an_approval_is_forgotten_alone(store: Store) -> None:
    first, second = approve(store, 1, "a", "b"), approve(store, 2, "a")

    store.forget_approval(first.user_id, "a")
    store.forget_approval(first.user_id, "a")

    assert store.read(ApprovalKey(first.user_id, "a")) == (None,)
    assert (approved(store, first), approved(store, second)) == (["b"], ["a"])


@pytest.mark.parametrize(("most", "counted"), [(1, 1), (2, 2), (3, 3), (4, 3), (1000, 3)])
def test_the_users_of_an_app_are_counted_up_to_a_limit(store: Store, most: int, counted: int) -> None:
    for number in range(3):
        approve(store, number, "a")
    approve(store, 9, "b")

    assert store.connected_count("a", most=most) == counted


def test_who_approves_twice_is_one_and_who_takes_it_back_is_none(store: Store) -> None:
    user = approve(store, 1, "a", "a")
    assert store.connected_count("a", most=9) == 1

    store.forget_approval(user.user_id, "a")
    assert store.connected_count("a", most=9) == 0
    assert store.connected_count("nothing", most=9) == 0


# Links


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        replace(LINK, kind="register", user_id="", password_hash="$2b$04$h"),
        replace(LINK, kind="reset", email=""),
        replace(LINK, expires_at=1),  # S111: who takes it looks at the time
    ],
)
def test_a_link_is_taken_as_it_was_kept_and_once(store: Store, link: Link) -> None:
    store.save_link(link)
    assert store.read(LinkKey("the-link-hash")) == (link,)

    assert store.take_link("the-link-hash") == link
    assert store.take_link("the-link-hash") is None
    assert store.read(LinkKey("the-link-hash")) == (None,)


@pytest.mark.parametrize("link_hash", ["", "THE-LINK-HASH", "the-link", "the-link-hash ", "link#the-link-hash"])
def test_another_hash_takes_nothing(store: Store, link_hash: str) -> None:
    store.save_link(LINK)

    assert store.take_link(link_hash) is None
    assert store.take_link("the-link-hash") == LINK


def test_links_do_not_replace_each_other(store: Store) -> None:
    other = replace(LINK, link_hash="other", kind="reset")
    for link in (LINK, other):
        store.save_link(link)

    assert store.take_link("other") == other
    assert store.take_link("the-link-hash") == LINK


def test_a_link_is_no_account(store: Store) -> None:
    store.save_link(replace(LINK, kind="register", user_id=""))

    assert store.users("", cursor=None, limit=9).items == []
