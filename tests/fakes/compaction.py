"""The fake of ports.FeedCompactor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatepost.model.feed import Compacted, Compaction, Marked, Partitions, Parts, Revocation, SegmentMissing


class MemoryCompactor:
    """See ports.FeedCompactor. An entry of the feed is written at the time of its revocation."""

    def __init__(self, feed: Sequence[Revocation], marked: Sequence[tuple[int, float, Marked]]) -> None:
        """Compact `feed` and its other partitions, which go on growing."""
        self._feed = feed
        self._marked = marked
        self.state = Compaction()
        self.parts = Partitions()
        self.contents: dict[str, bytes] = {}

    def compaction(self) -> Compaction:
        return self.state._replace(parts=self.parts)

    def written_since(self, since: float, most: int, parts: int) -> Sequence[tuple[float, Revocation | Marked]]:
        found: list[tuple[float, Revocation | Marked]] = []
        known_until = float("inf")
        for part in range(parts + 1):
            written: list[tuple[float, Revocation | Marked]] = [
                (at, each) for of, at, each in self._marked if of == part
            ]
            written += [(entry.revoked_at, entry) for entry in self._feed if not part]
            later = sorted((each for each in written if each[0] >= since), key=lambda each: each[0])
            found += later[:most]
            known_until = min(known_until, later[most - 1][0] if len(later) >= most else known_until)
        return sorted((each for each in found if each[0] <= known_until), key=lambda each: each[0])

    def announce(self, before: Parts, after: Parts) -> None:
        if self.parts.own == before:
            self.parts = self.parts._replace(own=after)

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        if set(names) - set(self.contents):
            raise SegmentMissing("try again")
        return [self.contents[name] for name in names]

    def compact(self, before: Compaction, after: Compaction, contents: Mapping[str, bytes]) -> bool:
        self.contents |= contents
        if (self.state.sequence, self.parts.own) != (before.sequence, before.parts.own):
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
            parts=self.parts,
        )
