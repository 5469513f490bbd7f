"""The published list of revocations: its documents, written by the issuer, read for an API (docs/revocation-list.md).

A head holds what is in no segment yet, or was put there lately, and the names of the segments. A segment never changes:
its name is the digest of its contents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import base64url, from_base64url
from gatepost.model.feed import MARK, Compacted, name_of
from gatepost.tokens.access_token import Claims
from gatepost.tokens.handles import handle
from gatepost.tokens.revoked_marks import Marks, RevokedMarks, cutoffs_in

CUTOFF = MARK + 4  # bytes: a handle, and the time in seconds, little-endian
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


class ListedSegment(NamedTuple):
    """A segment of the list, by the name of its contents."""

    name: str
    has_cutoffs: bool
    expires_at: int  # when the last of its entries has


class Head(NamedTuple):
    """The first document of the list. Times are in seconds since 1970."""

    time: float  # everything that was revoked before is in the list
    since: float = 0.0  # whoever has taken a head of this time or later needs no segment
    marks: bytes = b""
    cutoffs: bytes = b""
    segments: tuple[ListedSegment, ...] = ()
    published: bool = True  # False: the issuer publishes no list (any more)


def head_document(head: Head, issuer: str) -> dict[str, object]:
    """Return the document."""
    about = {"issuer": issuer, "time": round(head.time, 3), "published": head.published}
    if not head.published:
        return about
    return {
        **about,
        "since": round(head.since, 3),
        "marks": base64url(head.marks),
        "cutoffs": base64url(head.cutoffs),
        "segments": [
            {"name": each.name, "kind": "cutoffs" if each.has_cutoffs else "marks", "expires_at": each.expires_at}
            for each in head.segments
        ],
    }


def segment_document(contents: bytes) -> dict[str, object]:
    """Return the document of a segment."""
    return {"contents": base64url(contents)}


def read_head(document: Mapping[str, Any], issuer: str) -> Head:
    """Return the head in a document. Raises TemporarilyUnavailable for another issuer's, and for any other form."""
    if document.get("issuer") != issuer:
        raise _refused("of another issuer")
    try:
        time, published = _time(document["time"]), document["published"]
        if published is False:
            return Head(time=time, published=False)
        head = Head(
            time=time,
            since=_time(document["since"]),
            marks=_octets(document["marks"], MARK),
            cutoffs=_octets(document["cutoffs"], CUTOFF),
            segments=_segments(document["segments"]),
        )
    except (KeyError, TypeError, ValueError):
        raise _refused("of another form") from None
    if published is not True:
        raise _refused("of another form")
    return head


def read_segment(document: Mapping[str, Any], segment: ListedSegment) -> bytes:
    """Return the contents of a segment. Raises TemporarilyUnavailable for any others than those it is named by."""
    try:
        contents = _octets(document["contents"], CUTOFF if segment.has_cutoffs else MARK)
    except (KeyError, TypeError, ValueError):
        raise _refused("a segment of another form") from None
    if name_of(contents) != segment.name:
        raise _refused("a segment of other contents")
    return contents


def with_handles(cutoffs: bytes, key: bytes) -> bytes:
    """Return cutoffs with handles in the place of the marks of apps and users, in an order that says nothing."""
    return b"".join(sorted(_handled(cutoffs, key)))


def _handled(cutoffs: bytes, key: bytes) -> Iterator[bytes]:
    for subject, until in cutoffs_in(cutoffs):
        yield handle(key, subject) + until.to_bytes(CUTOFF - MARK, "little")


class ListedMarks(RevokedMarks):
    """The revocations of a list, whose cutoffs are of handles."""

    def _cut_off(self, claims: Claims, marks: Marks) -> int:
        return max((self._cutoffs.get(each, -1) for each in claims.handles), default=-1)


def compacted(head: Head, contents: Mapping[ListedSegment, bytes]) -> Compacted:
    """Return what a head and segments hold."""
    return Compacted(
        marks=(head.marks, *(found for segment, found in contents.items() if not segment.has_cutoffs)),
        cutoffs=(head.cutoffs, *(found for segment, found in contents.items() if segment.has_cutoffs)),
    )


def _segments(entries: Any) -> tuple[ListedSegment, ...]:
    if not isinstance(entries, list):
        raise TypeError("no list")
    return tuple(map(_segment, entries))


def _segment(entry: Any) -> ListedSegment:
    name, kind, expires_at = entry["name"], entry["kind"], _time(entry["expires_at"])
    if not _NAME.fullmatch(name) or kind not in ("marks", "cutoffs"):
        raise ValueError(name)
    return ListedSegment(name=name, has_cutoffs=kind == "cutoffs", expires_at=int(expires_at))


def _octets(text: Any, size: int) -> bytes:
    octets = from_base64url(text)
    if len(octets) % size:
        raise ValueError("not whole")
    return octets


def _time(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise ValueError("no time")
    return float(value)


def _refused(reason: str) -> TemporarilyUnavailable:
    return TemporarilyUnavailable("try again", reason=f"the list of revocations: {reason}")
