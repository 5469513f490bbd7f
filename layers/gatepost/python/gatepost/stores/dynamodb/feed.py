"""Public keys and revocations, each in a partition of the tokens table; read here, written by `revocations`.

Revocations are sorted by the time at which they were written, so a warm reader continues where it stopped. A cold one
reads what `compaction` has put together, and the entries after that. Older releases kept keys next to the revocations;
keys are still written there as `key#kid`, which sorts before `revoked#time#…`, for authorizers of those releases in
other stacks.
"""

from __future__ import annotations

import json
import sys
import time
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gatepost.aws.retries import jittered
from gatepost.aws.services import Caller
from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.model.feed import (
    Compacted,
    Compaction,
    Listed,
    Marked,
    Partitions,
    Parts,
    PublicKey,
    Revocation,
    Segment,
    SegmentMissing,
)
from gatepost.observability.log import note
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import FORM, from_item, is_newer
from gatepost.stores.dynamodb.retrying import LONGEST_PAUSES, Item, NotAllowed, call, queried

KEY, REVOKED = "key#", "revoked#"
PART = "feed#"  # and its number, from 1
SEGMENT = "feed#segment#"  # a partition for each, so that many cold readers do not meet in one
COMPACTED = "compacted#"  # and the region, in the partition of keys, which cold readers query anyway
HANDLE_KEY: Item = {"pk": {"S": t.KEYS}, "sk": {"S": "handles"}}
_BATCH = 100  # keys of one BatchGetItem


class DynamoDBFeed:
    """Implements ports.FeedReader. Imports little, because authorizers need nothing else."""

    def __init__(self, client: Caller, tables: Mapping[str, str], region: str = "") -> None:
        """Take the physical table names in `tables`, of which only that of the tokens table is used, and its region."""
        self._client = client
        self._region = region
        self._name = tables[t.TOKENS.name]

    def public_keys(self) -> Sequence[PublicKey]:
        """One query; a second one if the partition of keys is empty."""
        return self.kept_keys() or self.earlier_keys()

    def standing(self) -> tuple[Sequence[PublicKey], Compacted]:
        """One query; a call or two for segments, if there are any; another query if the partition of keys is empty."""
        items = list(self._kept())
        keys = _keys(items) or self.earlier_keys()
        compaction = compaction_in(items, self._region)
        try:
            contents = self.segments([segment.segment_id for segment in compaction.segments])
        except (NotAllowed, SegmentMissing):
            note("feed.segments_missing", {"segments": len(compaction.segments)})
            return keys, Compacted(parts=compaction.parts)
        found = list(zip(compaction.segments, contents, strict=True))
        return keys, Compacted(
            until=compaction.until,
            marks=tuple(content for segment, content in found if not segment.has_cutoffs),
            cutoffs=tuple(content for segment, content in found if segment.has_cutoffs),
            parts=compaction.parts,
        )

    def parts(self) -> Partitions:
        """One query, of the keys as well."""
        return parts_in(self._kept(), self._region)

    def listed(self) -> Listed:
        """One query; another if the partition of keys is empty. Raises NotAllowed: without access there is no list."""
        items = list(self.items_of_keys())
        (handle_key,) = [from_base64url(each["handle_key"]["S"]) for each in items if "handle_key" in each] or [b""]
        return Listed(
            keys=_keys(items) or self.earlier_keys(),
            compaction=compaction_in(items, self._region),
            handle_key=handle_key,
        )

    def feed(self, since: float) -> Sequence[Revocation]:
        """One consistent query."""
        return list(map(revocation_in, self.items_since(since)))

    def marked(self, since: float, parts: int) -> Sequence[Marked]:
        """One consistent query for each partition."""
        return [marked_in(item) for part in range(1, parts + 1) for item in self.items_since(since, part)]

    def items_of_keys(self) -> Iterator[Item]:
        """Yield the keys, and the items beside them: the compacted feed and the partitions of each region.

        Raises NotAllowed in a stack whose policies are of an older release.
        """
        return self._query("pk = :keys", {":keys": {"S": t.KEYS}})

    def items_since(self, since: float, part: int = 0) -> Iterator[Item]:
        """Yield the items of a partition, oldest first, page by page: there may be many."""
        place, start = (f"{PART}{part}", shortly(since)) if part else (t.FEED, REVOKED + sortable(since))
        return self._query("pk = :feed AND sk >= :since", {":feed": {"S": place}, ":since": {"S": start}})

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        """One call for each hundred segments; another, consistent one for those that are not everywhere yet.

        Raises SegmentMissing if one is missing, NotAllowed in a stack whose policies are of an older release.
        """
        found: dict[str, bytes] = {}
        for consistent in (False, True):
            missing = [name for name in dict.fromkeys(names) if name not in found]
            for start in range(0, len(missing), _BATCH):
                found |= self._contents(missing[start : start + _BATCH], consistent=consistent)
        if len(found) < len(set(names)):
            raise SegmentMissing("try again", reason="a segment of the feed is missing")
        return [found[name] for name in names]

    def kept_keys(self) -> Sequence[PublicKey]:
        """Return the keys of their partition: none before the first rotation of this release, or if access is denied.

        Access is denied to other accounts as long as the table has the policy of an older release.
        """
        return _keys(self._kept())

    def earlier_keys(self) -> Sequence[PublicKey]:
        """Return the keys stored next to the revocations."""
        values = {":feed": {"S": t.FEED}, ":prefix": {"S": KEY}}
        return _keys(self._query("pk = :feed AND begins_with(sk, :prefix)", values))

    def _kept(self) -> Iterable[Item]:
        try:
            return list(self.items_of_keys())
        except NotAllowed:
            return ()

    def _contents(self, names: Sequence[str], *, consistent: bool) -> dict[str, bytes]:
        wanted: Item = {self._name: {"Keys": [segment_key(name) for name in names], "ConsistentRead": consistent}}
        found: dict[str, bytes] = {}
        waits = iter(LONGEST_PAUSES)
        while True:
            answer = call(partial(self._client.call, "BatchGetItem", {"RequestItems": wanted}))
            items = [item for part in answer["Responses"].values() for item in part]
            found |= {item["pk"]["S"].removeprefix(SEGMENT): b64decode(item["contents"]["S"]) for item in items}
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return found
            if not items:  # throttled; with items, there are more than the 16 MB of an answer
                longest = next(waits, None)
                if longest is None:
                    raise TemporarilyUnavailable("try again", reason="UnprocessedKeys")
                time.sleep(jittered(longest))

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


def compaction_in(items: Sequence[Item], region: str) -> Compaction:
    """Return the state of the compacted feed among the items of the partition of keys; the initial one without it.

    That of another region is of no use: entries that were written here since may not have been known there.
    """
    parts = parts_in(items, region)
    for item in items:
        if item["sk"]["S"] == COMPACTED + region and "feed_state" in item and not is_newer(item):
            until, segments = json.loads(item["feed_state"]["S"])
            return Compaction(int(item["feed_sequence"]["N"]), until, tuple(Segment(*each) for each in segments), parts)
    return Compaction(parts=parts)


def parts_in(items: Iterable[Item], region: str) -> Partitions:
    """Return the partitions of the feed beside the first one, as the same items have them, those of every region."""
    found = {
        item["sk"]["S"]: Parts(*json.loads(item["feed_parts"]["S"]))
        for item in items
        if "feed_parts" in item and not is_newer(item)
    }
    return Partitions(found.pop(COMPACTED + region, Parts()), tuple(found.values()))


def revocation_in(item: Item) -> Revocation:
    """As `from_item`, which takes three times as long: every poll of every container reads many of them."""
    if FORM in item:
        return from_item(Revocation, item)
    return Revocation(
        kind=item["kind"]["S"],
        subject=item["subject"]["S"],
        revoked_at=float(item["revoked_at"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
    )


def marked_in(item: Item) -> Marked:
    """Return the entry of a partition that has marks alone."""
    octets = from_base64url(item["sk"]["S"].partition("#")[2])
    return Marked(int.from_bytes(octets, sys.byteorder), int(item[t.TTL_ATTRIBUTE]["N"]))


def segment_key(name: str) -> Item:
    """Return the primary key of a segment."""
    return {"pk": {"S": SEGMENT + name}, "sk": {"S": "segment"}}


def sortable(time: float) -> str:
    """Return milliseconds with leading zeros."""
    return f"{max(0, int(time * 1000)):015d}"


def shortly(time: float) -> str:
    """Return the same in fewer characters."""
    return f"{max(0, int(time * 1000)):011x}"
