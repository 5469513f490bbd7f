"""The tables of docs/scale.md about the feed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from tests.bench.scale import feed, functions
from tests.bench.scale.feed import Keeping, Revoking
from tests.bench.scale.given import RATES, Given
from tests.bench.scale.heat import Traffic
from tests.bench.scale.numbers import number, percent, seconds, size, table
from tests.bench.scale.usage import DEFAULTS, World

_HOURS = (1, 24)


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
    parted = [feed.segments(world.revoking, world.keeping) for world in worlds]
    tails = [feed.tail(world.revoking, world.keeping) for world in worlds]
    units = [feed.cold_units(world.revoking, world.keeping) for world in worlds]
    limit = given.limit("partition_reads")
    polls = [feed.poll_units(world.revoking, world.keeping) for world in worlds]
    measured = given.measured
    rows += [
        ("entries in the long run", *(number(each.entries) for each in sizes)),
        ("marks in segments", *(number(each.entries) for each in parted)),
        ("entries that a cold container reads one by one", *(number(each.entries) for each in tails)),
        ("read units of all that", *map(number, units)),
        ("… of the busiest partition", *(number(world.cold) for world in worlds)),
        (
            "while all restart, that partition serves nobody else for",
            *(seconds(world.cold * world.watchers / limit) for world in worlds),
        ),
        (
            "CPU to take it in",
            *(
                seconds((known.entries * measured["mark_load"] + each.entries * measured["entry_load"]) / 1e6)
                for known, each in zip(parted, tails, strict=True)
            ),
        ),
        (
            "memory, before it restarts",
            *(size(feed.memory(world.revoking, world.keeping, given)) for world in worlds),
        ),
        ("read units of a poll", *map(number, polls)),
        ("containers that poll", *(number(world.watchers) for world in worlds)),
        ("read units a second of their polls", *(number(world.polls) for world in worlds)),
        ("of the partition's limit", *(percent(world.polls, limit) for world in worlds)),
    ]
    yield from table(("with the mix", *(f"{rate:,}/s" for rate in RATES)), rows)


def designs(given: Given, traffic: Traffic) -> Iterator[str]:
    """Return the request rate at which each limit of the feed is reached, by setting and redesign."""
    shipped = Keeping.shipped(DEFAULTS, given)
    rows: list[tuple[str, Keeping]] = [
        ("as shipped", shipped),
        ("`revocation_poll` 30", replace(shipped, poll=30, overlap=feed.overlap(30))),
        ("`access_token_lifetime` 600", Keeping.shipped(DEFAULTS._replace(access_token_lifetime=600), given)),
        *((f"`feed_parts` {parts}", replace(shipped, grows=False, parts=max(0, parts))) for parts in (-1, 4, 64)),
    ]
    checks = _checks(given, traffic)
    yield from table(
        ("requests a second of the mix at which the feed's limit is met", *checks),
        [(name, *(_reached(check, keeping) for check in checks.values())) for name, keeping in rows],
    )


def _checks(given: Given, traffic: Traffic) -> Mapping[str, Callable[[float, Keeping], float]]:
    """Return, by limit, its utilization by a rate: 1 is all of it."""
    reads, writes = given.limit("partition_reads"), given.limit("partition_writes")
    watching = functions.SPECS["authorizer"]
    ended = next(each.units.write for each in traffic["revoke, refresh token"] if each.kind == "feed")

    def cold(rate: float, keeping: Keeping) -> float:
        revoking = Revoking.at(given, rate)
        return feed.hottest_cold(revoking, keeping.at(revoking)) / reads / watching.timeout

    def anew(rate: float, keeping: Keeping) -> float:
        return cold(rate, keeping) * functions.watchers(functions.loads(given, rate))

    def warm(rate: float, keeping: Keeping) -> float:
        containers = functions.watchers(functions.loads(given, rate))
        revoking = Revoking.at(given, rate)
        return feed.partition_reads(revoking, keeping.at(revoking), containers) / reads

    def written(rate: float, keeping: Keeping) -> float:
        revoking = Revoking.at(given, rate)
        return (revoking.tokens + revoking.grants) * ended / writes / max(1, keeping.at(revoking).parts)

    def held(rate: float, keeping: Keeping) -> float:
        return feed.memory(Revoking.at(given, rate), keeping, given) / 2**20 / watching.memory

    return {
        f"one cold container, {watching.timeout} s": cold,
        f"all restart, {watching.timeout} s": anew,
        "warm polls": warm,
        "writes": written,
        f"memory, {watching.memory:,} MB": held,
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
