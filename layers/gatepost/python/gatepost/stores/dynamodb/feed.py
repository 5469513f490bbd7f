"""The feed: public keys and revocations in one partition of the tokens table, newest last; here it is read.

`key#kid` sorts before `revoked#time#…`, so one query brings both to a cold authorizer, and a warm one goes on from
where it stopped. `revocations` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gatepost.aws.caller import Caller
from gatepost.feed import PublicKey, Revocation
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.calls import Item, queried
from gatepost.stores.dynamodb.codec import from_item

KEYS, REVOKED = "key#", "revoked#"


class DynamoDBFeed:
    """See ports.FeedReader. It imports no more than that, because an authorizer has no use for more."""

    def __init__(self, client: Caller, tables: Mapping[str, str]) -> None:
        """`tables` gives the physical name of the table of tokens."""
        self._client = client
        self._name = tables[t.TOKENS.name]

    def public_keys(self) -> Sequence[PublicKey]:
        """One query of the keys alone."""
        values = {":feed": {"S": t.FEED}, ":prefix": {"S": KEYS}}
        return [from_item(PublicKey, item) for item in self._query("pk = :feed AND begins_with(sk, :prefix)", values)]

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """One query, consistent."""
        condition, values = "pk = :feed", {":feed": {"S": t.FEED}}
        if since is not None:
            condition, values = f"{condition} AND sk >= :since", {**values, ":since": {"S": REVOKED + sortable(since)}}
        keys, revocations = [], []
        for item in self._query(condition, values):  # page after page: a long one is not held as items as well
            if item["sk"]["S"].startswith(KEYS):
                keys.append(from_item(PublicKey, item))
            else:
                revocations.append(from_item(Revocation, item))
        return keys, revocations

    def _query(self, condition: str, values: Item) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }
        return queried(self._client, request)


def sortable(time: float) -> str:
    """Milliseconds with leading zeros."""
    return f"{max(0, int(time * 1000)):015d}"
