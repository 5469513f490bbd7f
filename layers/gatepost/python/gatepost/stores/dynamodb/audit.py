"""The audit log: one partition per list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepost.errors import ServerError
from gatepost.stores import schema as t
from gatepost.stores.audit_lists import lists_of, position_of
from gatepost.stores.dynamodb.codec import Item, from_item, to_item
from gatepost.stores.dynamodb.operations import Listing, Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.record_keys import Page

if TYPE_CHECKING:
    from gatepost.model.audit_entry import AuditEntry


class DynamoDBAudit:
    """Implements ports.AuditStore."""

    _tables: Tables

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        """One conditional put per list. A transaction would cost twice as much, a batch the right to delete entries."""
        for name in lists_of(entry):
            key = {"day": {"S": name}, "sk": {"S": position_of(entry)}}
            try:
                self._tables.put_new(t.AUDIT, to_item(entry, key, ttl=keep_until))
            except ConditionFailed as refused:
                if not _is_it(entry, refused.items[0]):
                    raise ServerError("the server could not answer", reason="another entry is in its place") from None

    def entries(self, of: str, *, cursor: str | None, limit: int, newest_first: bool = True) -> Page[AuditEntry]:
        """One query of the list's partition."""
        from gatepost.model.audit_entry import AuditEntry  # only pages read entries

        listing = Listing(partition=("day", of), sort_key="sk", cursor=cursor, limit=limit, newest_first=newest_first)
        items, following = self._tables.list(t.AUDIT, listing)
        return Page(items=[from_item(AuditEntry, item) for item in items], cursor=following)


def _is_it(entry: AuditEntry, item: Item) -> bool:
    """Whether the item is the entry: its write was repeated, after a response that was lost."""
    return from_item(type(entry), item) == entry
