"""Bar charts of the last 30 days, drawn as SVG paths; templates show a table beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_HEIGHT, _STEP = 100, 10  # units of the drawing: its height, and from bar to bar


class Chart(NamedTuple):
    """A chart of numbers by day; None where a number is not known."""

    title: str
    days: Sequence[str]
    numbers: Sequence[int | None]

    @property
    def total(self) -> int:
        """The sum of the known numbers."""
        return sum(filter(None, self.numbers))

    @property
    def width(self) -> int:
        """The width of the drawing."""
        return _STEP * len(self.numbers)

    @property
    def bars(self) -> str:
        """The `d` of a path of strokes; a day without any has none, and one with little a visible one."""
        most = max(filter(None, self.numbers), default=1)
        heights = [max(1, round(_HEIGHT * number / most)) if number else 0 for number in self.numbers]
        places = ((_STEP * place + _STEP // 2, height) for place, height in enumerate(heights) if height)
        return "".join(f"M{across} {_HEIGHT}v-{height}" for across, height in places)

    @property
    def summary(self) -> str:
        """The chart in a sentence, for those who don't see it."""
        if not self.total:
            return f"{self.title}: none in {len(self.days)} days"
        most = max(filter(None, self.numbers))
        day = self.days[self.numbers.index(most)]
        return f"{self.title}: {self.total:,} in {len(self.days)} days, most on {day}: {most:,}"
