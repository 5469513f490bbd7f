"""Reads of records by key, all in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from gatepost.stores.dynamodb.codec import Item
from gatepost.stores.dynamodb.item_keys import place, record_in
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.record_keys import Key

R = TypeVar("R")
_MOST_KEYS = 100  # of one BatchGetItem


class DynamoDBRecords:
    """Implements ports.Records."""

    _tables: Tables

    def read(self, *keys: Key[Any]) -> Any:
        """GetItem for one key, BatchGetItem for more; consistent."""
        places = [place(key) for key in keys]
        if len(keys) == 1:
            table, address = places[0]
            return (record_in(keys[0], self._tables.get(table, address)),)
        found = self._tables.batch_get(places)
        return tuple(
            record_in(key, _lookup(found, self._tables.name(table), address))
            for key, (table, address) in zip(keys, places, strict=True)
        )

    def read_each(self, keys: Sequence[Key[R]]) -> Sequence[R | None]:
        """BatchGetItem, a hundred keys at a time."""
        found: list[R | None] = []
        for start in range(0, len(keys), _MOST_KEYS):
            found += self.read(*keys[start : start + _MOST_KEYS])
        return found


def _lookup(found: list[tuple[str, Item]], name: str, address: Item) -> Item | None:
    return next((item for table, item in found if table == name and address.items() <= item.items()), None)
