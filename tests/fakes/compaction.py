"""The fake of ports.FeedCompactor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatepost.errors import TemporarilyUnavailable
from gatepost.model.feed import Compacted, Compaction, Revocation


class MemoryCompactor:
    """See ports.FeedCompactor. An entry of the feed is written at the time of its revocation."""

    def __init__(self, feed: Sequence[Revocation]) -> None:
        """Compact `feed`, which goes on growing."""
        self._feed = feed
        self.state = Compaction()
        self.contents: dict[str, bytes] = {}

    def compaction(self) -> Compaction:
        """See FeedCompactor."""
        return self.state

    def written_since(self, since: float, most: int) -> Sequence[tuple[float, Revocation]]:
        """See FeedCompactor."""
        found = [(entry.revoked_at, entry) for entry in self._feed if entry.revoked_at >= since]
        return sorted(found, key=lambda each: each[0])[:most]

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        """See FeedCompactor."""
        if set(names) - set(self.contents):
            raise TemporarilyUnavailable("try again")
        return [self.contents[name] for name in names]

    def compact(self, before: Compaction, after: Compaction, contents: Mapping[str, bytes]) -> bool:
        """See FeedCompactor."""
        self.contents |= contents
        if self.state.sequence != before.sequence:
            return False
        self.state = after
        return True

    def compacted(self) -> Compacted:
        """Return what a cold reader gets."""
        parts = [(segment.has_cutoffs, self.contents[segment.segment_id]) for segment in self.state.segments]
        return Compacted(
            until=self.state.until,
            marks=tuple(content for has_cutoffs, content in parts if not has_cutoffs),
            cutoffs=tuple(content for has_cutoffs, content in parts if has_cutoffs),
        )
