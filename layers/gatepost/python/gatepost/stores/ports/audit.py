"""Port for the audit log."""

from __future__ import annotations

from typing import Protocol

from gatepost.model.records import (
    AuditEntry,
)
from gatepost.stores.record_keys import Page


class AuditStore(Protocol):
    """The log of audited events."""

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        """Add an entry; it may be removed after `keep_until`."""

    def entries(self, day: str, *, cursor: str | None, limit: int) -> Page[AuditEntry]:
        """Return the entries of a day (UTC, "2026-11-24"), newest first."""
