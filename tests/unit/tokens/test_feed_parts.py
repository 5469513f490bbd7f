"""The number of the feed's partitions changes while readers and writers run (S87), and no revocation is overlooked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model.feed import Compaction, Marked, Partitions, Parts, Revocation, Segment
from gatepost.settings import LONGEST_LEEWAY
from gatepost.tokens.compaction import compact
from gatepost.tokens.feed_parts import ANNOUNCED, BUSY, SPREAD, grown, part_to_write, to_announce, wanted_by
from gatepost.tokens.revocation_list import LONG, Watch
from tests.unit.tokens.feed import Feed, opens
from tests.unit.tokens.forge import GENUINE
from tests.unit.world import NOW, SETTINGS

DAY = 86_700  # as long as anything lives
IN_USE = Parts(4, NOW - 1)
ENDING, ENDED = Parts(4, NOW - 1, NOW + 500), Parts(4, NOW - 1, NOW)


def revoke(feed: Feed, part: int, at: float, subject: str = "the-jti") -> None:
    feed.publish(Revocation(kind="jti", subject=subject, revoked_at=at, expires_at=int(at) + 3000), part=part)


@pytest.mark.parametrize(
    ("parts", "wanted", "announced"),
    [
        *((Parts(), 0, None), (Parts(), 4, Parts(4, NOW + ANNOUNCED))),
        *((IN_USE, 4, None), (IN_USE, 9, Parts(9, NOW + ANNOUNCED))),
        *((IN_USE, fewer, Parts(4, NOW - 1, NOW + DAY + ANNOUNCED)) for fewer in (3, 0)),
        *(
            (ENDING, 0, None),
            (ENDING, 3, None),
            (ENDING, 4, Parts(4, NOW + ANNOUNCED)),
            (ENDING, 9, Parts(9, NOW + ANNOUNCED)),
        ),
        *((ENDED, 0, None), (ENDED, 3, Parts(3, NOW + ANNOUNCED))),
    ],
)
def test_a_change_is_announced_before_it_is_made(parts: Parts, wanted: int, announced: Parts | None) -> None:
    assert to_announce(parts, wanted, NOW) == announced


@pytest.mark.parametrize(
    ("parts", "wanted", "written"),
    [
        *((Parts(), 4, {0}), (Parts(4, NOW + 1), 4, {0}), (Parts(4, NOW), 4, {1, 2, 3, 4})),
        *((IN_USE, 2, {1, 2}), (IN_USE, 9, {1, 2, 3, 4}), (IN_USE, 0, {0}), (ENDING, 4, {0})),
    ],
)
def test_entries_are_spread_over_what_every_reader_knows(parts: Parts, wanted: int, written: set[int]) -> None:
    assert {part_to_write(parts, wanted, NOW) for _ in range(300)} == written


@pytest.mark.parametrize(
    ("parts", "rate", "announced"),
    [
        *((Parts(), BUSY, Parts(SPREAD, NOW + ANNOUNCED)), (Parts(), BUSY - 1, None), (Parts(), 0, None)),
        *((IN_USE, BUSY, Parts(SPREAD, NOW + ANNOUNCED)), (IN_USE, BUSY - 1, None), (IN_USE, BUSY / 4, None)),
        *((IN_USE, 0, Parts(4, NOW - 1, NOW + DAY + ANNOUNCED)), (IN_USE._replace(number=64), BUSY, None)),
        *((ENDING, BUSY - 1, None), (ENDING, 0, None), (Parts(SPREAD, NOW - 1), BUSY, None)),
        (Parts(SPREAD, NOW - 1, NOW + 500), BUSY, Parts(SPREAD, NOW + ANNOUNCED)),
    ],
)
def test_the_load_decides_where_no_number_is_set(parts: Parts, rate: float, announced: Parts | None) -> None:
    marks = int(rate * (SETTINGS.access_token_lifetime + LONGEST_LEEWAY))
    segments = (Segment("a", False, 12, marks, 0), Segment("b", True, 12, 10**9, 0))
    compaction = Compaction(segments=segments, parts=Partitions(parts, (Parts(60),)))

    assert grown(SETTINGS, compaction, NOW) == announced
    for number in (-1, 1):
        assert grown(SETTINGS._replace(feed_parts=number), compaction, NOW) is None


@pytest.mark.parametrize(
    ("setting", "parts", "wanted"),
    [(0, IN_USE, 4), (0, ENDING, 0), (0, Parts(), 0), (3, IN_USE, 3), (9, ENDING, 9), (-1, IN_USE, 0)],
)
def test_a_revocation_keeps_to_what_is_set_or_else_to_what_is_there(setting: int, parts: Parts, wanted: int) -> None:
    assert wanted_by(SETTINGS._replace(feed_parts=setting), parts) == wanted


def test_the_announcement_is_longer_than_a_reader_can_go_on_without_having_heard_it() -> None:
    longest_max_stale, between_looks, longest_lag = 3600, 300, 600
    assert between_looks + longest_max_stale + longest_lag + 300 == ANNOUNCED


def test_a_cold_reader_reads_every_partition(feed: Feed) -> None:
    feed.compactor().announce(Parts(), IN_USE)
    revoke(feed, 4, NOW)

    assert not opens(Watch(feed, SETTINGS), NOW)


def test_a_warm_reader_learns_of_new_partitions_and_misses_nothing(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    feed.compactor().announce(Parts(), Parts(4, NOW + 1 + ANNOUNCED))
    for second in range(5, 301, 5):
        assert opens(watch, NOW + second)
    revoke(feed, 3, NOW + 302)

    assert opens(watch, NOW + 304)
    assert not opens(watch, NOW + 305)


def test_one_that_slept_meanwhile_looks_before_it_decides(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    feed.compactor().announce(Parts(), Parts(4, NOW + ANNOUNCED))
    revoke(feed, 1, NOW + ANNOUNCED)

    assert not opens(watch, NOW + 3620)


def test_one_that_can_not_look_goes_on_for_a_minute_and_then_refuses_everything(feed: Feed) -> None:
    class Deaf(Feed):
        def parts(self) -> Partitions:
            raise TemporarilyUnavailable("try again")

    deaf = Deaf()
    watch = Watch(deaf, SETTINGS)
    assert all(opens(watch, NOW + second) for second in range(0, 296, 5))
    assert opens(watch, NOW + 355)
    with pytest.raises(TemporarilyUnavailable):
        watch.claims(GENUINE, NOW + 356)


def test_partitions_that_were_given_up_are_read_until_nothing_of_them_lives(feed: Feed) -> None:
    looked: list[int] = []

    class Counting(Feed):
        def marked(self, since: float, parts: int) -> Sequence[Marked]:
            looked.append(parts)
            return super().marked(since, parts)

    counting = Counting()
    counting.compactor().announce(Parts(), Parts(4, NOW, NOW + 10))
    watch = Watch(counting, SETTINGS)
    for second in (0, 5, 10, 15):
        opens(watch, NOW + second)

    assert looked == [4, 4, 0, 0]


def test_what_lies_in_several_partitions_is_compacted_together(feed: Feed) -> None:
    feed.compactor().announce(Parts(), IN_USE)
    for number in range(LONG):
        revoke(feed, number % 5, NOW + number / 100, f"another-{number}")
    revoke(feed, 2, NOW, "the-jti")
    revoke(feed, 3, NOW + 30, "the newest")

    assert compact(feed.compactor(), lag=0, now=NOW + 30) == LONG + 1
    feed._feed.clear()
    feed._marked.clear()
    with pytest.raises(InvalidToken):
        Watch(feed, SETTINGS).claims(GENUINE, NOW + 30)


def test_nothing_is_taken_from_beyond_the_end_of_what_was_read_of_one_partition(feed: Feed) -> None:
    for number in range(10):
        revoke(feed, 1, NOW + number, f"busy-{number}")
        revoke(feed, 2, NOW + 10 * number, f"quiet-{number}")

    found = feed.compactor().written_since(NOW, 4, 2)
    assert [at - NOW for at, _ in found] == [0, 0, 1, 2, 3]
