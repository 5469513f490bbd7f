"""The feed: keys and revocations."""

from __future__ import annotations

import pytest

from gatepost.aws.errors import Refusal
from gatepost.endpoints.metadata import jwk_set
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.model.feed import Compaction, Listed, Partitions, Parts, RevocationKind, Segment
from gatepost.stores.dynamodb.codec import to_item
from gatepost.stores.dynamodb.feed import DynamoDBFeed
from gatepost.stores.dynamodb.retrying import NotAllowed
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import RevokedTokenKey
from gatepost.stores.schema import FEED, TOKENS
from tests.contract.records import KEY, revoked
from tests.contract.scripted import Scripted
from tests.unit.world import NOW

KINDS: tuple[RevocationKind, ...] = ("grant", "client", "user", "key")


def written_at(store: Store, at: float) -> None:
    """From now on entries are written at that time. The fake takes the time of the revocation."""
    if isinstance(store, DynamoDBStore):
        store._tables.clock = lambda: at


def test_a_cold_reader_gets_all_keys_and_revocations(store: Store) -> None:
    entries = [
        revoked(NOW, "jti", "j"),
        revoked(NOW + 1, "client", "c"),
        revoked(NOW + 2, "user", "u"),
        revoked(NOW + 3),
    ]
    old = KEY._replace(kid="k0", expires_at=NOW + 10)
    for key in (old, KEY):
        store.publish_key(key)
    for one in entries:
        written_at(store, one.revoked_at)
        store.publish(one)

    keys, revocations = store.public_keys(), store.feed(0)

    assert sorted(keys, key=lambda key: key.kid) == [old, KEY]
    assert list(revocations) == entries


def test_a_warm_reader_gets_the_revocations_since_then(store: Store) -> None:
    assert store.feed(0) == []
    for at in (NOW - 0.5, NOW, NOW + 0.25, NOW + 1):
        written_at(store, at)
        store.publish(revoked(at, subject=f"alice-id.{at}"))

    assert [one.revoked_at for one in store.feed(NOW)] == [NOW, NOW + 0.25, NOW + 1]
    assert store.feed(NOW + 2) == []
    assert len(store.feed(0)) == 4
    assert len(store.feed(-120)) == 4


def test_a_key_is_replaced_by_its_successor_of_the_same_name(store: Store) -> None:
    store.publish_key(KEY)
    store.publish_key(KEY._replace(expires_at=NOW + 10))

    assert store.public_keys() == [KEY._replace(expires_at=NOW + 10)]


def test_what_was_revoked_at_the_same_moment_is_all_there(store: Store) -> None:
    written_at(store, NOW)
    for subject in ("a", "b"):
        for kind in KINDS:
            store.publish(revoked(NOW, kind, subject))

    assert len(store.feed(NOW)) == 8


def test_s83_a_single_token_is_found_by_its_jti_and_nothing_else_is(store: Store) -> None:
    store.publish(revoked(NOW, "jti", "the-jti"))
    for kind in KINDS:
        store.publish(revoked(NOW, kind, "other"))

    assert store.read(RevokedTokenKey("the-jti")) == (revoked(NOW, "jti", "the-jti"),)
    assert store.read(RevokedTokenKey("other")) == (None,)


def test_s111_an_entry_whose_time_is_over_is_still_read_and_says_so(store: Store) -> None:
    over = revoked(NOW)._replace(expires_at=1)
    store.publish(over)

    assert store.feed(0) == [over]


@pytest.mark.parametrize("known", [True, False])
def test_a_key_that_was_ended_is_out_of_the_jwk_set_and_never_comes_back(store: Store, known: bool) -> None:
    if known:
        store.publish_key(KEY)
    ended = KEY._replace(expires_at=NOW, ended_at=NOW)
    written_at(store, NOW)
    for _ in range(2):
        store.end_key(ended, revocation=revoked(NOW, "key", "k1"))

    with pytest.raises(Conflict):
        store.publish_key(KEY)
    assert list(store.public_keys()) == [ended]
    assert jwk_set(store, NOW - 60) == {"keys": []}
    assert {(one.kind, one.subject) for one in store.feed(NOW)} == {("key", "k1")}


def test_a_revocation_of_a_newer_version_is_not_overlooked(dynamodb_store: DynamoDBStore) -> None:
    key = {"pk": {"S": FEED}, "sk": {"S": "revoked#time#000000000000001#x"}}
    dynamodb_store._tables.put(TOKENS, {**to_item(revoked(NOW), key), "form": {"N": "2"}})

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

    assert store.listed() == Listed([], after._replace(parts=Partitions(Parts(3, NOW))))
    assert store.segments(["s1"]) == [bytes(12)]
    with pytest.raises(TemporarilyUnavailable):
        store.segments(["s2"])


def test_s310_without_access_to_the_keys_there_is_an_error_and_not_an_issuer_without_a_list() -> None:
    client = Scripted(Refusal("AccessDeniedException"))

    with pytest.raises(NotAllowed):
        DynamoDBFeed(client, {"tokens": "t"}).listed()
