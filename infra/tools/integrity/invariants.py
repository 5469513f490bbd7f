"""Invariants between the records of all tables."""

from __future__ import annotations

from collections.abc import Sequence

from infra.tools.integrity.accounts import check_accounts, check_apps, check_leaving
from infra.tools.integrity.compacted import check_compacted
from infra.tools.integrity.feed import check_feed, check_signing
from infra.tools.integrity.grants import check_codes, check_grants, check_orphans
from infra.tools.integrity.kinds import Finding, Snapshot, entries
from infra.tools.integrity.living import Living
from infra.tools.integrity.shapes import shape_findings

_CHECKS = (
    *(check_accounts, check_leaving, check_apps, check_orphans, check_codes, check_grants),
    *(check_feed, check_compacted, check_signing),
)


def findings(snapshot: Snapshot, *, now: float, secrets: Sequence[str] = ()) -> list[Finding]:
    """Return all findings in the tables; `secrets` are values that must not occur in them."""
    found = entries(snapshot)
    living = Living(found, now)
    return [*shape_findings(found, secrets), *(finding for check in _CHECKS for finding in check(living))]
