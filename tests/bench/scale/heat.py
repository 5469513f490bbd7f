"""The load of the busiest keys: seconds of traffic, drawn with a seed, and the units of each partition key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from gatepost.clients.use import DAY, day_began
from tests.bench.scale.given import Given
from tests.bench.scale.touched import Touch
from tests.bench.scale.zipf import Zipf

# how many seconds are played, by requests a second
SECONDS = {1: 3600, 1_000: 60, 100_000: 2}
# what a partition key stands for: the population that it is drawn from; the others come once or there is one of them
_DRAWN = {
    "app": ("apps", "app_skew"),
    "resource server": ("resource_servers", "app_skew"),
    "user": ("users", "user_skew"),
    "network": ("networks", "network_skew"),
}
_SAME = {
    **dict.fromkeys(("name", "attempts of a name", "attempts of an account"), "user"),
    "attempts of a network": "network",
}
_ALONE = ("feed", "keys", "day")
Traffic = Mapping[str, Sequence[Touch]]  # by operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The busiest key of one kind: units a second on average, and in the second in which any key had the most."""

    table: str
    kind: str
    reads: float
    writes: float
    most_reads: int
    most_writes: int


def hottest(traffic: Traffic, given: Given, rate: int, seconds: int) -> Sequence[Heat]:
    """The busiest key of every kind that several requests can meet at."""
    draw = _drawing(given, rate)
    names, weights = list(given.mix), list(given.mix.values())
    random = Random(given.assumed["seed"])
    whole: Counter[tuple[str, str, str, int]] = Counter()
    most: dict[tuple[str, str, str], int] = {}
    for _ in range(seconds):
        now: Counter[tuple[str, str, str, int]] = Counter()
        for operation in random.choices(names, weights, k=rate):
            _add(now, traffic[operation], draw)
        whole.update(now)
        for (unit, table, kind, _who), units in now.items():
            most[unit, table, kind] = max(units, most.get((unit, table, kind), 0))
    return [_heat(whole, most, table, kind, seconds) for table, kind in _kinds(traffic)]


def _kinds(traffic: Traffic) -> Sequence[tuple[str, str]]:
    met = {(each.table, each.kind) for touched in traffic.values() for each in touched}
    return sorted((table, kind) for table, kind in met if kind in _DRAWN or kind in _SAME or kind in _ALONE)


def _add(now: Counter[tuple[str, str, str, int]], touched: Sequence[Touch], draw: Callable[[str], int]) -> None:
    """Add one request's units to the keys that it meets; within a request, one kind is one key."""
    who: dict[str, int] = {}
    for touch in touched:
        drawn = _SAME.get(touch.kind, touch.kind)
        if drawn not in who:
            who[drawn] = 0 if drawn in _ALONE else draw(drawn) if drawn in _DRAWN else -1
        if who[drawn] < 0:
            continue  # a code, a token: its key is met once or twice, ever
        if touch.units.read:
            now["read", touch.table, touch.kind, who[drawn]] += touch.units.read
        if touch.units.write:
            now["write", touch.table, touch.kind, who[drawn]] += touch.units.write - touch.units.index


def _drawing(given: Given, rate: int) -> Callable[[str], int]:
    numbers, random = given.populations[rate], Random(given.assumed["seed"] + 1)
    sources = {kind: Zipf(numbers[many], given.assumed[skew], random) for kind, (many, skew) in _DRAWN.items()}
    return lambda kind: sources[kind].draw()


def _heat(
    whole: Mapping[tuple[str, str, str, int], int],
    most: Mapping[tuple[str, str, str], int],
    table: str,
    kind: str,
    seconds: int,
) -> Heat:
    of = {"read": 0, "write": 0}
    for (unit, its_table, its_kind, _who), units in whole.items():
        if (its_table, its_kind) == (table, kind):
            of[unit] = max(of[unit], units)
    return Heat(
        table=table,
        kind=kind,
        reads=of["read"] / seconds,
        writes=of["write"] / seconds,
        most_reads=most.get(("read", table, kind), 0),
        most_writes=most.get(("write", table, kind), 0),
    )


def totals(traffic: Traffic, given: Given, rate: int) -> Mapping[str, tuple[float, float]]:
    """Read and write units a second of each table, all keys together; without the polls of the feed."""
    units: dict[str, list[float]] = {}
    for operation in given.mix:
        for touch in traffic[operation]:
            reads_writes = units.setdefault(touch.table, [0.0, 0.0])
            reads_writes[0] += given.rate_of(operation, rate) * touch.units.read
            reads_writes[1] += given.rate_of(operation, rate) * (touch.units.write - touch.units.index)
    return {table: (reads, writes) for table, (reads, writes) in sorted(units.items())}


def noted_uses(traffic: Traffic, given: Given, rate: int) -> int:
    """Return the writes of last uses in the second of a day that has the most of them.

    An app's first use after its day has begun is written; requests that read the app before that write has landed
    write it again.
    """
    random = Random(given.assumed["seed"] + 2)
    apps, skew = given.populations[rate]["apps"], given.assumed["app_skew"]
    granting = sum(given.rate_of(name, rate) for name in given.mix if _notes(name, traffic))
    whole = sum(rank**-skew for rank in range(1, apps + 1))
    written: Counter[int] = Counter()
    for rank in range(1, apps + 1):
        requests = granting * rank**-skew / whole
        first = day_began(str(UUID(int=random.getrandbits(128))), DAY) + random.expovariate(requests)
        written[int(first) % DAY] += 1 + round(requests * given.assumed["note_delay"])
    return max(written.values())


def _notes(operation: str, traffic: Traffic) -> bool:
    """Whether an operation issues tokens at the token endpoint, which notes the use of the app."""
    return operation in traffic and operation.partition(",")[0] in {
        "client_credentials",
        "refresh",
        "code exchange with PKCE",
        "password",
    }
