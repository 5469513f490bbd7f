"""The tables of docs/scale.md about the feed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from gatepost.settings import Settings
from tests.bench.scale import feed, functions
from tests.bench.scale.feed import Keeping, Revoking
from tests.bench.scale.given import RATES, Given
from tests.bench.scale.heat import Traffic
from tests.bench.scale.numbers import number, percent, seconds, size, table
from tests.bench.scale.usage import DEFAULTS, World

_HOURS = (1, 6, 24, 48)
_A_SECOND = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
_CONTAINERS = (10, 100, 1_000, 10_000)
_LIFETIMES = (600, 3600, 86400)


def growth(worlds: Sequence[World]) -> Iterator[str]:
    """The feed at each rate of the mix."""
    given = worlds[0].given
    grown = [feed.grown(given, DEFAULTS, world.rate, _HOURS) for world in worlds]
    rows: list[Sequence[str]] = [
        ("revocations a second, tokens and grants", *(_both(world.revoking) for world in worlds)),
        *(
            (f"entries after {hours} h", *(number(each[place].entries) for each in grown))
            for place, hours in enumerate(_HOURS)
        ),
    ]
    sizes = [feed.living(world.revoking, world.keeping) for world in worlds]
    late = [feed.read_cold(world.revoking, world.keeping) for world in worlds]
    limit = given.limit("partition_reads")
    polls = [feed.poll_units(world.revoking, world.keeping) for world in worlds]
    known = [each.entries for each in sizes]
    rows += [
        ("entries in the long run", *map(number, known)),
        ("the same in the table", *(size(each.bytes) for each in sizes)),
        ("with what DynamoDB removes two days late", *(size(each.bytes) for each in late)),
        ("pages of a cold container's query", *(number(each.pages(given)) for each in late)),
        ("read units of it", *(number(each.units()) for each in late)),
        ("the partition serves nobody else for", *(seconds(each.units() / limit) for each in late)),
        (
            "… and when all start anew",
            *(seconds(each.units() * world.watchers / limit) for each, world in zip(late, worlds, strict=True)),
        ),
        ("CPU to take it in", *(seconds(each * given.measured["entry_load"] / 1e6) for each in known)),
        ("memory", *(size(each * given.measured["entry_memory"]) for each in known)),
        ("CPU at every poll", *(seconds(each * given.measured["entry_keep"] / 1e6) for each in known)),
        ("read units of a warm poll", *map(number, polls)),
        ("containers that poll", *(number(world.watchers) for world in worlds)),
        ("read units a second of their polls", *(number(world.polls) for world in worlds)),
        ("of the partition's limit", *(percent(world.polls, limit) for world in worlds)),
    ]
    yield from table(("with the mix", *(f"{rate:,}/s" for rate in RATES)), rows)


def sizes(given: Given) -> Iterator[str]:
    """The feed by revocations a second, whatever the mix."""
    shipped = Keeping.shipped(DEFAULTS, given)
    rows = []
    for a_second in _A_SECOND:
        tokens = [
            feed.living(
                Revoking(tokens=a_second, grants=0),
                Keeping.shipped(replace(DEFAULTS, access_token_lifetime=lifetime), given),
            )
            for lifetime in _LIFETIMES
        ]
        grants = Revoking(tokens=0, grants=a_second)
        living = feed.living(grants, shipped)  # without those that are removed late
        rows.append(
            (
                number(a_second),
                *(f"{number(each.entries)}: {number(each.units())}" for each in tokens),
                f"{number(living.entries)}: {number(living.units())}",
                number(living.pages(given)),
                size(living.bytes),
                seconds(living.units() / given.limit("partition_reads")),
            )
        )
    lifetimes = (f"tokens, `access_token_lifetime` {lifetime}" for lifetime in _LIFETIMES)
    yield from table(
        ("revocations a second", *lifetimes, "grants", "their pages", "their size", "the partition for itself"), rows
    )


def polls(given: Given) -> Iterator[str]:
    """Return the total reads of warm containers, by their number and the revocations per second."""
    shipped, limit = Keeping.shipped(DEFAULTS, given), given.limit("partition_reads")
    revoking = [Revoking(tokens=0, grants=a_second) for a_second in _A_SECOND]
    rows = []
    for containers in _CONTAINERS:
        reads = [feed.partition_reads(each, shipped, containers) for each in revoking]
        rows.append((number(containers), *(f"**{number(each)}**" if each > limit else number(each) for each in reads)))
    rows.append(("at most", *(number(feed.most_containers(each, shipped, given)) for each in revoking)))
    yield from table(("containers", *(f"{number(each)} revocations a second" for each in _A_SECOND)), rows)


def designs(given: Given, traffic: Traffic) -> Iterator[str]:
    """Return the request rate at which each limit of the feed is reached, by setting and redesign."""
    shipped = Keeping.shipped(DEFAULTS, given)
    short = replace(DEFAULTS, access_token_lifetime=600)
    back, briefly = _read_back(DEFAULTS, shipped), _read_back(short, shipped)
    lapped = replace(briefly, overlap=15)
    rows: list[tuple[str, Keeping]] = [
        ("as shipped, if expired entries went at once", replace(shipped, late=0)),
        ("as shipped, expired entries go two days late", shipped),
        ("`revocation_poll` 30", replace(shipped, poll=30)),
        ("`access_token_lifetime` 600", Keeping.shipped(short, given)),
        ("redesign: read back only as far as a token can live", back),
        ("… and `access_token_lifetime` 600", briefly),
        ("… and an overlap of 15 seconds", lapped),
        ("… and 16 partitions by hash", replace(lapped, shards=16)),
    ]
    checks = _checks(given, traffic)
    yield from table(
        ("requests a second of the mix at which the feed's limit is met", *checks),
        [(name, *(_reached(check, keeping) for check in checks.values())) for name, keeping in rows],
    )


def _read_back(settings: Settings, shipped: Keeping) -> Keeping:
    """Return the size of a query by time: every entry for as long as a token lives, and nothing older."""
    life = settings.longest_access_token + 1
    return replace(shipped, token_seconds=life, grant_seconds=life, late=0)


def _checks(given: Given, traffic: Traffic) -> Mapping[str, Callable[[float, Keeping], float]]:
    """Return, by limit, its utilization by a rate: 1 is all of it."""
    reads, writes = given.limit("partition_reads"), given.limit("partition_writes")
    watching = functions.SPECS["authorizer"]
    ended = next(each.units.write for each in traffic["revoke, refresh token"] if each.kind == "feed")

    def cold(rate: float, keeping: Keeping) -> float:
        units = feed.cold_units(Revoking.at(given, rate), keeping) / keeping.shards
        return units / reads / watching.timeout

    def anew(rate: float, keeping: Keeping) -> float:
        return cold(rate, keeping) * functions.watchers(functions.loads(given, rate))

    def warm(rate: float, keeping: Keeping) -> float:
        containers = functions.watchers(functions.loads(given, rate))
        return feed.partition_reads(Revoking.at(given, rate), keeping, containers) / reads

    def written(rate: float, keeping: Keeping) -> float:
        revoking = Revoking.at(given, rate)
        return (revoking.tokens + revoking.grants) * ended / writes / keeping.shards

    def held(rate: float, keeping: Keeping) -> float:
        entries = feed.living(Revoking.at(given, rate), keeping).entries
        return entries * given.measured["entry_memory"] / 2**20 / watching.memory

    return {
        f"one cold container, {watching.timeout} s": cold,
        f"all start anew, {watching.timeout} s": anew,
        "warm polls": warm,
        "writes": written,
        f"memory, {watching.memory} MB": held,
    }


def _reached(check: Callable[[float, Keeping], float], keeping: Keeping) -> str:
    """The rate, to two digits."""
    return number(float(f"{reached(lambda rate: check(rate, keeping)):.1e}"))


def reached(check: Callable[[float], float]) -> float:
    """The rate at which `check`, which grows with it, comes to 1."""
    low, high = 0.0, 1.0
    while check(high) < 1:
        low, high = high, high * 2
    while high - low > 0.001 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if check(middle) < 1 else (low, middle)
    return high


def _both(revoking: Revoking) -> str:
    return f"{number(revoking.tokens)} + {number(revoking.grants)}"
