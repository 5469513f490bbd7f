"""given.toml: limits of AWS with their sources, the assumed traffic, and the measurements."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

RATES = (1, 1_000, 100_000)  # requests a second


class Given:
    """The file."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the `document` of the file."""
        self._limits: Mapping[str, Mapping[str, Any]] = document["limits"]
        self.assumed: Mapping[str, float] = document["assumptions"]
        self.measured: Mapping[str, float] = document["measured"]
        self.populations: Mapping[int, Mapping[str, int]] = {
            int(rate): numbers for rate, numbers in document["populations"].items()
        }
        self.mix: Mapping[str, int] = document["mix"]

    def limit(self, name: str) -> int:
        """The value of a limit."""
        return int(self._limits[name]["value"])

    def rate_of(self, operation: str, rate: float) -> float:
        """Requests a second of one operation, where all of them are `rate`."""
        return self.mix[operation] * rate / sum(self.mix.values())


@cache
def given() -> Given:
    """The file, read once."""
    return Given(tomllib.loads((Path(__file__).parent / "given.toml").read_text()))
