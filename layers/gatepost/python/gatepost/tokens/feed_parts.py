"""The partitions of the feed beside the first one, and how their number changes while the deployment runs.

One partition takes as many reads a second as DynamoDB allows for a key. With the setting `feed_parts` revocation writes
to any of so many others; a reader needs all of them, and it does not matter where an entry lies. Their number is
announced beside the public keys, by each region for itself, where readers look every five minutes. A reader that can't
look there goes on for `revocation_max_stale`, an hour at most; so a new partition is first written to after more than
an hour.
"""

from __future__ import annotations

import secrets

from gatepost.model.feed import Parts
from gatepost.settings import LONGEST_LIFETIME

# seconds: five minutes, the longest `revocation_max_stale`, the longest `replication_lag`, and five minutes more
ANNOUNCED = 300 + 3600 + 600 + 300


def to_announce(parts: Parts, wanted: int, now: float) -> Parts | None:
    """Return what is to be announced where `wanted` partitions are set; None if nothing has to change."""
    if not parts.read_at(now):
        parts = Parts()
    if wanted > parts.number:
        return Parts(wanted, now + ANNOUNCED)
    if wanted < parts.number and not parts.until:
        return parts._replace(until=now + LONGEST_LIFETIME + ANNOUNCED)
    return None


def part_to_write(parts: Parts, wanted: int, now: float) -> int:
    """Return the partition for an entry, at random: 0, the first one, unless all readers know of the others."""
    known = min(parts.number, wanted)
    if parts.until or parts.since > now or not known:
        return 0
    return 1 + secrets.randbelow(known)
