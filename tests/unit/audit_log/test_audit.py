"""The audit log: its entries, their retention by the settings, and that they hold no secret."""

from __future__ import annotations

import pytest

from gatepost.audit_log.events import EVENTS, record
from gatepost.model.audit_entry import AuditEntry
from tests.fakes import MemoryStore
from tests.unit.world import ALICE, NOW, WEB, World

DAY = "2027-01-15"  # of NOW


class Written(MemoryStore):
    """A store that shows the entries written to the audit log."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[AuditEntry, int]] = []

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        self.kept.append((entry, keep_until))


def test_an_entry_says_who_did_what_when_to_what_and_from_where(world: World) -> None:
    record(
        world.store,
        world.settings,
        "app_approved",
        now=NOW + 0.25,
        source_ip="192.0.2.7",
        actor=ALICE,
        client_id=WEB,
        subject="Web",
    )

    (entry,) = world.store.entries(DAY, cursor=None, limit=9).items
    assert entry == AuditEntry(
        entry_id=entry.entry_id,
        at=NOW + 0.25,
        event="app_approved",
        actor="alice-id",
        actor_name="alice",
        client_id=WEB,
        subject="Web",
        source_ip="192.0.2.7",
        salt=entry.salt,
    )
    assert len(entry.entry_id) == 36


def test_where_nobody_is_signed_in_nobody_is_named(world: World) -> None:
    store = Written()

    record(store, world.settings, "sign_in_failed", now=NOW, source_ip="192.0.2.7", subject="alice")

    entry = store.kept[0][0]
    assert (entry.actor, entry.actor_name, entry.client_id, entry.subject) == ("", "", "", "alice")


def test_the_same_twice_is_two_entries(world: World) -> None:
    for _ in range(2):
        record(world.store, world.settings, "signed_in", now=NOW, source_ip="192.0.2.7", actor=ALICE)

    assert len({entry.entry_id for entry in world.store.entries(DAY, cursor=None, limit=9).items}) == 2


@pytest.mark.parametrize("days", [1, 90, 3650])
def test_an_entry_is_kept_as_long_as_the_settings_say(world: World, days: int) -> None:
    world.set(audit_retention_days=days)
    store = Written()

    record(store, world.settings, "signed_in", now=NOW + 0.9, source_ip="", actor=ALICE)

    assert [keep_until for _, keep_until in store.kept] == [NOW + days * 86400]


def test_a_long_subject_is_cut(world: World) -> None:
    store = Written()

    record(store, world.settings, "sign_in_failed", now=NOW, source_ip="", subject="x" * 5000)

    assert store.kept[0][0].subject == "x" * 200


def test_every_event_has_a_sentence_that_goes_on_from_a_name() -> None:
    for name, sentence in EVENTS.items():
        assert name.replace("_", "").islower()
        assert sentence[0].islower()
        assert sentence[-1] != "."


def test_an_empty_day_is_empty() -> None:
    assert MemoryStore().entries(DAY, cursor=None, limit=9).items == []
