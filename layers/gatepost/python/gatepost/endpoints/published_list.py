"""The published list of revocations, made from the feed (docs/revocation-list.md).

A container makes a head once a second at most, however many requests come, and reads a segment once. Between two whole
reads it asks for the latest entries only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import base64url
from gatepost.model.feed import (
    SETTLED,
    Listed,
    Marked,
    Partitions,
    PublicKey,
    Revocation,
    Segment,
    SegmentMissing,
    name_of,
)
from gatepost.routes import REVOCATION_LIST
from gatepost.settings import LONGEST_LIFETIME, Settings
from gatepost.tokens.list_documents import Head, ListedSegment, head_document, segment_document, with_handles
from gatepost.tokens.revoked_marks import is_cutoff, written_cutoffs, written_marks

if TYPE_CHECKING:
    from gatepost.stores.ports.feed import ListSource

KEPT = 1.0  # seconds for which a container keeps a head
LONGEST_KEPT = 30  # seconds for which others may keep it, whatever `revocation_poll` says
_WHOLE = 30  # seconds between whole reads
_RECENT = 90  # seconds for which an entry stays in the head when it is in a segment as well
_MEMBER = "revocation_list_uri"  # of the server metadata


class _NoKey(TemporarilyUnavailable):
    """There is no key of handles yet, so no list."""


class Document(NamedTuple):
    """A document as it is sent."""

    body: str
    etag: str


class _Kept(NamedTuple):
    """A segment that was in a head: its stored name, and its contents once somebody has asked for it."""

    stored: Segment
    contents: bytes = b""


class PublishedList:
    """The list of a container."""

    def __init__(self, store: ListSource, settings: Settings) -> None:
        """Start empty; nothing is read before the first request."""
        self._store, self._settings = store, settings
        self._made: Document | None = None
        self._has_key = True  # as long as nothing else was read
        self._tried_at = self._read_at = self._whole_at = float("-inf")
        self._since = self._until = 0.0
        self._entries: set[Revocation | Marked] = set()
        self._handle_key = b""
        self._segments: dict[str, _Kept] = {}  # by their public names
        self._names: dict[str, str] = {}  # public names of cutoffs, by the stored ones
        self._missing: set[str] = set()  # stored names of segments that are listed and not there

    @property
    def max_age(self) -> int:
        """Seconds for which others may keep a head."""
        return max(1, min(self._settings.revocation_poll, LONGEST_KEPT))

    def members(self, now: float) -> dict[str, object]:
        """Return what the server metadata says of the list: nothing while there is none.

        Raises TemporarilyUnavailable if that can't be known: readers must not take it for an issuer without a list.
        """
        if not self._settings.published_revocations:
            return {}
        with suppress(_NoKey):
            self.head(now)
        return {_MEMBER: self._settings.issuer + REVOCATION_LIST.path} if self._has_key else {}

    def head(self, now: float) -> Document:
        """Return the head; one that says so if there is to be no list.

        Raises TemporarilyUnavailable as long as the feed could not be read, and before there is a key of handles.
        """
        if not self._settings.published_revocations:
            return _document(head_document(Head(time=now, published=False), self._settings.issuer))
        self._refresh(now)
        if not self._has_key:
            raise _NoKey("try again", reason="the rotation has made no key of handles yet")
        if self._made is None:
            raise TemporarilyUnavailable("try again", reason="the feed can't be read")
        return self._made

    def segment(self, name: str, now: float) -> Document | None:
        """Return a segment that is in the head or was lately, None for any other name."""
        self.head(now)
        kept = self._segments.get(name)
        if kept is None:
            return None
        if not kept.contents:
            kept = self._segments[name] = kept._replace(contents=self._contents(kept.stored))
        return _document(segment_document(kept.contents))

    def _refresh(self, now: float) -> None:
        """Make another head if it is time. If that fails, the one from before goes on, and readers see its age."""
        if 0 <= now - self._tried_at < KEPT:
            return
        self._tried_at = now
        with suppress(TemporarilyUnavailable):
            listed = self._store.listed()
            self._has_key = bool(listed.handle_key)
            if self._has_key:
                self._made = _document(head_document(self._head(listed, now), self._settings.issuer))

    def _head(self, listed: Listed, now: float) -> Head:
        if listed.handle_key != self._handle_key:
            self._handle_key = listed.handle_key
            self._names.clear()
        segments = [segment for segment in listed.compaction.segments if segment.expires_at > now]
        if any(segment.segment_id in self._missing for segment in segments):  # the entries are still there
            listed, segments = listed._replace(compaction=listed.compaction.without_segments()), []
        shown = tuple(self._shown(segment) for segment in segments)
        self._read_entries(listed, now)
        self._read_at = now
        living = [entry for entry in self._entries if entry.expires_at > now]
        living += _ends_of_keys(listed.keys, now)
        self._forget(now)
        return Head(
            time=now,
            since=self._since + SETTLED + self._settings.replication_lag,
            marks=written_marks(each for each in living if not is_cutoff(each)),
            cutoffs=with_handles(written_cutoffs(filter(is_cutoff, living)), self._handle_key),
            segments=shown,
        )

    def _read_entries(self, listed: Listed, now: float) -> None:
        """Read the entries since the segments end, and those of the last seconds; or, often, the latest alone."""
        until = listed.compaction.until
        if until == self._until and 0 <= now - self._whole_at < _WHOLE:
            late = SETTLED + self._settings.replication_lag
            self._entries.update(self._written_since(self._read_at - late, listed.compaction.parts, now))
            return
        recent = now - _RECENT - self._settings.replication_lag
        since = max(min(until, recent), now - LONGEST_LIFETIME - SETTLED)
        self._entries = set(self._written_since(since, listed.compaction.parts, now))
        self._since, self._until, self._whole_at = since, until, now

    def _written_since(self, since: float, parts: Partitions, now: float) -> Iterator[Revocation | Marked]:
        yield from self._store.feed(since)
        yield from self._store.marked(since, parts.read_at(now))

    def _shown(self, segment: Segment) -> ListedSegment:
        """Return a segment as the list names it; cutoffs are rewritten with handles."""
        name = segment.segment_id
        if segment.has_cutoffs:
            name = self._names.get(name) or self._rewritten(segment)
        else:
            self._segments.setdefault(name, _Kept(segment))
        return ListedSegment(name, segment.has_cutoffs, segment.expires_at)

    def _rewritten(self, segment: Segment) -> str:
        written = with_handles(self._contents(segment), self._handle_key)
        name = name_of(written)
        self._names[segment.segment_id] = name
        self._segments[name] = _Kept(segment, written)
        return name

    def _contents(self, segment: Segment) -> bytes:
        try:
            (contents,) = self._store.segments([segment.segment_id])
        except SegmentMissing:
            self._missing.add(segment.segment_id)
            raise
        return contents

    def _forget(self, now: float) -> None:
        """Drop segments whose entries have expired. One that was joined with others goes on until then."""
        self._segments = {name: kept for name, kept in self._segments.items() if kept.stored.expires_at > now}
        known = {kept.stored.segment_id for kept in self._segments.values()}
        self._names = {stored: name for stored, name in self._names.items() if stored in known}


def _ends_of_keys(keys: Iterable[PublicKey], now: float) -> list[Revocation]:
    """Return the entries of keys that were withdrawn: no segment has them."""
    return [
        Revocation(kind="key", subject=key.kid, revoked_at=key.ended_at, expires_at=int(now) + 1)
        for key in keys
        if key.ended_at > now - LONGEST_LIFETIME
    ]


def _document(members: dict[str, object]) -> Document:
    body = json.dumps(members, separators=(",", ":"))
    return Document(body, f'"{base64url(hashlib.sha256(body.encode()).digest()[:16])}"')
