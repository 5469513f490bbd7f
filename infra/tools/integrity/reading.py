"""Reads of the tables for the auditor: only scans, page by page and consistent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gatepost.stores.schema import TABLES
from infra.tools.integrity.announcements import Announced
from infra.tools.integrity.audit_list import SETTLED, Compared, compared
from infra.tools.integrity.invariants import findings
from infra.tools.integrity.kinds import Finding, Item, entries
from infra.tools.integrity.living import Living

_PAUSE = 2.0  # seconds between the two passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The items that were read, and the findings in them."""

    counts: Mapping[str, int]  # items by table
    findings: Sequence[Finding]
    audit_list: Compared | None = None  # None if it was not compared with the logs


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
    said: Callable[[], Announced] | None = None,
    settled: float = SETTLED,
    sleep: Callable[[float], None] = time.sleep,
) -> Audit:
    """Check the tables, and check again if there are findings.

    `said` reads the functions' logs: the audit list is compared with them.

    A scan is not a snapshot: writes during the scan may look inconsistent. Only findings that recur at the same item
    are reported.
    """

    def look() -> Audit:
        items, now = read_tables(client, tables), time.time()
        found = findings(items, now=now, secrets=secrets)
        audit_list = compared(Living(entries(items), now), said(), settled=settled) if said else None
        counts = {name: len(each) for name, each in items.items()}
        listed = audit_list.findings if audit_list else []
        return Audit(counts=counts, findings=[*found, *listed], audit_list=audit_list)

    first = look()
    if not first.findings:
        return first
    sleep(_PAUSE)
    again = look()
    names = {(each.name, each.key) for each in again.findings}
    return replace(again, findings=[each for each in first.findings if (each.name, each.key) in names])
