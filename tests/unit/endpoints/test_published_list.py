"""The published list as the issuer makes it: its head and its segments, what it reads for them, and what it lacks."""

from __future__ import annotations

import json

import pytest

from gatepost.endpoints.published_list import PublishedList
from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.model.feed import Marked, Parts, PublicKey, Revocation, RevocationKind, SegmentMissing, mark
from gatepost.tokens.handles import handle
from gatepost.tokens.list_documents import ListedSegment, read_segment
from tests.unit.endpoints.listing import A_KEY, ON, URL, Source, head, marked, parts
from tests.unit.world import ISSUER, NOW, SETTINGS


def marks(listed: PublishedList, now: float = NOW) -> set[bytes]:
    return parts(head(listed, now)["marks"], 8)


def test_the_head_has_what_was_revoked_and_handles_of_the_ended(source: Source, listed: PublishedList) -> None:
    source.revoke("jti", "the-jti", NOW - 1)
    source.revoke("grant", "alice-id.g", NOW - 1)
    source.revoke("client", "web", NOW - 5)
    source.revoke("user", "alice-id", NOW - 3)
    found = head(listed)

    assert (found["issuer"], found["time"], found["published"], found["segments"]) == (ISSUER, NOW, True, [])
    assert marks(listed) == {marked("jti", "the-jti"), marked("grant", "alice-id.g")}
    assert parts(found["cutoffs"], 12) == {
        handle(A_KEY, mark("client", "web")) + (NOW - 5).to_bytes(4, "little"),
        handle(A_KEY, mark("user", "alice-id")) + (NOW - 3).to_bytes(4, "little"),
    }


def test_s311_no_app_and_no_user_can_be_found_by_hashing_its_id(source: Source, listed: PublishedList) -> None:
    for kind, subject in (("client", "web"), ("user", "alice-id")):
        source.revoke(kind, subject, NOW - 60)  # type: ignore[arg-type]
        source.revoke(kind, subject, NOW + 9)  # type: ignore[arg-type]
    source.compacted(NOW + 10)
    found = head(listed, NOW + 10)
    whole = from_base64url(found["marks"]) + from_base64url(found["cutoffs"])
    for segment in found["segments"]:
        whole += from_base64url(json.loads(listed.segment(segment["name"], NOW + 10).body)["contents"])  # type: ignore[union-attr]

    assert [each["kind"] for each in found["segments"]].count("cutoffs") == 1
    assert len(whole) > 8 * 300
    assert marked("client", "web") not in whole
    assert marked("user", "alice-id") not in whole
    assert whole.count(handle(A_KEY, mark("client", "web"))) == 3  # the later one is in no segment yet
    stored = {segment.segment_id for segment in source.compactor().compaction().segments if segment.has_cutoffs}
    assert not stored & {each["name"] for each in found["segments"]}  # the digest of a guess would prove it


def test_entries_of_other_partitions_are_in_it(source: Source, listed: PublishedList) -> None:
    source.compactor().announce(Parts(), Parts(2, NOW - 9))
    source._marked.append((2, NOW - 1, Marked(mark("jti", "there"), NOW + 60)))

    assert marks(listed) == {marked("jti", "there")}


def test_what_has_expired_is_not_in_it_and_an_ended_key_for_a_day(source: Source, listed: PublishedList) -> None:
    source.revoke("jti", "old", NOW - 9, NOW)
    source.revoke("jti", "new", NOW - 9, NOW + 1)
    assert marks(listed) == {marked("jti", "new")}
    assert marks(listed, NOW + 1) == set()

    ended = PublicKey(kid="leaked", jwk="{}", expires_at=NOW, ended_at=NOW)
    source.end_key(ended, revocation=Revocation(kind="key", subject="leaked", revoked_at=NOW, expires_at=NOW + 9**9))
    assert marks(listed, NOW + 3600) == {marked("key", "leaked")}
    assert marks(listed, NOW + 2 * 86400) == set()


def test_segments_are_served_and_their_entries_leave_the_head_later(source: Source, listed: PublishedList) -> None:
    source.compacted(NOW)
    assert len(marks(listed, NOW + 1)) == 301
    assert head(listed, NOW + 1)["since"] == NOW + 1 - 90 + 20  # who has read since then has read all of it

    (named,) = head(listed, NOW + 120)["segments"]
    document = listed.segment(named["name"], NOW + 120)
    assert document is not None
    segment = ListedSegment(name=named["name"], has_cutoffs=False, expires_at=named["expires_at"])
    assert len(read_segment(json.loads(document.body), segment)) == 8 * 300
    assert marks(listed, NOW + 120) == {marked("jti", f"witness-{NOW}")}


def test_a_joined_segment_goes_on_and_no_other_name_is_looked_up(source: Source, listed: PublishedList) -> None:
    source.compacted(NOW)
    (first,) = (each["name"] for each in head(listed, NOW)["segments"])
    for step in range(1, 8):
        source.compacted(NOW + step * 100)
    later = [each["name"] for each in head(listed, NOW + 800)["segments"]]

    assert first not in later
    assert listed.segment(first, NOW + 800) is not None
    source.contents.clear()
    assert [listed.segment(name, NOW + 800) for name in ("x" * 22, "", "../keys")] == [None] * 3
    assert source.contents == []


def test_another_key_of_handles_makes_other_segments(source: Source, listed: PublishedList) -> None:
    source.revoke("user", "alice-id", NOW - 60)
    source.compacted(NOW)
    before = {each["name"] for each in head(listed, NOW)["segments"]}
    source.publish_handle_key(b"z" * 32)
    after = {each["name"] for each in head(listed, NOW + 5)["segments"]}

    assert len(before & after) == 1  # of single tokens
    assert len(before ^ after) == 2


@pytest.mark.parametrize(("poll", "longest"), [(0, 1), (5, 5), (300, 30)])
def test_others_keep_a_head_as_long_as_readers_poll_and_half_a_minute_at_most(poll: int, longest: int) -> None:
    listed = PublishedList(Source(), ON._replace(revocation_poll=poll))

    assert listed.max_age == longest
    assert listed.head(NOW) == listed.head(NOW + 0.5)
    assert listed.head(NOW).etag != listed.head(NOW + 1).etag


# What it reads


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

    assert marks(listed, NOW + 29) == {marked("jti", "first"), marked("jti", "second")}
    head(listed, NOW + 31)
    assert source.asked[-1] == NOW + 31 - 86400 - 300 - 20


def test_an_entry_of_another_region_is_looked_for_as_long_as_it_may_take(source: Source) -> None:
    listed = PublishedList(source, ON._replace(replication_lag=60))
    head(listed, NOW)
    source.revoke("jti", "late", NOW - 55)

    assert marks(listed, NOW + 2) == {marked("jti", "late")}
    source.compacted(NOW + 70)
    assert head(listed, NOW + 500)["since"] == NOW + 50 + 20 + 60  # from where the segments end


def test_s310_without_the_feed_the_head_grows_old_and_says_so(source: Source, listed: PublishedList) -> None:
    before = head(listed, NOW)
    source.down = True

    assert head(listed, NOW + 600) == before
    assert listed.members(NOW + 600) == {"revocation_list_uri": URL}


def test_s310_before_the_first_head_an_error_is_no_missing_list(source: Source, listed: PublishedList) -> None:
    source.down = True
    for now in (NOW, NOW + 0.5, NOW + 2):
        for read in (listed.members, listed.head):
            with pytest.raises(TemporarilyUnavailable):
                read(now)
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
    assert (listed.members(NOW), listed.segment("x" * 22, NOW), source.listings) == ({}, None, 0)


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


def test_a_container_that_starts_serves_segments_as_well_and_forgets_those_that_have_expired(source: Source) -> None:
    source.revoke("user", "alice-id", NOW - 60)
    source.compacted(NOW)
    listed = PublishedList(source, ON)
    names = [each["name"] for each in head(listed, NOW)["segments"]]

    for name in names:
        assert PublishedList(source, ON).segment(name, NOW) is not None
    assert (len(names), len(listed._segments), len(listed._names)) == (2, 2, 1)
    head(listed, NOW + 90_000)
    assert (listed._segments, listed._names) == ({}, {})
