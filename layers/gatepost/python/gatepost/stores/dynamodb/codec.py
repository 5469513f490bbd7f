"""Records as items: one attribute a field, under the field's name; a field that has its default is left out.

So `attribute_not_exists(redeemed_by)` means "has its default", and items stay small.

An attribute that a reader of the version before may ignore is added as it is. One that it must not ignore comes with a
higher `form` of the item: whoever does not know that form refuses the record instead of misreading it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

from gatepost.errors import TemporarilyUnavailable
from gatepost.scope import Scope
from gatepost.stores.schema import TTL_ATTRIBUTE

R = TypeVar("R")
Item = dict[str, Any]
FORM = "form"  # a number; absent: 1
_KNOWN = 1  # every form up to this is read


def to_item(record: Any, key: Item | None = None, *, ttl: int | None = None) -> Item:
    """`record` as an item with the table's `key`; `ttl` is when DynamoDB may remove it, epoch seconds."""
    item: Item = dict(key or {})
    for f in fields(record):
        value = getattr(record, f.name)
        if f.default is MISSING or value != f.default:
            item[f.name] = attribute(value)
    if ttl is not None:
        item[TTL_ATTRIBUTE] = {"N": str(ttl)}
    return item


def from_item(record: Callable[..., R], item: Item) -> R:
    """The record that `to_item` wrote; `record` is its class. Raises TemporarilyUnavailable for a newer form."""
    if FORM in item and is_newer(item):
        raise TemporarilyUnavailable("try again", reason="a record in the form of a newer version")
    readers = _readers(record)
    return record(**{name: readers[name](value) for name, value in item.items() if name in readers})


def is_newer(item: Item) -> bool:
    """Whether only a newer version knows what the item means."""
    return int(item.get(FORM, {"N": "1"})["N"]) > _KNOWN


def attribute(value: object) -> Item:
    """A value in DynamoDB's form."""
    match value:
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": str(value)}
        case str() | Scope():
            return {"S": str(value)}
        case tuple():
            return {"L": [attribute(part) for part in value]}
        case _ if is_dataclass(value):
            return {"M": to_item(value)}
        case _:
            raise TypeError(f"no attribute for {type(value).__name__}")


def _app_secrets(value: Item) -> object:
    from gatepost.model.records import AppSecret

    return tuple(from_item(AppSecret, part["M"]) for part in value["L"])


def _scope(value: Item) -> Scope:
    return Scope(value["S"].split())


# by the annotation of the field, as it is written in model.py
_READERS: dict[str, Callable[[Item], object]] = {
    "str": lambda value: value["S"],
    "str | None": lambda value: value["S"],
    "RevocationKind": lambda value: value["S"],
    "LinkKind": lambda value: value["S"],
    "int": lambda value: int(value["N"]),
    "float": lambda value: float(value["N"]),
    "bool": lambda value: value["BOOL"],
    "Scope": _scope,
    "Scope | None": _scope,
    "tuple[str, ...]": lambda value: tuple(part["S"] for part in value["L"]),
    "tuple[AppSecret, ...]": _app_secrets,
}


@cache
def _readers(record: Any) -> dict[str, Callable[[Item], object]]:
    return {f.name: _READERS[str(f.type)] for f in fields(record)}
