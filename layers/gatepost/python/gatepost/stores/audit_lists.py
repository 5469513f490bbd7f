"""The lists of the audit log: an entry is in the list of its day, and in those of the accounts and the app it is about.

Each list is a partition with whole entries. A copy costs as much as an entry in an index would, and each of several
accounts and apps can have one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatepost.model.audit_entry import AuditEntry


THE_APP = "the app itself"  # in place of an actor's name


def day_list(at: float) -> str:
    """Return the list of a day (UTC), `2026-11-24`."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def user_list(user_id: str) -> str:
    """Return the list of what an account did and of what was done to it."""
    return f"user#{user_id}"


def app_list(client_id: str) -> str:
    """Return the list of what was done to an app or decided about it."""
    return f"app#{client_id}"


def lists_of(entry: AuditEntry) -> tuple[str, ...]:
    """Return the lists of an entry; that of the day is complete, so it comes first.

    A failed sign-in, which has no actor, is not in the list of the app that sent the password.
    """
    users = dict.fromkeys(filter(None, (entry.actor, entry.about)))
    apps = [entry.client_id] if entry.client_id and (entry.actor or entry.actor_name == THE_APP) else []
    return (day_list(entry.at), *map(user_list, users), *map(app_list, apps))


def position_of(entry: AuditEntry) -> str:
    """Return the position of an entry in each of its lists, in the order of time."""
    return f"{position_at(entry.at)}#{entry.entry_id}"


def position_at(at: float) -> str:
    """Return the position before all entries of a moment and after all earlier ones."""
    return f"{int(at * 1000):015d}"
