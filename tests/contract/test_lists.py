"""Long lists in pages: complete, in order, each item once, for any cursor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.model.records import Login, User
from gatepost.stores.ports.store import Store
from tests.contract.cloud import LISTING
from tests.contract.listed import FORGED, app, subset, user, walk
from tests.contract.records import APP, STOPPED, VOIDED, register_app
from tests.unit.world import NOW

pytestmark = pytest.mark.parametrize("store", LISTING, indirect=True)

# Apps of an owner


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 100])
def test_the_apps_of_an_owner_come_newest_first_and_those_of_one_second_each_once(store: Store, limit: int) -> None:
    apps = [app(n, at=NOW + n // 3) for n in range(7)]  # three a second
    for one in [apps[3], apps[0], *apps[4:], apps[2], apps[1], app(9, owner="other-id")]:
        register_app(store, one, limit=100)

    found = walk(lambda cursor: store.apps_of("owner-id", cursor=cursor, limit=limit), limit=limit)

    assert found == apps[::-1]


def test_who_has_no_apps_has_an_empty_list(store: Store) -> None:
    register_app(store, APP, limit=1)

    page = store.apps_of("nobody-id", cursor=None, limit=9)
    assert (list(page.items), page.cursor) == ([], None)


@pytest.mark.parametrize("cursor", FORGED)
def test_a_forged_cursor_only_begins_elsewhere_among_ones_own_apps(store: Store, cursor: str) -> None:
    own = [app(n, at=NOW + n) for n in range(5)][::-1]
    for one in [*own, app(8, owner="other-id"), app(9, owner="zz-id")]:
        register_app(store, one, limit=100)

    assert subset(store.apps_of("owner-id", cursor=cursor, limit=2), own)


def test_the_cursor_of_another_list_shows_nothing_of_it(store: Store) -> None:
    for n in range(6):
        register_app(store, app(n, owner="other-id" if n % 2 else "owner-id", at=NOW + n), limit=100)
    foreign = store.apps_of("other-id", cursor=None, limit=1).cursor
    assert foreign is not None

    assert {one.owner for one in store.apps_of("owner-id", cursor=foreign, limit=9).items} == {"owner-id"}


def test_a_list_goes_on_though_the_app_it_stopped_at_is_gone(store: Store) -> None:
    apps = [app(n, at=NOW + n) for n in range(5)][::-1]
    for one in apps:
        register_app(store, one, limit=100)
    page = store.apps_of("owner-id", cursor=None, limit=2)

    for one in page.items:
        store.delete_app(one, revocation=STOPPED)

    assert store.apps_of("owner-id", cursor=page.cursor, limit=9).items == apps[2:]


# Apps by status


@pytest.mark.parametrize("limit", [1, 2, 3, 9])
def test_apps_are_listed_by_status_whoever_has_them(store: Store, limit: int) -> None:
    apps = [app(n, owner=f"o{n}-id", status="pending" if n % 2 else "active") for n in range(7)]
    for one in apps:
        register_app(store, one, limit=100)

    found = walk(lambda cursor: store.apps_with_status("pending", cursor=cursor, limit=limit), limit=limit)

    assert found == [apps[5], apps[3], apps[1]]


def test_an_app_changes_the_list_with_its_status(store: Store) -> None:
    register_app(store, app(1, status="pending"), limit=1)
    store.set_app_status(app(1).client_id, "active", reason="", grants_valid_from=0)

    assert store.apps_with_status("pending", cursor=None, limit=9).items == []
    assert store.apps_with_status("active", cursor=None, limit=9).items == [replace(app(1), version=2)]


# Accounts


@pytest.fixture
def people(store: Store) -> list[User]:
    names = ["alice", "Alina", "bob", "BOBBY", "carol", "zoe"]
    people = [user(name) for name in names]
    for one in people[::-1]:
        store.create_user(one, Login(user_id=one.user_id, password_hash="h"))
    return people


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
@pytest.mark.parametrize(
    ("prefix", "start", "end"), [("", 0, 6), ("al", 0, 2), ("bob", 2, 4), ("bobb", 3, 4), ("zoe", 5, 6), ("x", 0, 0)]
)
def test_accounts_are_found_by_the_beginning_of_their_name(
    store: Store, people: list[User], prefix: str, start: int, end: int, limit: int
) -> None:
    found = walk(lambda cursor: store.users(prefix, cursor=cursor, limit=limit), limit=limit)

    assert found == people[start:end]


@pytest.mark.parametrize("prefix", ["", "bo", "\U0010ffff", "\x00", "x" * 5000])
@pytest.mark.parametrize("cursor", FORGED)
def test_a_forged_cursor_only_begins_elsewhere_among_the_accounts(
    store: Store, people: list[User], cursor: str, prefix: str
) -> None:
    page = store.users(prefix, cursor=cursor, limit=2)

    assert subset(page, people)
    assert all(one.user_name.casefold().startswith(prefix) for one in page.items)


def test_accounts_are_listed_as_they_stand(store: Store, people: list[User]) -> None:
    store.set_user_rights("bob-id", role="administrator", scope=None)
    store.set_user_status("carol-id", "deactivated")
    store.delete_user(people[0], revocation=VOIDED, forget_at=NOW)

    found = store.users("", cursor=None, limit=9).items

    assert [one.user_name for one in found] == ["Alina", "bob", "BOBBY", "carol", "zoe"]
    assert [one.role for one in found] == ["user", "administrator", "user", "user", "user"]
    assert found[3].status == "deactivated"
