"""Remembered approvals, their number per app, and one-time links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gatepost.errors import Conflict
from gatepost.model.links import Link
from gatepost.model.records import Login, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import ApprovalKey, EmailKey, LinkKey, LoginKey, UserKey
from tests.contract.records import APPROVAL, GRANT, LINK, LOGIN, USER
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
def test_a_link_is_kept_until_it_is_used(store: Store, link: Link) -> None:
    store.save_link(link)

    assert store.read(LinkKey("the-link-hash")) == (link,)


BOB = replace(USER, user_id="bob-id", user_name="bob")
BOBS_LOGIN = Login(user_id="bob-id", password_hash="h")
Use = Callable[[Store, Link], None]
USES: dict[str, Use] = {
    "register": lambda store, link: store.create_user(BOB, BOBS_LOGIN, link=link),
    "email": lambda store, link: store.change_email(USER, "new@example.test", confirmed=True, link=link),
    "reset": lambda store, link: store.change_password(USER, "new", sessions_valid_from=NOW, link=link),
}


@pytest.fixture
def alice(store: Store) -> None:
    store.create_user(USER, LOGIN)


def everything(store: Store) -> tuple[object, ...]:
    """Return everything that the uses of a link change."""
    places = (LoginKey("alice"), LoginKey("bob"), UserKey("alice-id"), UserKey("bob-id"))
    return (*store.read(*places), *store.read(EmailKey("new@example.test")))


@pytest.mark.parametrize("use", USES.values(), ids=list(USES))
def test_a_link_is_used_up_by_what_it_does_and_does_it_once(store: Store, alice: None, use: Use) -> None:
    other = replace(LINK, link_hash="other")
    for link in (LINK, other):
        store.save_link(link)
    before = everything(store)

    use(store, LINK)
    assert store.read(LinkKey("the-link-hash"), LinkKey("other")) == (None, other)
    assert everything(store) != before


@pytest.mark.parametrize("use", USES.values(), ids=list(USES))
def test_a_link_that_was_used_changes_nothing(store: Store, alice: None, use: Use) -> None:
    before = everything(store)

    with pytest.raises(Conflict) as caught:
        use(store, LINK)

    assert caught.value.field == "link"
    assert everything(store) == before


def test_what_a_link_can_not_do_leaves_it(store: Store, alice: None) -> None:
    store.create_user(replace(BOB, email="new@example.test", email_confirmed=True), BOBS_LOGIN)
    store.save_link(LINK)

    for name, field in (("register", "user_name"), ("email", "email")):
        with pytest.raises(Conflict) as caught:
            USES[name](store, LINK)
        assert caught.value.field == field
    assert store.read(LinkKey("the-link-hash")) == (LINK,)


def test_a_link_is_no_account(store: Store) -> None:
    store.save_link(replace(LINK, kind="register", user_id=""))

    assert store.users("", cursor=None, limit=9).items == []
