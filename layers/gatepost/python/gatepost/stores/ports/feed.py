"""Port for public keys and revocations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.feed import PublicKey, Revocation


class FeedReader(Protocol):
    """Reads public keys and revocations: the data of an authorizer."""

    def public_keys(self) -> Sequence[PublicKey]:
        """Return the keys of the JWK Set, including expired ones."""

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """Return all keys and revocations, or, with `since` (epoch seconds), only the revocations from then on."""


class FeedStore(FeedReader, Protocol):
    """Reads and writes public keys and revocations."""

    def publish(self, revocation: Revocation) -> None:
        """Add to the feed; a `jti` is also stored under RevokedTokenKey, and only once."""

    def publish_key(self, key: PublicKey) -> None:
        """Add or replace a key of the JWK Set. Raises Conflict("key") if it was withdrawn: it never comes back."""

    def adopt_keys(self) -> None:
        """Copy, atomically, keys that only an older release of this software has written.

        These are missing keys and earlier expiries. Call it before a key is published: readers use the keys of that
        release only while there are no others.
        """

    def end_key(self, key: PublicKey, *, revocation: Revocation) -> None:
        """Withdraw a key, published or not, from the JWK Set for good and publish `revocation`, atomically.

        `key.ended_at` holds the time.
        """
