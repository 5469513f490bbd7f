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
        """One get."""
        item = self._tables.get(t.TOKENS, self._state)
        return compaction_in([item] if item else [], self._tables.region)

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
        values: Item = {":next": {"S": json.dumps(after)}}
        condition = "attribute_not_exists(feed_parts)"
        if before != Parts():
            condition, values[":known"] = "feed_parts = :known", {"S": json.dumps(before)}
        with suppress(ConditionFailed):
            self._tables.update(t.TOKENS, self._state, "SET feed_parts = :next", condition, values)

    def compact(self, before: Compaction, after: Compaction, contents: Mapping[str, bytes]) -> bool:
        """One put for each new segment, then one conditional update."""
        for segment in after.segments:
            if segment.segment_id in contents:
                self._tables.put(t.TOKENS, _segment_item(segment, contents[segment.segment_id]))
        state = json.dumps([after.until, after.segments], separators=(",", ":"))
        values: Item = {":state": {"S": state}, ":next": {"N": str(after.sequence)}}
        condition = "attribute_not_exists(feed_sequence)"
        if before.sequence:
            condition, values[":known"] = "feed_sequence = :known", {"N": str(before.sequence)}
        expression = "SET feed_state = :state, feed_sequence = :next"
        try:
            self._tables.update(t.TOKENS, self._state, expression, condition, values)
        except ConditionFailed:
            return False
        return True


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
