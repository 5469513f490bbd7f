"""Retries pause for a random time whose limit doubles each time (S109)."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from gatepost.accounts.removal import delete_user
from gatepost.aws.retries import jittered
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.stores.dynamodb.codec import to_item
from gatepost.stores.dynamodb.retrying import LONGEST_PAUSES
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import APPS, TABLES
from tests.contract.records import APP, LOGIN, STOPPED, USER
from tests.contract.scripted import Scripted, fault
from tests.fakes import MemoryStore
from tests.unit.world import NOW

LONGEST = (0.02, 0.04, 0.08, 0.16)
KEY = {"client_id": {"S": "a"}}


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The requested pauses; none is made."""
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


def short_enough(slept: list[float]) -> bool:
    return all(0 <= pause <= longest for pause, longest in zip(slept, LONGEST, strict=True))


def test_dynamodb_is_asked_again_after_pauses_that_fill_twice_the_time_each_try() -> None:
    assert LONGEST_PAUSES == LONGEST
    for longest in LONGEST:
        tries = [jittered(longest) for _ in range(500)]
        assert 0 <= min(tries) < longest / 2 < max(tries) <= longest


def test_dynamodb_is_asked_again_after_a_pause(slept: list[float]) -> None:
    left = {"real-apps": {"Keys": [KEY], "ConsistentRead": True}}
    tables = Scripted({"Responses": {}, "UnprocessedKeys": left}).tables()
    with pytest.raises(TemporarilyUnavailable):
        tables.batch_get([(APPS, KEY)])
    assert short_enough(slept)

    slept.clear()
    conflict = fault("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}])
    with pytest.raises(TemporarilyUnavailable):
        Scripted(conflict).tables().transact({})
    assert short_enough(slept)

    slept.clear()
    with pytest.raises(TemporarilyUnavailable):
        Scripted(fault("TransactionConflictException")).tables().put(APPS, KEY)
    assert short_enough(slept)


def test_dynamodb_is_asked_again_after_a_pause_for_an_app_that_changed(slept: list[float]) -> None:
    reasons = [{"Code": "ConditionalCheckFailed", "Item": to_item(replace(APP, version=9))}, {}, {}, {}]
    client = Scripted(fault("TransactionCanceledException", CancellationReasons=reasons))

    with pytest.raises(TemporarilyUnavailable):
        DynamoDBStore(client, {table.name: table.name for table in TABLES}).delete_app(APP, revocation=STOPPED)

    assert short_enough(slept)


def test_an_account_that_changed_is_deleted_again_after_a_pause(slept: list[float]) -> None:
    class Changing(MemoryStore):
        def delete_user(self, *_: Any, **__: Any) -> None:
            raise Conflict("user")

    store = Changing()
    store.create_user(USER, LOGIN)

    with pytest.raises(TemporarilyUnavailable):
        delete_user(store, USER, now=NOW)

    assert slept == [0.05, 0.1, 0.2, 0.4, 0.8]
