"""Lists in parts: cursors that mean nothing to who holds them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from gatepost.consumer.problems import InvalidFields
from gatepost.stores.record_keys import Page

T = TypeVar("T")
_POSITION = re.compile(r"[!-~]{1,200}", re.ASCII)
_NOT_OURS = "This is not a cursor of this list."


def cursor_of(position: str | None) -> str | None:
    """A position of the store as clients see it."""
    return base64.urlsafe_b64encode(position.encode()).rstrip(b"=").decode() if position else None


def position_of(cursor: str | None) -> str | None:
    """The position that a cursor stands for. Raises InvalidFields for what can't be one.

    A forged one only begins elsewhere in the same list, so it is not signed.
    """
    if cursor is None:
        return None
    try:
        position = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        position = ""
    if not _POSITION.fullmatch(position) or cursor_of(position) != cursor:
        raise InvalidFields("some fields can't be used", errors=[("cursor", _NOT_OURS)])
    return position


def part_of(items: Iterable[T], key: Callable[[T], str], *, after: str | None, limit: int) -> Page[T]:
    """A part of a list that is at hand, in the order of `key`, behind the position `after`."""
    following = [item for item in sorted(items, key=key) if after is None or key(item) > after]
    part = following[:limit]
    return Page(items=part, cursor=key(part[-1]) if len(following) > limit else None)
