"""Long lists in pages, in either order: complete, each item once, for any cursor."""

from __future__ import annotations

import pytest

from gatepost.model.records import App, Approval, Login, User
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import Page
from tests.contract.cloud import LISTING
from tests.contract.listed import FORGED, app, subset, user, walk
from tests.contract.records import GRANT, STOPPED, USER, VOIDED, register_app
from tests.unit.world import APPROVAL, NOW

pytestmark = pytest.mark.parametrize("store", LISTING, indirect=True)

# Apps


def test_the_apps_of_an_owner_come_newest_first_and_those_of_one_second_each_once(store: Store) -> None:
    apps = [app(n, at=NOW + n // 3) for n in range(7)]  # three a second
    for one in [apps[3], apps[0], *apps[4:], apps[2], apps[1], app(9, owner="other-id")]:
        register_app(store, one, limit=100)

    for limit in (1, 2, 3, 6, 7, 8, 100):

        def read(cursor: str | None, limit: int = limit) -> Page[App]:
            return store.apps_of("owner-id", cursor=cursor, limit=limit)

        assert walk(read, limit=limit) == apps[::-1]
    nobodys = store.apps_of("nobody-id", cursor=None, limit=9)
    assert (list(nobodys.items), nobodys.cursor) == ([], None)


def test_a_forged_or_foreign_cursor_only_begins_elsewhere_among_ones_own_apps(store: Store) -> None:
    own = [app(n, at=NOW + n) for n in range(5)][::-1]
    for one in [*own, app(7, owner="other-id"), app(8, owner="other-id"), app(9, owner="zz-id")]:
        register_app(store, one, limit=100)
    foreign = store.apps_of("other-id", cursor=None, limit=1).cursor
    assert foreign is not None

    for cursor in (*FORGED, foreign):
        assert subset(store.apps_of("owner-id", cursor=cursor, limit=2), own)


def test_a_list_goes_on_though_the_app_it_stopped_at_is_gone(store: Store) -> None:
    apps = [app(n, at=NOW + n) for n in range(5)][::-1]
    for one in apps:
        register_app(store, one, limit=100)
    page = store.apps_of("owner-id", cursor=None, limit=2)

    for one in page.items:
        store.delete_app(one, revocation=STOPPED)

    assert store.apps_of("owner-id", cursor=page.cursor, limit=9).items == apps[2:]


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 9])
def test_apps_are_listed_by_status_whoever_has_them(store: Store, limit: int, oldest_first: bool) -> None:
    apps = [app(n, owner=f"o{n}-id", at=NOW + n // 2, status="pending" if n % 2 else "active") for n in range(7)]
    for one in apps:
        register_app(store, one, limit=100)

    def read(cursor: str | None) -> Page[App]:
        return store.apps_with_status("pending", cursor=cursor, limit=limit, oldest_first=oldest_first)

    assert walk(read, limit=limit) == [apps[1], apps[3], apps[5]][:: 1 if oldest_first else -1]


def test_an_app_changes_the_list_with_its_status(store: Store) -> None:
    register_app(store, app(1, status="pending"), limit=1)
    store.set_app_status(app(1).client_id, "active", reason="", grants_valid_from=0)

    assert store.apps_with_status("pending", cursor=None, limit=9).items == []
    assert store.apps_with_status("active", cursor=None, limit=9).items == [app(1)._replace(version=2)]


# Accounts


@pytest.fixture
def people(store: Store) -> list[User]:
    people = [user(name) for name in ["alice", "Alina", "bob", "BOBBY", "carol", "zoe"]]
    for one in people[::-1]:
        store.create_user(one, Login(user_id=one.user_id, password_hash="h"))
    return people


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("prefix", "start", "end"), [("", 0, 6), ("al", 0, 2), ("bob", 2, 4), ("bobb", 3, 4), ("zoe", 5, 6), ("x", 0, 0)]
)
def test_accounts_are_found_by_the_beginning_of_their_name_from_either_end(
    store: Store, people: list[User], prefix: str, start: int, end: int, descending: bool
) -> None:
    for limit in (1, 2, 3, 5, 6, 7):

        def read(cursor: str | None, limit: int = limit) -> Page[User]:
            return store.users(prefix, cursor=cursor, limit=limit, descending=descending)

        assert walk(read, limit=limit) == people[start:end][:: -1 if descending else 1]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("prefix", ["", "bo", "\U0010ffff", "\x00", "x" * 5000])
def test_a_forged_cursor_only_begins_elsewhere(store: Store, people: list[User], prefix: str, descending: bool) -> None:
    for cursor in FORGED:
        page = store.users(prefix, cursor=cursor, limit=2, descending=descending)

        assert subset(page, people[:: -1 if descending else 1])
        assert all(one.user_name.casefold().startswith(prefix) for one in page.items)


@pytest.mark.parametrize("oldest_first", [False, True])
def test_accounts_are_listed_by_creation_from_either_end(store: Store, oldest_first: bool) -> None:
    ages = [10, 10, 20, 30, 30, 30, 40]
    for number, age in enumerate(ages):
        one = user(f"user{number}")._replace(created_at=age)
        store.create_user(one, Login(user_id=one.user_id, password_hash="h"))
    store.note_sign_in("user0-id", now=NOW)
    store.note_sign_in("nobody-id", now=NOW)

    for limit in (1, 2, 3, 6, 7, 8):

        def read(cursor: str | None, limit: int = limit) -> Page[User]:
            return store.users_by_creation(cursor=cursor, limit=limit, oldest_first=oldest_first)

        found = walk(read, limit=limit)
        assert [one.created_at for one in found] == sorted(ages, reverse=not oldest_first)
        assert {one.user_id: one.last_sign_in_at for one in found if one.last_sign_in_at} == {"user0-id": NOW}
        assert len({one.user_id for one in found}) == 7
    for cursor in FORGED:
        assert len(store.users_by_creation(cursor=cursor, limit=2, oldest_first=oldest_first).items) <= 2


def test_accounts_are_listed_as_they_stand(store: Store, people: list[User]) -> None:
    store.set_user_rights("bob-id", role="administrator", scope=None)
    store.set_user_status("carol-id", "deactivated")
    store.delete_user(people[0], revocation=VOIDED, forget_at=NOW)

    found = store.users("", cursor=None, limit=9).items

    assert [one.user_name for one in found] == ["Alina", "bob", "BOBBY", "carol", "zoe"]
    assert [one.role for one in found] == ["user", "administrator", "user", "user", "user"]
    assert found[3].status == "deactivated"


# The people of an app


def test_the_people_who_approved_an_app_are_listed_each_once_and_those_of_no_other(store: Store) -> None:
    approvals = [APPROVAL._replace(user_id=f"u{number}-id", client_id="a", approved_at=NOW) for number in range(5)]
    for approval in (*approvals[::-1], APPROVAL._replace(user_id="u9-id", client_id="b")):
        account = USER._replace(user_id=approval.user_id, user_name=approval.user_id)
        store.create_user(account, Login(user_id=account.user_id, password_hash="h"))
        grant = GRANT._replace(grant_id=f"{account.user_id}.g", client_id=approval.client_id)
        store.approve(grant, user=account, code=None, approval=approval)

    for limit in (1, 2, 5):

        def read(cursor: str | None, limit: int = limit) -> Page[Approval]:
            return store.approvals_to("a", cursor=cursor, limit=limit)

        assert walk(read, limit=limit) == approvals
    for cursor in FORGED:
        assert subset(store.approvals_to("a", cursor=cursor, limit=2), approvals)
