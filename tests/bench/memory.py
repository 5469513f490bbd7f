"""The memory that each function should have, from CPU and round trips: a table of docs/cost.md."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.stack.function_spec import WHOLE_CORE
from infra.stack.function_table import FUNCTIONS

if TYPE_CHECKING:
    from tests.bench.cost import Prices

SIZES = (256, 512, 1024, WHOLE_CORE)  # MB
_LEAST = 512  # below it the first request of a container, which imports and connects, would take the longest
HASHING = "sign-in by password"  # pages that hash one, with the calls of the password grant
_ENOUGH = 1.5  # of the time that a request takes with a whole core
_RARE = 0.001  # of an operation that the mix does not have: it counts where there is no other


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A request on average: milliseconds of a whole core, and round trips."""

    cpu: float
    trips: float

    def time(self, memory: int, prices: Prices) -> float:
        """Milliseconds, of which DynamoDB takes the same whatever the memory."""
        share = min(1.0, memory / WHOLE_CORE)
        return (self.cpu + prices.assumed["invocation_ms"]) / share + self.trips * prices.assumed["trip_ms"]

    def usd(self, memory: int, prices: Prices, price: str = "lambda_gb_second") -> float:
        """USD for the compute of a million; Lambda bills whole milliseconds."""
        return memory / 1024 * math.ceil(self.time(memory, prices)) / 1000 * prices.of(price) * 1_000_000

    def proposed(self, prices: Prices) -> int:
        """Return the smallest memory with which a request takes at most half as long again as with a whole core."""
        enough = _ENOUGH * self.time(WHOLE_CORE, prices)
        return next(size for size in SIZES if size >= _LEAST and self.time(size, prices) <= enough)


def works(prices: Prices, budgets: Mapping[str, Any], mix: Mapping[str, int]) -> Mapping[str, Work]:
    """Return the work of each function of which `make bench` measures operations."""
    played: dict[str, list[tuple[float, float, float]]] = {}
    for operation, cpu in prices.cpu_ms.items():
        budget = budgets.get(operation) or budgets["password, without the hash"] | {"function": HASHING}
        weight = mix.get(operation, _RARE)
        played.setdefault(budget["function"], []).append((cpu * weight, len(budget["calls"]) * weight, weight))
    return {
        function: Work(cpu=cpu / weight, trips=trips / weight)
        for function, each in played.items()
        for cpu, trips, weight in [map(sum, zip(*each, strict=True))]
    }


def shipped(function: str) -> set[int]:
    """Return the memory of a function as shipped, or of all whose pages hash passwords."""
    return {
        spec.memory
        for spec in FUNCTIONS
        if spec.name == function or (function == HASHING and "passwords" in spec.imports and spec.name != "token")
    }


def section(prices: Prices, found: Mapping[str, Work]) -> Iterator[str]:
    """Yield the lines of docs/cost.md."""
    yield "| function | CPU, trips | " + " | ".join(f"{size:,} MB" for size in SIZES) + " | x86 | proposed |"
    yield "| --- |" + " --- |" * (len(SIZES) + 3)
    for function, work in found.items():
        best = work.proposed(prices)
        cells = [f"{work.time(size, prices):,.1f}: {work.usd(size, prices):.2f}" for size in SIZES]
        yield (
            f"| {function} | {work.cpu:.2f}, {work.trips:.1f} | {' | '.join(cells)} "
            f"| {work.usd(best, prices, 'lambda_x86_gb_second'):.2f} | **{best:,}** |"
        )
