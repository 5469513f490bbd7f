"""Public keys are stored in their own partition, and beside the revocations for authorizers of older releases."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gatepost.aws.errors import Refusal
from gatepost.errors import ServerError, TemporarilyUnavailable
from gatepost.model.feed import Compacted, PublicKey, Revocation
from gatepost.stores.dynamodb.codec import from_item
from gatepost.stores.dynamodb.feed import DynamoDBFeed
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TOKENS
from tests.contract.records import KEY
from tests.contract.scripted import Scripted
from tests.unit.world import NOW

REVOKED = Revocation(kind="grant", subject="alice-id.g1", revoked_at=NOW, expires_at=NOW + 60)


def as_read_before(store: DynamoDBStore) -> tuple[list[PublicKey], list[Revocation]]:
    """Return the keys that a cold authorizer of an older release finds in the partition it queries."""
    items = list(store._tables.query(TOKENS, "pk = :feed", {":feed": {"S": "feed"}}))
    keys = [from_item(PublicKey, item) for item in items if item["sk"]["S"].startswith("key#")]
    return keys, [from_item(Revocation, item) for item in items if item["sk"]["S"].startswith("revoked#")]


def test_s130_an_authorizer_of_the_version_before_keeps_its_keys_and_sees_every_revocation(
    local_store: DynamoDBStore,
) -> None:
    other = replace(KEY, kid="k0")
    for key in (KEY, other, replace(other, expires_at=NOW + 10)):
        local_store.publish_key(key)
    local_store.publish(REVOKED)
    assert as_read_before(local_store) == ([replace(other, expires_at=NOW + 10), KEY], [REVOKED])

    local_store._tables.clock = lambda: time.time() + 1
    ended, revocation = replace(KEY, expires_at=NOW, ended_at=NOW), replace(REVOKED, kind="key", subject="k1")
    local_store.end_key(ended, revocation=revocation)
    assert as_read_before(local_store) == ([replace(other, expires_at=NOW + 10), ended], [REVOKED, revocation])


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
