"""The revocation feed: its growth, the cost of cold and warm reads, and the load of its partitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from random import Random

from gatepost.model.feed import MARK, SETTLED, Revocation, RevocationKind
from gatepost.settings import LONGEST_LEEWAY, LONGEST_LIFETIME, Settings
from gatepost.stores.dynamodb.revocations import feed_item, marked_item
from gatepost.tokens import feed_parts, revocation_list
from tests.bench.scale.given import Given
from tests.bench.units import READ_UNIT, item_size

_MINUTE = 60
_RECENT = 70  # bytes of a mark that came later: an integer in a set
_TEXT = 4 / 3  # characters of base64 for a byte
_LARGEST_SEGMENT = 8 * 2047 * MARK * _TEXT  # what eight are joined to at most
# as long as the real ones: a jti is 256 bits in base64url, a grant a UUID, a dot and 128 bits, a user or app a UUID
_SUBJECTS: dict[RevocationKind, str] = {"jti": "j" * 43, "grant": "u" * 36 + "." + "g" * 22}


def _entry(kind: RevocationKind) -> Revocation:
    return Revocation(kind=kind, subject=_SUBJECTS[kind], revoked_at=1764032400.123456, expires_at=1764119111)


@cache
def entry_bytes(kind: RevocationKind) -> int:
    """Return the bytes of an entry in the first partition."""
    return item_size(feed_item(_entry(kind), 1764032400.123456))


@cache
def marked_bytes() -> int:
    """Return the bytes of an entry in another partition."""
    return item_size(marked_item(_entry("jti"), 1764032400.123456, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """The lifetime of entries and the way the feed is read, as shipped, by settings or as it was."""

    token_seconds: float  # an entry of one access token, on average
    grant_seconds: float  # an entry of a grant
    late: float  # until DynamoDB removes what has expired: without segments a cold container reads it all the same
    poll: int  # `revocation_poll`
    overlap: float  # read again at every poll, on average
    parts: int = 0  # partitions beside the first one
    grows: bool = False  # by the load
    waste: float = 1.0  # marks in segments for each that is alive; 0: there are no segments

    @classmethod
    def shipped(cls, settings: Settings, given: Given) -> Keeping:
        """Return the lifetimes that revocation sets: the rest of the token's life, and for a grant a whole one."""
        left = settings.access_token_lifetime * (1 - given.assumed["revoked_age"])
        return cls(
            token_seconds=left + LONGEST_LEEWAY,
            grant_seconds=settings.access_token_lifetime + LONGEST_LEEWAY,
            late=given.assumed["ttl_lag"],
            poll=settings.revocation_poll,
            overlap=overlap(settings.revocation_poll),
            parts=max(0, settings.feed_parts),
            grows=not settings.feed_parts,
            waste=given.measured["segment_waste"],
        )

    def at(self, revoking: Revoking) -> Keeping:
        """Return it with the partitions that this load makes, after a while."""
        busy = living(revoking, self).entries * self.waste >= feed_parts.BUSY * self.grant_seconds
        return replace(self, parts=feed_parts.SPREAD) if self.grows and busy else self


def overlap(poll: int) -> float:
    """Return the seconds that a poll reads again, with the few that look further back."""
    return SETTLED + (revocation_list._LATE - SETTLED) * max(poll, 1) / revocation_list._SELDOM


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


def tail(revoking: Revoking, keeping: Keeping) -> Size:
    """Return the entries that a cold container reads one by one.

    Those that nobody has compacted: before there are many enough, and the last ones. Without segments these are the
    valid ones, and expired ones that are not yet removed, as far back as a token can live.
    """
    seconds = min(keeping.late + keeping.grant_seconds, LONGEST_LIFETIME + SETTLED)
    if keeping.waste:
        rate = revoking.tokens + revoking.grants
        seconds = min(seconds, revocation_list.LONG / rate + SETTLED + keeping.poll)
    return _written(revoking, keeping, seconds)


def segments(revoking: Revoking, keeping: Keeping) -> Size:
    """Return the marks in segments, and their size as text."""
    if tail(revoking, keeping).entries >= living(revoking, keeping).entries:
        return Size(0, 0)
    marks = living(revoking, keeping).entries * keeping.waste
    return Size(marks, marks * MARK * _TEXT)


def new(revoking: Revoking, keeping: Keeping) -> Size:
    """Return the entries of one poll: the time since the last one, and the overlap."""
    return _written(revoking, keeping, keeping.overlap + keeping.poll)


def cold_units(revoking: Revoking, keeping: Keeping) -> int:
    """Read units of a container's first reads: keys, segments (read eventually consistently) and entries."""
    parted = segments(revoking, keeping)
    return 1 + (-(-parted.units() // 2) if parted.entries else 0) + _units(tail(revoking, keeping), keeping)


def hottest_cold(revoking: Revoking, keeping: Keeping) -> float:
    """Return the read units of them in the busiest partition. Each segment has one of its own."""
    segment = min(segments(revoking, keeping).bytes, _LARGEST_SEGMENT) / READ_UNIT / 2
    return max(segment, _units(tail(revoking, keeping), keeping) / max(1, keeping.parts))


def poll_units(revoking: Revoking, keeping: Keeping) -> int:
    """Read units of one poll."""
    return _units(new(revoking, keeping), keeping) + (1 if keeping.parts else 0)


def partition_reads(revoking: Revoking, keeping: Keeping, containers: float) -> float:
    """Read units a second of the hottest partition of the feed, with so many containers that poll as often as may be.

    A container polls at a request, so one that gets fewer than one in `poll` seconds reads less.
    """
    return containers * _units(new(revoking, keeping), keeping) / keeping.poll / max(1, keeping.parts)


def table_reads(revoking: Revoking, keeping: Keeping, containers: float) -> float:
    """Read units a second of all partitions together."""
    return containers * poll_units(revoking, keeping) / keeping.poll


def _units(read: Size, keeping: Keeping) -> int:
    """Units of a query, or of one in each of the other partitions: one at least for each."""
    return max(1, keeping.parts, read.units())


def _written(revoking: Revoking, keeping: Keeping, seconds: float) -> Size:
    tokens, grants = revoking.tokens * seconds, revoking.grants * seconds
    if keeping.parts:
        return Size(tokens + grants, (tokens + grants) * marked_bytes())
    return _size(tokens, grants)


def memory(revoking: Revoking, keeping: Keeping, given: Given) -> float:
    """Return the bytes that a container takes for the feed before it restarts."""
    marks = max(living(revoking, keeping).entries * max(1.0, keeping.waste), 1.0)
    return marks * given.measured["mark_memory"] + min(marks, max(8192, marks / 4)) * _RECENT


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
                    left += LONGEST_LEEWAY
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
