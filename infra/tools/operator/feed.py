"""`make feed`: shows the size of the revocation feed, and the cost of reading it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from gatepost.identifiers import user_of
from gatepost.stores.dynamodb.feed import REVOKED
from gatepost.stores.schema import FEED
from infra.tools.operator.command import parser, run
from infra.tools.operator.target import Target

_READ_UNIT = 4096  # bytes of a consistent read
_USD_PER_MILLION_UNITS = 0.125  # us-east-1, on demand: docs/cost.md
_HOUR, _DAY = 3600, 86400
_KINDS = {"grant": "grants", "jti": "single tokens", "user": "users", "client": "apps", "key": "keys"}
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A revocation in the feed; times are epoch seconds."""

    kind: str
    subject: str
    revoked_at: float
    expires_at: int
    size: int  # bytes


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the feed is described in sentences."""
    options = parser("feed").parse_args(arguments)
    return run(options, lambda target: "\n".join(described(entries_of(target), time.time())))


def entries_of(target: Target) -> Iterable[Entry]:
    """Yield every entry of the feed."""
    pages = (
        target.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=target.tables["tokens"],
            KeyConditionExpression="pk = :feed AND begins_with(sk, :revoked)",
            ExpressionAttributeValues={":feed": {"S": FEED}, ":revoked": {"S": REVOKED}},
        )
    )
    for page in pages:
        for item in page["Items"]:
            yield Entry(
                kind=item["kind"]["S"],
                subject=item["subject"]["S"],
                revoked_at=float(item["revoked_at"]["N"]),
                expires_at=int(item["expires_at"]["N"]),
                size=_size(item),
            )


def described(entries: Iterable[Entry], now: float) -> list[str]:
    """Return the number and kinds of entries, their rate, and the cost of a read, as sentences."""
    found = list(entries)
    if not found:
        return ["The feed is empty: nothing was revoked, or all of it has been removed."]
    kinds = Counter(entry.kind for entry in found)
    ended = len([entry for entry in found if entry.expires_at <= now])
    size = sum(entry.size for entry in found)
    units = ceil(size / _READ_UNIT)
    cost = units * _USD_PER_MILLION_UNITS / 1000
    lines = [
        f"{len(found):,} revocations: "
        + ", ".join(f"{kinds[kind]:,} {_KINDS.get(kind, kind)}" for kind in kinds)
        + ".",
        f"{ended:,} of them end nothing any more and wait for DynamoDB to remove them.",
        f"Written in the last hour: {_since(found, now - _HOUR):,}; in the last day: {_since(found, now - _DAY):,}.",
        f"{size:,} bytes: a container that starts reads {units:,} read units; 1,000 of them cost {cost:.4f} USD.",
    ]
    most = Counter(user_of(entry.subject) for entry in found if entry.kind in ("grant", "user"))
    if most:
        lines.append("Most entries of one user:")
        lines += [f"  {count:,}  {user_id}" for user_id, count in most.most_common(_MOST_SHOWN)]
    return lines


def _since(entries: Iterable[Entry], start: float) -> int:
    return len([entry for entry in entries if entry.revoked_at >= start])


def _size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes of an item: names and values (a number takes about half a byte per digit)."""
    return sum(
        len(name.encode()) + (ceil(len(value["N"]) / 2) + 1 if "N" in value else len(str(value.get("S", "")).encode()))
        for name, value in item.items()
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
