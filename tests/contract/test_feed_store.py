"""The feed: keys and revocations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gatepost.aws.errors import Refusal
from gatepost.endpoints.metadata import jwk_set
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.model.feed import Compaction, Listed, Parts, PublicKey, Revocation, RevocationKind, Segment
from gatepost.stores.dynamodb.codec import to_item
from gatepost.stores.dynamodb.feed import DynamoDBFeed
from gatepost.stores.dynamodb.retrying import NotAllowed
from gatepost.stores.dynamodb.revocations import key_item
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import RevokedTokenKey
from gatepost.stores.schema import FEED, KEYS, TOKENS
from tests.contract.records import KEY
from tests.contract.scripted import Scripted
from tests.fakes import MemoryStore
from tests.unit.world import NOW


def entry(at: float, kind: RevocationKind = "grant", subject: str = "alice-id.g1") -> Revocation:
    return Revocation(kind=kind, subject=subject, revoked_at=at, expires_at=NOW + 3630)


def written_at(store: Store, at: float) -> None:
    """From now on entries are written at that time. The fake takes the time of the revocation."""
    if isinstance(store, DynamoDBStore):
        store._tables.clock = lambda: at


def test_an_empty_feed_is_empty(store: Store) -> None:
    assert store.feed(0) == []
    assert store.feed(NOW) == []


def test_a_cold_reader_gets_all_keys_and_revocations(store: Store) -> None:
    entries = [entry(NOW, "jti", "j"), entry(NOW + 1, "client", "c"), entry(NOW + 2, "user", "u"), entry(NOW + 3)]
    old = replace(KEY, kid="k0", expires_at=NOW + 10)
    for key in (old, KEY):
        store.publish_key(key)
    for one in entries:
        written_at(store, one.revoked_at)
        store.publish(one)

    keys, revocations = store.public_keys(), store.feed(0)

    assert sorted(keys, key=lambda key: key.kid) == [old, KEY]
    assert list(revocations) == entries


def test_a_warm_reader_gets_the_revocations_since_then(store: Store) -> None:
    store.publish_key(KEY)
    for at in (NOW - 0.5, NOW, NOW + 0.25, NOW + 1):
        written_at(store, at)
        store.publish(entry(at, subject=f"alice-id.{at}"))

    assert [one.revoked_at for one in store.feed(NOW)] == [NOW, NOW + 0.25, NOW + 1]
    assert store.feed(NOW + 2) == []
    assert len(store.feed(0)) == 4
    assert len(store.feed(-120)) == 4


def test_the_keys_are_read_without_the_revocations(store: Store) -> None:
    assert list(store.public_keys()) == []
    for key in (KEY, replace(KEY, kid="k0", expires_at=NOW + 10)):
        store.publish_key(key)
    store.publish(entry(NOW, "key", "k0"))

    assert sorted(key.kid for key in store.public_keys()) == ["k0", "k1"]


def test_a_key_is_replaced_by_its_successor_of_the_same_name(store: Store) -> None:
    store.publish_key(KEY)
    store.publish_key(replace(KEY, expires_at=NOW + 10))

    assert store.public_keys() == [replace(KEY, expires_at=NOW + 10)]


def test_what_was_revoked_at_the_same_moment_is_all_there(store: Store) -> None:
    written_at(store, NOW)
    for subject in ("a", "b"):
        for kind in ("grant", "client", "user", "key"):
            store.publish(Revocation(kind=kind, subject=subject, revoked_at=NOW, expires_at=NOW + 1))

    assert len(store.feed(NOW)) == 8


@pytest.mark.parametrize("kind", ["grant", "client", "user", "key"])
def test_s83_a_single_token_is_found_by_its_jti_and_nothing_else_is(store: Store, kind: RevocationKind) -> None:
    store.publish(entry(NOW, "jti", "the-jti"))
    store.publish(entry(NOW, kind, "other"))

    assert store.read(RevokedTokenKey("the-jti")) == (entry(NOW, "jti", "the-jti"),)
    assert store.read(RevokedTokenKey("other")) == (None,)


def test_s111_an_entry_whose_time_is_over_is_still_read_and_says_so(store: Store) -> None:
    over = replace(entry(NOW), expires_at=1)
    store.publish(over)

    assert store.feed(0) == [over]


def test_a_key_that_was_ended_is_out_of_the_jwk_set_and_never_comes_back(store: Store) -> None:
    store.publish_key(KEY)
    ended = replace(KEY, expires_at=NOW, ended_at=NOW)
    written_at(store, NOW)
    for _ in range(2):
        store.end_key(ended, revocation=entry(NOW, "key", "k1"))

    with pytest.raises(Conflict):
        store.publish_key(KEY)
    assert list(store.public_keys()) == [ended]
    assert jwk_set(store, NOW - 60) == {"keys": []}
    assert {(one.kind, one.subject) for one in store.feed(NOW)} == {("key", "k1")}


def test_a_key_can_be_ended_before_it_was_published(store: Store) -> None:
    store.end_key(replace(KEY, expires_at=NOW, ended_at=NOW), revocation=entry(NOW, "key", "k1"))

    with pytest.raises(Conflict):
        store.publish_key(KEY)


OTHER = replace(KEY, kid="k0", expires_at=NOW + 10)


def written_before(store: Store, *keys: PublicKey) -> None:
    """Keys as the version before of this software wrote them."""
    if isinstance(store, MemoryStore):
        store._earlier_keys |= {key.kid: key for key in keys}
        return
    assert isinstance(store, DynamoDBStore)
    for key in keys:
        store._tables.put(TOKENS, key_item(FEED, key))


def kids(keys: Sequence[PublicKey]) -> list[str]:
    return sorted(key.kid for key in keys)


def test_s130_before_the_first_rotation_the_keys_of_the_version_before_count(store: Store) -> None:
    written_before(store, KEY, OTHER)
    store.publish(entry(NOW))

    revocations = store.feed(0)
    assert kids(store.standing()[0]) == kids(store.public_keys()) == ["k0", "k1"]
    assert list(revocations) == [entry(NOW)]


def test_s130_once_there_are_others_they_count_no_more(store: Store) -> None:
    store.publish_key(KEY)
    written_before(store, OTHER)

    assert kids(store.public_keys()) == kids(store.public_keys()) == ["k1"]


def test_s130_they_are_taken_over_all_at_once_with_what_was_ended(store: Store) -> None:
    ended = replace(KEY, kid="k2", expires_at=NOW, ended_at=NOW)
    written_before(store, KEY, OTHER, ended)
    for _ in range(2):
        store.adopt_keys()
    store.publish_key(replace(KEY, kid="k3"))

    assert {key.kid: (key.expires_at, key.ended_at) for key in store.public_keys()} == {
        "k0": (NOW + 10, 0), "k1": (0, 0), "k2": (NOW, NOW), "k3": (0, 0)
    }  # fmt: skip
    with pytest.raises(Conflict):
        store.publish_key(replace(KEY, kid="k2"))


def test_s130_an_end_that_the_version_before_wrote_is_taken_over(store: Store) -> None:
    """A stack went back to the version before for a while, and forward again."""
    for key in (KEY, replace(KEY, kid="k0")):
        store.publish_key(key)
    written_before(store, OTHER, replace(KEY, expires_at=NOW, ended_at=NOW))
    store.adopt_keys()

    assert {key.kid: key.until for key in store.public_keys()} == {"k0": NOW + 10, "k1": 0}
    assert store.public_keys() == store.public_keys()


def test_s130_but_no_end_that_came_later_and_no_key_that_stands_again(store: Store) -> None:
    store.publish_key(OTHER)
    store.end_key(replace(KEY, expires_at=NOW, ended_at=NOW), revocation=entry(NOW, "key", "k1"))
    written_before(store, replace(OTHER, expires_at=NOW + 99), KEY)
    store.adopt_keys()

    assert {key.kid: key.until for key in store.public_keys()} == {"k0": NOW + 10, "k1": 0}


def test_where_there_is_nothing_to_take_over_nothing_is(store: Store) -> None:
    store.adopt_keys()

    assert list(store.public_keys()) == []


def test_s130_a_key_that_only_the_version_before_ended_is_not_published(store: Store) -> None:
    written_before(store, replace(KEY, expires_at=NOW, ended_at=NOW))

    with pytest.raises(Conflict):
        store.publish_key(KEY)


def test_a_key_of_a_newer_version_is_left_out_and_the_others_go_on(dynamodb_store: DynamoDBStore) -> None:
    dynamodb_store.publish_key(KEY)
    dynamodb_store._tables.put(TOKENS, {**key_item(KEYS, OTHER), "form": {"N": "2"}})

    assert kids(dynamodb_store.public_keys()) == kids(dynamodb_store.public_keys()) == [KEY.kid]


def test_a_revocation_of_a_newer_version_is_not_overlooked(dynamodb_store: DynamoDBStore) -> None:
    key = {"pk": {"S": FEED}, "sk": {"S": "revoked#time#000000000000001#x"}}
    dynamodb_store._tables.put(TOKENS, {**to_item(entry(NOW), key), "form": {"N": "2"}})

    with pytest.raises(TemporarilyUnavailable):
        dynamodb_store.feed(0)


def test_the_key_of_the_handles_is_beside_the_keys_and_is_replaced(store: Store) -> None:
    store.publish_key(KEY)
    assert store.listed().handle_key == b""
    for key in (b"\x00\xff" * 16, b""):  # an empty one changes nothing
        store.publish_handle_key(key)

    assert (store.listed().handle_key, store.listed().keys) == (b"\x00\xff" * 16, [KEY])
    assert store.public_keys() == store.standing()[0] == [KEY]
    store.publish_handle_key(b"other")
    assert store.listed().handle_key == b"other"


def test_the_list_is_made_from_the_state_of_the_compacted_feed_and_the_contents_of_segments(store: Store) -> None:
    assert store.listed() == Listed([], Compaction())
    after = Compaction(sequence=1, until=NOW, segments=(Segment("s1", True, 12, 1, NOW + 60),))
    store.compactor().compact(Compaction(), after, {"s1": bytes(12)})
    store.compactor().announce(Parts(), Parts(3, NOW))

    assert store.listed() == Listed([], after, Parts(3, NOW))
    assert store.segments(["s1"]) == [bytes(12)]
    with pytest.raises(TemporarilyUnavailable):
        store.segments(["s2"])


def test_s310_without_access_to_the_keys_there_is_an_error_and_not_an_issuer_without_a_list() -> None:
    client = Scripted(Refusal("AccessDeniedException"))

    with pytest.raises(NotAllowed):
        DynamoDBFeed(client, {"tokens": "t"}).listed()
