"""Public keys are stored in their own partition, and beside the revocations for authorizers of older releases.

Keys that other versions have written are read until they are taken over, and afterwards (S130).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gatepost.aws.errors import Refusal
from gatepost.errors import Conflict, ServerError, TemporarilyUnavailable
from gatepost.model.feed import Compacted, PublicKey, Revocation
from gatepost.stores.dynamodb.codec import from_item
from gatepost.stores.dynamodb.feed import DynamoDBFeed
from gatepost.stores.dynamodb.revocations import key_item
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.schema import FEED, KEYS, TOKENS
from tests.contract.records import KEY, revoked
from tests.contract.scripted import Scripted
from tests.fakes import MemoryStore
from tests.unit.world import NOW

REVOKED = Revocation(kind="grant", subject="alice-id.g1", revoked_at=NOW, expires_at=NOW + 60)


def as_read_before(store: DynamoDBStore) -> tuple[list[PublicKey], list[Revocation]]:
    """Return the keys that a cold authorizer of an older release finds in the partition it queries."""
    items = list(store._tables.query(TOKENS, "pk = :feed", {":feed": {"S": "feed"}}))
    keys = [from_item(PublicKey, item) for item in items if item["sk"]["S"].startswith("key#")]
    return keys, [from_item(Revocation, item) for item in items if item["sk"]["S"].startswith("revoked#")]


def test_s130_an_authorizer_of_the_version_before_sees_keys_and_revocations(local_store: DynamoDBStore) -> None:
    other = KEY._replace(kid="k0")
    for key in (KEY, other, other._replace(expires_at=NOW + 10)):
        local_store.publish_key(key)
    local_store.publish(REVOKED)
    assert as_read_before(local_store) == ([other._replace(expires_at=NOW + 10), KEY], [REVOKED])

    local_store._tables.clock = lambda: time.time() + 1
    ended, revocation = KEY._replace(expires_at=NOW, ended_at=NOW), REVOKED._replace(kind="key", subject="k1")
    local_store.end_key(ended, revocation=revocation)
    assert as_read_before(local_store) == ([other._replace(expires_at=NOW + 10), ended], [REVOKED, revocation])


def test_s130_what_is_no_key_in_the_place_of_one_stops_nobody(local_store: DynamoDBStore) -> None:
    """Everything that a writer of revocations could put there."""
    for sk in ("key#k0", "key#forged"):
        local_store._tables.put(TOKENS, {"pk": {"S": "feed"}, "sk": {"S": sk}, "kind": {"S": "key"}})
    assert local_store.feed(0) == []

    local_store.adopt_keys()
    local_store.publish_key(KEY)
    assert list(local_store.public_keys()) == [KEY]


class OldPolicy:
    """A table whose policy, in another account, lets its readers see the feed only."""

    def __init__(self, store: DynamoDBStore) -> None:
        self._client = store._tables.client
        self.asked: list[str] = []

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        partition = next(value["S"] for name, value in request["ExpressionAttributeValues"].items()
                         if name in (":keys", ":feed"))  # fmt: skip
        self.asked.append(partition)
        if partition != "feed":
            raise Refusal("AccessDeniedException")
        return self._client.call(operation, request)


def test_s130_where_the_policy_of_the_version_before_stands_the_old_place_is_read(local_store: DynamoDBStore) -> None:
    local_store._tables.clock = lambda: NOW
    local_store.publish_key(KEY)
    local_store.publish(REVOKED)
    client = OldPolicy(local_store)
    reader = DynamoDBFeed(client, local_store._tables.names)

    assert reader.standing() == ([KEY], Compacted())
    assert reader.feed(0) == [REVOKED]
    assert list(reader.public_keys()) == [KEY]
    assert reader.feed(NOW - 1) == [REVOKED]
    assert client.asked == ["keys", "feed", "feed", "keys", "feed", "feed"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InternalServerError", TemporarilyUnavailable),
        ("ResourceNotFoundException", ServerError),
        ("ValidationException", ServerError),
        ("AccessDeniedException", ServerError),  # not even of the feed
    ],
)
def test_s130_any_other_failure_is_one(code: str, error: type[Exception]) -> None:
    reader = DynamoDBFeed(Scripted(Refusal(code)), {"tokens": "t"})

    with pytest.raises(error):
        reader.feed(0)
    with pytest.raises(error):
        reader.standing()
    with pytest.raises(error):
        reader.public_keys()


# Taking over what the version before has written

OTHER = KEY._replace(kid="k0", expires_at=NOW + 10)


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
    store.publish(revoked(NOW))

    revocations = store.feed(0)
    assert kids(store.standing()[0]) == kids(store.public_keys()) == ["k0", "k1"]
    assert list(revocations) == [revoked(NOW)]


def test_s130_once_there_are_others_they_count_no_more(store: Store) -> None:
    store.adopt_keys()  # where there is nothing to take over nothing is
    assert list(store.public_keys()) == []
    store.publish_key(KEY)
    written_before(store, OTHER)

    assert kids(store.public_keys()) == kids(store.public_keys()) == ["k1"]


def test_s130_they_are_taken_over_all_at_once_with_what_was_ended(store: Store) -> None:
    ended = KEY._replace(kid="k2", expires_at=NOW, ended_at=NOW)
    written_before(store, KEY, OTHER, ended)
    for _ in range(2):
        store.adopt_keys()
    store.publish_key(KEY._replace(kid="k3"))

    assert {key.kid: (key.expires_at, key.ended_at) for key in store.public_keys()} == {
        "k0": (NOW + 10, 0), "k1": (0, 0), "k2": (NOW, NOW), "k3": (0, 0)
    }  # fmt: skip
    with pytest.raises(Conflict):
        store.publish_key(KEY._replace(kid="k2"))


def test_s130_an_end_that_the_version_before_wrote_is_taken_over(store: Store) -> None:
    """A stack went back to the version before for a while, and forward again."""
    for key in (KEY, KEY._replace(kid="k0")):
        store.publish_key(key)
    written_before(store, OTHER, KEY._replace(expires_at=NOW, ended_at=NOW))
    store.adopt_keys()

    assert {key.kid: key.until for key in store.public_keys()} == {"k0": NOW + 10, "k1": 0}
    assert store.public_keys() == store.public_keys()


def test_s130_but_no_end_that_came_later_and_no_key_that_stands_again(store: Store) -> None:
    store.publish_key(OTHER)
    store.end_key(KEY._replace(expires_at=NOW, ended_at=NOW), revocation=revoked(NOW, "key", "k1"))
    written_before(store, OTHER._replace(expires_at=NOW + 99), KEY)
    store.adopt_keys()

    assert {key.kid: key.until for key in store.public_keys()} == {"k0": NOW + 10, "k1": 0}


def test_s130_a_key_that_only_the_version_before_ended_is_not_published(store: Store) -> None:
    written_before(store, KEY._replace(expires_at=NOW, ended_at=NOW))

    with pytest.raises(Conflict):
        store.publish_key(KEY)


def test_a_key_of_a_newer_version_is_left_out_and_the_others_go_on(dynamodb_store: DynamoDBStore) -> None:
    dynamodb_store.publish_key(KEY)
    dynamodb_store._tables.put(TOKENS, {**key_item(KEYS, OTHER), "form": {"N": "2"}})

    assert kids(dynamodb_store.public_keys()) == kids(dynamodb_store.public_keys()) == [KEY.kid]
