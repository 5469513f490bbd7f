"""The real assumptions of the simulation, and small ones for calculation by hand."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.settings import Settings
from tests.bench.scale.feed import Keeping
from tests.bench.scale.given import Given, given
from tests.bench.scale.touched import Touch
from tests.bench.units import Units

KNOWN = given()
SETTINGS = Settings(issuer="https://id.example.test")
SHIPPED = Keeping.shipped(SETTINGS, KNOWN)


def small(mix: Mapping[str, int], **numbers: int) -> Given:
    """Return the real limits and assumptions with another mix and one rate of 10."""
    populations = {"apps": 1, "resource_servers": 1, "users": 1, "networks": 1, **numbers}
    return Given(
        {
            "limits": KNOWN._limits,
            "assumptions": KNOWN.assumed,
            "measured": KNOWN.measured,
            "populations": {"10": populations},
            "mix": mix,
        }
    )


def touch(table: str, kind: str, read: int = 0, write: int = 0) -> Touch:
    return Touch(table=table, kind=kind, units=Units(read=read, write=write))
