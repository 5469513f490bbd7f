"""DynamoDB's billed units per call: read and write units, computed from the items' sizes and the kind of call.

According to the Developer Guide ("DynamoDB item sizes and formats", "Capacity unit consumption"): an item's size is
that of its names and values; a consistent read is a unit per 4 KB and at least one, also if nothing is found; a write
is a unit per KB of the larger of old and new; transactions take twice, and their checks count like writes (the guide
leaves open whether as reads, so this is the more expensive interpretation); an index that holds the item is one more
write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Item = dict[str, Any]
READ_UNIT, WRITE_UNIT = 4096, 1024


@dataclass(frozen=True, slots=True)
class Units:
    """Read and write units; `index` is the part of the writes that indexes take."""

    read: int = 0
    write: int = 0
    index: int = 0

    def __add__(self, other: Units) -> Units:
        """Return the sum of both."""
        return Units(self.read + other.read, self.write + other.write, self.index + other.index)


def item_size(item: Item) -> int:
    """Return the bytes of an item as DynamoDB counts them."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def read_units(sizes: Iterable[int]) -> Units:
    """One read of several items each by itself (GetItem, BatchGetItem)."""
    return Units(read=sum(_rounded(size, READ_UNIT) for size in sizes))


def query_units(items: Iterable[Item]) -> Units:
    """A consistent query: the sizes are added before they are rounded."""
    return Units(read=_rounded(sum(map(item_size, items)), READ_UNIT))


def write_units(before: Item | None, after: Item | None, *, indexes: int, transaction: bool) -> Units:
    """One write of one item; `indexes` is how many indexes hold it, each with the whole item."""
    taken = _rounded(max(item_size(before or {}), item_size(after or {})), WRITE_UNIT)
    in_indexes = indexes * taken if before != after else 0
    return Units(write=taken * (2 if transaction else 1) + in_indexes, index=in_indexes)


def _rounded(size: int, unit: int) -> int:
    return max(1, -(-size // unit))


def _value_size(value: Item) -> int:
    ((kind, held),) = value.items()
    if kind == "S":
        return len(str(held).encode())
    if kind == "N":
        digits = len(held.replace("-", "").replace(".", "").strip("0"))
        return (digits + 1) // 2 + 1 + int(held.startswith("-"))
    if kind in {"BOOL", "NULL"}:
        return 1
    if kind == "L":
        return 3 + sum(1 + _value_size(part) for part in held)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_size(part) for name, part in held.items())
    raise ValueError(f"no size for {kind}")
