"""The writers of the feed; `feed` reads it."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.errors import Conflict
from gatepost.feed import PublicKey, Revocation
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.calls import ConditionFailed
from gatepost.stores.dynamodb.codec import Item, to_item
from gatepost.stores.dynamodb.feed import KEYS, REVOKED, DynamoDBFeed, sortable
from gatepost.stores.dynamodb.places import place
from gatepost.stores.dynamodb.tables import Tables
from gatepost.stores.keys import RevokedTokenKey

NOT_ENDED = "attribute_not_exists(ended_at)"


class DynamoDBRevocations:
    """See ports.FeedStore."""

    _tables: Tables

    def publish(self, revocation: Revocation) -> None:
        """One put; a single token in one transaction of two."""
        if revocation.kind != "jti":
            self._tables.put(t.TOKENS, feed_item(revocation))
            return
        key = place(RevokedTokenKey(revocation.subject))[1]
        name = self._tables.name(t.TOKENS)
        self._tables.transact(
            {"Put": {"TableName": name, "Item": feed_item(revocation)}},
            {"Put": {"TableName": name, "Item": to_item(revocation, key, ttl=revocation.expires_at)}},
        )

    def publish_key(self, key: PublicKey) -> None:
        """One conditional put. A key that may still sign has no TTL."""
        item = to_item(key, _address(KEYS + key.kid), ttl=key.expires_at or None)
        try:
            self._tables.transact(self._tables.put_write(t.TOKENS, item, NOT_ENDED))
        except ConditionFailed:
            raise Conflict("key") from None

    def end_key(self, key: PublicKey, *, revocation: Revocation) -> None:
        """One transaction. What stays in the key's place has no TTL: it keeps the key from being published again."""
        ended = self._tables.put_write(t.TOKENS, to_item(key, _address(KEYS + key.kid)))
        self._tables.transact(ended, self._tables.put_write(t.TOKENS, feed_item(revocation)))

    def public_keys(self) -> Sequence[PublicKey]:
        """See DynamoDBFeed."""
        return self._reader().public_keys()

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """See DynamoDBFeed."""
        return self._reader().feed(since)

    def _reader(self) -> DynamoDBFeed:
        return DynamoDBFeed(self._tables.client, self._tables.names)


def feed_item(revocation: Revocation) -> Item:
    """The entry of the feed, sorted by time."""
    sk = f"{REVOKED}{sortable(revocation.revoked_at)}#{revocation.kind}#{revocation.subject}"
    return to_item(revocation, _address(sk), ttl=revocation.expires_at)


def _address(sk: str) -> Item:
    return {"pk": {"S": t.FEED}, "sk": {"S": sk}}
