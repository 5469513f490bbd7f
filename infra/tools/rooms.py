"""`make rooms`: draws the package's rooms, from the import contract and their docstrings, into docs/rooms.svg."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "rooms.svg"
PACKAGE = ROOT / "layers" / "gatepost" / "python" / "gatepost"
_WIDTH, _ROW, _GAP = 900, 52, 8
_TITLE = "Rooms of the package: each imports only rooms below it"
_STYLE = (
    "text{fill:#222;font:12px sans-serif}.name{font:bold 14px sans-serif}rect{fill:#eef2f7;stroke:#8aa0b8}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}rect{fill:#22303f;stroke:#5a7390}}"
)


def floors() -> Sequence[Sequence[str]]:
    """Return the rows of the layers contract in pyproject.toml, top down; rooms in a row never import each other."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[room.strip() for room in row.split("|")] for row in layers]


def purpose(room: str) -> str:
    """Return the first sentence of a room's docstring, without its full stop."""
    module = PACKAGE / room / "__init__.py"
    source = module if module.exists() else (PACKAGE / room).with_suffix(".py")
    text = ast.get_docstring(ast.parse(source.read_text())) or ""
    return " ".join(text.split("\n\n")[0].split()).split(". ")[0].rstrip(".")


def picture() -> str:
    """Return the SVG."""
    rows = floors()
    height = 34 + len(rows) * (_ROW + _GAP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{_TITLE}</title>",
        f"<style>{_STYLE}</style>",
        f'<text x="8" y="20" class="name">{_TITLE}</text>',
    ]
    for number, row in enumerate(rows):
        lines += _row(row, 34 + number * (_ROW + _GAP))
    return "\n".join([*lines, "</svg>", ""])


def _row(rooms: Sequence[str], top: int) -> Iterator[str]:
    width = (_WIDTH - 16 - _GAP * (len(rooms) - 1)) // len(rooms)
    for place, room in enumerate(rooms):
        left = 8 + place * (width + _GAP)
        yield f'<rect x="{left}" y="{top}" width="{width}" height="{_ROW}" rx="4"/>'
        yield f'<text x="{left + 8}" y="{top + 18}" class="name">{escape(room, quote=False)}</text>'
        for line, words in enumerate(_folded(purpose(room), width // 7)[:2]):
            yield f'<text x="{left + 8}" y="{top + 34 + line * 14}">{escape(words, quote=False)}</text>'


def _folded(text: str, characters: int) -> Sequence[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > characters:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    PICTURE.write_text(picture())
    print(PICTURE.relative_to(ROOT))
