"""The published list as the issuer makes it: what is in it, what it costs, and what it says when there is none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gatepost.endpoints.published_list import PublishedList
from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.model.feed import Listed, Marked, Parts, PublicKey, Revocation, RevocationKind, SegmentMissing, mark
from gatepost.tokens.compaction import compact
from gatepost.tokens.handles import handle
from gatepost.tokens.published_list import ListedSegment, read_segment
from tests.unit.tokens.feed import Feed
from tests.unit.world import ISSUER, NOW, SETTINGS

ON = replace(SETTINGS, published_revocations=True)
A_KEY = b"k" * 32
URL = f"{ISSUER}/.well-known/revocations"


class Source(Feed):
    """A feed with a key of handles that records how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.listings = 0
        self.contents: list[str] = []
        self.publish_handle_key(A_KEY)

    def listed(self) -> Listed:
        self.listings += 1
        if self.down:
            raise TemporarilyUnavailable("try again")
        return super().listed()

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        self.contents += names
        return super().segments(names)

    def compacted(self, now: float, count: int = 300) -> None:
        """Compact entries that were written a minute before."""
        for number in range(count):
            self.revoke("jti", f"{now}-{number}", now - 60)
        self.revoke("jti", f"witness-{now}", now)
        assert compact(self.compactor(), Parts(), lag=0, now=now) >= count


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def listed(source: Source) -> PublishedList:
    return PublishedList(source, ON)


def head(listed: PublishedList, now: float = NOW) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(listed.head(now).body)
    return found


def parts(text: str, size: int) -> set[bytes]:
    octets = from_base64url(text)
    return {octets[start : start + size] for start in range(0, len(octets), size)}


def marked(kind: Any, subject: str) -> bytes:
    return mark(kind, subject).to_bytes(8, "little")


def test_the_head_has_what_was_revoked_and_handles_of_ended_apps_and_users(
    source: Source, listed: PublishedList
) -> None:
    source.revoke("jti", "the-jti", NOW - 1)
    source.revoke("grant", "alice-id.g", NOW - 1)
    source.revoke("client", "web", NOW - 5)
    source.revoke("user", "alice-id", NOW - 3)
    found = head(listed)

    assert (found["issuer"], found["time"], found["published"], found["segments"]) == (ISSUER, NOW, True, [])
    assert parts(found["marks"], 8) == {marked("jti", "the-jti"), marked("grant", "alice-id.g")}
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

    assert parts(head(listed)["marks"], 8) == {marked("jti", "there")}


def test_what_has_expired_is_not_in_it(source: Source, listed: PublishedList) -> None:
    source.revoke("jti", "old", NOW - 9, NOW)
    source.revoke("jti", "new", NOW - 9, NOW + 1)

    assert parts(head(listed)["marks"], 8) == {marked("jti", "new")}
    assert parts(head(listed, NOW + 1)["marks"], 8) == set()


def test_an_ended_key_is_in_it_for_a_day(source: Source, listed: PublishedList) -> None:
    ended = PublicKey(kid="leaked", jwk="{}", expires_at=NOW, ended_at=NOW)
    source.end_key(ended, revocation=Revocation(kind="key", subject="leaked", revoked_at=NOW, expires_at=NOW + 9**9))

    assert parts(head(listed, NOW + 3600)["marks"], 8) == {marked("key", "leaked")}
    assert parts(head(listed, NOW + 2 * 86400)["marks"], 8) == set()


def test_segments_are_named_and_served_as_they_are_and_their_entries_leave_the_head(
    source: Source, listed: PublishedList
) -> None:
    source.compacted(NOW)
    (named,) = head(listed, NOW + 120)["segments"]
    document = listed.segment(named["name"], NOW + 120)
    assert document is not None
    segment = ListedSegment(name=named["name"], has_cutoffs=False, expires_at=named["expires_at"])

    assert len(read_segment(json.loads(document.body), segment)) == 8 * 300
    assert parts(head(listed, NOW + 120)["marks"], 8) == {marked("jti", f"witness-{NOW}")}


def test_what_was_put_into_a_segment_lately_is_in_the_head_as_well(source: Source, listed: PublishedList) -> None:
    source.compacted(NOW)
    found = head(listed, NOW + 1)

    assert len(parts(found["marks"], 8)) == 301
    assert found["since"] == NOW + 1 - 90 + 20  # who has read since then has read all of it


def test_a_segment_goes_on_after_it_was_joined_with_others_and_no_other_name_is_looked_up(
    source: Source, listed: PublishedList
) -> None:
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
    assert PublishedList(Source(), replace(ON, revocation_poll=poll)).max_age == longest


def test_the_etag_is_that_of_the_text(source: Source, listed: PublishedList) -> None:
    first, same, other = listed.head(NOW), listed.head(NOW + 0.5), listed.head(NOW + 1)

    assert first == same
    assert first.etag != other.etag


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
