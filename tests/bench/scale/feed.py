"""The revocation feed: its growth, the cost of cold and warm reads, and the load of its partition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from gatepost.model.feed import Revocation, RevocationKind
from gatepost.settings import LONGEST_LEEWAY, Settings
from gatepost.stores.dynamodb.revocations import feed_item
from gatepost.tokens import revocation_list as revocations
from tests.bench.scale.given import Given
from tests.bench.units import READ_UNIT, item_size

OVERLAP: int = revocations._OVERLAP
_MINUTE = 60
# as long as the real ones: a jti is 256 bits in base64url, a grant a UUID, a dot and 128 bits, a user or app a UUID
_SUBJECTS: dict[RevocationKind, str] = {"jti": "j" * 43, "grant": "u" * 36 + "." + "g" * 22}


@cache
def entry_bytes(kind: RevocationKind) -> int:
    """Return the bytes of an entry in the table."""
    entry = Revocation(kind=kind, subject=_SUBJECTS[kind], revoked_at=1764032400.123456, expires_at=1764119111)
    return item_size(feed_item(entry))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """The lifetime of entries and the way the feed is read, as shipped or in a redesign."""

    token_seconds: float  # an entry of one access token, on average
    grant_seconds: float  # an entry of a grant
    late: float  # until DynamoDB removes what has expired: a cold container reads it all the same
    poll: int  # `revocation_poll`
    overlap: int = OVERLAP  # read again at every poll
    shards: int = 1  # partitions that the feed lies in

    @classmethod
    def shipped(cls, settings: Settings, given: Given) -> Keeping:
        """Return the lifetimes that revocation sets: the rest of the token's life, and for a grant a whole one."""
        left = settings.access_token_lifetime * (1 - given.assumed["revoked_age"])
        return cls(
            token_seconds=left + settings.clock_leeway + 1,
            grant_seconds=settings.access_token_lifetime + LONGEST_LEEWAY,
            late=given.assumed["ttl_lag"],
            poll=settings.revocation_poll,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoking:
    """Revocations a second."""

    tokens: float
    grants: float

    @classmethod
    def at(cls, given: Given, rate: float) -> Revoking:
        """Return those of the mix."""
        return cls(
            tokens=given.rate_of("revoke, access token", rate), grants=given.rate_of("revoke, refresh token", rate)
        )


@dataclass(frozen=True, slots=True)
class Size:
    """The contents of the feed."""

    entries: float
    bytes: float

    def units(self) -> int:
        """Read units to query all of it, consistently."""
        return max(1, -(-int(self.bytes) // READ_UNIT))

    def pages(self, given: Given) -> int:
        """Pages of that query, one round trip each."""
        return max(1, -(-int(self.bytes) // given.limit("query_page")))


def living(revoking: Revoking, keeping: Keeping) -> Size:
    """Return the valid entries in the feed, and in a container's memory, in a steady state."""
    return _size(revoking.tokens * keeping.token_seconds, revoking.grants * keeping.grant_seconds)


def read_cold(revoking: Revoking, keeping: Keeping) -> Size:
    """Return the entries that a cold container reads: the valid ones, and expired ones that are not yet removed."""
    tokens = revoking.tokens * (keeping.token_seconds + keeping.late)
    grants = revoking.grants * (keeping.grant_seconds + keeping.late)
    return _size(tokens, grants)


def new(revoking: Revoking, keeping: Keeping) -> Size:
    """Return the entries of one poll: the time since the last one, and the overlap."""
    seconds = keeping.overlap + keeping.poll
    return _size(revoking.tokens * seconds, revoking.grants * seconds)


def cold_units(revoking: Revoking, keeping: Keeping) -> int:
    """Read units of a container's first query, or queries: each shard takes a unit at least."""
    return max(keeping.shards, read_cold(revoking, keeping).units())


def poll_units(revoking: Revoking, keeping: Keeping) -> int:
    """Read units of one poll."""
    return max(keeping.shards, new(revoking, keeping).units())


def partition_reads(revoking: Revoking, keeping: Keeping, containers: float) -> float:
    """Read units a second of the hottest partition of the feed, with so many containers that poll as often as may be.

    A container polls at a request, so one that gets fewer than one in `poll` seconds reads less.
    """
    return containers * poll_units(revoking, keeping) / keeping.poll / keeping.shards


def most_containers(revoking: Revoking, keeping: Keeping, given: Given) -> int:
    """Return how many warm containers one partition can serve."""
    return int(given.limit("partition_reads") * keeping.shards * keeping.poll / poll_units(revoking, keeping))


def grown(given: Given, settings: Settings, rate: int, hours: tuple[int, ...]) -> list[Size]:
    """Return the feed some hours after the first revocation, simulated minute by minute; TTL removes nothing late.

    From a thousand requests per second on, one entry represents several, so that a thousand are simulated.
    """
    keeping, weight = Keeping.shipped(settings, given), max(1, rate // 1000)
    revoking, random = Revoking.at(given, rate / weight), Random(given.assumed["seed"] + 3)
    last = max(hours) * 60
    ends: dict[RevocationKind, list[int]] = {"jti": [0] * (last + 1), "grant": [0] * (last + 1)}
    alive: dict[RevocationKind, int] = {"jti": 0, "grant": 0}
    arriving: dict[RevocationKind, float] = {"jti": revoking.tokens, "grant": revoking.grants}
    found = []
    for minute in range(last):
        for kind, a_second in arriving.items():
            for _ in range(_arrivals(a_second * _MINUTE, random)):
                left = keeping.grant_seconds
                if kind == "jti":  # evenly between a token just issued and one about to end
                    left = random.random() * 2 * (1 - given.assumed["revoked_age"]) * settings.access_token_lifetime
                    left += settings.clock_leeway + 1
                ends[kind][min(last, minute + max(1, round(left / _MINUTE)))] += 1
                alive[kind] += 1
            alive[kind] -= ends[kind][minute]
        if (minute + 1) / 60 in hours:
            found.append(_size(alive["jti"] * weight, alive["grant"] * weight))
    return found


def _arrivals(mean: float, random: Random) -> int:
    """A number that is Poisson distributed: how many exponential gaps fit into one unit of time."""
    count, gone = 0, random.expovariate(mean) if mean else 1.0
    while gone < 1:
        count += 1
        gone += random.expovariate(mean)
    return count


def _size(tokens: float, grants: float) -> Size:
    return Size(tokens + grants, tokens * entry_bytes("jti") + grants * entry_bytes("grant"))
