"""Where the audit log is kept."""

from __future__ import annotations

from typing import Protocol

from gatepost.model.records import (
    AuditEntry,
)
from gatepost.stores.record_keys import Page


class AuditStore(Protocol):
    """Who did what when."""

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        """Add an entry; it may be removed after `keep_until`."""

    def entries(self, day: str, *, cursor: str | None, limit: int) -> Page[AuditEntry]:
        """The entries of a day (UTC, "2026-11-24"), newest first."""
