"""DynamoDB operations with table names filled in; conflicts between transactions are retried."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from gatepost.aws.retries import jittered
from gatepost.aws.services import Caller, idempotency_token
from gatepost.errors import ServerError, TemporarilyUnavailable
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.retrying import (
    BROKEN_WRITE,
    LONGEST_PAUSES,
    Cancelled,
    ConditionFailed,
    Item,
    call,
    queried,
)
from gatepost.stores.record_keys import Key
from gatepost.stores.schema import Table

CONDITION_FAILED = "ConditionalCheckFailed"
_LONGEST = 200  # characters of a cursor or a prefix: in UTF-8 below the limit of a sort key, 1024 bytes


class Listing(NamedTuple):
    """A page of an index or partition: names and values of its key, and the cursor."""

    partition: tuple[str, str]
    sort_key: str
    cursor: str | None
    limit: int
    newest_first: bool
    index_name: str = ""
    prefix: str = ""


class Tables:
    """A DynamoDB client with the physical names of the tables, their region and the clock."""

    def __init__(
        self, client: Caller, names: Mapping[str, str], region: str = "", clock: Callable[[], float] | None = None
    ) -> None:
        """Take the mapping from logical to physical `names`."""
        self.client = client
        self.names = names
        self.region = region
        self.clock = clock or time.time

    def name(self, table: Table) -> str:
        """Return the physical name of a table."""
        return self.names[table.name]

    def at(self, key: Key[Any]) -> Item:
        """Return the table name and key of a record, as members of a request."""
        table, address = place(key)
        return {"TableName": self.name(table), "Key": address}

    def put_write(self, table: Table, item: Item, condition: str = "", values: Item | None = None) -> Item:
        """Return a put, as a member of a transaction."""
        write: Item = {"TableName": self.name(table), "Item": item}
        if condition:
            write["ConditionExpression"] = condition
        if values:
            write["ExpressionAttributeValues"] = values
        return {"Put": write}

    def update_write(
        self, table: Table, key: Item, expression: str, condition: str, values: Item, names: Item | None = None
    ) -> Item:
        """Return an update, as a member of a transaction."""
        write: Item = {"TableName": self.name(table), "Key": key, "UpdateExpression": expression}
        if condition:
            write["ConditionExpression"] = condition
        if values:
            write["ExpressionAttributeValues"] = values
        if names:
            write["ExpressionAttributeNames"] = names
        return {"Update": write}

    def get(self, table: Table, key: Item) -> Item | None:
        """Return one item, read consistently."""
        return self._call("GetItem", {"TableName": self.name(table), "Key": key, "ConsistentRead": True}).get("Item")

    def batch_get(self, keys: Sequence[tuple[Table, Item]]) -> list[tuple[str, Item]]:
        """Return the existing items of `keys` with the physical names of their tables; read consistently."""
        wanted: dict[str, Any] = {}
        for table, key in keys:
            entry = wanted.setdefault(self.name(table), {"Keys": [], "ConsistentRead": True})
            if key not in entry["Keys"]:
                entry["Keys"].append(key)
        found: list[tuple[str, Item]] = []
        for longest in LONGEST_PAUSES:
            answer = self._call("BatchGetItem", {"RequestItems": wanted})
            found += [(name, item) for name, items in answer["Responses"].items() for item in items]
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return found
            time.sleep(jittered(longest))
        raise TemporarilyUnavailable("try again", reason="UnprocessedKeys")

    def put(self, table: Table, item: Item) -> None:
        """Write an item, replacing any existing one."""
        self._call("PutItem", {"TableName": self.name(table), "Item": item})

    def put_new(self, table: Table, item: Item) -> None:
        """Write an item where there is none. Raises ConditionFailed with the item that is there."""
        request = {
            "TableName": self.name(table),
            "Item": item,
            "ConditionExpression": f"attribute_not_exists({table.sort_key or table.partition_key})",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        self._call("PutItem", request)

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
        changed: bool = False,
    ) -> Item:
        """Update an item, conditionally if there is a `condition`.

        Return the new item if `whole`, its updated attributes if `changed`, else {}.

        Raises ConditionFailed, with the current item if `whole`. A role that may not name every attribute of an item
        may not request the whole item either.
        """
        request: Item = self.update_write(table, key, expression, condition, values, names)["Update"]
        if whole:
            request |= {"ReturnValues": "ALL_NEW", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        elif changed:
            request["ReturnValues"] = "UPDATED_NEW"
        return dict(self._call("UpdateItem", request).get("Attributes", {}))

    def delete(self, table: Table, key: Item, *, whole: bool = False) -> Item:
        """Delete an item if it exists; return it if `whole`, {} if there was none."""
        request: Item = {"TableName": self.name(table), "Key": key}
        if whole:
            request["ReturnValues"] = "ALL_OLD"
        return dict(self._call("DeleteItem", request).get("Attributes", {}))

    def query(self, table: Table, condition: str, values: Item) -> Iterator[Item]:
        """Return the items of a partition, read consistently, page by page."""
        request: Item = {
            "TableName": self.name(table),
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }
        return queried(self.client, request)

    def list(self, table: Table, listing: Listing) -> tuple[Sequence[Item], str | None]:
        """Return the items of a page, and the sort key after which the next page begins, None at the end.

        A cursor is only a sort key, so a forged one merely starts elsewhere in the same list.
        """
        prefix, cursor = listing.prefix[:_LONGEST], listing.cursor and listing.cursor[:_LONGEST]
        low, high = prefix or " ", prefix + "\U0010ffff"
        if cursor is not None and listing.newest_first:
            high = min(high, cursor)
        elif cursor is not None:
            low = max(low, cursor)
        name, value = listing.partition
        request: Item = {
            "TableName": self.name(table),
            "KeyConditionExpression": "#p = :p AND #s BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#p": name, "#s": listing.sort_key},
            "ExpressionAttributeValues": {":p": {"S": value}, ":low": {"S": low}, ":high": {"S": high}},
            "ScanIndexForward": not listing.newest_first,
            "Limit": listing.limit + 2,  # one to detect more items, one that may be the cursor itself
        }
        if listing.index_name:
            request["IndexName"] = listing.index_name
        if not low <= high:
            return [], None
        answer = self._call("Query", request)
        items = [item for item in answer["Items"] if item[listing.sort_key]["S"] != listing.cursor]
        part = items[: listing.limit]
        more = len(items) > listing.limit or (bool(part) and "LastEvaluatedKey" in answer)  # a query ends at 1 MB
        return part, part[-1][listing.sort_key]["S"] if more else None

    def count(self, table: Table, index: str, partition: tuple[str, str], *, most: int) -> int:
        """Return the number of items of an index with this partition key, counted up to `most`."""
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
        """Write all or nothing (TransactWriteItems; the retries of a request have one idempotency token).

        Raises ConditionFailed if a condition did not hold. A conflict with another transaction is retried.
        """
        cause = ""
        for longest in LONGEST_PAUSES:
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
                time.sleep(jittered(longest))
            else:
                return
        raise TemporarilyUnavailable("try again", reason=cause)

    def _call(self, operation: str, request: Item) -> Item:
        return call(partial(self.client.call, operation, request))
