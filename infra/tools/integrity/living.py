"""The records of all tables that count. Expired ones count as absent: TTL removes them later."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from gatepost.model.feed import Revocation, RevocationKind, mark
from gatepost.model.records import App, Grant, User
from gatepost.stores.dynamodb.feed import marked_in
from infra.tools.integrity.kinds import Entry


class Living:
    """The unexpired records, by kind and by lookup key."""

    def __init__(self, found: Sequence[Entry], now: float) -> None:
        """Take all entries that were read."""
        self.now = now
        self.entries = [entry for entry in found if entry.kind is not None and not entry.is_over(now)]

    def of(self, record: type[Any]) -> list[Entry]:
        """Return the entries of a class of records."""
        return [entry for entry in self.entries if isinstance(entry.record, record)]

    def named(self, kind: str) -> dict[str, Entry]:
        """Return the entries of a kind without a record class, by their key."""
        return {entry.address: entry for entry in self.entries if entry.kind is not None and entry.kind.name == kind}

    @cached_property
    def users(self) -> dict[str, User]:
        """The accounts by id."""
        return {entry.record.user_id: entry.record for entry in self.of(User)}

    @cached_property
    def apps(self) -> dict[str, App]:
        """The apps by key."""
        return {entry.record.client_id: entry.record for entry in self.of(App)}

    @cached_property
    def grants(self) -> dict[str, Grant]:
        """The grants by id."""
        return {entry.record.grant_id: entry.record for entry in self.of(Grant)}

    @cached_property
    def revoked(self) -> dict[tuple[str, str], Revocation]:
        """The latest entry of the feed for each subject."""
        latest: dict[tuple[str, str], Revocation] = {}
        for entry in sorted(self.of(Revocation), key=lambda each: float(each.record.revoked_at)):
            if entry.address.startswith("feed "):
                latest[entry.record.kind, entry.record.subject] = entry.record
        return latest

    @cached_property
    def marked(self) -> frozenset[int]:
        """The marks of entries in the feed's other partitions."""
        return frozenset(marked_in(dict(each.item)).mark for each in self.named("mark of a revocation").values())

    def is_published(self, kind: RevocationKind, subject: str) -> bool:
        """Whether the feed has an entry of the subject."""
        return (kind, subject) in self.revoked or mark(kind, subject) in self.marked
