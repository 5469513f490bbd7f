"""Searches of the audit log: which entries they find, in which lists, and how far one part goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from gatepost.audit_log.searching import Search, moment_of, search
from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.audit_lists import position_of
from gatepost.stores.record_keys import Page
from tests.fakes import MemoryStore

MIDNIGHT = 1_799_971_200  # 2027-01-15
DAY = 86400
FIRST, LAST = date(2027, 1, 13), date(2027, 1, 15)
WHOLE = Search(first=FIRST, last=LAST)


class Read(MemoryStore):
    """A store that counts the queries of the audit log, by list."""

    def __init__(self, *entries: AuditEntry) -> None:
        super().__init__()
        self.queries: list[str] = []
        for each in entries:
            self.record(each, keep_until=0)

    def entries(self, of: str, *, cursor: str | None, limit: int, newest_first: bool = True) -> Page[AuditEntry]:
        self.queries.append(of)
        return super().entries(of, cursor=cursor, limit=limit, newest_first=newest_first)


def entry(number: int, days: float = 0, **fields: object) -> AuditEntry:
    made = AuditEntry(entry_id=f"e{number:04}", at=MIDNIGHT + days * DAY, event="signed_in")
    return made._replace(**fields)  # type: ignore[arg-type]


def found(store: MemoryStore, sought: Search, *, room: int = 3, newest_first: bool = True) -> list[str]:
    """The ids that a search finds, part by part."""
    ids: list[str] = []
    cursor: str | None = None
    for _ in range(50):
        part = search(store, sought, cursor=cursor, room=room, newest_first=newest_first)
        assert len(part.entries) <= room
        ids += [each.entry_id for each in part.entries]
        cursor = part.cursor
        if cursor is None:
            return ids
    raise AssertionError("the search does not end")


@pytest.mark.parametrize("room", [1, 2, 3, 4, 99])
@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("fields", [{}, {"user_id": "maria"}, {"client_id": "web"}])
def test_a_range_of_days_comes_in_parts_of_any_size(room: int, newest_first: bool, fields: dict[str, str]) -> None:
    times = (-2.001, -2, -1.5, -1.5, -0.00001, 0, 0, 0.999, 1)
    store = Read(*(entry(n, at, actor="maria", client_id="web") for n, at in enumerate(times)))
    sought = WHOLE._replace(**fields)  # type: ignore[arg-type]

    expected = [f"e{n:04}" for n in range(1, 8)]
    assert found(store, sought, room=room, newest_first=newest_first) == expected[:: -1 if newest_first else 1]


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({"event": "app_changed"}, ["e0003"]),
        ({"user_id": "maria"}, ["e0001", "e0002", "e0003"]),
        ({"user_id": "maria", "event": "signed_in"}, ["e0001"]),
        ({"user_id": "maria", "client_id": "web"}, ["e0003"]),
        ({"user_id": "maria", "user_name": "maria", "by_day": True}, ["e0001", "e0002", "e0003", "e0004", "e0005"]),
        ({"user_name": "maria"}, ["e0001", "e0004", "e0005"]),
        ({"client_id": "web"}, ["e0003"]),
        ({"client_id": "web", "by_day": True}, ["e0003", "e0005"]),
        ({"app_name": "Web"}, ["e0003", "e0006"]),
        ({"user_id": "nobody"}, []),
    ],
)
def test_a_search_finds_what_it_names(fields: dict[str, object], ids: list[str]) -> None:
    store = Read(
        entry(1, 0.1, actor="maria", actor_name="Maria"),
        entry(2, 0.2, event="user_deactivated", actor="root", about="maria", subject="Maria"),
        entry(3, 0.3, event="app_changed", actor="maria", client_id="web", subject="Web"),
        entry(4, 0.4, event="sign_in_failed", subject="maria"),  # of an earlier version: without the account
        entry(5, 0.5, event="sign_in_failed", subject="maria", client_id="web"),
        entry(6, 0.6, event="approved", actor="bob", client_id="other", subject="Web: read"),
        entry(7, 0.7, event="approved", actor="bob", client_id="other", subject="Webby"),
    )

    assert sorted(found(store, WHOLE._replace(**fields))) == ids  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sought", "lists"),
    [
        (WHOLE, ["2027-01-15", "2027-01-14", "2027-01-13"]),
        (WHOLE._replace(user_id="maria", event="signed_in"), ["user#maria"]),
        (WHOLE._replace(client_id="web"), ["app#web"]),
        (WHOLE._replace(user_id="maria", client_id="web"), ["user#maria"]),
        (WHOLE._replace(client_id="web", by_day=True), ["2027-01-15", "2027-01-14", "2027-01-13"]),
    ],
)
def test_a_search_reads_the_shortest_lists_that_have_it_all(sought: Search, lists: list[str]) -> None:
    store = Read()
    search(store, sought, cursor=None, room=20)
    assert store.queries == lists


def test_one_part_looks_at_so_many_entries_and_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatepost.audit_log.searching._CHUNK", 100)  # entries of one query
    store = Read(*(entry(n, n / 10_000) for n in range(300)), entry(9000, -1, event="app_changed"))
    sought = WHOLE._replace(event="app_changed")

    part = search(store, sought, cursor=None, room=20, most_work=200)
    assert (list(part.entries), part.looked, len(store.queries)) == ([], 200, 2)
    assert part.cursor is not None
    rest = search(store, sought, cursor=part.cursor, room=20)
    assert [each.entry_id for each in rest.entries] == ["e9000"]


def test_empty_days_count_as_work_too_and_an_unfiltered_page_reads_no_more_than_it_shows() -> None:
    store = Read(entry(1, -900))
    sought = WHOLE._replace(first=date(2020, 1, 1))

    part = search(store, sought, cursor=None, room=20)
    assert (part.looked, len(store.queries), part.cursor) == (0, 500, "001756857600000")
    assert found(store, sought) == ["e0001"]

    store = Read(*(entry(n, n / 10_000) for n in range(300)))
    part = search(store, WHOLE, cursor=None, room=20)
    assert (len(part.entries), part.looked, store.queries) == (20, 20, ["2027-01-15"])


def test_parts_are_measured_by_weight_and_hold_one_entry_at_least() -> None:
    store = Read(*(entry(n, n / 100) for n in range(5)))
    heavy: Callable[[AuditEntry], int] = lambda each: 1000 if each.entry_id == "e0002" else 10  # noqa: E731

    parts, cursor = [], ""
    while True:
        part = search(store, WHOLE, cursor=cursor or None, room=25, newest_first=False, weigh=heavy)
        parts.append([each.entry_id for each in part.entries])
        cursor = part.cursor or ""
        if not cursor:
            break
    assert parts == [["e0000", "e0001"], ["e0002"], ["e0003", "e0004"]]


def test_a_position_has_its_moment() -> None:
    assert moment_of(position_of(entry(1, 0.5))) == MIDNIGHT + DAY / 2
    assert moment_of("nonsense") is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "-1", "9" * 15, "9" * 400, "000000000000000#", "０" * 15, "\x00"])
def test_a_forged_cursor_only_begins_elsewhere_in_the_same_days(cursor: str) -> None:
    store = Read(entry(1), entry(2, 5), entry(3, -5))
    assert [each.entry_id for each in search(store, WHOLE, cursor=cursor, room=9).entries] == ["e0001"]
