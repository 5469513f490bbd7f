"""Changes of stored records, made in copies of the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Tables = dict[str, list[dict[str, Any]]]
Plant = Callable[[Tables], None]


def one(tables: Tables, table: str, **wanted: str) -> dict[str, Any]:
    """The first item whose keys begin so."""
    found = [
        item
        for item in tables[table]
        if all(str(item.get(name, {}).get("S", "")).startswith(text) for name, text in wanted.items())
    ]
    assert found, (table, wanted)
    return found[0]


def grant(tables: Tables, **has: bool) -> dict[str, Any]:
    """Return a grant that has, or lacks, some attributes."""
    return next(
        item
        for item in tables["tokens"]
        if item["sk"]["S"].startswith("grant#") and all((name in item) is there for name, there in has.items())
    )


def stored(value: Any) -> dict[str, Any]:
    """A text or a number as DynamoDB keeps it; anything else is given so."""
    if isinstance(value, dict):
        return value
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def change(table: str, attribute: str, value: Any, **wanted: str) -> Plant:
    def plant(tables: Tables) -> None:
        one(tables, table, **wanted)[attribute] = stored(value)

    return plant


def drop(table: str, **wanted: str) -> Plant:
    return lambda tables: tables[table].remove(one(tables, table, **wanted))


def lose(table: str, attribute: str, **wanted: str) -> Plant:
    return lambda tables: one(tables, table, **wanted).pop(attribute)


def grant_with(attribute: str, value: Any, **has: bool) -> Plant:
    def plant(tables: Tables) -> None:
        grant(tables, **has)[attribute] = stored(value)

    return plant
