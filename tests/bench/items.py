"""DynamoDB from a dictionary: the bench's operations without conditions, and the units of each call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatepost.stores.schema import TABLES, Table
from tests.bench.units import Item, Units, item_size, query_units, read_units, write_units

_TABLES: Mapping[str, Table] = {table.name: table for table in TABLES}
_SET = re.compile(r"(#?\w+) = (:\w+)")
_ADD = re.compile(r"ADD (\w+) (:\w+)")
Address = tuple[str, ...]


@dataclass
class Counted:
    """The calls of one operation to the store."""

    calls: list[str] = field(default_factory=list)
    units: Units = field(default_factory=Units)


class Items:
    """A Caller on logical table names.

    If `frozen` it responds to writes as if they had taken effect but keeps none, so that a request can be repeated
    forever.
    """

    def __init__(self) -> None:
        """Empty, and not frozen."""
        self.tables: dict[str, dict[str, Item]] = {name: {} for name in _TABLES}
        self.frozen = False

    def call(self, operation: str, request: Mapping[str, Any]) -> Item:
        """See gatepost.aws.services.Caller."""
        answer: Item = getattr(self, f"_{operation}")(request)
        return answer

    def find(self, table: str, key: Item) -> Item | None:
        """The item at a key."""
        return self.tables[table].get(_address(table, key))

    def after(self, request: Mapping[str, Any]) -> Item:
        """The item as an update leaves it."""
        names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
        item = dict(self.find(request["TableName"], request["Key"]) or request["Key"])
        for name, value in _SET.findall(request["UpdateExpression"]):
            item[names.get(name, name)] = values[value]
        for name, value in _ADD.findall(request["UpdateExpression"]):
            if "N" in values[value]:
                item[name] = {"N": str(int(item.get(name, {"N": "0"})["N"]) + int(values[value]["N"]))}
        return item

    def queried(self, request: Mapping[str, Any]) -> list[Item]:
        """The items of a query of the feed: the keys, or all from a time on."""
        values = request["ExpressionAttributeValues"]
        partition = next(value["S"] for name, value in values.items() if name not in {":since", ":prefix"})
        since, prefix = values.get(":since", {"S": ""})["S"], values.get(":prefix", {"S": ""})["S"]
        items = self.tables[request["TableName"]].values()
        found = [item for item in items if item["pk"]["S"] == partition and item["sk"]["S"] >= since]
        return sorted((i for i in found if i["sk"]["S"].startswith(prefix)), key=lambda item: str(item["sk"]["S"]))

    def _GetItem(self, request: Item) -> Item:  # noqa: N802 — AWS's name
        item = self.find(request["TableName"], request["Key"])
        return {} if item is None else {"Item": item}

    def _BatchGetItem(self, request: Item) -> Item:  # noqa: N802
        wanted = request["RequestItems"].items()
        found = {name: [self.find(name, key) for key in entry["Keys"]] for name, entry in wanted}
        responses = {name: [item for item in items if item is not None] for name, items in found.items()}
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _Query(self, request: Item) -> Item:  # noqa: N802
        items = self.queried(request)
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _PutItem(self, request: Item) -> Item:  # noqa: N802
        self._keep(request["TableName"], request["Item"])
        return {}

    def _UpdateItem(self, request: Item) -> Item:  # noqa: N802
        item = self.after(request)
        self._keep(request["TableName"], item)
        return {"Attributes": item}

    def _DeleteItem(self, request: Item) -> Item:  # noqa: N802
        item = self.find(request["TableName"], request["Key"])
        if not self.frozen:
            self.tables[request["TableName"]].pop(_address(request["TableName"], request["Key"]), None)
        return {} if item is None else {"Attributes": item}

    def _TransactWriteItems(self, request: Item) -> Item:  # noqa: N802
        for write in request["TransactItems"]:
            if "Put" in write:
                self._PutItem(write["Put"])
            elif "Update" in write and not self.frozen and "ADD" not in write["Update"]["UpdateExpression"]:
                self._UpdateItem(write["Update"])
        return {}

    def _keep(self, table: str, item: Item) -> None:
        if not self.frozen:
            self.tables[table][_address(table, item)] = item


class Counting:
    """A Caller that counts the calls to `items`."""

    def __init__(self, items: Items) -> None:
        """Nothing is counted yet."""
        self._items = items
        self.counted = Counted()

    def call(self, operation: str, request: Mapping[str, Any]) -> Item:
        """See gatepost.aws.services.Caller."""
        units = call_units(self._items, operation, request)
        self.counted.calls.append(operation)
        self.counted.units += units
        return self._items.call(operation, request)


def call_units(items: Items, operation: str, request: Mapping[str, Any]) -> Units:
    """The units of one call, before it takes effect."""
    if operation == "GetItem":
        return read_units([item_size(items.find(request["TableName"], request["Key"]) or {})])
    if operation == "BatchGetItem":
        wanted = request["RequestItems"].items()
        return read_units(item_size(items.find(name, key) or {}) for name, each in wanted for key in each["Keys"])
    if operation == "Query":
        return query_units(items.queried(request))
    if operation == "TransactWriteItems":
        writes = (_write(items, each, transaction=True) for each in request["TransactItems"])
        return sum(writes, Units())
    kind = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}[operation]
    return _write(items, {kind: request}, transaction=False)


def _write(items: Items, write: Mapping[str, Any], *, transaction: bool) -> Units:
    ((kind, request),) = write.items()
    table = request["TableName"]
    before = items.find(table, request["Item"] if kind == "Put" else request["Key"])
    after = before  # of a condition check
    if kind == "Put":
        after = request["Item"]
    elif kind == "Update":
        after = items.after(request)
    elif kind == "Delete":
        after = None
    held = [
        index
        for index in _TABLES[table].indexes
        if {index.partition_key, index.sort_key} <= (after or before or {}).keys()
    ]
    return write_units(before, after, indexes=len(held), transaction=transaction)


def _address(table: str, item: Item) -> str:
    spec = _TABLES[table]
    return "\n".join(item[name]["S"] for name in (spec.partition_key, spec.sort_key) if name is not None)
