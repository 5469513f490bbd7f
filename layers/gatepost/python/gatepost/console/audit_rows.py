"""Entries of the audit list as rows, and the latest ones of an account or app."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from gatepost.audit_log.changes import changes_of
from gatepost.audit_log.events import EVENTS
from gatepost.console.formatting import time_at
from gatepost.model.audit_entry import AuditEntry
from gatepost.routes import ADMIN_APP_PAGE, ADMIN_AUDIT_PAGE, ADMIN_USER_PAGE
from gatepost.runtime.wiring import server

_LATEST = 10


def audit_row(entry: AuditEntry, now: float) -> dict[str, Any]:
    """Return an entry as a row, with the pages of its account and app."""
    subject_url = ADMIN_APP_PAGE.at(client_id=entry.client_id) if entry.client_id else None
    return {
        "at": time_at(entry.at, now),
        "actor": entry.actor_name,
        "actor_url": ADMIN_USER_PAGE.at(user_id=entry.actor) if entry.actor else None,
        "event": EVENTS.get(entry.event, entry.event),
        "subject": entry.subject,
        "subject_url": ADMIN_USER_PAGE.at(user_id=entry.about) if entry.about else subject_url,
        "reason": entry.reason,
        "changes": changes_of(entry),
        "resources": entry.resources,
        "source_ip": entry.source_ip or (entry.request_id and f"request {entry.request_id}"),
    }


def latest(of: str, now: float, **search: str) -> dict[str, Any]:
    """Return the latest entries of a list of `audit_lists`, and the URL of the search that shows all: one query."""
    page = server().store.entries(of, cursor=None, limit=_LATEST)
    return {
        "history": [audit_row(entry, now) for entry in page.items],
        "history_url": f"{ADMIN_AUDIT_PAGE.path}?{urlencode(search)}",
    }
