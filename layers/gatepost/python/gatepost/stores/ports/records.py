"""Port for reads of records by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, overload

from gatepost.stores.record_keys import Key

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")


class Records(Protocol):
    """Reads. A call is one round trip for any number of keys; records are in the order of the keys, None if absent.

    Expired records are returned too: the caller compares `expires_at` with now.
    """

    @overload
    def read(self, a: Key[A], /) -> tuple[A | None]: ...
    @overload
    def read(self, a: Key[A], b: Key[B], /) -> tuple[A | None, B | None]: ...
    @overload
    def read(self, a: Key[A], b: Key[B], c: Key[C], /) -> tuple[A | None, B | None, C | None]: ...
    @overload
    def read(self, a: Key[A], b: Key[B], c: Key[C], d: Key[D], /) -> tuple[A | None, B | None, C | None, D | None]: ...
    @overload
    def read(
        self, a: Key[A], b: Key[B], c: Key[C], d: Key[D], e: Key[E], /
    ) -> tuple[A | None, B | None, C | None, D | None, E | None]: ...

    def read_each(self, keys: Sequence[Key[A]]) -> Sequence[A | None]:
        """Return as `read`, for many keys of one kind: a round trip per hundred."""
