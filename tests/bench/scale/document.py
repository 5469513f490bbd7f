"""Puts the tables into docs/scale.md, each between its markers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.bench.scale import feed_tables, tables
from tests.bench.scale.given import RATES, given
from tests.bench.scale.touched import touches
from tests.bench.scale.usage import world

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "scale.md"


@cache
def made() -> Mapping[str, str]:
    """The tables by name."""
    known, traffic = given(), touches()
    worlds = [world(known, traffic, rate) for rate in RATES]
    parts = {
        "used": tables.used(worlds),
        "mix": tables.mix(known),
        "hot keys": tables.hot_keys(worlds),
        "app cache": tables.app_cache(worlds, traffic),
        "growth": feed_tables.growth(worlds),
        "designs": feed_tables.designs(known, traffic),
        "environments": tables.environments(worlds),
        "passwords": tables.passwords(worlds),
    }
    return {name: "\n".join(lines) for name, lines in parts.items()}
