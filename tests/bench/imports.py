"""What a function imports at its start, as a tree with milliseconds (`python -X importtime`)."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.cold import folders

_LINE = re.compile(r"import time: +(\d+) \| +\d+ \| ( *)(\S+)")
_SHOWN = 1.0  # milliseconds, with what it imports itself


def tree(name: str, *, runs: int) -> list[str]:
    """Return the lines of a function's tree: each module that takes a millisecond or more, the medians of `runs`."""
    parts = folders(name)
    path = [str(parts[0]), *(str(part / "python") for part in parts[1:])]
    command = [
        sys.executable,
        "-I",
        "-S",
        "-X",
        "importtime",
        "-c",
        f"import sys; sys.path[0:0] = {path}; import handler",
    ]
    said = [subprocess.run(command, check=True, capture_output=True, text=True).stderr for _ in range(runs + 1)]
    found = [[_read(line) for line in _LINE.findall(each)] for each in said[1:]]  # the first one writes the bytecode
    medians = (statistics.median(run[at][2] for run in found) for at in range(len(found[0])))
    below: dict[int, list[_Node]] = {}
    for (module, depth, _), own in zip(found[0], medians, strict=True):  # a module stands behind those that it imported
        imported = below.pop(depth + 1, [])
        below.setdefault(depth, []).append(_Node(module, own + sum(each.milliseconds for each in imported), imported))
    return [line for each in below[0] for line in _lines(each, 0)]


class _Node(NamedTuple):
    module: str
    milliseconds: float
    imported: list[_Node]


def _read(line: tuple[str, str, str]) -> tuple[str, int, float]:
    microseconds, indent, module = line
    return module, len(indent) // 2, int(microseconds) / 1000


def _lines(node: _Node, depth: int) -> Iterator[str]:
    if node.milliseconds >= _SHOWN:
        yield f"{node.milliseconds:5.1f}  {'  ' * depth}{node.module}"
        for each in node.imported:
            yield from _lines(each, depth + 1)
