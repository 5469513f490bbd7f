"""Segments of the compacted feed, on every engine."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from gatepost.aws.errors import Refusal
from gatepost.errors import TemporarilyUnavailable
from gatepost.model.feed import Compacted, Compaction, Revocation, Segment, SegmentMissing
from gatepost.stores.dynamodb.feed import DynamoDBFeed, segment_key
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.schema import TOKENS
from tests.contract.records import KEY
from tests.contract.scripted import Scripted
from tests.unit.world import NOW

FIRST = Segment("first", False, 12, 2, NOW + 3600)
SECOND = Segment("second", True, 17, 1, NOW + 86_400)
CONTENTS = {"first": bytes(range(16)), "second": bytes(range(12))}
AFTER = Compaction(sequence=1, until=NOW + 0.125, segments=(FIRST, SECOND))


def test_segments_are_read_with_the_keys(store: Store) -> None:
    store.publish_key(KEY)
    assert store.compactor().compaction() == Compaction()
    assert store.standing() == ([KEY], Compacted())
    assert store.compactor().compact(Compaction(), AFTER, CONTENTS)

    assert store.compactor().compaction() == AFTER
    assert list(store.compactor().segments(["second", "first"])) == [CONTENTS["second"], CONTENTS["first"]]
    assert store.standing() == ([KEY], Compacted(NOW + 0.125, (CONTENTS["first"],), (CONTENTS["second"],)))
    assert list(store.public_keys()) == [KEY]
    store.adopt_keys()


def test_of_two_that_compact_at_once_one_wins(store: Store) -> None:
    compactor = store.compactor()
    assert compactor.compact(Compaction(), AFTER, CONTENTS)
    assert not compactor.compact(Compaction(), AFTER._replace(until=1.0), CONTENTS)

    third = Segment("third", False, 12, 1, NOW + 60)
    later = Compaction(sequence=2, until=NOW + 9.0, segments=(FIRST, third))
    assert compactor.compact(AFTER, later, {"third": bytes(8)})
    assert not compactor.compact(AFTER, later._replace(until=1.0), {})
    assert compactor.compaction() == later


def test_a_missing_segment_is_an_error_for_who_compacts_and_for_readers_as_if_there_were_none(store: Store) -> None:
    compactor = store.compactor()
    assert compactor.compact(Compaction(), AFTER, {"first": CONTENTS["first"]})

    with pytest.raises(SegmentMissing):
        compactor.segments(["first", "second"])
    if isinstance(store, DynamoDBStore):
        assert store.standing() == ([], Compacted())


def test_entries_are_read_with_the_time_of_their_writing_and_no_more_than_were_asked_for(store: Store) -> None:
    entries = []
    for number in range(4):
        at = NOW + number * 0.25
        if isinstance(store, DynamoDBStore):
            store._tables.clock = partial(float, at)
        entries.append((at, Revocation(kind="grant", subject=f"a.{number}", revoked_at=at, expires_at=NOW + 60)))
        store.publish(entries[-1][1])

    assert list(store.compactor().written_since(NOW + 0.25, 9, 0)) == entries[1:]
    assert list(store.compactor().written_since(NOW, 2, 0)) == entries[:2]


def test_segments_expire_an_hour_after_their_entries(dynamodb_store: DynamoDBStore) -> None:
    dynamodb_store.compactor().compact(Compaction(), AFTER, CONTENTS)

    item = dynamodb_store._tables.get(TOKENS, segment_key("first"))
    assert item is not None
    assert (item["expires_at"], item["ttl"]) == ({"N": str(NOW + 3600)}, {"N": str(NOW + 7200)})


def test_what_another_region_has_compacted_is_not_used(dynamodb_store: DynamoDBStore) -> None:
    client, names = dynamodb_store._tables.client, dynamodb_store._tables.names
    here, there = DynamoDBStore(client, names, "eu-central-1"), DynamoDBStore(client, names, "us-east-1")
    here.compactor().compact(Compaction(), AFTER, CONTENTS)

    assert here.standing()[1].until == NOW + 0.125
    assert there.standing() == dynamodb_store.standing() == ([], Compacted())
    assert there.compactor().compaction() == Compaction()
    assert there.compactor().compact(Compaction(), AFTER._replace(until=5.0), CONTENTS)
    assert here.compactor().compaction() == AFTER


def test_a_state_in_the_form_of_a_newer_version_is_as_if_there_were_none(dynamodb_store: DynamoDBStore) -> None:
    compactor = dynamodb_store.compactor()
    compactor.compact(Compaction(), AFTER, CONTENTS)
    item = dynamodb_store._tables.get(TOKENS, compactor._state)
    assert item is not None
    dynamodb_store._tables.put(TOKENS, {**item, "form": {"N": "2"}})

    assert dynamodb_store.standing() == ([], Compacted())


def state(*names: str) -> dict[str, Any]:
    segments = ",".join(f'["{name}",false,12,1,{NOW + 60}]' for name in names)
    item = {"pk": {"S": "keys"}, "sk": {"S": "compacted#"}, "feed_state": {"S": f"[{NOW},[{segments}]]"}}
    key = {"pk": {"S": "keys"}, "sk": {"S": "key#k1"}, "kid": {"S": "k1"}, "jwk": {"S": "{}"}}
    return {"Items": [{**item, "feed_sequence": {"N": "7"}}, key]}


def answer(*names: str, left: tuple[str, ...] = ()) -> dict[str, Any]:
    items = [{**segment_key(name), "contents": {"S": "AAAAAAAAAAA="}} for name in names]
    return {
        "Responses": {"t": items},
        "UnprocessedKeys": {"t": {"Keys": [segment_key(name) for name in left]}} if left else {},
    }


def test_a_hundred_segments_are_read_at_once_and_what_is_not_everywhere_yet_consistently() -> None:
    names = [f"s{number}" for number in range(130)]
    client = Scripted(
        state(*names), answer(*names[:60], left=tuple(names[60:100])), answer(*names[60:99]), answer(*names[100:]),
        answer("s99"),
    )  # fmt: skip

    keys, compacted = DynamoDBFeed(client, {"tokens": "t"}).standing()

    assert (len(keys), compacted.until, len(compacted.marks)) == (1, NOW, 130)
    asked = [request["RequestItems"]["t"] for operation, request in client.calls[1:]]
    assert [len(each["Keys"]) for each in asked] == [100, 40, 30, 1]
    assert [each.get("ConsistentRead") for each in asked] == [False, None, False, True]


def test_segments_that_are_throttled_are_asked_for_again_and_then_it_is_no_time_to_read_a_day_of_entries() -> None:
    some = Scripted(state("s1", "s2"), answer(left=("s1", "s2")), answer("s1", left=("s2",)), answer("s2"))
    assert len(DynamoDBFeed(some, {"tokens": "t"}).standing()[1].marks) == 2

    none = Scripted(state("s1"), answer(left=("s1",)))
    with pytest.raises(TemporarilyUnavailable, match="try again"):
        DynamoDBFeed(none, {"tokens": "t"}).standing()
    assert len(none.calls) == 1 + 5


def test_a_stack_whose_policy_allows_no_segments_reads_the_entries() -> None:
    client = Scripted(state("s1"), Refusal("AccessDeniedException"))

    keys, compacted = DynamoDBFeed(client, {"tokens": "t"}).standing()

    assert [key.kid for key in keys] == ["k1"]
    assert compacted == Compacted()
