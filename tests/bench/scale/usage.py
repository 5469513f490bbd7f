"""The utilization of each limit at each rate: the first to exceed 100 % is the bottleneck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from gatepost.settings import Settings
from tests.bench.scale import feed, functions, heat
from tests.bench.scale.given import Given
from tests.bench.scale.heat import Heat

DEFAULTS = Settings(issuer="https://id.example.test")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All results for one rate."""

    given: Given
    rate: int
    hottest: Sequence[Heat]
    totals: Mapping[str, tuple[float, float]]
    loads: Sequence[functions.Load]
    noted: int
    keeping: feed.Keeping
    revoking: feed.Revoking

    def hot(self, table: str, kind: str) -> Heat:
        """The busiest key of one kind."""
        return next(each for each in self.hottest if (each.table, each.kind) == (table, kind))

    @property
    def polls(self) -> float:
        """Read units a second that warm containers take from the feed's partition."""
        return feed.partition_reads(self.revoking, self.keeping, self.watchers)

    @property
    def watchers(self) -> int:
        """Containers that poll the feed."""
        return functions.watchers(self.loads)

    @property
    def all_polls(self) -> float:
        """Read units a second of all their partitions together."""
        return feed.table_reads(self.revoking, self.keeping, self.watchers)

    @property
    def cold(self) -> float:
        """Read units of one cold container in the busiest partition."""
        return feed.hottest_cold(self.revoking, self.keeping)


def world(given: Given, traffic: heat.Traffic, rate: int) -> World:
    """Play and work out one rate."""
    revoking = feed.Revoking.at(given, rate)
    keeping = feed.Keeping.shipped(DEFAULTS, given).at(revoking)
    return World(
        given=given,
        rate=rate,
        hottest=[_spread(each, keeping) for each in heat.hottest(traffic, given, rate, heat.SECONDS[rate])],
        totals=heat.totals(traffic, given, rate),
        loads=functions.loads(given, rate),
        noted=heat.noted_uses(traffic, given, rate),
        keeping=keeping,
        revoking=revoking,
    )


def _spread(busiest: Heat, keeping: feed.Keeping) -> Heat:
    """Return a key of the feed as one of the partitions that its writes go to; another as it is."""
    if busiest.kind != "feed" or not keeping.parts:
        return busiest
    return replace(busiest, writes=busiest.writes / keeping.parts, most_writes=-(-busiest.most_writes // keeping.parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit and its utilization in a world."""

    name: str
    value: float
    used: Callable[[World], float]


@cache
def limits(given: Given) -> Sequence[Limit]:
    """Return every computed limit, with the limits of routes as shipped and default quotas."""
    partition_reads, partition_writes = given.limit("partition_reads"), given.limit("partition_writes")
    watching = functions.SPECS["authorizer"]
    return (
        *(
            Limit(name=f"`{route.key}`, requests a second", value=route.rate, used=_of_route(index))
            for index, route in enumerate(functions.ROUTES)
        ),
        Limit(name="requests a second of all APIs", value=given.limit("api_requests"), used=lambda w: w.rate),
        Limit(name="environments of all functions", value=given.limit("concurrency"), used=_environments),
        Limit(name="the busiest app: reads", value=partition_reads, used=_reads("apps", "app")),
        Limit(name="the busiest resource server: reads", value=partition_reads, used=_reads("apps", "resource server")),
        Limit(name="the busiest user: writes of grants", value=partition_writes, used=_writes("tokens", "user")),
        Limit(name="the busiest user: writes of the account", value=partition_writes, used=_writes("accounts", "user")),
        Limit(
            name="the busiest network: reads of its counter",
            value=partition_reads,
            used=_reads("accounts", "attempts of a network"),
        ),
        Limit(name="the feed: writes", value=partition_writes, used=_writes("tokens", "feed")),
        Limit(name="the feed: reads of warm containers", value=partition_reads, used=lambda w: w.polls),
        Limit(
            name="the public keys: reads for unknown ones, at worst",
            value=partition_reads,
            used=lambda w: w.watchers / w.keeping.poll,
        ),
        Limit(
            name=f"the feed: reads of one cold container within {watching.timeout} seconds",
            value=partition_reads * watching.timeout,
            used=lambda w: w.cold,
        ),
        Limit(
            name=f"the feed: reads while all restart, within {watching.timeout} seconds",
            value=partition_reads * watching.timeout,
            used=lambda w: w.cold * w.watchers,
        ),
        Limit(
            name=f"the feed in a container: MB of {watching.memory:,}",
            value=watching.memory,
            used=lambda w: feed.memory(w.revoking, w.keeping, w.given) / 2**20,
        ),
        Limit(name="the day's audit list: writes", value=partition_writes, used=_writes("audit", "day")),
        Limit(
            name="the index of apps by status: writes in the busiest second of a day",
            value=partition_writes,
            used=lambda w: w.noted,
        ),
        Limit(name="the busiest table: reads, polls with them", value=given.limit("table_units"), used=_table_reads),
        Limit(name="the busiest table: writes", value=given.limit("table_units"), used=_table_writes),
        Limit(
            name="GetSecretValue a second while all environments start",
            value=given.limit("secret_reads"),
            used=lambda w: functions.first_secret_reads(w.loads, w.given),
        ),
    )


def _of_route(index: int) -> Callable[[World], float]:
    return lambda w: list(functions.routes(w.given, w.rate).values())[index]


def _environments(w: World) -> float:
    return sum(load.environments for load in w.loads)


def _reads(table: str, kind: str) -> Callable[[World], float]:
    return lambda w: w.hot(table, kind).most_reads


def _writes(table: str, kind: str) -> Callable[[World], float]:
    return lambda w: w.hot(table, kind).most_writes


def _table_reads(w: World) -> float:
    return max(reads + (w.all_polls if table == "tokens" else 0) for table, (reads, _) in w.totals.items())


def _table_writes(w: World) -> float:
    return max(writes for _, writes in w.totals.values())
