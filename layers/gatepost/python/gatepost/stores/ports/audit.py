"""Port for the audit log."""

from __future__ import annotations

from typing import Protocol

from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.record_keys import Page


class AuditStore(Protocol):
    """The log of audited events."""

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        """Add an entry to each of its lists (`audit_lists.lists_of`); it may be removed after `keep_until`.

        Lists are written one after the other, that of the day first: after a failure the others may lack the entry.
        No entry replaces another one. Raises ServerError if another one is in its place.
        """

    def entries(self, of: str, *, cursor: str | None, limit: int, newest_first: bool = True) -> Page[AuditEntry]:
        """Return the entries of a list of `audit_lists`, in the order of time. `cursor` is a position in the list."""
