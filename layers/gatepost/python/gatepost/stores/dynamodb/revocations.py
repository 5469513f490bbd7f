"""Writers of the feed; `feed` reads it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatepost.errors import Conflict
from gatepost.identifiers import base64url
from gatepost.model.feed import MARK, Compacted, Listed, Marked, Partitions, PublicKey, Revocation, mark
from gatepost.observability.log import note
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item, to_item
from gatepost.stores.dynamodb.feed import HANDLE_KEY, KEY, PART, REVOKED, DynamoDBFeed, shortly, sortable
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.record_keys import RevokedTokenKey

if TYPE_CHECKING:
    from gatepost.stores.dynamodb.compaction import DynamoDBCompactor

ABSENT = "attribute_not_exists(pk)"
NOT_ENDED = "attribute_not_exists(ended_at)"


class DynamoDBRevocations:
    """Implements ports.FeedStore."""

    _tables: Tables

    def publish(self, revocation: Revocation, *, part: int = 0) -> None:
        """One put; for a single token one transaction of two."""
        if revocation.kind != "jti":
            self._tables.put(t.TOKENS, feed_item(revocation, self._tables.clock()))
            _note(revocation)
            return
        item = to_item(revocation, place(RevokedTokenKey(revocation.subject))[1], ttl=revocation.expires_at)
        try:
            put = self._tables.put_write(t.TOKENS, item, ABSENT)
            transact_published(self._tables, revocation, put, part=part)
        except ConditionFailed:
            return  # already revoked and published

    def publish_key(self, key: PublicKey) -> None:
        """One transaction, for both items of a key."""
        try:
            self._tables.transact(*self._key_writes(key, NOT_ENDED))
        except ConditionFailed:
            raise Conflict("key") from None

    def end_key(self, key: PublicKey, *, revocation: Revocation) -> None:
        """One transaction, for both items of a key."""
        transact_published(self._tables, revocation, *self._key_writes(key))

    def adopt_keys(self) -> None:
        """A query of each partition, and one transaction for the keys that the newer one lacks."""
        reader = self._reader()
        kept = {key.kid: key for key in reader.kept_keys()}
        lacking = [key for key in reader.earlier_keys() if key.kid not in kept or key.until < kept[key.kid].until]
        if lacking:
            self._tables.transact(*(self._tables.put_write(t.TOKENS, key_item(t.KEYS, key)) for key in lacking))

    def publish_handle_key(self, key: bytes) -> None:
        """One put."""
        if key:
            self._tables.put(t.TOKENS, {**HANDLE_KEY, "handle_key": {"S": base64url(key)}})

    def public_keys(self) -> Sequence[PublicKey]:
        """See DynamoDBFeed."""
        return self._reader().public_keys()

    def standing(self) -> tuple[Sequence[PublicKey], Compacted]:
        """See DynamoDBFeed."""
        return self._reader().standing()

    def parts(self) -> Partitions:
        """See DynamoDBFeed."""
        return self._reader().parts()

    def feed(self, since: float) -> Sequence[Revocation]:
        """See DynamoDBFeed."""
        return self._reader().feed(since)

    def marked(self, since: float, parts: int) -> Sequence[Marked]:
        """See DynamoDBFeed."""
        return self._reader().marked(since, parts)

    def listed(self) -> Listed:
        """See DynamoDBFeed."""
        return self._reader().listed()

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        """See DynamoDBFeed."""
        return self._reader().segments(names)

    def compactor(self) -> DynamoDBCompactor:
        """See FeedStore. Others do not import it."""
        from gatepost.stores.dynamodb.compaction import DynamoDBCompactor

        return DynamoDBCompactor(self._tables)

    def _key_writes(self, key: PublicKey, condition: str = "") -> list[Item]:
        return [self._tables.put_write(t.TOKENS, key_item(place, key), condition) for place in (t.KEYS, t.FEED)]

    def _reader(self) -> DynamoDBFeed:
        return DynamoDBFeed(self._tables.client, self._tables.names, self._tables.region)


def transact_published(tables: Tables, revocation: Revocation | None, *writes: Item, part: int = 0) -> None:
    """Write all, with the entry of the feed if there is one, or nothing. Raises ConditionFailed."""
    item = marked_item if part else feed_item
    entries = [tables.put_write(t.TOKENS, item(revocation, tables.clock(), part))] if revocation else []
    tables.transact(*writes, *entries)
    if revocation:
        _note(revocation)


def feed_item(revocation: Revocation, written_at: float, part: int = 0) -> Item:
    """Return the entry of the feed, sorted by the time of the write.

    That is later than the time of the revocation by all that the request did in between, and readers look back only so
    far as a write can take.
    """
    sk = f"{REVOKED}{sortable(written_at)}#{mark(revocation.kind, revocation.subject):016x}"
    return to_item(revocation, _address(t.FEED, sk), ttl=revocation.expires_at)


def marked_item(revocation: Revocation, written_at: float, part: int) -> Item:
    """Return the entry of another partition than the first: as small as can be, because each poll reads it."""
    octets = mark(revocation.kind, revocation.subject).to_bytes(MARK, sys.byteorder)
    sk = f"{shortly(written_at)}#{base64url(octets)}"
    return {**_address(f"{PART}{part}", sk), t.TTL_ATTRIBUTE: {"N": str(revocation.expires_at)}}


def _note(revocation: Revocation) -> None:
    """Log the entry, since every cold reader has to read it (docs/operations.md)."""
    note("feed.written", {"kind": revocation.kind, "subject": revocation.subject})


def key_item(partition: str, key: PublicKey) -> Item:
    """Return one of the two items of a key.

    A key that may still sign has no TTL, and neither has a withdrawn one, so that it is never published again.
    """
    ttl = None if key.ended_at else key.expires_at or None
    return to_item(key, _address(partition, KEY + key.kid), ttl=ttl)


def _address(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
