"""`make feed`: shows the size of the revocation feed, and the cost of reading it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from gatepost.identifiers import user_of
from gatepost.model.feed import Compaction
from gatepost.settings import LONGEST_LIFETIME
from gatepost.stores.dynamodb.compaction import entry_in
from gatepost.stores.dynamodb.feed import PART, REVOKED
from gatepost.stores.schema import FEED
from infra.tools.operator.command import parser, run
from infra.tools.operator.target import Target

_READ_UNIT = 4096  # bytes of a consistent read
_USD_PER_MILLION_UNITS = 0.125  # us-east-1, on demand: docs/cost.md
_HOUR, _DAY = 3600, 86400
_KINDS = {"grant": "grants", "jti": "single tokens", "user": "users", "client": "apps", "key": "keys"}
_MARK = "mark"  # of a token or grant, in another partition
_MOST_SHOWN = 5
_TEXT_OF_MARK = 8 * 4 / 3  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A revocation in the feed; times are epoch seconds."""

    kind: str
    subject: str  # "" of a mark
    written_at: float
    expires_at: int
    size: int  # bytes


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the feed is described in sentences."""
    options = parser("feed").parse_args(arguments)
    return run(
        options,
        lambda target: "\n".join(
            described(
                list(entries_of(target)),
                target.store.compactor().compaction(),
                time.time(),
                target.store.parts().read_at(time.time()),
            )
        ),
    )


def entries_of(target: Target) -> Iterable[Entry]:
    """Yield every entry of the feed, in all partitions."""
    for part in range(target.store.parts().read_at(time.time()) + 1):
        place, start = (f"{PART}{part}", "0") if part else (FEED, REVOKED)
        pages = (
            target.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=target.tables["tokens"],
                KeyConditionExpression="pk = :feed AND sk >= :start",
                ExpressionAttributeValues={":feed": {"S": place}, ":start": {"S": start}},
            )
        )
        for page in pages:
            for item in page["Items"]:
                written_at, entry = entry_in(item)
                yield Entry(
                    kind=getattr(entry, "kind", _MARK),
                    subject=getattr(entry, "subject", ""),
                    written_at=written_at,
                    expires_at=entry.expires_at,
                    size=_size(item),
                )


def described(found: Sequence[Entry], compaction: Compaction, now: float, parts: int = 0) -> list[str]:
    """Return the number and kinds of entries, their age and rate, and the cost of a cold read, as sentences."""
    if not found and not compaction.segments:
        return ["The feed is empty: nothing was revoked, or all of it has been removed."]
    kinds = Counter(entry.kind for entry in found)
    ended = len([entry for entry in found if entry.expires_at <= now])
    names = {**_KINDS, _MARK: "tokens and grants by their marks"}
    lines = [
        f"{len(found):,} revocations: " + ", ".join(f"{kinds[kind]:,} {names.get(kind, kind)}" for kind in kinds) + ".",
        f"{ended:,} of them end nothing any more and wait for DynamoDB to remove them.",
        f"Written in the last hour: {_since(found, now - _HOUR):,}; in the last day: {_since(found, now - _DAY):,}.",
    ]
    if found:
        lines.append(
            f"The oldest was written {(now - min(entry.written_at for entry in found)) / _HOUR:,.1f} hours ago."
        )
    if parts:
        lines.append(f"Readers also read {parts:,} more partition{'s' if parts > 1 else ''}.")
    lines += _cold_read(found, compaction, now)
    most = Counter(user_of(entry.subject) for entry in found if entry.kind in ("grant", "user"))
    if most:
        lines.append("Most entries of one user:")
        lines += [f"  {count:,}  {user_id}" for user_id, count in most.most_common(_MOST_SHOWN)]
    return lines


def _cold_read(found: Sequence[Entry], compaction: Compaction, now: float) -> list[str]:
    """Say what a container reads that starts now, and what that costs."""
    segments = [segment for segment in compaction.segments if segment.expires_at > now]
    since = max(compaction.until, now - LONGEST_LIFETIME)
    singly = [entry for entry in found if entry.written_at >= since]
    marks = sum(segment.size for segment in segments)
    units = 1 + ceil(marks * _TEXT_OF_MARK / _READ_UNIT / 2) + ceil(sum(entry.size for entry in singly) / _READ_UNIT)
    cost = units * _USD_PER_MILLION_UNITS / 1000
    when = f", last {now - compaction.until:,.0f} s ago" if compaction.sequence else ""
    return [
        f"In segments{when}: {marks:,} marks in {len(segments):,}; {len(singly):,} entries are read one by one.",
        f"A container that starts reads {units:,} read units; 1,000 of them cost {cost:.4f} USD.",
    ]


def _since(entries: Iterable[Entry], start: float) -> int:
    return len([entry for entry in entries if entry.written_at >= start])


def _size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes of an item: names and values (a number takes about half a byte per digit)."""
    return sum(
        len(name.encode()) + (ceil(len(value["N"]) / 2) + 1 if "N" in value else len(str(value.get("S", "")).encode()))
        for name, value in item.items()
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
