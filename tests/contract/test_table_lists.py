"""Lists: pages, cursors and prefixes of queries."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.stores.dynamodb.operations import Listing
from gatepost.stores.schema import AUDIT
from tests.contract.scripted import Scripted

DAY = Listing(partition=("day", "d"), sort_key="sk", cursor=None, limit=2, newest_first=True)


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
@pytest.mark.parametrize("text", ["x" * 1025, "é" * 600, "\U0001f600" * 300, "x" * 10**6])
def test_a_cursor_and_a_prefix_are_never_longer_than_dynamodb_takes(text: str, newest_first: bool) -> None:
    for listing in (DAY._replace(cursor=text), DAY._replace(prefix=text)):
        _, values = values_of(listing._replace(newest_first=newest_first))

        assert all(1 <= len(value["S"].encode()) <= 1024 for value in values.values())


def test_a_page_that_can_hold_nothing_asks_nobody() -> None:
    client = Scripted({"Items": []})

    assert client.tables().list(AUDIT, DAY._replace(cursor="")) == ([], None)
    assert client.tables().list(AUDIT, DAY._replace(prefix="a", cursor="b", newest_first=False)) == ([], None)
    assert client.calls == []
