"""Two regions whose tables are replicated as AWS describes global tables with eventual consistency (MREC).

Conditions and reads use a region's own table. Of an item that both wrote, the later write wins as a whole. Nothing of
it is AWS's: it shows the effect of the stores' conditions under these rules.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.aws.boto import BotoClient
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TABLES
from tests.contract.cloud import create_tables
from tests.dynamodb import InProcess

Item = dict[str, Any]
Place = tuple[str, tuple[tuple[str, str], ...]]  # logical table, names and values of the key
_KEYS = {table.name: [name for name in (table.partition_key, table.sort_key) if name] for table in TABLES}
_WRITES = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}
_clock = itertools.count(1)  # what both regions date their writes by


class Region:
    """One region: a store, and what it wrote since the last copy."""

    def __init__(self, name: str = "") -> None:
        """Tables of its own."""
        client: Any = InProcess()
        self._names = create_tables(client)
        self._logical = {physical: logical for logical, physical in self._names.items()}
        self._caller = BotoClient(client)
        self.written: dict[Place, int] = {}
        self.store = DynamoDBStore(self, self._names, name)

    def call(self, operation: str, request: Mapping[str, Any]) -> Item:
        """See gatepost.aws.services.Caller."""
        answer = self._caller.call(operation, request)
        for place in self._places(operation, request):
            self.written[place] = next(_clock)
        return answer

    def item(self, place: Place) -> Item | None:
        """Return the item in this region."""
        found = self._caller.call("GetItem", self._at(place, "Key") | {"ConsistentRead": True})
        return found.get("Item")

    def take(self, place: Place, item: Item | None) -> None:
        """Take the other region's item."""
        if item is None:
            self._caller.call("DeleteItem", self._at(place, "Key"))
        else:
            self._caller.call("PutItem", {"TableName": self._names[place[0]], "Item": item})

    def _at(self, place: Place, member: str) -> Item:
        table, key = place
        return {"TableName": self._names[table], member: {name: {"S": value} for name, value in key}}

    def _places(self, operation: str, request: Mapping[str, Any]) -> Iterator[Place]:
        writes = request["TransactItems"] if operation == "TransactWriteItems" else [{_WRITES.get(operation): request}]
        for write in writes:
            ((kind, part),) = write.items()
            if kind in _WRITES.values():
                table = self._logical[part["TableName"]]
                key = part["Item"] if kind == "Put" else part["Key"]
                yield table, tuple((name, key[name]["S"]) for name in _KEYS[table])


def replicate(one: Region, other: Region) -> None:
    """Copy what was written, both ways; the later write of an item stays."""
    for place in {**one.written, **other.written}:
        winner, loser = (one, other) if one.written.get(place, 0) > other.written.get(place, 0) else (other, one)
        loser.take(place, winner.item(place))
    one.written.clear()
    other.written.clear()
