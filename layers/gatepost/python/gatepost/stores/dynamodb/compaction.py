"""The compacted feed: segments, and an item beside the keys that lists them."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice

from gatepost.model.feed import Compaction, Marked, Parts, Revocation, Segment
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item
from gatepost.stores.dynamodb.feed import (
    COMPACTED,
    REVOKED,
    DynamoDBFeed,
    compaction_in,
    marked_in,
    revocation_in,
    segment_key,
)
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed

_KEEP = 3600  # seconds for which a segment outlives its entries: a reader may have read the list before


class DynamoDBCompactor:
    """Implements ports.FeedCompactor."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables; only that of the tokens is used."""
        self._tables = tables
        self._reader = DynamoDBFeed(tables.client, tables.names, tables.region)
        self._state: Item = {"pk": {"S": t.KEYS}, "sk": {"S": COMPACTED + tables.region}}

    def compaction(self) -> Compaction:
        """One query, of the keys as well: the partitions of other regions lie beside them."""
        return compaction_in(list(self._reader.items_of_keys()), self._tables.region)

    def written_since(self, since: float, most: int, parts: int) -> Sequence[tuple[float, Revocation | Marked]]:
        """One query for each partition."""
        found: list[tuple[float, Revocation | Marked]] = []
        known_until = float("inf")
        for part in range(parts + 1):
            entries = list(map(entry_in, islice(self._reader.items_since(since, part), most)))
            found += entries
            if len(entries) == most:
                known_until = min(known_until, entries[-1][0])
        return sorted((each for each in found if each[0] <= known_until), key=lambda each: each[0])

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        """See DynamoDBFeed."""
        return self._reader.segments(names)

    def announce(self, before: Parts, after: Parts) -> None:
        """One conditional update."""
        condition, values = _still(before)
        values[":next"] = {"S": json.dumps(after)}
        with suppress(ConditionFailed):
            self._tables.update(t.TOKENS, self._state, "SET feed_parts = :next", condition, values)

    def compact(self, before: Compaction, after: Compaction, contents: Mapping[str, bytes]) -> bool:
        """One put for each new segment, then one conditional update."""
        for segment in after.segments:
            if segment.segment_id in contents:
                self._tables.put(t.TOKENS, _segment_item(segment, contents[segment.segment_id]))
        state = json.dumps([after.until, after.segments], separators=(",", ":"))
        condition, values = _still(before.parts.own)
        values |= {":state": {"S": state}, ":next": {"N": str(after.sequence)}}
        if before.sequence:
            condition, values[":known"] = f"{condition} AND feed_sequence = :known", {"N": str(before.sequence)}
        else:
            condition = f"{condition} AND attribute_not_exists(feed_sequence)"
        expression = "SET feed_state = :state, feed_sequence = :next"
        try:
            self._tables.update(t.TOKENS, self._state, expression, condition, values)
        except ConditionFailed:
            return False
        return True


def _still(parts: Parts) -> tuple[str, Item]:
    """Return the condition that these partitions, and no others, are announced, and its values."""
    if parts == Parts():
        return "attribute_not_exists(feed_parts)", {}
    return "feed_parts = :parts", {":parts": {"S": json.dumps(parts)}}


def _segment_item(segment: Segment, contents: bytes) -> Item:
    """Text and not binary, which the two clients would hand over differently."""
    return {
        **segment_key(segment.segment_id),
        "contents": {"S": b64encode(contents).decode()},
        "expires_at": {"N": str(segment.expires_at)},
        t.TTL_ATTRIBUTE: {"N": str(segment.expires_at + _KEEP)},
    }


def entry_in(item: Item) -> tuple[float, Revocation | Marked]:
    """Return an entry of any partition of the feed with the time at which it was written."""
    sk = item["sk"]["S"]
    if item["pk"]["S"] == t.FEED:
        return int(sk.removeprefix(REVOKED).partition("#")[0]) / 1000, revocation_in(item)
    return int(sk.partition("#")[0], 16) / 1000, marked_in(item)
