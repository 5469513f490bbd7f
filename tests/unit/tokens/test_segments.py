"""Segments of the compacted feed: their entries, how they are joined, and their size."""

from __future__ import annotations

import pytest

from gatepost.model.feed import Compaction, Segment
from gatepost.tokens.compaction import compact
from gatepost.tokens.revocation_list import LONG
from tests.unit.tokens.compacting import THEN, compacted, marks_in, revoke_many
from tests.unit.tokens.feed import Feed
from tests.unit.world import NOW


def test_what_has_expired_goes_into_no_segment_and_a_segment_goes_with_its_last_entry(feed: Feed) -> None:
    revoke_many(feed, LONG, left=20)
    revoke_many(feed, LONG, left=900, prefix="other")
    assert compacted(feed) == 2 * LONG
    assert marks_in(feed) == LONG

    revoke_many(feed, LONG, NOW + 920, prefix="third")
    assert compacted(feed, NOW + 950) == LONG + 1
    assert marks_in(feed) == LONG + 1
    assert [segment.expires_at for segment in feed.compactor().compaction().segments] == [NOW + 3920]


def test_entries_are_kept_apart_by_the_time_that_is_left_to_them(feed: Feed) -> None:
    for left in (60, 1000, 1100, 2100, 3600, 86_400):
        revoke_many(feed, LONG, left=left, prefix=f"left-{left}")
    feed.revoke("user", "alice-id", NOW, NOW + 86_400)
    compacted(feed)

    found = sorted((each.has_cutoffs, each.life, each.size) for each in feed.compactor().compaction().segments)
    assert found == [
        (False, 10, 2 * LONG), (False, 11, LONG), (False, 12, 2 * LONG), (False, 17, LONG), (True, 17, 1)
    ]  # fmt: skip


def test_the_end_of_a_key_is_with_the_keys(feed: Feed) -> None:
    for number in range(LONG):
        feed.revoke("key", f"k{number}", NOW)
    assert compacted(feed) == LONG

    assert feed.compactor().compaction().segments == ()


def test_eight_segments_of_a_kind_become_one_until_they_are_large(feed: Feed) -> None:
    sizes = []
    for turn in range(71):
        revoke_many(feed, LONG, NOW + 30 * turn, left=20_000, prefix=f"turn-{turn}")
        compact(feed.compactor(), lag=0, now=NOW + 30 * turn)
        sizes.append([each.size for each in feed.compactor().compaction().segments])

    assert [len(each) for each in sizes[:9]] == [0, 1, 2, 3, 4, 5, 6, 7, 1]
    assert max(len(each) for each in sizes) == 7 + 7
    assert max(sizes[-1]) == 8 * LONG
    assert sum(sizes[-1]) == marks_in(feed) == 70 * LONG


def test_where_a_segment_is_lost_the_entries_are_compacted_anew(feed: Feed) -> None:
    for turn in range(8):
        revoke_many(feed, LONG, NOW + 30 * turn, prefix=f"turn-{turn}")
        compact(feed.compactor(), lag=0, now=NOW + 30 * turn)
    first, *others = feed.compactor().state.segments
    assert len(others) == 6
    feed.compactor().contents.pop(first.segment_id)

    assert compacted(feed, NOW + 30 * 8) == 8 * LONG
    assert [each.size for each in feed.compactor().state.segments] == [8 * LONG]
    assert feed.compactor().state.until == NOW + 30 * 8 - 20


def test_what_expires_in_this_moment_goes_into_no_segment(feed: Feed) -> None:
    revoke_many(feed, LONG, left=30)
    feed.revoke("jti", "longer", NOW, THEN + 1)
    assert compacted(feed) == LONG + 1
    assert marks_in(feed) == 1


def test_of_segments_that_are_joined_at_once_only_the_whole_one_is_written(feed: Feed) -> None:
    for turn in range(9):
        revoke_many(feed, LONG, NOW + 30 * turn, prefix=f"turn-{turn}")
        compact(feed.compactor(), lag=0, now=NOW + 30 * turn)

    assert len(feed.compactor().contents) == 7 + 1


@pytest.mark.parametrize(
    ("has_cutoffs", "size", "left"),
    [(False, 2047, 1), (False, 2048, 8), (True, 1365, 1), (True, 1366, 8), (False, 255, 1), (False, 256, 1)],
)
def test_a_segment_stays_below_the_size_of_an_item(feed: Feed, has_cutoffs: bool, size: int, left: int) -> None:
    compactor, octets = feed.compactor(), 12 if has_cutoffs else 8
    compactor.contents = {str(number): bytes(size * octets) for number in range(8)}
    segments = tuple(Segment(name, has_cutoffs, 12, size, NOW + 9000) for name in compactor.contents)
    compactor.state = Compaction(1, NOW - 1.0, segments)
    feed.revoke("key", "k1", NOW)
    feed.revoke("key", "k2", THEN)

    assert compact(compactor, lag=0, now=THEN, least=1) == 1
    assert len(compactor.state.segments) == left
    largest = max(len(compactor.contents[each.segment_id]) for each in compactor.state.segments)
    assert largest * 4 / 3 < 400_000


def test_segments_of_two_sizes_are_not_joined(feed: Feed) -> None:
    compactor = feed.compactor()
    sizes = [255] * 7 + [256] * 7
    compactor.contents = {str(number): bytes(size * 8) for number, size in enumerate(sizes)}
    segments = zip(compactor.contents, sizes, strict=True)
    compactor.state = Compaction(
        1, NOW - 1.0, tuple(Segment(name, False, 12, size, NOW + 9000) for name, size in segments)
    )
    feed.revoke("key", "k1", NOW)
    feed.revoke("key", "k2", THEN)

    assert compact(compactor, lag=0, now=THEN, least=1) == 1
    assert len(compactor.state.segments) == 14
