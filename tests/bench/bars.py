"""Stacked bars as SVG, readable on light and dark backgrounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_COLOURS = ("#4477aa", "#cc7711", "#228855")
_LEFT, _WIDTH, _ROW, _TOP = 230, 480, 24, 56


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, and a value for each part."""

    name: str
    parts: tuple[float, ...]


def picture(title: str, legend: Sequence[str], bars: Sequence[Bar]) -> str:
    """Return the SVG. Text takes the colour of the page's scheme."""
    height = _TOP + _ROW * len(bars) + 8
    most = max(sum(bar.parts) for bar in bars)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" role="img">',
        f"<title>{escape(title)}</title>",
        "<style>text{fill:#222;font:13px sans-serif}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>",
        f'<text x="8" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for place, (name, colour) in enumerate(zip(legend, _COLOURS, strict=True)):
        x = _LEFT + 180 * place
        lines.append(f'<rect x="{x}" y="34" width="11" height="11" fill="{colour}"/>')
        lines.append(f'<text x="{x + 16}" y="44">{escape(name)}</text>')
    for row, bar in enumerate(bars):
        lines += _row(_TOP + _ROW * row, bar, _WIDTH / most)
    return "\n".join([*lines, "</svg>", ""])


def _row(y: int, bar: Bar, scale: float) -> Iterator[str]:
    yield f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(bar.name)}</text>'
    x = float(_LEFT)
    for part, colour in zip(bar.parts, _COLOURS, strict=True):
        yield f'<rect x="{x:.1f}" y="{y + 3}" width="{part * scale:.1f}" height="16" fill="{colour}"/>'
        x += part * scale
    yield f'<text x="{x + 6:.1f}" y="{y + 15}">{sum(bar.parts):.2f}</text>'
