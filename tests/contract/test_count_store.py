"""Counts by day, and problems of apps, on every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.audit_log.counting import counted_days
from gatepost.model.counts import AppTokens, EventCounts, day_of
from gatepost.model.problem import Problem
from gatepost.stores.ports.store import Store
from tests.contract.cloud import race
from tests.contract.records import APP, ENTRY, PROBLEM, register_app
from tests.unit.world import NATIVE, NOW, SETTINGS, WEB

DAY = 86400
TODAY = "2027-01-15"


def test_tokens_add_up_by_app_and_day(store: Store) -> None:
    for client_id, tokens, now in ((WEB, 1, NOW), (WEB, 4, NOW), (WEB, 2, NOW - DAY), (NATIVE, 3, NOW - 20 * DAY)):
        store.add_tokens(client_id, tokens, now=now)

    assert list(store.tokens_in("2027-01")) == [AppTokens(WEB, {TODAY: 5, "2027-01-14": 2})]
    assert list(store.tokens_in("2026-12")) == [AppTokens(NATIVE, {"2026-12-26": 3})]
    assert list(store.tokens_of(WEB, ["2026-12", "2027-01"])) == list(store.tokens_in("2027-01"))
    assert not store.tokens_of(NATIVE, ["2027-01"])


def test_last_uses_are_those_of_the_apps_with_a_status(store: Store) -> None:
    used = replace(APP, last_used_at=NOW)
    register_app(store, used, limit=1)

    assert list(store.last_uses("active")) == [(used.client_id, NOW)]
    assert list(store.last_uses("pending")) == []


def test_events_are_read_in_order_from_one_place_to_the_next(store: Store) -> None:
    for number, event in enumerate(["signed_in", "approved", "denied", "signed_in", "registered"]):
        store.record(replace(ENTRY, entry_id=f"e{number}", at=NOW + number, event=event), keep_until=NOW + DAY)
    read: list[str] = []
    reached, end = "", f"{(NOW + 4) * 1000:015d}"
    while reached != end:
        events, reached = store.audited_events(TODAY, after=reached, until=NOW + 4)
        read += events

    assert read == ["signed_in", "approved", "denied", "signed_in"]
    assert store.audited_events(TODAY, after=end, until=NOW + 5)[0] == ["registered"]
    assert store.audited_events("2027-01-14", after="", until=NOW) == ([], f"{NOW // DAY * DAY * 1000:015d}")


def test_event_counts_are_replaced_only_as_they_were_read(store: Store) -> None:
    none = EventCounts(day=TODAY)
    first = EventCounts(day=TODAY, reached="000000000000001", events={"signed_in": 2})
    second = EventCounts(day=TODAY, reached="000000000000002", events={"signed_in": 3, "approved": 1})
    for counts, before in ((first, none), (second, none), (second, first), (first, first)):
        store.keep_event_counts(counts, before=before)

    (kept,) = store.event_counts("2027-01-01", TODAY)
    assert (kept.reached, {name: n for name, n in kept.events.items() if n}) == (second.reached, second.events)
    assert not store.event_counts("2026-12-01", "2027-01-14")


def test_a_count_of_all_days_is_the_same_when_it_is_repeated(store: Store) -> None:
    for number in range(9):
        store.record(replace(ENTRY, entry_id=f"e{number}", at=NOW - number * DAY, event="signed_in"), keep_until=NOW)
    looks = [counted_days(store, SETTINGS, NOW + 300) for _ in range(2)]

    assert [[day.events.get("signed_in", 0) for day in look] for look in looks] == [[0] * 21 + [1] * 9] * 2
    assert looks[0][-1].day == day_of(NOW)


# Problems of apps


@pytest.mark.parametrize("problem", [PROBLEM, replace(PROBLEM, detail="", proven=False)])
def test_a_problem_is_found_with_its_app_until_it_is_forgotten(store: Store, problem: Problem) -> None:
    store.note_problems(problem)
    other = replace(problem, client_id=NATIVE)
    store.note_problems(other)

    assert list(store.problems_of(WEB)) == [problem]
    store.forget_problems(WEB)
    store.forget_problems(WEB)
    assert list(store.problems_of(WEB)) == []
    assert list(store.problems_of(NATIVE)) == [other]


def test_the_same_problem_is_counted_and_shows_its_last_time(store: Store) -> None:
    store.note_problems(PROBLEM)
    store.note_problems(replace(PROBLEM, times=3, first_at=NOW + 9, last_at=NOW + 10, expires_at=NOW + 70))

    assert list(store.problems_of(WEB)) == [replace(PROBLEM, times=4, last_at=NOW + 10, expires_at=NOW + 70)]


def test_another_reason_and_another_sender_have_a_place_of_their_own(store: Store) -> None:
    others = [replace(PROBLEM, reason="The secret is wrong."), replace(PROBLEM, proven=False)]
    store.note_problems(PROBLEM)
    store.note_problems(replace(PROBLEM, first_at=NOW + 9, last_at=NOW + 10), *others)

    found = store.problems_of(WEB)
    assert len(found) == 3
    for each in (replace(PROBLEM, times=2, last_at=NOW + 10), *others):
        assert each in found


def test_s152_whatever_is_sent_one_reason_takes_four_places(store: Store) -> None:
    for number in range(40):
        store.note_problems(replace(PROBLEM, detail=f"sent {number}"))

    found = store.problems_of(WEB)
    assert len(found) == 4
    assert sum(each.times for each in found) == 40


def test_s111_a_problem_whose_time_is_over_is_still_read_and_says_so(store: Store) -> None:
    over = replace(PROBLEM, expires_at=NOW - 10**6)
    store.note_problems(over)

    assert list(store.problems_of(WEB)) == [over]


def test_no_count_is_lost_to_another_write(racing_store: Store) -> None:
    other = replace(PROBLEM, proven=False)
    race(8, lambda number: racing_store.note_problems(*(PROBLEM, other)[: 1 + number % 2]))

    assert sorted(each.times for each in racing_store.problems_of(WEB)) == [4, 8]
