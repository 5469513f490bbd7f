"""Scopes: sets of names, read with spaces and with commas, written with spaces (RFC 6749 §3.3)."""

from __future__ import annotations

import re

from gatepost.errors import InvalidScope

# scope-token of RFC 6749 §3.3 without the comma, which the seed's requests use as a separator.
_NAME = re.compile(r"[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,100}")
_LONGEST = 1000


class Scope(frozenset[str]):
    """An unordered set of scope names. `str()` gives its wire form: sorted, separated by one space."""

    __slots__ = ()

    def __str__(self) -> str:
        """The wire form, `"read write"`."""
        return " ".join(sorted(self))

    def __and__(self, other: object) -> Scope:
        """The names in both."""
        return Scope(super().__and__(other))  # type: ignore[operator]

    def __or__(self, other: object) -> Scope:
        """The names in either."""
        return Scope(super().__or__(other))  # type: ignore[operator]

    def __sub__(self, other: object) -> Scope:
        """The names in this one only."""
        return Scope(super().__sub__(other))  # type: ignore[operator]

    @classmethod
    def of(cls, *names: str) -> Scope:
        """The scope that holds just these names; they are not checked."""
        return cls(names)


def parse_scope(text: str) -> Scope:
    """Read `"foo bar"` and `"foo,bar"` alike.

    Raises InvalidScope if a name holds a character that RFC 6749 §3.3 does not allow.
    """
    if len(text) > _LONGEST:
        raise InvalidScope("scope is too long")
    names = [name for name in re.split("[ ,]", text) if name]
    for name in names:
        if not _NAME.fullmatch(name):
            raise InvalidScope("scope holds a character that is not allowed")
    return Scope(names)


def granted_scope(requested: Scope | None, *, app: Scope, user: Scope | None, default: Scope) -> Scope:
    """What a request gets: requested ∩ app ∩ user (RFC 6749 §3.3: the server may narrow, and then says so).

    `requested` is None when the request names no scope: then `default` ∩ app counts, or all that the app may have
    if that is empty. `user` is None where the user is not restricted or no user takes part.
    Raises InvalidScope if nothing is left.
    """
    wanted = requested if requested else (default & app or app)
    scope = wanted & app
    if user is not None:
        scope = scope & user
    if not scope:
        raise InvalidScope("none of the requested scope can be granted")
    return scope


def narrowed_scope(requested: Scope | None, granted: Scope) -> Scope:
    """The scope of a refreshed token: never wider than granted (RFC 6749 §6).

    Raises InvalidScope if `requested` holds a scope that was not granted.
    """
    if not requested:
        return granted
    if not requested <= granted:
        raise InvalidScope("the scope is wider than what was granted")
    return requested
