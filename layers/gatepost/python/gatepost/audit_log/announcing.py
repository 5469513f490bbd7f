"""The line in a function's log for each audit entry that it wrote.

A role that writes entries could write over them too, as IAM can't demand that an item is new; but a function can only
add to its own log. `make audit` compares the two. No name or address is in the log: the digests hold those, with a salt
that is in the entry alone and goes with the names.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from gatepost.identifiers import digest
from gatepost.model.audit_entry import ERASABLE, AuditEntry
from gatepost.stores.audit_lists import position_of

WRITTEN, LOST = "audit.written", "audit.lost"  # the events of the log


def announcement(entry: AuditEntry, keep_until: int) -> dict[str, object]:
    """Return the facts of an entry for the log."""
    return {
        "event": entry.event,
        "entry": position_of(entry),
        "until": keep_until,
        "fixed": fixed_digest(entry),
        "whole": whole_digest(entry),
    }


def fixed_digest(entry: AuditEntry) -> str:
    """Return the digest of what no erasure changes."""
    return _digest(entry, ERASABLE)


def whole_digest(entry: AuditEntry) -> str:
    """Return the digest of everything."""
    return _digest(entry, ())


def _digest(entry: AuditEntry, without: Collection[str]) -> str:
    """Return the digest of the fields that differ from their default: a later field leaves older digests right."""
    values = {name: value for name, value in entry._asdict().items() if name not in without}
    kept = {name: value for name, value in values.items() if value not in ("", ())}
    return digest(json.dumps(kept | {"at": float(entry.at)}, sort_keys=True, separators=(",", ":")))
