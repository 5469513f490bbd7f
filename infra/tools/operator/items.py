"""Reading whole tables and writing many items: what functions never do and may not do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatepost.stores.schema import Table

Item = dict[str, Any]


def scan(database: Any, name: str, *, attributes: Sequence[str] = (), sort_key: str = "") -> Iterator[Item]:
    """Every item of a table, read consistently, in no order.

    With `attributes` these alone are read, which a role can demand; with `sort_key` only items that have it.
    """
    names = {f"#n{number}": each for number, each in enumerate(attributes)}
    narrowed: Item = {}
    if attributes:
        narrowed = {
            "Select": "SPECIFIC_ATTRIBUTES",
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
        }
    if sort_key:
        narrowed["FilterExpression"] = "sk = :sk"
        narrowed["ExpressionAttributeValues"] = {":sk": {"S": sort_key}}
    for page in database.get_paginator("scan").paginate(TableName=name, ConsistentRead=True, **narrowed):
        yield from page["Items"]


def key_of(table: Table, item: Mapping[str, Any]) -> Item:
    """The primary key of an item."""
    names = (table.partition_key, table.sort_key)
    return {name: item[name] for name in names if name is not None}


def delete_each(database: Any, name: str, keys: Iterable[Item]) -> int:
    """Remove the items; how many it was."""
    count = 0
    for key in keys:
        database.delete_item(TableName=name, Key=key)
        count += 1
    return count
