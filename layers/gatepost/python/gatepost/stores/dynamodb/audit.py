"""The audit log: one partition per day."""

from __future__ import annotations

from datetime import UTC, datetime

from gatepost.model.records import AuditEntry
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import from_item, to_item
from gatepost.stores.dynamodb.operations import Listing, Tables
from gatepost.stores.record_keys import Page


class DynamoDBAudit:
    """Implements ports.AuditStore."""

    _tables: Tables

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        """One put."""
        day = f"{datetime.fromtimestamp(entry.at, UTC):%Y-%m-%d}"
        key = {"day": {"S": day}, "sk": {"S": f"{int(entry.at * 1000):015d}#{entry.entry_id}"}}
        self._tables.put(t.AUDIT, to_item(entry, key, ttl=keep_until))

    def entries(self, day: str, *, cursor: str | None, limit: int) -> Page[AuditEntry]:
        """One query of the day's partition."""
        listing = Listing(partition=("day", day), sort_key="sk", cursor=cursor, limit=limit, newest_first=True)
        items, following = self._tables.list(t.AUDIT, listing)
        return Page(items=[from_item(AuditEntry, item) for item in items], cursor=following)
