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
        "ceilings": tables.ceilings(known, traffic),
        "hot keys": tables.hot_keys(worlds),
        "totals": tables.totals(worlds),
        "growth": feed_tables.growth(worlds),
        "sizes": feed_tables.sizes(known),
        "polls": feed_tables.polls(known),
        "designs": feed_tables.designs(known, traffic),
        "environments": tables.environments(worlds),
        "throttles": tables.throttles(worlds),
        "secrets": tables.secrets(worlds),
        "passwords": tables.passwords(worlds),
        "sources": tables.sources(known),
    }
    return {name: "\n".join(lines) for name, lines in parts.items()}


def document(text: str, parts: Mapping[str, str]) -> str:
    """The document with its tables made anew. Raises ValueError where one has no place in it."""
    for name, table in parts.items():
        begin, end = f"<!-- {name}: make scale -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"docs/scale.md has no place for {name!r}")
        text = f"{before}{begin}\n\n{table}\n\n{end}{after}"
    return text
