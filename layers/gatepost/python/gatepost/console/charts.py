"""Charts of numbers by day: bars as an SVG path, round values for the axes, and what a sentence says of them.

Templates write the values of the axes as text, and show a table of the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from gatepost.model.counts import DAY

_HEIGHT, _STEP = 100, 10  # units of the drawing: its height, and from bar to bar
_MOST_INTERVALS = 4  # of the axis of numbers


class Chart(NamedTuple):
    """A chart of numbers by day; None where a number is not known."""

    title: str
    days: Sequence[str]  # "2026-11-24", in order
    numbers: Sequence[int | None]
    before: float | None = None  # the total of the period before, of the same length; None if it is not known

    @property
    def total(self) -> int:
        """The sum of the known numbers."""
        return sum(filter(None, self.numbers))

    @property
    def is_empty(self) -> bool:
        """Whether every number is known to be 0."""
        return not any(number is None or number for number in self.numbers)

    @property
    def width(self) -> int:
        """The width of the drawing."""
        return _STEP * len(self.numbers)

    @property
    def ticks(self) -> list[str]:
        """The values of the axis of numbers, the highest first."""
        values = ticks(self._most)
        return [short(value, values[-1]) for value in reversed(values)]

    @property
    def dates(self) -> list[str]:
        """The values of the axis of days: the first, the middle and the last one."""
        places = sorted({0, len(self.days) // 2, len(self.days) - 1})
        return [self.name_of(place) for place in places]

    @property
    def lines(self) -> str:
        """The `d` of a path of horizontal lines, one for each value of the axis above 0."""
        count = len(self.ticks) - 1
        return "".join(f"M0 {round(_HEIGHT * place / count)}h{self.width}" for place in range(count))

    @property
    def bars(self) -> str:
        """The `d` of a path of strokes; a day without any has none, and one with little a visible one."""
        top = ticks(self._most)[-1]
        heights = [max(1, round(_HEIGHT * number / top)) if number else 0 for number in self.numbers]
        places = ((_STEP * place + _STEP // 2, height) for place, height in enumerate(heights) if height)
        return "".join(f"M{across} {_HEIGHT}v-{height}" for across, height in places)

    @property
    def change(self) -> str:
        """How the total differs from that of the period before, "" if either is not known."""
        if self.before is None or None in self.numbers:
            return ""
        days = f"the {len(self.days)} days before"
        if not self.before:
            return f"none in {days}" if self.total else ""
        percent = round(100 * (self.total - self.before) / self.before)
        if not percent:
            return f"as many as in {days}"
        return f"{abs(percent):,}% {'more' if percent > 0 else 'fewer'} than in {days}"

    @property
    def summary(self) -> str:
        """The chart in a sentence, for those who don't see it."""
        if not self.total:
            return f"{self.title}: none in {len(self.days)} days"
        day = self.days[self.numbers.index(self._most)]
        return f"{self.title}: {self.total:,} in {len(self.days)} days, most on {day}: {self._most:,}"

    def name_of(self, place: int) -> str:
        """Return a day as "24 Nov"."""
        day = date.fromisoformat(self.days[place])
        return f"{day.day} {day:%b}"

    @property
    def _most(self) -> int:
        return max(filter(None, self.numbers), default=0)


def ticks(most: int) -> list[int]:
    """Return round numbers at equal distances from 0 to `most` or just above it: at most five, at least two."""
    power = 10 ** max(0, len(str(most)) - 2)
    step = next(step for factor in (1, 2, 5, 10, 20, 50) if (step := factor * power) * _MOST_INTERVALS >= most)
    return [step * place for place in range(max(1, -(-most // step)) + 1)]


def short(number: int, top: int) -> str:
    """Return a value of an axis that ends at `top`: in thousands or millions if that is high."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if number and top >= 10 * size:
            return f"{number // size:,}{unit}"
    return f"{number:,}"


def as_far(numbers: Sequence[int | None], now: float) -> float | None:
    """Return the total of the days before a period that ends at `now`, as long as that: of the first a part.

    None if a number is not known.
    """
    first, *rest = numbers
    if first is None or None in rest:
        return None
    return first * (now % DAY / DAY) + sum(filter(None, rest))
