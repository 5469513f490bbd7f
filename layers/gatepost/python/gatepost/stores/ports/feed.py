"""Where public keys and revocations are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.feed import PublicKey, Revocation


class FeedReader(Protocol):
    """Public keys and revocations: what an authorizer must know."""

    def public_keys(self) -> Sequence[PublicKey]:
        """The keys of the JWK Set, also those that are over."""

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """All keys and revocations, or, with `since` (epoch seconds), only the revocations from then on."""


class FeedStore(FeedReader, Protocol):
    """The same, and what is added to it."""

    def publish(self, revocation: Revocation) -> None:
        """Add to the feed; a `jti` is also found by RevokedTokenKey, and added once."""

    def publish_key(self, key: PublicKey) -> None:
        """Add or replace a key of the JWK Set. Raises Conflict("key") if it was ended: it never comes back."""

    def adopt_keys(self) -> None:
        """Take over, in one step, what only the version before of this software has written of keys.

        Keys that are not known, and ends that came sooner. To be called before a key is published: readers take
        the keys of that version only as long as there are no others.
        """

    def end_key(self, key: PublicKey, *, revocation: Revocation) -> None:
        """Take a key, published or not, out of the JWK Set for good and publish `revocation`, in one step.

        `key.ended_at` says when.
        """
