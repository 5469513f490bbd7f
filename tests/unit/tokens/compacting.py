"""A feed with revocations, and its compaction."""

from __future__ import annotations

from gatepost.tokens.compaction import compact
from tests.unit.tokens.feed import Feed
from tests.unit.world import NOW

THEN = NOW + 30  # when what was revoked at NOW has settled


def revoke_many(feed: Feed, count: int, at: float = NOW, *, left: int = 3000, prefix: str = "another") -> None:
    for number in range(count):
        feed.revoke("jti", f"{prefix}-{number}", at, int(at) + left)


def compacted(feed: Feed, now: float = THEN, *, lag: int = 0) -> int:
    feed.revoke("jti", f"at-{now}", now)  # a witness of the time
    return compact(feed.compactor(), lag=lag, now=now)


def marks_in(feed: Feed) -> int:
    return sum(len(part) for part in feed.compactor().compacted().marks) // 8
