"""Compaction of the revocation feed: segments of marks, for cold readers, in the place of single entries.

Only the function of revocation does it, when it has read many entries itself, so a deployment that revokes little has
no segments. Segments never change. Those of a size and a class of life are joined, eight at a time, until they are
large; one goes as a whole when its entries have expired. Nothing depends on it: entries stay in the feed, and a reader
who can't use the segments reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from gatepost.errors import OAuthError
from gatepost.model.feed import SETTLED, Compaction, Marked, Revocation, Segment, SegmentMissing, name_of
from gatepost.observability.log import note
from gatepost.settings import LONGEST_LIFETIME, Settings
from gatepost.tokens.feed_parts import grown
from gatepost.tokens.revocation_list import LONG, Watch
from gatepost.tokens.revoked_marks import is_cutoff, written_cutoffs, written_marks

if TYPE_CHECKING:
    from gatepost.stores.ports.feed import FeedCompactor

_MOST = 20_000  # entries of one run
_JOINED = 8  # segments
_LARGE = 2048  # marks from which a segment is joined no more
_LARGEST = 2  # its class of size
_SHORTEST = 10  # class of life: below 2¹⁰ seconds they are all the same


def keep_short(compactor: FeedCompactor, watch: Watch, settings: Settings, *, now: float) -> None:
    """Compact the feed, which `watch` has found to be long. A failure is logged, and tried again as many entries later.

    Afterwards the feed has more partitions, or will have fewer, if its load wants that. `now` is a time that another
    clock than this container's has seen as well.
    """
    watch.noted = 0
    try:
        count = compact(compactor, lag=settings.replication_lag, now=now)
        if count:
            _spread(compactor, settings, now)
    except OAuthError as error:
        note("feed.compaction_failed", {"reason": error.reason})
        return
    note("feed.compacted", {"entries": count})
    if count > _MOST // 2:  # there are more, from before there was a compaction
        watch.noted = LONG


def _spread(compactor: FeedCompactor, settings: Settings, now: float) -> None:
    compaction = compactor.compaction()
    announced = grown(settings, compaction, now)
    if announced is not None:
        compactor.announce(compaction.parts.own, announced)
        note("feed.parts_announced", {"parts": 0 if announced.until else announced.number})


def compact(compactor: FeedCompactor, *, lag: int, now: float, least: int = LONG // 2) -> int:
    """Put the entries since the last time into segments and return their number; 0 if there are fewer than `least`.

    Entries of the last seconds wait: one that was written before them may not be readable yet. So `now` must have
    passed for certain. What this container has written proves nothing: its clock may be ahead, and the entry with it.
    """
    before = compactor.compaction()
    try:
        return _compacted(compactor, before, lag=lag, now=now, least=least)
    except SegmentMissing:
        return _compacted(compactor, before.without_segments(), lag=lag, now=now, least=least)


def _compacted(compactor: FeedCompactor, before: Compaction, *, lag: int, now: float, least: int) -> int:
    since = max(before.until, now - LONGEST_LIFETIME - SETTLED)
    found = compactor.written_since(since, _MOST, before.parts.read_at(now))
    until = min(now, found[-1][0] if found else since) - SETTLED - lag
    ready = [entry for written_at, entry in found if written_at < until]
    if len(ready) < least:  # another container did it meanwhile
        return 0
    contents: dict[str, bytes] = {}
    segments = [segment for segment in before.segments if segment.expires_at > now]
    segments += _new_segments([entry for entry in ready if entry.expires_at > now], contents, now)
    segments = list(_joined(compactor, segments, contents))
    after = Compaction(sequence=before.sequence + 1, until=until, segments=tuple(segments))
    return len(ready) if compactor.compact(before, after, contents) else 0


def _new_segments(entries: Iterable[Revocation | Marked], contents: dict[str, bytes], now: float) -> Iterable[Segment]:
    """Make a segment for each class of entries, and add what it holds to `contents`. Ends of keys are with the keys."""

    def class_of(entry: Revocation | Marked) -> tuple[bool, int]:
        return is_cutoff(entry), max(_SHORTEST, (entry.expires_at - int(now)).bit_length())

    living = sorted((each for each in entries if isinstance(each, Marked) or each.kind != "key"), key=class_of)
    for (has_cutoffs, life), group in groupby(living, class_of):
        part = list(group)
        written = written_cutoffs(filter(is_cutoff, part)) if has_cutoffs else written_marks(part)
        name = name_of(written)
        contents[name] = written
        yield Segment(name, has_cutoffs, life, len(part), max(entry.expires_at for entry in part))


def _joined(compactor: FeedCompactor, segments: Sequence[Segment], contents: dict[str, bytes]) -> Iterable[Segment]:
    """Yield the segments, with one in the place of each eight of a class and size."""

    def class_of(segment: Segment) -> tuple[bool, int, int]:
        return segment.has_cutoffs, segment.life, _size_class(segment)

    for (has_cutoffs, life, size), group in groupby(sorted(segments, key=class_of), class_of):
        part = list(group)
        if size == _LARGEST or len(part) < _JOINED:
            yield from part
            continue
        stored = [segment.segment_id for segment in part if segment.segment_id not in contents]
        known: Mapping[str, bytes] = contents | dict(zip(stored, compactor.segments(stored), strict=True))
        whole = b"".join(known[segment.segment_id] for segment in part)
        for segment in part:
            contents.pop(segment.segment_id, None)
        name = name_of(whole)
        contents[name] = whole
        count, last = sum(segment.size for segment in part), max(segment.expires_at for segment in part)
        yield Segment(name, has_cutoffs, life, count, last)


def _size_class(segment: Segment) -> int:
    """Return the class of a segment by its size: 0, 1, or 2 if it is joined no more, below the limit of an item."""
    marks = segment.size * 3 // 2 if segment.has_cutoffs else segment.size
    return (marks >= _LARGE // _JOINED) + (marks >= _LARGE)
