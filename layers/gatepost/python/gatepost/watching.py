"""The part of `wiring` that verifies access tokens; only the functions that do so ship the cryptography for it."""

from __future__ import annotations

from functools import cache

from gatepost.tokens.revocations import Watch
from gatepost.wiring import settings, store


@cache
def watch() -> Watch:
    """The keys and revocations as this container knows them."""
    return Watch(store(), settings())
