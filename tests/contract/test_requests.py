"""What a request to DynamoDB holds: a condition wherever one was given, and never a longer cursor than it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.stores.dynamodb.tables import Listing
from gatepost.stores.tables import APPS, AUDIT
from tests.contract.scripted import Scripted

KEY = {"client_id": {"S": "a"}}
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


def test_a_delete_carries_its_condition_and_its_values() -> None:
    client = Scripted({"Attributes": KEY}, {})
    plain = {"TableName": "real-apps", "Key": KEY, "ReturnValues": "ALL_OLD"}

    assert client.tables().delete(APPS, KEY, "a = :a", VALUES) == KEY
    assert client.tables().delete(APPS, KEY) == {}
    assert client.calls == [
        ("DeleteItem", {**plain, "ConditionExpression": "a = :a", "ExpressionAttributeValues": VALUES}),
        ("DeleteItem", plain),
    ]


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
        client.tables().list(AUDIT, replace(DAY, cursor="x" * length, newest_first=newest_first))
        client.tables().list(AUDIT, replace(DAY, prefix="x" * length, newest_first=newest_first))

    bounds = [request["ExpressionAttributeValues"] for _, request in client.calls]
    cursors = [bound[":high" if newest_first else ":low"]["S"] for bound in bounds[::2]]
    assert [len(cursor) for cursor in cursors] == [199, 200, 200, 200]
    assert [len(bound[":low"]["S"]) for bound in bounds[1::2]] == [199, 200, 200, 200]
    assert [len(bound[":high"]["S"]) for bound in bounds[1::2]] == [200, 201, 201, 201]


@pytest.mark.parametrize(("stored", "shown", "cursor"), [(0, 0, None), (2, 2, None), (3, 2, "k1"), (4, 2, "k1")])
def test_a_page_says_that_there_is_more_only_where_there_is(stored: int, shown: int, cursor: str | None) -> None:
    items = [{"sk": {"S": f"k{number}"}} for number in range(stored)]

    assert Scripted({"Items": items}).tables().list(AUDIT, DAY) == (items[:shown], cursor)
