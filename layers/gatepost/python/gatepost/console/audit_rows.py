"""Entries of the audit list as sentences, and the latest ones of an account or app."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from gatepost.audit_log.changes import changes_of
from gatepost.audit_log.event_texts import SENTENCES
from gatepost.console.formatting import time_at
from gatepost.model.audit_entry import AuditEntry
from gatepost.routes import ADMIN_APP_PAGE, ADMIN_AUDIT_PAGE, ADMIN_USER_PAGE
from gatepost.runtime.wiring import server

_LATEST = 5
_PART = re.compile(r"{(\w+)}")


def audit_row(entry: AuditEntry, now: float) -> dict[str, Any]:
    """Return an entry as a row: its sentence in parts, and what stands beside it."""
    return {
        "at": time_at(entry.at, now),
        "parts": _parts(entry),
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


def _parts(entry: AuditEntry) -> list[dict[str, str]]:
    """Return the sentence of an entry as its texts, each with what it names ("" for plain words) and its page."""
    app, _, scope = entry.subject.rpartition(": ") if entry.event.startswith("scope_") else (entry.subject, "", "")
    user_url = ADMIN_USER_PAGE.at(user_id=entry.about) if entry.about else ""
    app_url = ADMIN_APP_PAGE.at(client_id=entry.client_id) if entry.client_id else ""
    named = {
        "who": (entry.actor_name or "nobody", ADMIN_USER_PAGE.at(user_id=entry.actor) if entry.actor else ""),
        "whom": (entry.subject, user_url),
        "app": (app, app_url),
        "it": ("an app", app_url),
        "scope": (scope, ""),
        "what": (entry.subject, ""),
    }
    sentence = SENTENCES.get(entry.event, f"{{who}}: {entry.event} {{what}}")
    pieces = enumerate(_PART.split(sentence))  # words and names take turns
    parts = [(piece, *named[piece]) if place % 2 else ("", piece, "") for place, piece in pieces]
    return [{"kind": kind, "text": text, "url": url} for kind, text, url in parts if text]
