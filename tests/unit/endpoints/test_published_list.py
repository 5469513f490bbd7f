"""The published list as the issuer makes it: its head and its segments."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gatepost.endpoints.published_list import PublishedList
from gatepost.identifiers import from_base64url
from gatepost.model.feed import Marked, Parts, PublicKey, Revocation, mark
from gatepost.tokens.handles import handle
from gatepost.tokens.list_documents import ListedSegment, read_segment
from tests.unit.endpoints.listing import A_KEY, ON, Source, head, marked, parts
from tests.unit.world import ISSUER, NOW


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
