"""Keys that other versions have written: before, until they are taken over (S130), and afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gatepost.errors import Conflict
from gatepost.model.feed import PublicKey
from gatepost.stores.dynamodb.revocations import key_item
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.schema import FEED, KEYS, TOKENS
from tests.contract.records import KEY, revoked
from tests.fakes import MemoryStore
from tests.unit.world import NOW

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
    store.end_key(replace(KEY, expires_at=NOW, ended_at=NOW), revocation=revoked(NOW, "key", "k1"))
    written_before(store, replace(OTHER, expires_at=NOW + 99), KEY)
    store.adopt_keys()

    assert {key.kid: key.until for key in store.public_keys()} == {"k0": NOW + 10, "k1": 0}


def test_s130_a_key_that_only_the_version_before_ended_is_not_published(store: Store) -> None:
    written_before(store, replace(KEY, expires_at=NOW, ended_at=NOW))

    with pytest.raises(Conflict):
        store.publish_key(KEY)


def test_a_key_of_a_newer_version_is_left_out_and_the_others_go_on(dynamodb_store: DynamoDBStore) -> None:
    dynamodb_store.publish_key(KEY)
    dynamodb_store._tables.put(TOKENS, {**key_item(KEYS, OTHER), "form": {"N": "2"}})

    assert kids(dynamodb_store.public_keys()) == kids(dynamodb_store.public_keys()) == [KEY.kid]
