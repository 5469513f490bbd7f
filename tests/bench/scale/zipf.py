"""Zipf's distribution of requests: the k-th of n with a frequency of 1 / k^s."""

from __future__ import annotations

import math
from random import Random


class Zipf:
    """Draws ranks from 1 to n by rejection-inversion (Hörmann and Derflinger, 1996): as quick for 10^8 as for 10."""

    def __init__(self, n: int, skew: float, random: Random) -> None:
        """`skew` is s, at least 0."""
        self._n, self._skew, self._random = n, skew, random
        self._low = self._area(1.5) - 1
        self._high = self._area(n + 0.5)
        self._sure = 2 - self._rank(self._area(2.5) - 2**-skew)

    def draw(self) -> int:
        """A rank."""
        while True:
            area = self._high + self._random.random() * (self._low - self._high)
            x = self._rank(area)
            k = min(max(int(x + 0.5), 1), self._n)
            if k - x <= self._sure or area >= self._area(k + 0.5) - k**-self._skew:
                return k

    def _area(self, x: float) -> float:
        """The integral of x^-s from 1."""
        return math.log(x) if self._skew == 1 else (x ** (1 - self._skew) - 1) / (1 - self._skew)

    def _rank(self, area: float) -> float:
        """Return where the integral is `area`."""
        return math.exp(area) if self._skew == 1 else (1 + area * (1 - self._skew)) ** (1 / (1 - self._skew))
