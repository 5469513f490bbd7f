"""Reads of the tables for the auditor: only scans, page by page and consistent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatepost.stores.schema import TABLES
from infra.tools.integrity.invariants import findings
from infra.tools.integrity.kinds import Finding, Item

_PAUSE = 2.0  # seconds between the two passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The items that were read, and the findings in them."""

    counts: Mapping[str, int]  # items by table
    findings: Sequence[Finding]


def read_tables(client: Any, tables: Mapping[str, str]) -> dict[str, list[Item]]:
    """Return every item of every table that there is; `tables` has their names, `client` is for DynamoDB."""
    pages = client.get_paginator("scan")
    return {
        table.name: [
            item for page in pages.paginate(TableName=tables[table.name], ConsistentRead=True) for item in page["Items"]
        ]
        for table in TABLES
        if table.name in tables
    }


def audit(
    client: Any,
    tables: Mapping[str, str],
    *,
    secrets: Sequence[str] = (),
    sleep: Callable[[float], None] = time.sleep,
) -> Audit:
    """Check the tables, and check again if there are findings.

    A scan is not a snapshot: writes during the scan may look inconsistent. Only findings that recur at the same item
    are reported.
    """
    items = read_tables(client, tables)
    found = findings(items, now=time.time(), secrets=secrets)
    if found:
        sleep(_PAUSE)
        items = read_tables(client, tables)
        again = {(each.name, each.key) for each in findings(items, now=time.time(), secrets=secrets)}
        found = [each for each in found if (each.name, each.key) in again]
    return Audit(counts={name: len(each) for name, each in items.items()}, findings=found)
