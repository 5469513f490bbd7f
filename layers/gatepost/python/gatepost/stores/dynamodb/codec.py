"""Records as items: one attribute per field, named like the field; fields with their default are omitted.

So `attribute_not_exists(redeemed_by)` means "has its default", and items stay small.

An attribute that a reader of the version before may ignore is added as it is. One that it must not ignore comes with a
higher `form` of the item: whoever does not know that form refuses the record instead of misreading it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from gatepost.errors import TemporarilyUnavailable
from gatepost.scope import Scope
from gatepost.stores.schema import TTL_ATTRIBUTE

R = TypeVar("R")
Item = dict[str, Any]
FORM = "form"  # a number; absent: 1
_KNOWN = 1  # every form up to this is read
_REQUIRED = object()  # in place of a default


def to_item(record: Any, key: Item | None = None, *, ttl: int | None = None) -> Item:
    """Return `record` as an item with the table's `key`; DynamoDB may remove it after `ttl`, in epoch seconds."""
    item: Item = dict(key or {})
    for (name, _, default), value in zip(_plan(record.__class__), record, strict=True):
        if default is _REQUIRED or value != default:
            item[name] = attribute(value)
    if ttl is not None:
        item[TTL_ATTRIBUTE] = {"N": str(ttl)}
    return item


def from_item(record: type[R], item: Item) -> R:
    """The record that `to_item` wrote; `record` is its class, a named tuple.

    Raises TemporarilyUnavailable for a newer form, TypeError if an attribute is missing that the record must have.
    """
    if FORM in item and is_newer(item):
        raise TemporarilyUnavailable("try again", reason="a record in the form of a newer version")
    kind: Any = record
    plan = _plan(kind)
    try:
        values = [read(item[name]) if name in item or default is _REQUIRED else default for name, read, default in plan]
    except KeyError as missing:
        raise TypeError(f"{missing} is missing") from None
    made: R = kind._make(values)
    return made


def is_newer(item: Item) -> bool:
    """Whether only a newer version knows what the item means."""
    return int(item.get(FORM, {"N": "1"})["N"]) > _KNOWN


def attribute(value: object) -> Item:
    """Return a value as a DynamoDB attribute."""
    match value:
        case str() | Scope():
            return {"S": str(value)}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": str(value)}
        case tuple() if hasattr(value, "_fields"):
            return {"M": to_item(value)}
        case tuple():
            return {"L": [attribute(part) for part in value]}
        case _:
            raise TypeError(f"no attribute for {type(value).__name__}")


def _app_secrets(value: Item) -> object:
    from gatepost.model.records import AppSecret

    return tuple(from_item(AppSecret, part["M"]) for part in value["L"])


def _scope(value: Item) -> Scope:
    return Scope(value["S"].split())


# by the annotation of the field, as written in gatepost.model
_READERS: dict[str, Callable[[Item], object]] = {
    "str": itemgetter("S"),
    "str | None": itemgetter("S"),
    "RevocationKind": itemgetter("S"),
    "LinkKind": itemgetter("S"),
    "int": lambda value: int(value["N"]),
    "float": lambda value: float(value["N"]),
    "bool": itemgetter("BOOL"),
    "Scope": _scope,
    "Scope | None": _scope,
    "tuple[str, ...]": lambda value: tuple(part["S"] for part in value["L"]),
    "tuple[AppSecret, ...]": _app_secrets,
}


@cache
def _plan(record: Any) -> tuple[tuple[str, Callable[[Item], object], Any], ...]:
    """Return for each field of a record its name, what reads its attribute, and its default."""
    return tuple(
        (name, _READERS[kind.__forward_arg__], record._field_defaults.get(name, _REQUIRED))
        for name, kind in record.__annotations__.items()
    )
