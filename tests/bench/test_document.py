"""docs/performance.md: its tables have their markers and the content of a bench."""

from __future__ import annotations

from typing import Any

from infra.configuration.context import ROOT
from tests.bench import document
from tests.bench.placed import placed

COST = {"median": 50.0, "least": 40.0, "most": 60.0}
EXCHANGE = {
    "operation": "code exchange with PKCE",
    "algorithm": "ES256",
    "logic": COST,
    "own": {**COST, "median": 250.0},
    "boto3": {**COST, "median": 2050.0},
    "counted": {
        "calls": ["BatchGetItem", "UpdateItem"],
        "units": {"read": 2, "write": 1},
    },
}
TARGET = {
    "aim": {
        "operation": "refresh", "algorithm": "ES256", "trips": 2, "cpu": 5.0, "raw": "ES256 sign",
        "start": 0.4, "yardstick": "boto3 client + PyJWT",
    },
    "trips": 2, "cpu": 6.96, "start": 0.39,
}  # fmt: skip
NOW: dict[str, Any] = {
    "raw": {"ES256 sign": {**COST, "median": 20.0}},
    "operations": [EXCHANGE],
    "starts": [
        {"name": "token", "imported": 79.6, "answered": 83.7, "memory": 33.1, "kilobytes": 19188, "zipped": 6687},
        {"name": "Python alone", "imported": 6.1, "answered": 6.1, "memory": 9.7, "kilobytes": 0, "zipped": 0},
    ],
    "targets": [TARGET],
}


def test_a_target_says_what_is_missed_and_what_is_met() -> None:
    assert list(document.targets(NOW))[2:] == [
        "| refresh ES256 | 2 of 2 | 7.0 of 5.0 × ES256 sign | 0.39 of 0.40 × (boto3 client + PyJWT) | CPU |"
    ]


def test_the_other_tables_hold_what_was_measured() -> None:
    assert list(document.limits(NOW))[2:] == ["| ES256 sign | 20 (40–60) |"]
    assert list(document.warm(NOW))[2:] == ["| code exchange with PKCE ES256 | 50 | 250 | 2050 | 2 | 2 | 1 |"]
    assert list(document.cold(NOW))[2:] == [
        "| token | 80 | 84 | 33 | 19188 | 6687 |",
        "| Python alone | 6 | 6 | 10 |  |  |",
    ]


def test_every_table_has_its_place_in_the_document() -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    parts = dict.fromkeys(("targets", "limits", "transports", "warm", "cold"), "a table")

    assert placed(text, parts, command="make bench-doc").count("a table") == 5
