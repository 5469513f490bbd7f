"""What the log says of an audit entry: enough to see a change, and nothing to guess a name from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gatepost.audit_log.announcing import announcement, fixed_digest, whole_digest
from gatepost.audit_log.events import record
from gatepost.audit_log.writing import write_audit
from gatepost.errors import ServerError
from gatepost.model.audit_entry import ERASABLE, AuditEntry
from gatepost.observability import log
from tests.unit.world import ALICE, NOW, WEB, World

ENTRY = AuditEntry(
    entry_id="e1", at=NOW + 0.25, event="app_changed", actor="alice-id", actor_name="alice", client_id=WEB,
    subject="Web", source_ip="192.0.2.7", changes=("name", "Web", "Shop"), salt="s1",
)  # fmt: skip
OTHER: dict[str, Any] = {
    "entry_id": "e2", "at": NOW + 0.251, "event": "app_deleted", "actor": "bob-id", "actor_name": "bob",
    "client_id": "another", "subject": "Shop", "source_ip": "192.0.2.8", "resources": ("https://api.example.test",),
    "request_id": "r1", "about": "carol-id", "reason": "no reason", "changes": ("name", "Web", "Store"), "salt": "s2",
}  # fmt: skip


@pytest.fixture
def level(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The lowest level that is logged."""
    monkeypatch.setenv(log.LEVEL, request.param)
    log.environment.cache_clear()
    yield
    log.environment.cache_clear()


at = pytest.mark.parametrize("level", ["ERROR"], indirect=True)  # the lowest that `log_level` may set
quiet = pytest.mark.parametrize("level", ["CRITICAL"], indirect=True)


@pytest.mark.parametrize("name", AuditEntry._fields)
def test_s371_every_field_is_in_the_digest_and_what_an_erasure_replaces_in_one_of_them_alone(name: str) -> None:
    changed = ENTRY._replace(**{name: OTHER[name]})

    assert whole_digest(changed) != whole_digest(ENTRY)
    assert (fixed_digest(changed) == fixed_digest(ENTRY)) is (name in ERASABLE)


def test_a_field_that_an_entry_lacks_is_not_in_its_digest_so_that_later_fields_change_none() -> None:
    bare = AuditEntry(entry_id="e9", at=NOW, event="sign_in_failed")

    expected = "Y7P-oQ9sHUSx7K3oIJ05PkkBTJ8uLmdm5mAHJSWc04k"
    assert (fixed_digest(bare), whole_digest(bare)) == (expected, expected)
    assert whole_digest(bare._replace(at=float(NOW))) == expected


def test_s371_an_announcement_leads_to_its_entry_and_names_nobody() -> None:
    said = announcement(ENTRY, NOW + 99)

    assert said == {
        "event": "app_changed",
        "entry": "001800000000250#e1",
        "until": NOW + 99,
        "fixed": fixed_digest(ENTRY),
        "whole": whole_digest(ENTRY),
    }


@at
@pytest.mark.usefixtures("level")
def test_s371_each_entry_is_announced_with_its_own_salt(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        record(world.store, world.settings, "signed_in", now=NOW, source_ip="192.0.2.7", actor=ALICE)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    entries = world.store.entries("2027-01-15", cursor=None, limit=9, newest_first=False).items
    until = NOW + world.settings.audit_retention_days * 86400
    assert [line["message"] for line in lines] == ["audit.written"] * 2
    assert {line["entry"]: line["whole"] for line in lines} == {
        announcement(each, until)["entry"]: whole_digest(each) for each in entries
    }
    assert {line["until"] for line in lines} == {until}
    assert len({each.salt for each in entries}) == 2
    assert all(len(each.salt) == 22 for each in entries)
    assert "alice" not in json.dumps(lines).replace("alice-id", "")
    assert "192.0.2.7" not in json.dumps(lines)


@quiet
@pytest.mark.usefixtures("level")
def test_s371_a_command_stays_quiet(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world.store, world.settings, "signed_in", now=NOW, source_ip="", actor=ALICE)

    assert capsys.readouterr().out == ""


@at
@pytest.mark.usefixtures("level")
def test_s371_a_lost_entry_is_announced_as_lost(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def lose(entry: AuditEntry, *, keep_until: int) -> None:
        raise ServerError("no", reason="another entry is in its place")

    world.store.record = lose  # type: ignore[method-assign]

    write_audit(world.server, Origin(), "signed_in", actor=ALICE)

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["message"], line["level"], line["event"]) == ("audit.lost", "ERROR", "signed_in")
    assert line["reason"] == "another entry is in its place"
    assert line["entry"].startswith("001800000000000#")
    assert {"fixed", "whole", "until"} <= line.keys()


class Origin:
    """A request as far as the audit list needs it."""

    now, source_ip = float(NOW), "192.0.2.7"
