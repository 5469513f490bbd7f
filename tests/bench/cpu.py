"""CPU time of small pieces of work, not wall time, so that other processes of the machine matter little."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 7
_ROUND = 25_000_000  # nanoseconds of CPU


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds, of several rounds: the median, the smallest and the largest."""

    median: float
    least: float
    most: float

    def less(self, other: Cost) -> Cost:
        """Return the rest without a part that was measured by itself."""
        return Cost(self.median - other.median, self.least - other.median, self.most - other.median)


def cost(work: Callable[[], object], *, rounds: int = ROUNDS) -> Cost:
    """Return the cost of one call of `work` when it is warm."""
    for _ in range(20):
        work()
    count = max(5, int(_ROUND / max(1, _took(work, 20) / 20)))
    taken = [_took(work, count) / count / 1000 for _ in range(rounds)]
    return Cost(statistics.median(taken), min(taken), max(taken))


def _took(work: Callable[[], object], count: int) -> int:
    started = time.process_time_ns()
    for _ in range(count):
        work()
    return time.process_time_ns() - started
