"""Public keys and revocations, each in a partition of the tokens table; read here, written by `revocations`.

Revocations are sorted by time, so a warm reader continues where it stopped. Older releases kept keys next to them; keys
are still written there as `key#kid`, which sorts before `revoked#time#…`, for authorizers of those releases in other
stacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatepost.aws.services import Caller
from gatepost.model.feed import PublicKey, Revocation
from gatepost.observability.log import note
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import from_item, is_newer
from gatepost.stores.dynamodb.retrying import Item, NotAllowed, queried

KEY, REVOKED = "key#", "revoked#"


class DynamoDBFeed:
    """Implements ports.FeedReader. Imports little, because authorizers need nothing else."""

    def __init__(self, client: Caller, tables: Mapping[str, str]) -> None:
        """Take the physical table names in `tables`; only that of the tokens table is used."""
        self._client = client
        self._name = tables[t.TOKENS.name]

    def public_keys(self) -> Sequence[PublicKey]:
        """One query; a second one if the partition of keys is empty."""
        return self.kept_keys() or self.earlier_keys()

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """One consistent query; two for a cold reader."""
        if since is not None:
            values = {":feed": {"S": t.FEED}, ":since": {"S": REVOKED + sortable(since)}}
            return [], [from_item(Revocation, item) for item in self._query("pk = :feed AND sk >= :since", values)]
        kept = self.kept_keys()
        earlier, revocations = [], []
        for item in self._query("pk = :feed", {":feed": {"S": t.FEED}}):  # page by page: it may be long
            if item["sk"]["S"].startswith(KEY):
                earlier.append(item)
            else:
                revocations.append(from_item(Revocation, item))
        note("feed.read", {"entries": len(revocations)})
        return kept or _keys(earlier), revocations

    def kept_keys(self) -> Sequence[PublicKey]:
        """Return the keys of their partition: none before the first rotation of this release, or if access is denied.

        Access is denied to other accounts as long as the table has the policy of an older release.
        """
        try:
            return _keys(self._query("pk = :keys", {":keys": {"S": t.KEYS}}))
        except NotAllowed:
            return ()

    def earlier_keys(self) -> Sequence[PublicKey]:
        """Return the keys stored next to the revocations."""
        values = {":feed": {"S": t.FEED}, ":prefix": {"S": KEY}}
        return _keys(self._query("pk = :feed AND begins_with(sk, :prefix)", values))

    def _query(self, condition: str, values: Item) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }
        return queried(self._client, request)


def _keys(items: Iterable[Item]) -> Sequence[PublicKey]:
    """Those that are keys: a role that may write revocations could put an item without a key in the place of one.

    A key in the form of a newer version is left out, and with it the tokens that it signs: the others go on.
    """
    return [from_item(PublicKey, item) for item in items if "kid" in item and "jwk" in item and not is_newer(item)]


def sortable(time: float) -> str:
    """Return milliseconds with leading zeros."""
    return f"{max(0, int(time * 1000)):015d}"
