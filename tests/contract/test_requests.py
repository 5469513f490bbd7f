"""Requests to DynamoDB: they carry every given condition, and never too long a cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.scope import Scope
from gatepost.stores.dynamodb.operations import Listing
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import APPS, AUDIT, TABLES
from tests.contract.records import APP, STOPPED
from tests.contract.scripted import Scripted
from tests.unit.world import OWNER, READ

KEY = {"client_id": {"S": "a"}}
NAMES = {table.name: table.name for table in TABLES}
VALUES = {":a": {"N": "1"}}
DAY = Listing(partition=("day", "d"), sort_key="sk", cursor=None, limit=2, newest_first=True)


def test_a_put_of_a_transaction_carries_its_condition_and_its_values() -> None:
    tables = Scripted({}).tables()
    plain = {"TableName": "real-apps", "Item": KEY}

    assert tables.put_write(APPS, KEY) == {"Put": plain}
    assert tables.put_write(APPS, KEY, "a = b") == {"Put": {**plain, "ConditionExpression": "a = b"}}
    assert tables.put_write(APPS, KEY, "a = :a", VALUES) == {
        "Put": {**plain, "ConditionExpression": "a = :a", "ExpressionAttributeValues": VALUES}
    }


@pytest.mark.parametrize(("version", "values"), [(1, None), (2, {":before": {"N": "2"}})])
def test_dynamodb_gets_values_with_the_deletion_of_an_app_only_where_there_are_some(
    version: int, values: dict[str, Any] | None
) -> None:
    client = Scripted({})

    DynamoDBStore(client, NAMES).delete_app(replace(APP, version=version), revocation=STOPPED)

    delete = client.calls[0][1]["TransactItems"][0]["Delete"]
    assert delete.get("ExpressionAttributeValues") == values


@pytest.mark.parametrize(("limit", "more"), [(None, {}), (READ, {":limit": {"S": "read"}})])
def test_dynamodb_gets_the_limit_of_an_owner_only_where_there_is_one(limit: Scope | None, more: dict[str, Any]) -> None:
    client = Scripted({})

    DynamoDBStore(client, NAMES).create_app(APP, owner=replace(OWNER, scope=limit), limit=1)

    check = client.calls[0][1]["TransactItems"][3]["ConditionCheck"]
    assert check["ExpressionAttributeValues"] == {":status": {"S": "active"}} | more


def test_an_update_carries_names_and_values_only_where_there_are_some() -> None:
    client = Scripted({"Attributes": KEY})

    client.tables().update(APPS, KEY, "SET a = b", "a = c", {})
    client.tables().update(APPS, KEY, "SET #a = :a", "a = c", VALUES, {"#a": "a"})

    requests = [request for _, request in client.calls]
    assert [request["ConditionExpression"] for request in requests] == ["a = c", "a = c"]
    assert [request.get("ExpressionAttributeValues") for request in requests] == [None, VALUES]
    assert [request.get("ExpressionAttributeNames") for request in requests] == [None, {"#a": "a"}]


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_cursor_and_of_a_prefix_200_characters_count(newest_first: bool) -> None:
    client = Scripted({"Items": []})
    for length in (199, 200, 201, 5000):
        client.tables().list(AUDIT, DAY._replace(cursor="x" * length, newest_first=newest_first))
        client.tables().list(AUDIT, DAY._replace(prefix="x" * length, newest_first=newest_first))

    bounds = [request["ExpressionAttributeValues"] for _, request in client.calls]
    cursors = [bound[":high" if newest_first else ":low"]["S"] for bound in bounds[::2]]
    assert [len(cursor) for cursor in cursors] == [199, 200, 200, 200]
    assert [len(bound[":low"]["S"]) for bound in bounds[1::2]] == [199, 200, 200, 200]
    assert [len(bound[":high"]["S"]) for bound in bounds[1::2]] == [200, 201, 201, 201]


@pytest.mark.parametrize(("stored", "shown", "cursor"), [(0, 0, None), (2, 2, None), (3, 2, "k1"), (4, 2, "k1")])
def test_a_page_says_that_there_is_more_only_where_there_is(stored: int, shown: int, cursor: str | None) -> None:
    items = [{"sk": {"S": f"k{number}"}} for number in range(stored)]

    assert Scripted({"Items": items}).tables().list(AUDIT, DAY) == (items[:shown], cursor)


def test_a_query_that_ended_at_a_megabyte_has_another_page() -> None:
    items = [{"sk": {"S": "k0"}}, {"sk": {"S": "k1"}}]
    answer = {"Items": items, "LastEvaluatedKey": {"sk": {"S": "k1"}}}

    assert Scripted(answer).tables().list(AUDIT, DAY) == (items, "k1")
    assert Scripted({**answer, "Items": []}).tables().list(AUDIT, DAY) == ([], None)
