"""The partitions of the feed beside the first one, and how their number changes while the deployment runs.

One partition takes as many reads a second as DynamoDB allows for a key. Where much is revoked, or with the setting
`feed_parts`, revocation writes to any of several others; a reader needs all of them, and it does not matter where an
entry lies. Their number is announced beside the public keys, by each region for itself, where readers look every five
minutes. A reader that can't look there goes on for `revocation_max_stale`, an hour at most; so a new partition is first
written to after more than an hour.
"""

from __future__ import annotations

import secrets

from gatepost.model.feed import Compaction, Parts
from gatepost.settings import LONGEST_LEEWAY, LONGEST_LIFETIME, Settings

# seconds: five minutes, the longest `revocation_max_stale`, the longest `replication_lag`, and five minutes more
ANNOUNCED = 300 + 3600 + 600 + 300
BUSY = 15  # revocations a second: a poll of one partition costs about as many read units as one of all the others
SPREAD = 24  # partitions where more are revoked


def to_announce(parts: Parts, wanted: int, now: float) -> Parts | None:
    """Return what is to be announced where `wanted` partitions should be; None if nothing has to change."""
    if not parts.read_at(now):
        parts = Parts()
    if wanted > parts.number or (wanted == parts.number and parts.until):
        return Parts(wanted, now + ANNOUNCED)
    if wanted < parts.number and not parts.until:
        return parts._replace(until=now + LONGEST_LIFETIME + ANNOUNCED)
    return None


def wanted_by(settings: Settings, parts: Parts) -> int:
    """Return how many partitions there should be as far as a single revocation knows: as many as there are, or set."""
    if settings.feed_parts:
        return max(0, settings.feed_parts)
    return 0 if parts.until else parts.number


def grown(settings: Settings, compaction: Compaction, now: float) -> Parts | None:
    """Return what is to be announced for the load that the compacted feed shows; None if nothing has to change.

    The segments hold the marks of about a token's lifetime, so a burst counts only as far as it would last.
    """
    if settings.feed_parts:
        return None
    parts = compaction.parts.own
    marks = sum(segment.size for segment in compaction.segments if not segment.has_cutoffs)
    rate = marks / (settings.access_token_lifetime + LONGEST_LEEWAY)
    if rate >= BUSY:
        return to_announce(parts, max(SPREAD, parts.number), now)
    return to_announce(parts, 0, now) if rate < BUSY / 4 else None


def part_to_write(parts: Parts, wanted: int, now: float) -> int:
    """Return the partition for an entry, at random: 0, the first one, unless all readers know of the others."""
    known = min(parts.number, wanted)
    if parts.until or parts.since > now or not known:
        return 0
    return 1 + secrets.randbelow(known)
