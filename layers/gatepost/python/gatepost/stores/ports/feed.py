"""Ports for public keys and revocations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gatepost.model.feed import Compacted, Compaction, Listed, Marked, Partitions, Parts, PublicKey, Revocation


class FeedReader(Protocol):
    """Reads public keys and revocations: the data of an authorizer."""

    def public_keys(self) -> Sequence[PublicKey]:
        """Return the keys of the JWK Set, including expired ones."""

    def standing(self) -> tuple[Sequence[PublicKey], Compacted]:
        """Return the same keys, and the compacted part of the feed; an empty one if it can't all be read."""

    def parts(self) -> Partitions:
        """Return the partitions of the feed beside the first one."""

    def feed(self, since: float) -> Sequence[Revocation]:
        """Return the revocations written to the first partition from then on (epoch seconds), oldest first."""

    def marked(self, since: float, parts: int) -> Sequence[Marked]:
        """Return the same of so many other partitions."""


class ListSource(Protocol):
    """Reads what the published list is made from."""

    def listed(self) -> Listed:
        """Return the keys, the state of the compacted feed, and the key of the handles."""

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        """Return the contents of these segments. Raises SegmentMissing if one is missing."""

    def feed(self, since: float) -> Sequence[Revocation]:
        """See FeedReader."""

    def marked(self, since: float, parts: int) -> Sequence[Marked]:
        """See FeedReader."""


class FeedCompactor(Protocol):
    """Compacts the feed: what cold readers would read entry by entry becomes segments."""

    def compaction(self) -> Compaction:
        """Return the present state, without the segments' contents. Raises an error if it can't be known."""

    def written_since(self, since: float, most: int, parts: int) -> Sequence[tuple[float, Revocation | Marked]]:
        """Return revocations with the times at which they were written, oldest first.

        Up to `most` from each partition, and none after the last one of a partition that has more.
        """

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        """Return the contents of these segments. Raises SegmentMissing if one is missing."""

    def announce(self, before: Parts, after: Parts) -> None:
        """Replace what this region announced, unless another container has done so."""

    def compact(self, before: Compaction, after: Compaction, contents: Mapping[str, bytes]) -> bool:
        """Write the new segments, then replace `before`.

        Return False if another container has replaced it, or announced other partitions.
        """


class FeedStore(FeedReader, ListSource, Protocol):
    """Reads and writes public keys and revocations."""

    def publish(self, revocation: Revocation, *, part: int = 0) -> None:
        """Add to a partition of the feed; a `jti` is also stored under RevokedTokenKey, and only once.

        Apps and users are only in the first partition, 0.
        """

    def publish_key(self, key: PublicKey) -> None:
        """Add or replace a key of the JWK Set. Raises Conflict("key") if it was withdrawn: it never comes back."""

    def publish_handle_key(self, key: bytes) -> None:
        """Replace the key of the handles; an empty one changes nothing."""

    def adopt_keys(self) -> None:
        """Copy, atomically, keys that only an older release of this software has written.

        These are missing keys and earlier expiries. Call it before a key is published: readers use the keys of that
        release only while there are no others.
        """

    def end_key(self, key: PublicKey, *, revocation: Revocation) -> None:
        """Withdraw a key, published or not, from the JWK Set for good and publish `revocation`, atomically.

        `key.ended_at` holds the time.
        """

    def compactor(self) -> FeedCompactor:
        """Return the compaction of the feed, which only the function of revocation may do."""
