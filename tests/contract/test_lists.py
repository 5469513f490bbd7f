"""Long lists in pages: complete, in order, each item once, for any cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from gatepost.model.audit_entry import AuditEntry
from gatepost.model.records import App, Login, User
from gatepost.stores.audit_lists import app_list, position_at, user_list
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import Page
from tests.contract.records import APP, ENTRY, STOPPED, USER, VOIDED, register_app
from tests.unit.world import NOW

T = TypeVar("T")
DAY, DAY_BEFORE = "2027-01-15", "2027-01-14"  # NOW is 08:00 UTC
MIDNIGHT = NOW // 86400 * 86400
FORGED = ["", " ", "a", "zzz", "~", "0", "000", "999999999999999#", "\x00", "\U0010ffff", "é", "x" * 5000, "é" * 999]


def app(number: int, *, owner: str = "owner-id", at: int = NOW, status: str = "active") -> App:
    client_id = f"{number:08d}-0000-4000-8000-000000000000"
    return replace(APP, client_id=client_id, name=f"App {number}", owner=owner, created_at=at, status=status)


def user(name: str) -> User:
    return replace(USER, user_id=f"{name.casefold()}-id", user_name=name)


def entry(number: int, at: float = NOW) -> AuditEntry:
    return replace(ENTRY, entry_id=f"e{number:03d}", at=at)


def walk(read: Callable[[str | None], Page[T]], *, limit: int) -> list[T]:
    """All pages one after the other; every page but the last one is full."""
    found: list[T] = []
    cursor: str | None = None
    for _ in range(50):
        page = read(cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found
        assert len(page.items) == limit
    raise AssertionError("the list has no end")


def subset(page: Page[T], known: list[T]) -> bool:
    """Whether a page holds a run of a list, in its order."""
    places = [known.index(item) for item in page.items]
    return places == list(range(places[0], places[0] + len(places))) if places else True


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
    assert store.apps_with_status("active", cursor=None, limit=9).items == [app(1)]


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


# The audit list


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9])
def test_the_entries_of_a_day_come_newest_first(store: Store, limit: int) -> None:
    entries = [entry(1, NOW + 0.25), entry(2, NOW + 0.5), entry(3, NOW + 0.5), entry(0, NOW + 9)]
    for one in (entries[2], entries[0], entries[3], entries[1]):
        store.record(one, keep_until=NOW + 10**6)

    found = walk(lambda cursor: store.entries(DAY, cursor=cursor, limit=limit), limit=limit)

    assert found == entries[::-1]


def test_a_day_begins_and_ends_at_midnight_utc(store: Store) -> None:
    times = (MIDNIGHT - 0.001, MIDNIGHT, MIDNIGHT + 86399.999, MIDNIGHT + 86400)
    before, first, last, after = (entry(n, at) for n, at in enumerate(times))
    for one in (before, first, last, after):
        store.record(one, keep_until=NOW + 10**6)

    assert store.entries(DAY_BEFORE, cursor=None, limit=9).items == [before]
    assert store.entries(DAY, cursor=None, limit=9).items == [last, first]
    assert store.entries("2027-01-16", cursor=None, limit=9).items == [after]


@pytest.mark.parametrize("day", ["1970-01-01", "2027-1-15", "nonsense", "2027-01-15 "])
def test_a_day_without_entries_is_empty(store: Store, day: str) -> None:
    store.record(ENTRY, keep_until=NOW + 10**6)

    page = store.entries(day, cursor=None, limit=9)
    assert (list(page.items), page.cursor) == ([], None)


@pytest.mark.parametrize("cursor", FORGED)
def test_a_forged_cursor_only_begins_elsewhere_on_the_same_day(store: Store, cursor: str) -> None:
    entries = [entry(n, NOW + n) for n in range(5)][::-1]
    for one in [*entries, entry(9, NOW - 86400)]:
        store.record(one, keep_until=NOW + 10**6)

    assert subset(store.entries(DAY, cursor=cursor, limit=2), entries)


def test_an_entry_that_has_nothing_but_its_event_comes_back_so(store: Store) -> None:
    bare = AuditEntry(entry_id="e9", at=NOW, event="sign_in_failed")
    store.record(bare, keep_until=NOW + 1)

    assert store.entries(DAY, cursor=None, limit=1).items == [bare]


@pytest.mark.parametrize("limit", [1, 2, 9])
def test_an_entry_is_also_in_the_lists_of_its_accounts_and_its_app(store: Store, limit: int) -> None:
    own = replace(entry(1, NOW), actor="u1", client_id="a1")
    about = replace(entry(2, NOW + 86400), actor="boss", about="u1")
    failed = replace(entry(3, NOW + 2), actor="", about="u1", client_id="a1")
    for one in (own, about, failed):
        store.record(one, keep_until=NOW + 10**6)

    def all_of(name: str, *, newest_first: bool = True) -> list[AuditEntry]:
        return walk(
            lambda cursor: store.entries(name, cursor=cursor, limit=limit, newest_first=newest_first), limit=limit
        )

    assert all_of(user_list("u1")) == [about, failed, own]
    assert all_of(user_list("u1"), newest_first=False) == [own, failed, about]
    assert all_of(user_list("boss")) == [about]
    assert all_of(app_list("a1")) == [own]
    assert all_of(DAY) == [failed, own]


def test_a_position_in_a_list_is_before_all_entries_of_its_moment(store: Store) -> None:
    entries = [entry(n, NOW + n) for n in range(3)]
    for one in entries:
        store.record(one, keep_until=NOW + 10**6)

    at = position_at(NOW + 1)
    assert store.entries(DAY, cursor=at, limit=9).items == [entries[0]]
    assert store.entries(DAY, cursor=at, limit=9, newest_first=False).items == entries[1:]
