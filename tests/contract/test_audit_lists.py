"""The audit log by days, accounts and apps."""

from __future__ import annotations

import pytest

from gatepost.errors import ServerError
from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.audit_lists import app_list, position_at, user_list
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import Page
from tests.contract.listed import FORGED, subset, walk
from tests.contract.records import ENTRY
from tests.unit.world import NOW

DAY, DAY_BEFORE = "2027-01-15", "2027-01-14"  # NOW is 08:00 UTC
MIDNIGHT = NOW // 86400 * 86400


def entry(number: int, at: float = NOW) -> AuditEntry:
    return ENTRY._replace(entry_id=f"e{number:03d}", at=at)


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
    for day in ("1970-01-01", "2027-1-15", "nonsense", "2027-01-15 "):
        assert store.entries(day, cursor=None, limit=9) == Page(items=[], cursor=None)


def test_a_forged_cursor_only_begins_elsewhere_on_the_same_day(store: Store) -> None:
    entries = [entry(n, NOW + n) for n in range(5)][::-1]
    for one in [*entries, entry(9, NOW - 86400)]:
        store.record(one, keep_until=NOW + 10**6)

    for cursor in FORGED:
        assert subset(store.entries(DAY, cursor=cursor, limit=2), entries)


def test_an_entry_that_has_nothing_but_its_event_comes_back_so(store: Store) -> None:
    bare = AuditEntry(entry_id="e9", at=NOW, event="sign_in_failed")
    store.record(bare, keep_until=NOW + 1)

    assert store.entries(DAY, cursor=None, limit=1).items == [bare]


@pytest.mark.parametrize("limit", [1, 2, 9])
def test_an_entry_is_also_in_the_lists_of_its_accounts_and_its_app(store: Store, limit: int) -> None:
    own = entry(1, NOW)._replace(actor="u1", client_id="a1")
    about = entry(2, NOW + 86400)._replace(actor="boss", about="u1")
    failed = entry(3, NOW + 2)._replace(actor="", about="u1", client_id="a1")
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


def test_s371_an_entry_never_takes_the_place_of_another(store: Store) -> None:
    store.record(ENTRY, keep_until=NOW + 10**6)

    with pytest.raises(ServerError, match="could not answer"):
        store.record(ENTRY._replace(subject="Another"), keep_until=NOW + 10**6)

    assert store.entries(DAY, cursor=None, limit=9).items == [ENTRY]


def test_s371_an_entry_whose_write_is_repeated_stands_once_in_each_of_its_lists(store: Store) -> None:
    for _ in range(2):
        store.record(ENTRY, keep_until=NOW + 10**6)

    for of in (DAY, user_list(ENTRY.actor)):
        assert store.entries(of, cursor=None, limit=9).items == [ENTRY]
