"""Segments of the compacted feed, and the marks that a container keeps of them: what they cover and revoke."""

from __future__ import annotations

import pytest

from gatepost.model.feed import Compacted, Compaction, Marked, Revocation, RevocationKind, Segment, mark
from gatepost.scope import Scope
from gatepost.tokens.access_token import Claims
from gatepost.tokens.compaction import compact
from gatepost.tokens.revocation_list import LONG
from gatepost.tokens.revoked_marks import RevokedMarks, written_cutoffs, written_marks
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


CLAIMS = Claims(sub="u", client_id="c", scope=Scope(), jti="j", iat=NOW, exp=NOW + 9, grant_id="u.g", kid="k")


def entry(kind: RevocationKind, subject: str, at: float = NOW) -> Revocation:
    return Revocation(kind=kind, subject=subject, revoked_at=at, expires_at=NOW + 9)


def test_an_entry_is_covered_by_its_mark_and_a_cutoff_by_one_that_is_as_late() -> None:
    known = RevokedMarks(None, [entry("jti", "j"), entry("user", "u", NOW + 5.5)])

    assert known.cover(entry("jti", "j"))
    assert known.cover(Marked(mark("jti", "j"), NOW + 9))
    assert [known.cover(entry("user", "u", NOW + late)) for late in (4, 5, 5.9, 6)] == [True, True, True, False]
    assert not known.cover(entry("jti", "another"))
    assert not known.cover(entry("user", "another", 0))
    assert not known.cover(entry("client", "u"))


@pytest.mark.parametrize("entries", [[], [entry("jti", "another")], [entry("client", "x", NOW - 1)]])
def test_a_token_that_nothing_names_is_not_revoked_however_old_it_is(entries: list[Revocation]) -> None:
    assert not RevokedMarks(None, entries).revokes(CLAIMS._replace(iat=0))


def test_a_cutoff_at_the_second_of_its_issue_revokes_a_token() -> None:
    known = RevokedMarks(Compacted(cutoffs=(written_cutoffs([entry("client", "c", NOW + 0.5)]),)))

    assert [known.revokes(CLAIMS._replace(iat=NOW + later)) for later in (-1, 0, 1)] == [True, True, False]


def test_marks_are_found_at_both_ends_of_a_sorted_list_and_in_between() -> None:
    entries = [entry("jti", f"j{number}") for number in range(100)]
    known = RevokedMarks(Compacted(marks=(written_marks(entries[:60]), written_marks(entries[60:]))))

    assert len(known) == 100
    assert all(known.revokes(CLAIMS._replace(jti=each.subject)) for each in entries)
    assert not any(known.revokes(CLAIMS._replace(jti=f"other-{number}")) for number in range(100))


def test_what_is_known_is_not_taken_again() -> None:
    known = RevokedMarks(Compacted(marks=(written_marks([entry("jti", "a")]),)), [entry("jti", "b")])

    assert known.add([entry("jti", "a"), entry("jti", "b"), entry("jti", "c"), entry("user", "u")]) == 2
    assert known.add([entry("jti", "c"), entry("user", "u", NOW + 9)]) == 0
    assert len(known) == 4


def test_it_is_outgrown_by_more_than_eight_thousand_and_a_quarter_of_what_it_began_with() -> None:
    known = RevokedMarks(None, (entry("jti", f"j{number}") for number in range(40_000)))
    known.add(entry("jti", f"later-{number}") for number in range(10_000))
    assert not known.outgrown
    known.add([entry("jti", "one more")])
    assert known.outgrown

    small = RevokedMarks()
    small.add(entry("jti", f"j{number}") for number in range(8192))
    assert not small.outgrown
    small.add([entry("jti", "one more")])
    assert small.outgrown
