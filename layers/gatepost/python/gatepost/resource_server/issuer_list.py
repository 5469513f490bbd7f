"""The published revocations of an issuer, fetched by its URL alone (docs/revocation-list.md).

The head of the list is fetched every `revocation_poll` seconds, a second at least, and the segments once. Without a
newer head the container uses what it knows for `revocation_max_stale` seconds, then rejects every token. An issuer that
never announced a list has none; one that did ends it by the list itself, not by leaving it out of its metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.observability.log import note
from gatepost.resource_server.fetch import Answer
from gatepost.settings import Settings
from gatepost.tokens.access_token import Claims
from gatepost.tokens.list_documents import Head, ListedMarks, ListedSegment, compacted, read_head, read_segment

LARGEST = 6_000_000  # bytes of a document, what a Lambda function can answer
SOONEST = 1.0  # seconds between two tries
_SELDOM = 300  # seconds between two reads of the whole list
_AT_ONCE = 8  # segments


class Fetch(Protocol):
    """See fetch.fetch_changed."""

    def __call__(self, url: str, etag: str, largest: int) -> Answer | None:
        """Return None if the document is still the one of the ETag."""


class IssuerList:
    """The cached list of one issuer. Its user calls `announced` and `poll` in one thread at a time."""

    def __init__(self, fetch: Fetch, settings: Settings) -> None:
        """Start without a list; nothing is fetched before one is announced."""
        self._fetch, self._settings = fetch, settings
        self._url = ""
        self._revoked = ListedMarks()
        self._head: Head | None = None
        self._etag = ""
        self._segments: frozenset[str] = frozenset()  # names of those that are in `_revoked`
        self._tried_at = self._newer_at = self._whole_at = float("-inf")

    def announced(self, url: object) -> None:
        """Take what the server metadata says of the list. Raises TemporarilyUnavailable if it lies elsewhere.

        Metadata without it, which may be of an older cache, ends nothing.
        """
        if url is None:
            return
        if not isinstance(url, str) or not url.startswith(f"{self._settings.issuer}/"):
            raise TemporarilyUnavailable("try again", reason="the list of revocations lies elsewhere")
        if url != self._url:
            self._url, self._etag, self._tried_at = url, "", float("-inf")

    def poll(self, now: float) -> None:
        """Fetch the list if it is time. Raises TemporarilyUnavailable if there is one and it is too old to decide."""
        if self._url and not 0 <= now - self._tried_at < max(SOONEST, self._settings.revocation_poll):
            self._tried_at = now
            with suppress(TemporarilyUnavailable):
                self._refresh(now)
        if self._url and not self._is_fresh(now):
            raise TemporarilyUnavailable("try again", reason="the list of revocations can't be read")

    def check(self, claims: Claims) -> None:
        """Raise InvalidToken if the list has the token, its grant or its key, or an end of its app or user."""
        if self._revoked.revokes(claims):
            raise InvalidToken("the token is not valid", reason="revoked", grant_id=claims.grant_id)

    def _is_fresh(self, now: float) -> bool:
        """Whether a newer head came lately, by this clock, and was of about now by the issuer's."""
        longest, leeway = self._settings.revocation_max_stale, self._settings.clock_leeway
        head = self._head
        return head is not None and abs(now - self._newer_at) <= longest and now - head.time <= longest + leeway

    def _refresh(self, now: float) -> None:
        found = self._fetch(self._url, self._etag, LARGEST)
        if found is None:
            return
        head = read_head(found.document, self._settings.issuer)
        self._check_time(head, now)
        if not head.published:
            self._end()
            return
        self._take(head, now)
        if self._head is None or head.time > self._head.time:
            self._newer_at = now
        self._head, self._etag = head, found.etag

    def _check_time(self, head: Head, now: float) -> None:
        """Refuse a head that is older than the one before, too old, or from the future."""
        leeway = self._settings.clock_leeway
        oldest = max(self._head.time if self._head else 0, now - self._settings.revocation_max_stale - leeway)
        if not oldest <= head.time <= now + leeway:
            reason = f"the list of revocations: its time is {head.time:.0f}, now is {now:.0f}"
            note("list.refused", {"reason": reason})
            raise TemporarilyUnavailable("try again", reason=reason)

    def _take(self, head: Head, now: float) -> None:
        missing = [each for each in head.segments if each.name not in self._segments]
        grown = self._revoked.outgrown and now - self._whole_at >= _SELDOM
        if self._head is None or grown:
            found = self._contents(head.segments)
            self._revoked, self._whole_at = ListedMarks(compacted(head, found)), now
            note("list.read", {"segments": len(found), "marks": len(self._revoked)})
        else:
            known = self._head.time >= head.since
            self._revoked.take(compacted(head, {} if known else self._contents(missing)))
        self._segments = frozenset(each.name for each in head.segments)

    def _contents(self, segments: Sequence[ListedSegment]) -> Mapping[ListedSegment, bytes]:
        if len(segments) < 2:
            return {each: self._content(each) for each in segments}
        from concurrent.futures import ThreadPoolExecutor  # only where there is a long list

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(segments, pool.map(self._content, segments), strict=True))

    def _content(self, segment: ListedSegment) -> bytes:
        found = self._fetch(f"{self._url}/{segment.name}", "", LARGEST)
        return read_segment(found.document if found else {}, segment)

    def _end(self) -> None:
        """Forget the list: the issuer itself says that there is none."""
        self._url, self._etag, self._head = "", "", None
        self._revoked, self._segments = ListedMarks(), frozenset()
