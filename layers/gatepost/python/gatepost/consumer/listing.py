"""Paginated lists with opaque cursors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from gatepost.consumer.problem_details import InvalidFields
from gatepost.identifiers import base64url, from_base64url
from gatepost.stores.record_keys import Page

T = TypeVar("T")
_POSITION = re.compile(r"[!-~]{1,200}", re.ASCII)
_NOT_OURS = "This cursor is not valid for this list."


def cursor_of(position: str | None) -> str | None:
    """Return a position of the store as a cursor for clients."""
    return base64url(position.encode()) if position else None


def position_of(cursor: str | None) -> str | None:
    """Return the position of a cursor. Raises InvalidFields if it is malformed.

    A forged cursor only starts elsewhere in the same list, so cursors are not signed.
    """
    if cursor is None:
        return None
    try:
        position = from_base64url(cursor).decode("ascii")
    except ValueError:
        position = ""
    if not _POSITION.fullmatch(position):
        raise InvalidFields("some fields are not valid", errors=[("cursor", _NOT_OURS)])
    return position


def part_of(items: Iterable[T], key: Callable[[T], str], *, after: str | None, limit: int) -> Page[T]:
    """Return a page of a list in memory, sorted by `key`, after the position `after`."""
    following = [item for item in sorted(items, key=key) if after is None or key(item) > after]
    part = following[:limit]
    return Page(items=part, cursor=key(part[-1]) if len(following) > limit else None)
