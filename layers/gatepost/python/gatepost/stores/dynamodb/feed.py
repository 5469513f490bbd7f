"""The feed: public keys and revocations in one partition of the tokens table, newest last.

`key#kid` sorts before `revoked#time#…`, so one query brings both to a cold authorizer, and a warm one goes on from
where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.errors import Conflict
from gatepost.model import PublicKey, Revocation
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.calls import ConditionFailed
from gatepost.stores.dynamodb.codec import Item, from_item, to_item
from gatepost.stores.dynamodb.places import place
from gatepost.stores.dynamodb.tables import Tables
from gatepost.stores.keys import RevokedTokenKey

NOT_ENDED = "attribute_not_exists(ended_at)"
_KEYS, _REVOKED = "key#", "revoked#"


class DynamoDBFeed:
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
        item = to_item(key, _address(_KEYS + key.kid), ttl=key.expires_at or None)
        try:
            self._tables.transact(self._tables.put_write(t.TOKENS, item, NOT_ENDED))
        except ConditionFailed:
            raise Conflict("key") from None

    def end_key(self, key: PublicKey, *, revocation: Revocation) -> None:
        """One transaction. What stays in the key's place has no TTL: it keeps the key from being published again."""
        ended = self._tables.put_write(t.TOKENS, to_item(key, _address(_KEYS + key.kid)))
        self._tables.transact(ended, self._tables.put_write(t.TOKENS, feed_item(revocation)))

    def public_keys(self) -> Sequence[PublicKey]:
        """One query of the keys alone."""
        values = {":feed": {"S": t.FEED}, ":prefix": {"S": _KEYS}}
        items = self._tables.query(t.TOKENS, "pk = :feed AND begins_with(sk, :prefix)", values)
        return [from_item(PublicKey, item) for item in items]

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """One query, consistent."""
        if since is None:
            items = list(self._tables.query(t.TOKENS, "pk = :feed", {":feed": {"S": t.FEED}}))
        else:
            values = {":feed": {"S": t.FEED}, ":since": {"S": _REVOKED + _sortable(since)}}
            items = list(self._tables.query(t.TOKENS, "pk = :feed AND sk >= :since", values))
        keys = [from_item(PublicKey, item) for item in items if item["sk"]["S"].startswith(_KEYS)]
        revocations = [from_item(Revocation, item) for item in items if item["sk"]["S"].startswith(_REVOKED)]
        return keys, revocations


def feed_item(revocation: Revocation) -> Item:
    """The entry of the feed, sorted by time."""
    sk = f"{_REVOKED}{_sortable(revocation.revoked_at)}#{revocation.kind}#{revocation.subject}"
    return to_item(revocation, _address(sk), ttl=revocation.expires_at)


def _address(sk: str) -> Item:
    return {"pk": {"S": t.FEED}, "sk": {"S": sk}}


def _sortable(time: float) -> str:
    return f"{max(0, int(time * 1000)):015d}"
