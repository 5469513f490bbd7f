"""Entries of the audit log as text for an auditor: CSV (RFC 4180) and JSON Lines, with the same names."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from gatepost.audit_log.changes import Change, changes_of
from gatepost.model.audit_entry import AuditEntry

# A part of an export: Lambda returns at most 6 MB, in which it escapes what a JSON string can't hold.
ROOM = 5_000_000
COLUMNS = (
    *("time", "event", "actor", "actor_id", "subject", "subject_user_id", "client_id", "reason", "changes"),
    *("resources", "source_ip", "request_id", "entry_id"),
)
# Spreadsheets take a cell that begins so for a formula (OWASP, CSV Injection). Where a semicolon, a tab or a bar
# separates cells they find beginnings within ours, quoted or not. With an apostrophe before it, it is text.
_FORMULA = re.compile(r"""(^|[;,|\t\r\n])(?=[\s"\x00-\x1f\ufeff\u200b-\u200f]*[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫\u2212])""")


def csv_text(entries: Sequence[AuditEntry]) -> str:
    """Return the entries as CSV with a header line; every cell is quoted, and none can be or hold a formula."""
    text = io.StringIO()
    rows = csv.writer(text, quoting=csv.QUOTE_ALL)
    rows.writerow(COLUMNS)
    for entry in entries:
        rows.writerow(map(_cell, _texts(entry)))
    return text.getvalue()


def json_lines(entries: Sequence[AuditEntry]) -> str:
    """Return the entries as JSON, one a line."""
    return "".join(f"{_json(entry)}\n" for entry in entries)


def weight(entry: AuditEntry) -> int:
    """Return what an entry takes of `ROOM` in either format."""
    apostrophes = sum(len(_FORMULA.findall(each)) for each in _texts(entry))
    return len(json.dumps(_json(entry))) + 2 * len(COLUMNS) + apostrophes


FORMATS: Mapping[str, tuple[str, Callable[[Sequence[AuditEntry]], str]]] = {
    "csv": ("text/csv; charset=utf-8", csv_text),
    "jsonl": ("application/jsonl; charset=utf-8", json_lines),
}


def _sentence(change: Change) -> str:
    return f"{change.field}: {change.before or 'none'} → {change.after or 'none'}"


def _cell(value: str) -> str:
    return _FORMULA.sub(r"\1'", value)


def _texts(entry: AuditEntry) -> list[str]:
    changes = "; ".join(map(_sentence, changes_of(entry)))
    members = {**_members(entry), "changes": changes, "resources": " ".join(entry.resources)}
    return [str(members[name]) for name in COLUMNS]


def _json(entry: AuditEntry) -> str:
    return json.dumps(_members(entry), ensure_ascii=False, separators=(",", ":"))


def _members(entry: AuditEntry) -> dict[str, object]:
    at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "time": at,
        "event": entry.event,
        "actor": entry.actor_name,
        "actor_id": entry.actor,
        "subject": entry.subject,
        "subject_user_id": entry.about,
        "client_id": entry.client_id,
        "reason": entry.reason,
        "changes": [change._asdict() for change in changes_of(entry)],
        "resources": entry.resources,
        "source_ip": entry.source_ip,
        "request_id": entry.request_id,
        "entry_id": entry.entry_id,
    }
