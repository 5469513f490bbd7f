"""Errors of DynamoDB (S106, S109): distinguished, retried after a pause if that helps, never passed on."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.retries import jittered
from gatepost.errors import ServerError, TemporarilyUnavailable
from gatepost.stores.dynamodb.codec import to_item
from gatepost.stores.dynamodb.operations import Listing, Tables
from gatepost.stores.dynamodb.retrying import LONGEST_PAUSES, ConditionFailed
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import ACCOUNTS, APPS, AUDIT, TABLES, TOKENS
from tests.contract.records import APP, STOPPED
from tests.contract.scripted import Scripted, fault
from tests.raising import raised

KEY = {"client_id": {"S": "a-very-private-value"}}
DAY = Listing(partition=("day", "d"), sort_key="sk", cursor=None, limit=2, newest_first=True)
CALLS: list[tuple[str, Callable[[Tables], object]]] = [
    ("GetItem", lambda tables: tables.get(APPS, KEY)),
    ("BatchGetItem", lambda tables: tables.batch_get([(APPS, KEY)])),
    ("PutItem", lambda tables: tables.put(APPS, KEY)),
    ("UpdateItem", lambda tables: tables.update(APPS, KEY, "SET a = :a", "a < :a", {":a": {"N": "1"}})),
    ("DeleteItem", lambda tables: tables.delete(APPS, KEY)),
    ("Query", lambda tables: list(tables.query(TOKENS, "pk = :a", {":a": {"S": "x"}}))),
    ("Query", lambda tables: tables.list(AUDIT, DAY)),
    ("Query", lambda tables: tables.count(ACCOUNTS, "by_app", ("client_id", "a"), most=9)),
    ("TransactWriteItems", lambda tables: tables.transact({"Put": {"TableName": "t", "Item": KEY}})),
]
every_call = pytest.mark.parametrize(("operation", "call"), CALLS, ids=[name for name, _ in CALLS])


def cancelled(*codes: str) -> Refusal:
    return fault("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The requested pauses; none is made."""
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


def short_enough(slept: list[float]) -> bool:
    """Whether there was a pause after each of four tries, within twice the time of the one before."""
    return all(0 <= pause <= longest for pause, longest in zip(slept, (0.02, 0.04, 0.08, 0.16), strict=True))


@every_call
@pytest.mark.parametrize(
    "error", [fault("ThrottlingException"), fault("SomethingNew"), Refusal(""), NoAnswer("ConnectTimeout")]
)
def test_s106_a_fault_is_temporary(operation: str, call: Callable[[Tables], object], error: Refusal | NoAnswer) -> None:
    client = Scripted(error)

    caught = raised(TemporarilyUnavailable, call, client.tables())
    assert [name for name, _ in client.calls] == [operation]
    assert "private" not in caught.description + caught.reason
    assert caught.__cause__ is None


@every_call
@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException", "UnrecognizedClientException"]
)
def test_s106_a_mistake_is_an_error_of_the_server(operation: str, call: Callable[[Tables], object], code: str) -> None:
    caught = raised(ServerError, call, Scripted(fault(code)).tables())
    assert caught.reason == f"DynamoDB: {code}"
    assert "private" not in caught.description


# Conditions


def test_a_condition_that_does_not_hold_is_no_fault_and_shows_the_item() -> None:
    item = {"a": {"N": "5"}}
    client = Scripted(fault("ConditionalCheckFailedException", Item=item))

    caught = raised(ConditionFailed, client.tables().update, APPS, KEY, "SET a = :a", "a < :a", {":a": {"N": "1"}})
    assert (list(caught.items), list(caught.failed)) == ([item], [True])
    assert len(client.calls) == 1


def test_s109_a_transaction_tells_whose_condition_did_not_hold() -> None:
    client = Scripted(cancelled("None", "ConditionalCheckFailed", "None"))

    caught = raised(ConditionFailed, client.tables().transact, {}, {}, {})
    assert list(caught.failed) == [False, True, False]
    assert len(client.calls) == 1


def test_s109_a_condition_counts_more_than_a_conflict_beside_it() -> None:
    client = Scripted(cancelled("TransactionConflict", "ConditionalCheckFailed"))

    with pytest.raises(ConditionFailed):
        client.tables().transact({}, {})


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_s109_a_transaction_that_meets_another_is_tried_again(code: str) -> None:
    client = Scripted(cancelled("None", code), cancelled(code, "None"), {})

    client.tables().transact({"Put": {}}, {"Put": {}})

    assert len(client.calls) == 3
    assert client.calls[0][1]["TransactItems"] == client.calls[2][1]["TransactItems"]
    assert len({request["ClientRequestToken"] for _, request in client.calls}) == 3


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (["TransactionConflict", "None"], "DynamoDB: TransactionConflict"),
        (["None", "ThrottlingError"], "DynamoDB: ThrottlingError"),
        (
            ["ThrottlingError", "ProvisionedThroughputExceeded", "ThrottlingError"],
            "DynamoDB: ProvisionedThroughputExceeded, ThrottlingError",
        ),
        ([], "DynamoDB: TransactionCanceledException"),
    ],
)
def test_s109_and_given_up_after_four_times_with_its_cause(slept: list[float], codes: list[str], reason: str) -> None:
    client = Scripted(cancelled(*codes))

    caught = raised(TemporarilyUnavailable, client.tables().transact, {})
    assert len(client.calls) == 4
    assert short_enough(slept)
    assert caught.reason == reason


def test_s109_a_write_of_a_transaction_that_is_a_mistake_is_not_tried_again() -> None:
    client = Scripted(cancelled("None", "ValidationError"))

    caught = raised(ServerError, client.tables().transact, {}, {})
    assert len(client.calls) == 1
    assert caught.reason == "DynamoDB: ValidationError"


def test_s109_a_single_write_that_meets_a_transaction_is_tried_again() -> None:
    client = Scripted(fault("TransactionConflictException"), {"Attributes": {"a": {"N": "1"}}})

    item = client.tables().update(APPS, KEY, "SET a = :a", "a < :a", {":a": {"N": "1"}})

    assert item == {"a": {"N": "1"}}
    assert len(client.calls) == 2


def test_s109_and_given_up_likewise(slept: list[float]) -> None:
    client = Scripted(fault("TransactionConflictException"))

    with pytest.raises(TemporarilyUnavailable):
        client.tables().put(APPS, KEY)
    assert len(client.calls) == 4
    assert short_enough(slept)


def test_s109_a_pause_fills_the_time_that_it_may_take() -> None:
    for longest in LONGEST_PAUSES:
        tries = [jittered(longest) for _ in range(500)]
        assert 0 <= min(tries) < longest / 2 < max(tries) <= longest


def test_s109_dynamodb_does_not_take_an_app_for_deleted_that_changes_all_the_time(slept: list[float]) -> None:
    reasons = [{"Code": "ConditionalCheckFailed", "Item": to_item(APP._replace(version=9))}, {}, {}, {}]
    client = Scripted(fault("TransactionCanceledException", CancellationReasons=reasons))

    with pytest.raises(TemporarilyUnavailable):
        DynamoDBStore(client, {table.name: table.name for table in TABLES}).delete_app(APP, revocation=STOPPED)
    assert len(client.calls) == 4
    assert short_enough(slept)


def test_s106_a_batch_that_never_ends_is_given_up(slept: list[float]) -> None:
    left = {"real-apps": {"Keys": [KEY], "ConsistentRead": True}}
    client = Scripted({"Responses": {}, "UnprocessedKeys": left})

    with pytest.raises(TemporarilyUnavailable):
        client.tables().batch_get([(APPS, KEY)])
    assert len(client.calls) == 4
    assert short_enough(slept)


def test_a_table_that_the_function_may_not_touch_has_no_name() -> None:
    with pytest.raises(KeyError):
        Tables(Scripted({}), {}).name(APPS)
