"""Compaction of the feed: what a cold reader gets from the segments and the entries after them is every revocation."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.model.feed import Compaction, Parts, RevocationKind, Segment, mark, name_of
from gatepost.tokens.compaction import compact, keep_short
from gatepost.tokens.revocation_list import LONG, Watch
from tests.fakes.compaction import MemoryCompactor
from tests.unit.tokens.feed import Feed, opens
from tests.unit.tokens.forge import CLAIMS, signed
from tests.unit.world import NOW, SETTINGS

THEN = NOW + 30  # when what was revoked at NOW has settled


def revoke_many(feed: Feed, count: int, at: float = NOW, *, left: int = 3000, prefix: str = "another") -> None:
    for number in range(count):
        feed.revoke("jti", f"{prefix}-{number}", at, int(at) + left)


def compacted(feed: Feed, now: float = THEN, *, lag: int = 0) -> int:
    feed.revoke("jti", f"at-{now}", now)  # a witness of the time
    return compact(feed.compactor(), Parts(), lag=lag, now=now)


def marks_in(feed: Feed) -> int:
    return sum(len(part) for part in feed.compactor().compacted().marks) // 8


@pytest.mark.parametrize(
    ("kind", "subject"), [("jti", "the-jti"), ("grant", "alice-id.g"), ("client", "web"), ("user", "alice-id")]
)
def test_what_went_into_a_segment_is_revoked_for_who_reads_it_cold(
    feed: Feed, kind: RevocationKind, subject: str
) -> None:
    feed.revoke(kind, subject, NOW)
    revoke_many(feed, LONG)
    assert compacted(feed) == LONG + 1
    feed._feed.clear()

    assert not opens(Watch(feed, SETTINGS), THEN)
    assert opens(
        Watch(feed, SETTINGS), THEN, signed(CLAIMS | {"jti": "x", "grant_id": "x.y", "client_id": "x", "sub": "y"})
    )
    assert feed.asked[1] == THEN - 20


@pytest.mark.parametrize(("kind", "subject"), [("client", "web"), ("user", "alice-id")])
def test_a_cutoff_in_a_segment_ends_what_was_issued_until_then_and_the_later_one_counts(
    feed: Feed, kind: RevocationKind, subject: str
) -> None:
    for at in (NOW + 5, NOW + 9, NOW + 7):
        feed.revoke(kind, subject, at)
    revoke_many(feed, LONG)
    assert compacted(feed) == LONG + 3
    feed._feed.clear()
    watch = Watch(feed, SETTINGS)

    assert [opens(watch, THEN, signed(CLAIMS | {"iat": NOW + iat})) for iat in (8, 9, 10)] == [False, False, True]


def test_few_entries_are_left_as_they_are(feed: Feed) -> None:
    revoke_many(feed, LONG // 2 - 1)

    assert compacted(feed) == 0
    assert feed.compactor().compaction() == Compaction()


def test_entries_of_the_last_seconds_wait_and_readers_begin_with_them(feed: Feed) -> None:
    revoke_many(feed, LONG)
    feed.revoke("jti", "the-jti", THEN - 19.9)
    assert compacted(feed) == LONG

    assert feed.compactor().compaction().until == THEN - 20
    assert marks_in(feed) == LONG
    assert not opens(Watch(feed, SETTINGS), THEN + 60)
    assert feed.asked[1] == THEN - 20


def test_and_those_that_may_come_late_from_another_region(feed: Feed) -> None:
    revoke_many(feed, LONG)

    assert compacted(feed, lag=60) == 0
    assert compacted(feed, NOW + 81, lag=60) == LONG
    assert feed.compactor().compaction().until == NOW + 1


def test_a_clock_that_is_ahead_skips_nothing(feed: Feed) -> None:
    revoke_many(feed, LONG)
    feed.revoke("jti", "the newest", THEN)

    assert compact(feed.compactor(), Parts(), lag=0, now=NOW + 9000) == LONG
    assert feed.compactor().compaction().until == THEN - 20


def test_a_reader_whose_clock_is_behind_begins_at_its_own(feed: Feed) -> None:
    revoke_many(feed, LONG)
    compacted(feed)
    opens(Watch(feed, SETTINGS), THEN - 25)

    assert feed.asked == [None, THEN - 45]


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
        compact(feed.compactor(), Parts(), lag=0, now=NOW + 30 * turn)
        sizes.append([each.size for each in feed.compactor().compaction().segments])

    assert [len(each) for each in sizes[:9]] == [0, 1, 2, 3, 4, 5, 6, 7, 1]
    assert max(len(each) for each in sizes) == 7 + 7
    assert max(sizes[-1]) == 8 * LONG
    assert sum(sizes[-1]) == marks_in(feed) == 70 * LONG


def test_who_compacts_at_the_same_time_as_another_changes_nothing(feed: Feed) -> None:
    class Beaten(type(feed.compactor())):  # type: ignore[misc]
        def compact(self, before, after, contents):  # type: ignore[no-untyped-def]
            assert super().compact(before, after, contents)
            return super().compact(before, after._replace(until=0.0), contents)

    revoke_many(feed, LONG)
    feed.revoke("jti", "the newest", THEN)
    other = Beaten(feed._feed, [])

    assert compact(other, Parts(), lag=0, now=THEN) == 0
    assert other.state.until == THEN - 20


def test_a_long_feed_is_compacted_and_a_failure_is_a_line_in_the_log(
    feed: Feed, watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Down(MemoryCompactor):
        def compaction(self) -> Compaction:
            raise TemporarilyUnavailable("try again", reason="DynamoDB: InternalServerError")

    revoke_many(feed, LONG - 1)
    feed.revoke("jti", "the newest", THEN)
    opens(watch, THEN)
    for compactor in (Down([], []), feed.compactor(), feed.compactor()):
        watch.noted = LONG
        assert watch.is_long
        keep_short(compactor, watch, lag=0, now=THEN)
        assert not watch.is_long

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [(line["message"], line.get("entries"), line.get("reason")) for line in lines]
    assert told[1:] == [
        ("feed.compaction_failed", None, "DynamoDB: InternalServerError"),
        ("feed.compacted", LONG - 1, None),
        ("feed.compacted", 0, None),
    ]


def test_where_a_segment_is_lost_the_entries_are_compacted_anew(feed: Feed) -> None:
    for turn in range(8):
        revoke_many(feed, LONG, NOW + 30 * turn, prefix=f"turn-{turn}")
        compact(feed.compactor(), Parts(), lag=0, now=NOW + 30 * turn)
    first, *others = feed.compactor().state.segments
    assert len(others) == 6
    feed.compactor().contents.pop(first.segment_id)

    assert compacted(feed, NOW + 30 * 8) == 8 * LONG
    assert [each.size for each in feed.compactor().state.segments] == [8 * LONG]
    assert feed.compactor().state.until == NOW + 30 * 8 - 20


def test_what_was_there_before_the_first_time_is_taken_in_turns(feed: Feed, watch: Watch) -> None:
    revoke_many(feed, 20_000, NOW - 9)
    revoke_many(feed, 100, NOW, prefix="last")
    feed.revoke("jti", "the newest", THEN)

    keep_short(feed.compactor(), watch, lag=0, now=THEN)
    assert watch.is_long is False  # nothing of the last seconds of what was read, which was all at one moment
    feed._feed[:] = [replace(each, revoked_at=each.revoked_at - 30) for each in feed._feed[:15_000]] + feed._feed[
        15_000:
    ]
    keep_short(feed.compactor(), watch, lag=0, now=THEN)
    assert watch.is_long
    keep_short(feed.compactor(), watch, lag=0, now=THEN)
    assert not watch.is_long
    assert marks_in(feed) == 20_100


def test_a_mark_is_the_beginning_of_a_digest() -> None:
    assert mark("jti", "the-jti").to_bytes(8, "little").hex() == "89b012190ea0e604"


def test_an_empty_feed_stays_as_it_is(feed: Feed) -> None:
    assert compact(feed.compactor(), Parts(), lag=0, now=THEN, least=0) == 0
    assert feed.compactor().compaction().segments == ()


def test_as_many_entries_as_are_worth_it_are_compacted(feed: Feed) -> None:
    revoke_many(feed, LONG // 2)
    assert compacted(feed) == LONG // 2

    (segment,) = feed.compactor().compaction().segments
    assert len(segment.segment_id) == 22
    assert segment.segment_id == name_of(feed.compactor().contents[segment.segment_id])


def test_what_was_written_in_the_moment_at_which_readers_begin_is_read_by_them_alone(feed: Feed) -> None:
    revoke_many(feed, LONG)
    feed.revoke("jti", "the-jti", THEN - 20)
    assert compacted(feed) == LONG

    assert not opens(Watch(feed, SETTINGS), THEN)


def test_what_expires_in_this_moment_goes_into_no_segment(feed: Feed) -> None:
    revoke_many(feed, LONG, left=30)
    feed.revoke("jti", "longer", NOW, THEN + 1)
    assert compacted(feed) == LONG + 1
    assert marks_in(feed) == 1


def test_of_segments_that_are_joined_at_once_only_the_whole_one_is_written(feed: Feed) -> None:
    for turn in range(9):
        revoke_many(feed, LONG, NOW + 30 * turn, prefix=f"turn-{turn}")
        compact(feed.compactor(), Parts(), lag=0, now=NOW + 30 * turn)

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

    assert compact(compactor, Parts(), lag=0, now=THEN, least=1) == 1
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

    assert compact(compactor, Parts(), lag=0, now=THEN, least=1) == 1
    assert len(compactor.state.segments) == 14
