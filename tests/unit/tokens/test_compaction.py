"""Compaction of the feed: what a cold reader gets from the segments and the entries after them is every revocation."""

from __future__ import annotations

import json

import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.model.feed import Compaction, Partitions, Parts, RevocationKind, mark, name_of
from gatepost.tokens.compaction import compact, keep_short
from gatepost.tokens.feed_parts import ANNOUNCED, BUSY, SPREAD
from gatepost.tokens.revocation_list import LONG, Watch
from tests.fakes.compaction import MemoryCompactor
from tests.unit.tokens.compacting import THEN, compacted, marks_in, revoke_many
from tests.unit.tokens.feed import Feed, opens
from tests.unit.tokens.forge import CLAIMS, signed
from tests.unit.world import NOW, SETTINGS


@pytest.mark.parametrize(
    ("kind", "subject"), [("jti", "the-jti"), ("grant", "alice-id.g"), ("client", "web"), ("user", "alice-id")]
)
def test_what_is_in_a_segment_is_revoked_for_who_reads_it_cold(feed: Feed, kind: RevocationKind, subject: str) -> None:
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
def test_of_cutoffs_in_a_segment_the_latest_counts(feed: Feed, kind: RevocationKind, subject: str) -> None:
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

    feed.revoke("jti", "one more", NOW)
    assert compacted(feed) == LONG // 2
    (segment,) = feed.compactor().compaction().segments
    assert len(segment.segment_id) == 22
    assert segment.segment_id == name_of(feed.compactor().contents[segment.segment_id])
    empty = Feed().compactor()
    assert (compact(empty, lag=0, now=THEN, least=0), empty.compaction().segments) == (0, ())


@pytest.mark.parametrize("at", [THEN - 20, THEN - 19.9])  # readers begin with the first of these moments
def test_entries_of_the_last_seconds_wait_and_readers_begin_with_them(feed: Feed, at: float) -> None:
    revoke_many(feed, LONG)
    feed.revoke("jti", "the-jti", at)
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

    assert compact(feed.compactor(), lag=0, now=NOW + 9000) == LONG
    assert feed.compactor().compaction().until == THEN - 20


def test_a_reader_whose_clock_is_behind_begins_at_its_own(feed: Feed) -> None:
    revoke_many(feed, LONG)
    compacted(feed)
    opens(Watch(feed, SETTINGS), THEN - 25)

    assert feed.asked == [None, THEN - 45]


def test_who_compacts_at_the_same_time_as_another_changes_nothing(feed: Feed) -> None:
    class Beaten(type(feed.compactor())):  # type: ignore[misc]
        def compact(self, before, after, contents):  # type: ignore[no-untyped-def]
            assert super().compact(before, after, contents)
            return super().compact(before, after._replace(until=0.0), contents)

    revoke_many(feed, LONG)
    feed.revoke("jti", "the newest", THEN)
    other = Beaten(feed._feed, [])

    assert compact(other, lag=0, now=THEN) == 0
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
        keep_short(compactor, watch, SETTINGS, now=THEN)
        assert not watch.is_long

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [(line["message"], line.get("entries"), line.get("reason")) for line in lines]
    assert told[1:] == [
        ("feed.compaction_failed", None, "DynamoDB: InternalServerError"),
        ("feed.compacted", LONG - 1, None),
        ("feed.compacted", 0, None),
    ]


def test_what_was_there_before_the_first_time_is_taken_in_turns(feed: Feed, watch: Watch) -> None:
    revoke_many(feed, 20_000, NOW - 9)
    revoke_many(feed, 100, NOW, prefix="last")
    feed.revoke("jti", "the newest", THEN)

    keep_short(feed.compactor(), watch, SETTINGS, now=THEN)
    assert watch.is_long is False  # nothing of the last seconds of what was read, which was all at one moment
    earlier = [each._replace(revoked_at=each.revoked_at - 30) for each in feed._feed[:15_000]]
    feed._feed[:15_000] = earlier
    keep_short(feed.compactor(), watch, SETTINGS, now=THEN)
    assert watch.is_long
    keep_short(feed.compactor(), watch, SETTINGS, now=THEN)
    assert not watch.is_long
    assert marks_in(feed) == 20_100


def test_a_feed_of_which_much_is_alive_is_spread_over_partitions(
    feed: Feed, watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = SETTINGS._replace(access_token_lifetime=300)
    revoke_many(feed, BUSY * 600, NOW)
    feed.revoke("jti", "the newest", THEN)
    for _ in range(2):
        keep_short(feed.compactor(), watch, settings, now=THEN)

    assert feed.parts() == Partitions(Parts(SPREAD, THEN + ANNOUNCED))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["parts"] for line in told if line["message"] == "feed.parts_announced"] == [SPREAD]


def test_a_mark_is_the_beginning_of_a_digest() -> None:
    assert mark("jti", "the-jti").to_bytes(8, "little").hex() == "89b012190ea0e604"
