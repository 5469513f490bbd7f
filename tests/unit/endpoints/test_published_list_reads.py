"""The reads of the feed for the published list, and the list without the feed or without parts of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.endpoints.published_list import PublishedList
from gatepost.errors import TemporarilyUnavailable
from gatepost.model.feed import RevocationKind, SegmentMissing
from tests.unit.endpoints.listing import A_KEY, ON, URL, Source, head, marked, parts
from tests.unit.world import ISSUER, NOW, SETTINGS


def test_s312_a_thousand_requests_in_a_second_read_once(source: Source, listed: PublishedList) -> None:
    source.revoke("user", "alice-id", NOW - 60)
    source.compacted(NOW)
    (named,) = (each for each in head(listed, NOW)["segments"] if each["kind"] == "marks")
    source.asked.clear()
    source.listings = 0
    source.contents.clear()
    for number in range(1000):
        now = NOW + 10 + number / 1001
        head(listed, now)
        listed.segment(named["name"], now)
        listed.segment("x" * 22, now)
        listed.members(now)

    assert (source.listings, len(source.asked), source.contents) == (1, 1, [named["name"]])


def test_between_whole_reads_only_the_latest_entries_are_read(source: Source, listed: PublishedList) -> None:
    source.revoke("jti", "first", NOW - 50)
    for second in range(0, 29, 2):
        head(listed, NOW + second)
    assert [NOW - each for each in source.asked[1:] if each is not None] == [20 - second for second in range(0, 27, 2)]
    source.revoke("jti", "second", NOW + 29)

    assert parts(head(listed, NOW + 29)["marks"], 8) == {marked("jti", "first"), marked("jti", "second")}
    head(listed, NOW + 31)
    assert source.asked[-1] == NOW + 31 - 86400 - 300 - 20


def test_an_entry_of_another_region_is_looked_for_as_long_as_it_may_take(source: Source) -> None:
    listed = PublishedList(source, replace(ON, replication_lag=60))
    head(listed, NOW)
    source.revoke("jti", "late", NOW - 55)

    assert parts(head(listed, NOW + 2)["marks"], 8) == {marked("jti", "late")}
    source.compacted(NOW + 70)
    assert head(listed, NOW + 500)["since"] == NOW + 50 + 20 + 60  # from where the segments end


def test_s310_without_the_feed_the_head_grows_old_and_says_so(source: Source, listed: PublishedList) -> None:
    before = head(listed, NOW)
    source.down = True

    assert head(listed, NOW + 600) == before
    assert listed.members(NOW + 600) == {"revocation_list_uri": URL}


def test_s310_before_the_first_head_an_error_is_not_taken_for_an_issuer_without_a_list(
    source: Source, listed: PublishedList
) -> None:
    source.down = True
    for now in (NOW, NOW + 0.5, NOW + 2):
        with pytest.raises(TemporarilyUnavailable):
            listed.members(now)
        with pytest.raises(TemporarilyUnavailable):
            listed.head(now)
    assert source.listings == 2


def test_as_long_as_there_is_no_key_the_list_is_not_announced(source: Source, listed: PublishedList) -> None:
    source._handle_key = b""
    assert listed.members(NOW) == {}
    with pytest.raises(TemporarilyUnavailable):  # not the end of a list that somebody may know
        listed.head(NOW)
    source.publish_handle_key(A_KEY)

    assert listed.members(NOW + 2) == {"revocation_list_uri": URL}
    assert head(listed, NOW + 2)["published"]


def test_a_list_that_is_not_to_be_says_so_without_reading_anything(source: Source) -> None:
    listed = PublishedList(source, SETTINGS)

    assert head(listed) == {"issuer": ISSUER, "time": NOW, "published": False}
    assert listed.members(NOW) == {}
    assert listed.segment("x" * 22, NOW) is None
    assert source.listings == 0


@pytest.mark.parametrize("kind", ["grant", "user"])
def test_without_a_segment_that_should_be_there_the_head_has_all_entries(
    source: Source, listed: PublishedList, kind: RevocationKind
) -> None:
    source.revoke(kind, "alice-id", NOW - 60)
    source.compacted(NOW)
    later = NOW + 200
    if kind == "grant":
        (named,) = head(listed, later)["segments"]
        source.compactor().contents.clear()
        with pytest.raises(SegmentMissing):
            listed.segment(named["name"], later)
    else:
        source.compactor().contents.clear()
        with pytest.raises(TemporarilyUnavailable):
            listed.head(later)
    found = head(listed, later + 2)

    assert found["segments"] == []
    assert len(parts(found["marks"], 8)) + len(parts(found["cutoffs"], 12)) == 302


def test_a_container_that_starts_serves_segments_as_well(source: Source) -> None:
    source.revoke("user", "alice-id", NOW - 60)
    source.compacted(NOW)
    names = [each["name"] for each in head(PublishedList(source, ON), NOW)["segments"]]

    assert len(names) == 2
    for name in names:
        assert PublishedList(source, ON).segment(name, NOW) is not None


def test_segments_that_have_expired_are_forgotten(source: Source, listed: PublishedList) -> None:
    source.revoke("user", "alice-id", NOW - 60)
    source.compacted(NOW)
    head(listed, NOW)
    assert (len(listed._segments), len(listed._names)) == (2, 1)
    head(listed, NOW + 90_000)

    assert (listed._segments, listed._names) == ({}, {})
