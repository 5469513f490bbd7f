"""Reading the tables for the auditor: scans, page by page, consistent, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatepost.stores.schema import TABLES
from infra.tools.integrity.invariants import findings
from infra.tools.integrity.kinds import Finding, Item

_PAUSE = 2.0  # seconds between two looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was read, and what is wrong with it."""

    counts: Mapping[str, int]  # items by table
    findings: Sequence[Finding]


def read_tables(client: Any, tables: Mapping[str, str]) -> dict[str, list[Item]]:
    """Every item of every table; `tables` gives their physical names. `client` is one of DynamoDB."""
    pages = client.get_paginator("scan")
    return {
        table.name: [
            item for page in pages.paginate(TableName=tables[table.name], ConsistentRead=True) for item in page["Items"]
        ]
        for table in TABLES
    }


def audit(
    client: Any,
    tables: Mapping[str, str],
    *,
    secrets: Sequence[str] = (),
    sleep: Callable[[float], None] = time.sleep,
) -> Audit:
    """Look at the tables, and look again where something seems wrong.

    A scan is no snapshot: what was written while the tables were read may contradict itself. Only what is found a
    second time, at the same item, is a finding.
    """
    items = read_tables(client, tables)
    found = findings(items, now=time.time(), secrets=secrets)
    if found:
        sleep(_PAUSE)
        items = read_tables(client, tables)
        again = {(each.name, each.key) for each in findings(items, now=time.time(), secrets=secrets)}
        found = [each for each in found if (each.name, each.key) in again]
    return Audit(counts={name: len(each) for name, each in items.items()}, findings=found)
