"""Scans of whole tables and bulk writes, which functions never do and are not allowed to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gatepost.stores.schema import Table

Item = dict[str, Any]


def scan(database: Any, name: str) -> Iterator[Item]:
    """Yield every item of a table, read consistently, unordered."""
    for page in database.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        yield from page["Items"]


def key_of(table: Table, item: Mapping[str, Any]) -> Item:
    """Return the primary key of an item."""
    names = (table.partition_key, table.sort_key)
    return {name: item[name] for name in names if name is not None}


def delete_each(database: Any, name: str, keys: Iterable[Item]) -> int:
    """Remove the items and return their number."""
    count = 0
    for key in keys:
        database.delete_item(TableName=name, Key=key)
        count += 1
    return count
