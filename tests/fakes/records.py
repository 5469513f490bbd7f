"""The state that all fakes share, and reads of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any, TypeVar

from gatepost.model.audit_entry import AuditEntry
from gatepost.model.counts import EventCounts
from gatepost.model.feed import Marked, PublicKey, Revocation
from gatepost.model.problem import Problem
from gatepost.stores.record_keys import Key, Page
from tests.fakes.compaction import MemoryCompactor

R = TypeVar("R")


class MemoryRecords:
    """See ports.Records."""

    def __init__(self) -> None:
        """An empty store."""
        self._lock = Lock()
        self._records: dict[Key[Any], Any] = {}
        self._keys: dict[str, PublicKey] = {}
        self._earlier_keys: dict[str, PublicKey] = {}  # where the version before wrote them
        self._feed: list[Revocation] = []
        self._marked: list[tuple[int, float, Marked]] = []  # the entries of its other partitions, with their times
        self._handle_key = b""
        self._compactor = MemoryCompactor(self._feed, self._marked)
        self._closed: set[str] = set()  # owners who are gone
        self.goes_at: dict[str, int] = {}  # when the records of metadata documents may go, by the id of the app
        self._audit: list[AuditEntry] = []
        self._problems: dict[str, dict[str, Problem]] = {}  # by app and slot
        self._tokens: dict[tuple[str, str], dict[str, int]] = {}  # by month and app: by day
        self._event_counts: dict[str, EventCounts] = {}
        self.round_trips = 0

    def read(self, *keys: Key[Any]) -> Any:
        with self._lock:
            self.round_trips += 1
            return tuple(self._records.get(key) for key in keys)

    def read_each(self, keys: Sequence[Key[R]]) -> Sequence[R | None]:
        return list(self.read(*keys))

    def _all(self, record: type[R]) -> list[R]:
        return [each for each in self._records.values() if isinstance(each, record)]

    def _change(self, key: Key[Any], revocation: Revocation | None = None, **changes: Any) -> None:
        with self._lock:
            if key in self._records:
                self._records[key] = self._records[key]._replace(**changes)
                self._feed += [revocation] if revocation else []


def page_of(
    items: Iterable[R], sort_key: Callable[[R], str], *, cursor: str | None, limit: int, newest_first: bool
) -> Page[R]:
    """A part of `items`, sorted, that begins behind `cursor`."""
    ordered: Sequence[R] = sorted(items, key=sort_key, reverse=newest_first)
    if cursor is not None:
        ordered = [item for item in ordered if (sort_key(item) < cursor) == newest_first and sort_key(item) != cursor]
    part = ordered[:limit]
    return Page(items=part, cursor=sort_key(part[-1]) if len(ordered) > limit else None)
