"""The tables of docs/scale.md, one function each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.bench.scale import functions, heat
from tests.bench.scale.app_cache import app_reads
from tests.bench.scale.given import RATES, Given
from tests.bench.scale.numbers import number, percent, seconds, table
from tests.bench.scale.usage import DEFAULTS, World, limits

_KEYS = {
    ("apps", "app"): "apps: the app",
    ("apps", "resource server"): "apps: an app that introspects",
    ("sessions", "user"): "sessions: the user",
    ("accounts", "user"): "accounts: the user",
    ("accounts", "name"): "accounts: the user name",
    ("accounts", "attempts of a name"): "accounts: failures of a name",
    ("accounts", "attempts of an account"): "accounts: failures of an account",
    ("accounts", "attempts of a network"): "accounts: failures of a network",
    ("tokens", "user"): "tokens: the user's grants",
    ("tokens", "feed"): "tokens: the feed",
    ("tokens", "keys"): "tokens: the public keys",
    ("audit", "day"): "audit: the day",
    ("audit", "user"): "audit: the user's list",
}
_HEAD = tuple(f"{rate:,}/s" for rate in RATES)


def mix(given: Given) -> Iterator[str]:
    """Return the assumed traffic."""
    rows = [(name.replace(", without the hash", ""), number(many)) for name, many in given.mix.items()]
    yield from table(("operation", "of 1,000 requests"), rows)
    yield ""
    named = ("apps", "resource_servers", "users", "networks")
    yield from table(
        ("there are", *_HEAD),
        [(name.replace("_", " "), *(number(given.populations[rate][name]) for rate in RATES)) for name in named],
    )


def hot_keys(worlds: Sequence[World]) -> Iterator[str]:
    """The busiest keys: units a second on average, and in the worst second played. Below 1 % of the limit none."""
    given, rows = worlds[0].given, []
    for (place, kind), name in _KEYS.items():
        found = [world.hot(place, kind) for world in worlds]
        reads = [(each.reads, each.most_reads) for each in found]
        writes = [(each.writes, each.most_writes) for each in found]
        for what, units in (("reads", reads), ("writes", writes)):
            limit = given.limit(f"partition_{what}")
            if units[-1][1] >= limit / 100:
                cells = [f"{number(mean)} ({most:,})" for mean, most in units]
                rows.append((f"{name}, {what}", *cells, percent(units[-1][1], limit)))
    yield from table(("busiest key", *_HEAD, f"of the limit at {_HEAD[-1]}"), rows)


def app_cache(worlds: Sequence[World], traffic: heat.Traffic) -> Iterator[str]:
    """The busiest app by `app_cache_seconds`."""
    limit, rows = worlds[0].given.limit("partition_reads"), []
    for kept in (0, 5, 20, 60):
        found = [app_reads(traffic, world.given, world.rate, world.loads, kept) for world in worlds]
        rows.append((f"`app_cache_seconds` {kept}", *map(number, found), percent(found[-1], limit)))
    yield from table(("reads of the busiest app, a second", *_HEAD, f"of the limit at {_HEAD[-1]}"), rows)


def used(worlds: Sequence[World]) -> Iterator[str]:
    """Every limit."""
    rows = [
        (limit.name, number(limit.value), *(percent(limit.used(world), limit.value) for world in worlds))
        for limit in limits(worlds[0].given)
    ]
    yield from table(("limit, as shipped", "", *_HEAD), rows)


def environments(worlds: Sequence[World]) -> Iterator[str]:
    """Functions: their environments by rate, and how long the last take to start."""
    loads = [{load.function: load for load in world.loads} for world in worlds]
    rows = []
    for name, last in loads[-1].items():
        rows.append((name, *(number(each[name].environments) for each in loads), number(last.busy), seconds(last.ramp)))
    together = [number(sum(load.environments for load in world.loads)) for world in worlds]
    rows.append(("**together**", *(f"**{each}**" for each in together), "", ""))
    yield from table(("environments", *_HEAD, f"at work at {_HEAD[-1]}", "started within"), rows)


def passwords(worlds: Sequence[World]) -> Iterator[str]:
    """bcrypt."""
    rows = []
    for bcrypt_cost in (10, DEFAULTS.bcrypt_cost, 14):
        found = [functions.hashing(world.given, world.rate, bcrypt_cost) for world in worlds]
        cells = [f"{number(cpu)}: {number(busy)}" for cpu, _, busy in found]
        rows.append((f"`bcrypt_cost` {bcrypt_cost}", seconds(found[0][1]), *cells))
    yield from table(("vCPUs that hash: functions at work for it", "one hash", *_HEAD), rows)
