"""Accounts are found by any part of a name, an address or an id, in parts of the list."""

from __future__ import annotations

import pytest

from gatepost.accounts import search as module
from gatepost.accounts.search import Search, find_users
from gatepost.model.records import Login, User
from tests.fakes import MemoryStore
from tests.unit.world import NOW

DAY = 86400
IDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(1, 100)]


def user(number: int, name: str, **changes: object) -> User:
    made = User(user_id=IDS[number], user_name=name, status="active", created_at=1000 + number)
    return made._replace(**changes)  # type: ignore[arg-type]


PEOPLE = (
    user(1, "Maria.Lind", email="M.Lind@Example.Test", email_confirmed=True, role="administrator"),
    user(2, "tomas", email="tom@shop.test", last_sign_in_at=NOW - 3 * DAY),
    user(3, "linda", status="pending", last_sign_in_at=NOW - 100 * DAY),
    user(4, "ulrich", status="deactivated", last_sign_in_at=NOW - 40 * DAY),
)


def stored(*users: User) -> MemoryStore:
    store = MemoryStore()
    for each in users:
        store.create_user(each, Login(user_id=each.user_id, password_hash="h"))
    return store


def names(store: MemoryStore, search: Search, order: str = "") -> list[str]:
    return [each.user_name for each in find_users(store, search, cursor=None, order=order, limit=9, now=NOW).users]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["ulrich", "linda", "tomas", "Maria.Lind"]),
        (Search("LIND"), ["linda", "Maria.Lind"]),
        (Search("d@example"), ["Maria.Lind"]),
        (Search(" m.lind@EXAMPLE.test "), ["Maria.Lind"]),
        (Search("tom@shop.test"), ["tomas"]),
        (Search(IDS[3]), ["linda"]),
        (Search(IDS[3][:9]), ["linda"]),
        (Search("ss"), []),
        (Search(role="administrator"), ["Maria.Lind"]),
        (Search(role="user", status="active"), ["tomas"]),
        (Search("lind", status="pending"), ["linda"]),
        (Search("m.lind@example.test", status="pending"), []),
        (Search(sign_in="month"), ["tomas"]),
        (Search(sign_in="quarter"), ["linda", "Maria.Lind"]),
        (Search(sign_in="none"), ["Maria.Lind"]),
    ],
)
def test_a_search_finds(search: Search, found: list[str]) -> None:
    assert names(stored(*PEOPLE), search) == found


def test_the_order_is_by_creation_or_name() -> None:
    store = stored(*PEOPLE)

    assert names(store, Search(), "oldest") == ["Maria.Lind", "tomas", "linda", "ulrich"]
    assert names(store, Search(), "name") == ["linda", "Maria.Lind", "tomas", "ulrich"]


def test_the_first_page_counts_what_matches_and_others_do_not_read_to_the_end() -> None:
    store = stored(*PEOPLE)
    first = find_users(store, Search("i"), cursor=None, order="", limit=1, now=NOW)

    assert (first.counted["user"], first.counted["administrator"], first.counted["pending"]) == (2, 1, 1)
    assert first.complete
    assert first.cursor is not None


@pytest.mark.parametrize("order", ["", "oldest", "name"])
@pytest.mark.parametrize("text", ["", "z"])
def test_pages_and_bounded_reads_miss_nobody_and_repeat_nobody(
    monkeypatch: pytest.MonkeyPatch, order: str, text: str
) -> None:
    monkeypatch.setattr(module, "PART", 7)
    monkeypatch.setattr(module, "MOST_READ", 20)
    people = [user(n, f"{'az'[n % 11 == 0]}{n:02}", created_at=1000 + n // 3) for n in range(90)]
    store, found, cursor, pages = stored(*people), list[str](), None, 0
    while True:
        page = find_users(store, Search(text), cursor=cursor, order=order, limit=4, now=NOW)
        assert page.complete == (page.cursor is None) or len(page.users) == 4
        found += [each.user_name for each in page.users]
        cursor, pages = page.cursor, pages + 1
        if cursor is None:
            break
    assert sorted(found) == sorted(each.user_name for each in people if text in each.user_name)
    assert pages > 4
