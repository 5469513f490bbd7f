"""All data stored about an account, as JSON: without hashes of secrets, and without the data of other accounts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gatepost.authentication.sign_in import counter_keys
from gatepost.clients.owners import apps_of
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.records import User
from gatepost.scope import Scope
from gatepost.stores.audit_lists import user_list
from gatepost.stores.ports.store import Store

MOST_ENTRIES = 5_000  # of the audit log
_PART = 1_000
# Values that grant access, or would if their preimage were guessed; and marks that mean nothing to a person.
_LEFT_OUT = {
    "secret_hash",
    "registration_token_hash",
    "password_hash",
    "session_hash",
    "request_hash",
    "link_hash",
    "browser_hash",
    "code_challenge",
    "redeemed_by",
    "rotated_by",
    "version",
}


def exported(store: Store, user: User) -> dict[str, Any]:
    """Return what the user's own partitions hold, with the last `MOST_ENTRIES` of the account's audit list.

    What would need a whole table to be read is left out: links in mails, and requests that await consent. Both end
    within a week and an hour.
    """
    apps = apps_of(store, user.user_id)
    sessions, sign_ins = store.sign_ins_of(user.user_id)
    counters = [each for key in counter_keys(user, time.time()) for each in store.read(key) if each]
    return {
        "account": shown(user),
        "apps": shown(apps),
        "problems_of_apps": shown([problem for app in apps for problem in store.problems_of(app.client_id)]),
        "grants": shown(store.grants_of(user.user_id)),
        "approvals": shown(store.approvals_of(user.user_id)),
        "sessions": shown(sessions),
        "sign_ins_to_apps": shown(sign_ins),
        "failed_sign_ins": shown(counters),
        "audit": [shown_entry(each, user.user_id) for each in _entries(store, user.user_id)],
    }


def shown_entry(entry: AuditEntry, user_id: str) -> dict[str, Any]:
    """Return an entry of the audit log; for another actor without the name and address."""
    found: dict[str, Any] = shown(entry)
    if found["actor"] in (user_id, ""):
        return {name: value for name, value in found.items() if name != "about" or value in (user_id, "")}
    return {name: value for name, value in found.items() if name not in ("actor", "actor_name", "source_ip")}


def shown(value: Any, name: str = "") -> Any:
    """Return a record, or several, as JSON: times in UTC."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {field: shown(each, field) for field, each in value._asdict().items() if field not in _LEFT_OUT}
    if isinstance(value, Scope):
        return str(value)
    if isinstance(value, Mapping):
        return {key: shown(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [shown(each) for each in value]
    if name == "at" or name.endswith(("_at", "_from", "_before")):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds") if value else None
    return value


def _entries(store: Store, user_id: str) -> list[AuditEntry]:
    found: list[AuditEntry] = []
    cursor: str | None = None
    while len(found) < MOST_ENTRIES:
        page = store.entries(user_list(user_id), cursor=cursor, limit=_PART)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    return found
