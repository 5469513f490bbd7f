"""Lists by pages, whose cursors may be forged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gatepost.model.records import App, User
from gatepost.stores.record_keys import Page
from tests.contract.records import APP, USER
from tests.unit.world import NOW

T = TypeVar("T")
FORGED = ["", " ", "a", "zzz", "~", "0", "000", "999999999999999#", "\x00", "\U0010ffff", "é", "x" * 5000, "é" * 999]


def app(number: int, *, owner: str = "owner-id", at: int = NOW, status: str = "active") -> App:
    client_id = f"{number:08d}-0000-4000-8000-000000000000"
    return APP._replace(client_id=client_id, name=f"App {number}", owner=owner, created_at=at, status=status)


def user(name: str) -> User:
    return USER._replace(user_id=f"{name.casefold()}-id", user_name=name)


def walk(read: Callable[[str | None], Page[T]], *, limit: int) -> list[T]:
    """All pages one after the other; every page but the last one is full."""
    found: list[T] = []
    cursor: str | None = None
    for _ in range(50):
        page = read(cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found
        assert len(page.items) == limit
    raise AssertionError("the list has no end")


def subset(page: Page[T], known: list[T]) -> bool:
    """Whether a page holds a run of a list, in its order."""
    places = [known.index(item) for item in page.items]
    return places == list(range(places[0], places[0] + len(places))) if places else True
