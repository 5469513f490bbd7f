"""What the commands of the tests share: their options, and the form of what they print."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any


def options(command: str, arguments: Sequence[str], **defaults: Any) -> argparse.Namespace:
    """Return the options of a command, of the types of their defaults, and a seed."""
    parser = argparse.ArgumentParser(prog=f"make {command}")
    for name, default in {**defaults, "seed": int(time.time())}.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    return parser.parse_args(arguments)


def head(*columns: str, numbers: int = 0) -> str:
    """Return the head of a table; the last `numbers` columns hold numbers."""
    lines = ["---"] * (len(columns) - numbers) + ["---:"] * numbers
    return f"{row(*columns)}\n{row(*lines)}"


def row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def table(*columns: str, rows: Iterable[Sequence[object]], numbers: int = 0) -> str:
    return "\n".join([head(*columns, numbers=numbers), *(row(*cells) for cells in rows)])


def counted(seen: Counter[int]) -> str:
    """Return how often each was seen: `3 × 200, 1 × 503`."""
    return ", ".join(f"{count} × {each}" for each, count in sorted(seen.items()))


def concluded(broken: Sequence[str]) -> int:
    """Print what did not hold, the most frequent first; return the exit code."""
    for fault, count in Counter(broken).most_common(40):
        print(f"BROKEN {count} × {fault}")
    print(f"{len(broken)} did not hold" if broken else "Everything held.")
    return 1 if broken else 0
