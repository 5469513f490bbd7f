"""Calls to DynamoDB: names filled in, failures told apart, conflicts between transactions retried."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gatepost.aws.caller import Caller, idempotency_token
from gatepost.errors import ServerError, TemporarilyUnavailable
from gatepost.stores.dynamodb.calls import (
    BROKEN_WRITE,
    Cancelled,
    ConditionFailed,
    Item,
    Refused,
    call,
    pauses,
    queried,
)
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.record_keys import Key
from gatepost.stores.schema import Table

CONDITION_FAILED = "ConditionalCheckFailed"
_LONGEST = 200  # characters of a cursor or a prefix: in UTF-8 below the 1024 bytes that a sort key may have


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of an index or of a partition: its key's names and values, and where to go on."""

    partition: tuple[str, str]
    sort_key: str
    index: str = ""
    prefix: str = ""
    cursor: str | None
    limit: int
    newest_first: bool


class Tables:
    """DynamoDB, with the tables' physical names."""

    def __init__(self, client: Caller, names: Mapping[str, str]) -> None:
        """`names`: logical name to physical name."""
        self.client = client
        self.names = names

    def name(self, table: Table) -> str:
        """The physical name."""
        return self.names[table.name]

    def at(self, key: Key[Any]) -> Item:
        """Where a record lies, as members of a request."""
        table, address = place(key)
        return {"TableName": self.name(table), "Key": address}

    def put_write(self, table: Table, item: Item, condition: str = "", values: Item | None = None) -> Item:
        """A put, as a member of a transaction."""
        write: Item = {"TableName": self.name(table), "Item": item}
        if condition:
            write["ConditionExpression"] = condition
        if values:
            write["ExpressionAttributeValues"] = values
        return {"Put": write}

    def get(self, table: Table, key: Item) -> Item | None:
        """One item, read consistently."""
        return self._call("GetItem", {"TableName": self.name(table), "Key": key, "ConsistentRead": True}).get("Item")

    def batch_get(self, keys: Sequence[tuple[Table, Item]]) -> list[tuple[str, Item]]:
        """The items behind `keys` that exist, with the physical names of their tables; read consistently."""
        wanted: dict[str, Any] = {}
        for table, key in keys:
            entry = wanted.setdefault(self.name(table), {"Keys": [], "ConsistentRead": True})
            if key not in entry["Keys"]:
                entry["Keys"].append(key)
        found: list[tuple[str, Item]] = []
        for pause in pauses():
            answer = self._call("BatchGetItem", {"RequestItems": wanted})
            found += [(name, item) for name, items in answer["Responses"].items() for item in items]
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return found
            time.sleep(pause)
        raise TemporarilyUnavailable("try again", reason="UnprocessedKeys")

    def put(self, table: Table, item: Item) -> None:
        """Write an item, whatever stood there."""
        self._call("PutItem", {"TableName": self.name(table), "Item": item})

    def update(
        self,
        table: Table,
        key: Item,
        expression: str,
        condition: str,
        values: Item,
        names: Item | None = None,
        *,
        whole: bool = False,
    ) -> Item:
        """A conditional update. With `whole`, the item after it, else {}.

        Raises ConditionFailed, with `whole` with the item as it stood. A role that may not name every attribute of an
        item may not ask for all of them either.
        """
        request: Item = {
            "TableName": self.name(table),
            "Key": key,
            "UpdateExpression": expression,
            "ConditionExpression": condition,
        }
        if whole:
            request |= {"ReturnValues": "ALL_NEW", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        if values:
            request["ExpressionAttributeValues"] = values
        if names:
            request["ExpressionAttributeNames"] = names
        try:
            answer = self._call("UpdateItem", request)
        except Refused as refused:
            raise ConditionFailed([refused.item], [True]) from refused
        return dict(answer.get("Attributes", {}))

    def delete(self, table: Table, key: Item) -> None:
        """Remove an item, if it is there."""
        self._call("DeleteItem", {"TableName": self.name(table), "Key": key})

    def query(self, table: Table, condition: str, values: Item) -> Iterator[Item]:
        """The items of a partition, read consistently, page after page."""
        request: Item = {
            "TableName": self.name(table),
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }
        return queried(self.client, request)

    def list(self, table: Table, listing: Listing) -> tuple[Sequence[Item], str | None]:
        """The items of a page, and the sort key behind which the next page begins, None at the end.

        A cursor is a sort key and nothing else, so a forged one only begins elsewhere in the same list.
        """
        prefix, cursor = listing.prefix[:_LONGEST], listing.cursor and listing.cursor[:_LONGEST]
        low, high = prefix or " ", prefix + "\U0010ffff"
        if cursor is not None and listing.newest_first:
            high = cursor
        elif cursor is not None:
            low = max(low, cursor)
        name, value = listing.partition
        request: Item = {
            "TableName": self.name(table),
            "KeyConditionExpression": "#p = :p AND #s BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#p": name, "#s": listing.sort_key},
            "ExpressionAttributeValues": {":p": {"S": value}, ":low": {"S": low}, ":high": {"S": high}},
            "ScanIndexForward": not listing.newest_first,
            "Limit": listing.limit + 2,  # one to see whether there is more, one that may be the cursor itself
        }
        if listing.index:
            request["IndexName"] = listing.index
        if not low <= high:
            return [], None
        answer = self._call("Query", request)
        items = [item for item in answer["Items"] if item[listing.sort_key]["S"] != listing.cursor]
        part = items[: listing.limit]
        return part, part[-1][listing.sort_key]["S"] if len(items) > listing.limit else None

    def count(self, table: Table, index: str, partition: tuple[str, str], *, most: int) -> int:
        """How many items of an index have this partition, counted up to `most`."""
        name, value = partition
        request: Item = {
            "TableName": self.name(table),
            "IndexName": index,
            "KeyConditionExpression": "#p = :p",
            "ExpressionAttributeNames": {"#p": name},
            "ExpressionAttributeValues": {":p": {"S": value}},
            "Select": "COUNT",
            "Limit": most,
        }
        return int(self._call("Query", request)["Count"])

    def transact(self, *writes: Item) -> None:
        """All writes or none (TransactWriteItems; retries of one call carry one idempotency token).

        Raises ConditionFailed if a condition did not hold. A conflict with another transaction is tried again.
        """
        cause = ""
        for pause in pauses():
            try:
                request = {"TransactItems": list(writes), "ClientRequestToken": idempotency_token()}
                self._call("TransactWriteItems", request)
            except Cancelled as cancelled:
                failed = [reason.get("Code") == CONDITION_FAILED for reason in cancelled.reasons]
                if any(failed):
                    raise ConditionFailed([r.get("Item", {}) for r in cancelled.reasons], failed) from cancelled
                cause = cancelled.cause
                if BROKEN_WRITE in cancelled.codes:
                    raise ServerError("the server could not answer", reason=cause) from None
                time.sleep(pause)
            else:
                return
        raise TemporarilyUnavailable("try again", reason=cause)

    def _call(self, operation: str, request: Item) -> Item:
        return call(partial(self.client.call, operation, request))
