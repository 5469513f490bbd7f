"""Counts by day, on every store."""

from __future__ import annotations

from gatepost.audit_log.counting import counted_days
from gatepost.model.counts import AppTokens, EventCounts, day_of, days_until
from gatepost.stores.ports.store import Store
from tests.contract.records import APP, ENTRY, register_app
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
    used = APP._replace(last_used_at=NOW)
    register_app(store, used, limit=1)

    assert list(store.last_uses("active")) == [(used.client_id, NOW)]
    assert list(store.last_uses("pending")) == []


def test_events_are_read_in_order_from_one_place_to_the_next(store: Store) -> None:
    for number, event in enumerate(["signed_in", "sign_in_failed", "denied", "signed_in", "registered"]):
        entry = ENTRY._replace(entry_id=f"e{number}", at=NOW + number, event=event, reason="wrong" * (number == 1))
        store.record(entry, keep_until=NOW + DAY)
    read: list[tuple[str, str]] = []
    reached, end = "", f"{(NOW + 4) * 1000:015d}"
    while reached != end:
        events, reached = store.audited_events(TODAY, after=reached, until=NOW + 4)
        read += events

    assert read == [("signed_in", ""), ("sign_in_failed", "wrong"), ("denied", ""), ("signed_in", "")]
    assert store.audited_events(TODAY, after=end, until=NOW + 5)[0] == [("registered", "")]
    assert store.audited_events("2027-01-14", after="", until=NOW) == ([], f"{NOW // DAY * DAY * 1000:015d}")


def test_event_counts_are_replaced_only_as_they_were_read(store: Store) -> None:
    none = EventCounts(day=TODAY)
    first = EventCounts(day=TODAY, reached="000000000000001", events={"signed_in": 2})
    second = EventCounts(day=TODAY, reached="000000000000002", events={"signed_in": 3, "wrong_password": 1})
    for counts, before in ((first, none), (second, none), (second, first), (first, first)):
        store.keep_event_counts(counts, before=before)

    (kept,) = store.event_counts("2027-01-01", TODAY)
    assert (kept.reached, {name: n for name, n in kept.events.items() if n}) == (second.reached, second.events)
    assert not store.event_counts("2026-12-01", "2027-01-14")


def test_a_count_of_all_days_is_the_same_when_it_is_repeated(store: Store) -> None:
    for number in range(9):
        store.record(ENTRY._replace(entry_id=f"e{number}", at=NOW - number * DAY, event="signed_in"), keep_until=NOW)
    looks = [counted_days(store, SETTINGS, days_until(NOW), NOW + 300) for _ in range(2)]

    assert [[day.events.get("signed_in", 0) for day in look] for look in looks] == [[0] * 21 + [1] * 9] * 2
    assert looks[0][-1].day == day_of(NOW)
