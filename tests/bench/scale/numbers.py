"""Formatting of numbers and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def number(value: float) -> str:
    """Whole from ten on, else two digits."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def size(value: float) -> str:
    """Bytes in the unit that fits, of 1,024."""
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return f"{number(value)} {unit}"
        value /= 1024
    raise AssertionError


def percent(used: float, limit: float) -> str:
    """Return the utilization of a limit; bold beyond it, and from ten times on as a factor."""
    share = 100 * used / limit
    if share > 100_000:
        return "**> 1,000 ×**"
    if share < 0.1:
        return "–"
    if share >= 1000:
        return f"**{number(share / 100)} ×**"
    return f"**{number(share)} %**" if share > 100 else f"{number(share)} %"


def seconds(value: float) -> str:
    """A time."""
    for unit, length, until in (("ms", 0.001, 1), ("s", 1, 600), ("min", 60, 7200), ("h", 3600, 172800)):
        if value < until:
            return f"{number(value / length)} {unit}"
    return f"{number(value / 86400)} days"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Markdown; the first column is text, the others are numbers."""
    yield f"| {' | '.join(head)} |"
    yield f"| --- |{' ---: |' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
