"""Reading records by key."""

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
    """Reading. One call is one round trip, however many keys; records come in the order of the keys, None if absent.

    Expired records come back as they are: who reads compares `expires_at` with now.
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
        """As `read`, for many keys of one kind: a round trip for every hundred."""
