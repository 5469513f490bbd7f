"""Entries of the audit list as sentences."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.audit_log.event_texts import EVENTS, SUBJECTS
from gatepost.console.audit_rows import audit_row
from gatepost.model.audit_entry import AuditEntry
from tests.unit.world import NOW, WEB

OF_WEB: dict[str, Any] = {"client_id": WEB, "subject": "Web"}


def parts(event: str, *, actor_name: str = "root", **known: Any) -> list[dict[str, str]]:
    entry = AuditEntry(entry_id="e", at=NOW, event=event, actor="root-id", actor_name=actor_name, **known)
    found: list[dict[str, str]] = audit_row(entry, NOW)["parts"]
    return found


@pytest.mark.parametrize(
    ("event", "known", "sentence"),
    [
        ("signed_in", {}, "root signed in"),
        ("sign_in_failed", {"actor_name": "", "subject": "an unknown name"}, "Sign-in as an unknown name failed"),
        ("session_ended", {"subject": "bob", "about": "b0b"}, "root ended a session of bob"),
        ("approved", OF_WEB, "root allowed Web"),
        ("app_registered", {**OF_WEB, "actor_name": "the app itself"}, "Web registered itself"),
        ("app_handed_from", {"client_id": WEB, "subject": "bob", "about": "b0b"}, "root took an app from bob"),
        ("scope_granted", {**OF_WEB, "subject": "A: b: read"}, "root granted A: b itself the scope read"),
        ("audit_exported", {"subject": "2027-01-15"}, "root exported the audit log of 2027-01-15"),
        ("of_a_later_release", {"subject": "bob"}, "root: of_a_later_release bob"),
    ],
)
def test_an_entry_is_a_sentence(event: str, known: dict[str, Any], sentence: str) -> None:
    assert "".join(part["text"] for part in parts(event, **known)) == sentence


def test_a_sentence_leads_to_who_did_it_to_whom_and_to_the_app_but_not_by_its_scope() -> None:
    user, app = "/developer/admin/users", f"/developer/admin/apps/{WEB}"

    assert [
        (part["kind"], part["text"], part["url"]) for part in parts("scope_taken", client_id=WEB, subject="Web: read")
    ] == [
        ("who", "root", f"{user}/root-id"),
        ("", " took the scope ", ""),
        ("scope", "read", ""),
        ("", " from ", ""),
        ("app", "Web", app),
        ("", " itself", ""),
    ]
    urls = [part["url"] for part in parts("access_ended_to", client_id=WEB, subject="bob", about="b0b") if part["kind"]]
    assert urls == [f"{user}/root-id", app, f"{user}/b0b"]


def test_every_event_has_a_name_of_its_own_and_a_sentence_that_names_who_or_what() -> None:
    names = [name for events in SUBJECTS.values() for name, _ in events.values()]

    assert len(set(names)) == len(names) == len(EVENTS)
    for events in SUBJECTS.values():
        for event, (name, sentence) in events.items():
            assert name[0].isupper(), event
            assert sentence.startswith(("{who} ", "{app} ", "Sign-in as {whom} ")), event
            assert sentence.format(who="", whom="", app="", it="", scope="", what="")[-1] != "."
