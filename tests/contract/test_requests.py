"""Requests to DynamoDB: they carry every given condition, and never too long a cursor."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.scope import Scope
from gatepost.stores.dynamodb.operations import Listing
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import ACCOUNTS, APPS, AUDIT, TABLES, TOKENS
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
def test_dynamodb_gets_values_with_a_deletion_only_where_some_are(version: int, values: dict[str, Any] | None) -> None:
    client = Scripted({})

    DynamoDBStore(client, NAMES).delete_app(APP._replace(version=version), revocation=STOPPED)

    delete = client.calls[0][1]["TransactItems"][0]["Delete"]
    assert delete.get("ExpressionAttributeValues") == values


@pytest.mark.parametrize(("limit", "more"), [(None, {}), (READ, {":limit": {"S": "read"}})])
def test_dynamodb_gets_the_limit_of_an_owner_only_where_there_is_one(limit: Scope | None, more: dict[str, Any]) -> None:
    client = Scripted({})

    DynamoDBStore(client, NAMES).create_app(APP, owner=OWNER._replace(scope=limit), limit=1)

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


# Lists


def values_of(listing: Listing) -> tuple[dict[str, Any], dict[str, Any]]:
    """The request for a page of a list, and the values in it."""
    client = Scripted({"Items": []})
    client.tables().list(AUDIT, listing)
    ((_, request),) = client.calls
    return request, request["ExpressionAttributeValues"]


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_is_one_query_that_asks_for_two_more(newest_first: bool) -> None:
    request, values = values_of(DAY._replace(newest_first=newest_first))

    assert request["ScanIndexForward"] is not newest_first
    assert (request["Limit"], request["TableName"], values[":p"]) == (4, "real-audit", {"S": "d"})
    assert "IndexName" not in request
    assert values_of(DAY._replace(index_name="by_name"))[0]["IndexName"] == "by_name"


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_cursor_and_of_a_prefix_200_characters_count(newest_first: bool) -> None:
    listing, end = DAY._replace(newest_first=newest_first), ":high" if newest_first else ":low"
    for length in (199, 200, 201, 5000):
        cursor = values_of(listing._replace(cursor="x" * length))[1]
        prefix = values_of(listing._replace(prefix="x" * length))[1]
        kept = min(length, 200)
        assert [len(bound["S"]) for bound in (cursor[end], prefix[":low"], prefix[":high"])] == [kept, kept, kept + 1]
    for text in ("é" * 600, "\U0001f600" * 300):  # never longer than DynamoDB takes
        for longest in (listing._replace(cursor=text), listing._replace(prefix=text)):
            assert all(len(value["S"].encode()) <= 1024 for value in values_of(longest)[1].values())


def test_a_page_that_can_hold_nothing_asks_nobody() -> None:
    client = Scripted({"Items": []})

    assert client.tables().list(AUDIT, DAY._replace(cursor="")) == ([], None)
    assert client.tables().list(AUDIT, DAY._replace(prefix="a", cursor="b", newest_first=False)) == ([], None)
    assert client.calls == []


@pytest.mark.parametrize(("stored", "shown", "cursor"), [(0, 0, None), (2, 2, None), (3, 2, "k1"), (4, 2, "k1")])
def test_a_page_says_that_there_is_more_only_where_there_is(stored: int, shown: int, cursor: str | None) -> None:
    items = [{"sk": {"S": f"k{number}"}} for number in range(stored)]

    assert Scripted({"Items": items}).tables().list(AUDIT, DAY) == (items[:shown], cursor)


def test_a_query_that_ended_at_a_megabyte_has_another_page() -> None:
    items = [{"sk": {"S": "k0"}}, {"sk": {"S": "k1"}}]
    answer = {"Items": items, "LastEvaluatedKey": {"sk": {"S": "k1"}}}

    assert Scripted(answer).tables().list(AUDIT, DAY) == (items, "k1")
    assert Scripted({**answer, "Items": []}).tables().list(AUDIT, DAY) == ([], None)


# Reads


def test_s112_every_read_is_consistent() -> None:
    client = Scripted({"Item": KEY}, {"Responses": {}}, {"Items": []})
    tables = client.tables()

    tables.get(APPS, KEY)
    tables.batch_get([(APPS, KEY)])
    list(tables.query(TOKENS, "pk = :a", {":a": {"S": "x"}}))

    requests = [request for _, request in client.calls]
    assert requests[0]["ConsistentRead"] is True
    assert requests[1]["RequestItems"]["real-apps"]["ConsistentRead"] is True
    assert requests[2]["ConsistentRead"] is True
    assert "IndexName" not in requests[2]


def test_a_batch_goes_on_with_the_keys_that_were_left_over() -> None:
    left = {"real-accounts": {"Keys": [{"pk": {"S": "b"}}], "ConsistentRead": True}}
    client = Scripted(
        {"Responses": {"real-apps": [KEY]}, "UnprocessedKeys": left},
        {"Responses": {"real-accounts": [{"pk": {"S": "b"}}]}, "UnprocessedKeys": {}},
    )

    found = client.tables().batch_get([(APPS, KEY), (APPS, KEY), (ACCOUNTS, {"pk": {"S": "b"}})])

    assert found == [("real-apps", KEY), ("real-accounts", {"pk": {"S": "b"}})]
    assert client.calls[0][1]["RequestItems"]["real-apps"]["Keys"] == [KEY]
    assert client.calls[1][1] == {"RequestItems": left}


def test_a_query_follows_its_pages() -> None:
    client = Scripted(
        {"Items": [{"n": {"N": "1"}}], "LastEvaluatedKey": {"pk": {"S": "x"}}},
        {"Items": [], "LastEvaluatedKey": {"pk": {"S": "y"}}},
        {"Items": [{"n": {"N": "2"}}]},
    )

    items = list(client.tables().query(TOKENS, "pk = :a", {":a": {"S": "x"}}))

    assert items == [{"n": {"N": "1"}}, {"n": {"N": "2"}}]
    assert client.calls[2][1]["ExclusiveStartKey"] == {"pk": {"S": "y"}}
