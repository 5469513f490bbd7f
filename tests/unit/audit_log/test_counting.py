"""Daily totals: each entry counted once, whoever looks when."""

from __future__ import annotations

import pytest

from gatepost.audit_log import counting
from gatepost.audit_log.counting import counted_days
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.counts import FAILURES, EventCounts, days_until
from tests.fakes import MemoryStore
from tests.unit.world import NOW, SETTINGS

DAY, MIDNIGHT = 86400, NOW // 86400 * 86400  # NOW is 08:00 UTC


def happen(store: MemoryStore, event: str, *moments: float) -> None:
    for number, moment in enumerate(moments):
        entry = AuditEntry(entry_id=f"{event}-{number}-{moment}", at=moment, event=event)
        store.record(entry, keep_until=int(moment) + 90 * DAY)


def look(store: MemoryStore, now: float = NOW, *, retention: int = 90) -> list[EventCounts]:
    return counted_days(store, SETTINGS._replace(audit_retention_days=retention), days_until(now), now)


def sums(days: list[EventCounts], event: str) -> int:
    return sum(day.events.get(event, 0) for day in days)


def test_thirty_days_are_counted_by_event_and_day() -> None:
    store = MemoryStore()
    happen(store, "signed_in", NOW - 29 * DAY, *(NOW - DAY + n for n in range(10)), NOW - 300)
    happen(store, "approved", MIDNIGHT - 0.001, MIDNIGHT)
    happen(store, "app_created", NOW - 400)
    happen(store, "signed_in", NOW - 31 * DAY)

    days = look(store)

    assert [day.day for day in (days[0], days[-1])] == ["2026-12-17", "2027-01-15"]
    assert {day.day: dict(day.events) for day in days if day.events} == {
        "2026-12-17": {"signed_in": 1},
        "2027-01-14": {"signed_in": 10, "approved": 1},
        "2027-01-15": {"signed_in": 1, "approved": 1},
    }
    assert [day.is_complete for day in days] == [True] * 29 + [False]


def test_a_later_look_counts_only_what_came_since_and_an_entry_that_was_written_late() -> None:
    store = MemoryStore()
    happen(store, "signed_in", NOW - 500, NOW - 30)
    assert sums(look(store), "signed_in") == 1  # the other may still be overtaken
    happen(store, "signed_in", NOW - 40)

    assert sums(look(store, NOW + 200), "signed_in") == 3
    assert sums(look(store, NOW + 200), "signed_in") == 3
    assert sums(look(store, NOW + 100), "signed_in") == 3  # a clock that is behind counts nothing twice
    assert sums(look(store, NOW + DAY), "signed_in") == 3


def test_a_look_that_may_not_read_everything_goes_on_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_READS", 2)
    store = MemoryStore()
    happen(store, "signed_in", *(NOW - 3600 + n for n in range(20)))  # three are read at once
    found = [sums(look(store), "signed_in") for _ in range(6)]

    assert found == [6, 12, 18, 20, 20, 20]


def test_two_looks_at_once_keep_what_one_would_have_kept() -> None:
    store = MemoryStore()
    happen(store, "signed_in", NOW - 500)
    stale = EventCounts(day="2027-01-15")
    (today,) = look(store)[-1:]

    store.keep_event_counts(stale._replace(reached="0", events={"signed_in": 99}), before=stale)

    assert store.event_counts(today.day, today.day) == [today]


def test_a_day_whose_entries_may_be_gone_is_not_counted() -> None:
    store = MemoryStore()
    happen(store, "signed_in", NOW - 8 * DAY, NOW - 3 * DAY)
    days = look(store, retention=7)

    assert sums(days, "signed_in") == 1
    assert [day.is_complete for day in days] == [False] * 23 + [True] * 6 + [False]


def test_failed_sign_ins_are_counted_by_their_reason() -> None:
    store = MemoryStore()
    for number, reason in enumerate([*FAILURES, *FAILURES, "account is gone", ""]):
        entry = AuditEntry(entry_id=str(number), at=NOW - 900, event="sign_in_failed", reason=reason)
        store.record(entry, keep_until=NOW)

    assert look(store)[-1].events == {"sign_in_failed": 14, **dict.fromkeys(FAILURES.values(), 2)}
