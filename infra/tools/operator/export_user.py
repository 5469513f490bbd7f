"""`make export-user NAME=...`: writes all data stored about a user."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gatepost.accounts.export import shown, shown_entry
from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.audit_lists import day_list
from infra.tools.operator.command import ByFunction, parser, run, user_of
from infra.tools.operator.footprint import Footprint, Kept, footprint
from infra.tools.operator.items import Item
from infra.tools.operator.target import NotPossible, Target


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the result is one sentence, or, without OUT, the document."""
    known = parser("export-user")
    known.add_argument("--out", type=Path)
    known.add_argument("name")
    options = known.parse_args(arguments)
    name = options.name.strip()
    if not name:
        known.error("Whose data? For example: make export-user NAME=maria OUT=maria.json")
    by_function = ByFunction("operate_export_user", {"name": name}, deliver=lambda text: delivered(text, options.out))
    return run(options, lambda target: delivered(exported(target, name), options.out), by_function=by_function)


def exported(target: Target, name: str) -> str:
    """The document of an account as text. Raises NotPossible."""
    return json.dumps(document(footprint(target, user_of(target.store, name))), indent=2, ensure_ascii=False)


def delivered(text: str, out: Path | None) -> str:
    """The text, or, if it is written to `out` for nobody else to read, where it is. Raises NotPossible."""
    if out is None:
        return text
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise NotPossible(f"{out} can't be written: {error.strerror}.") from None
    return f"What is kept about {json.loads(text)['account']['user_name']} is in {out}."


def document(kept: Footprint) -> dict[str, Any]:
    """Return the data as JSON: times in UTC, no hash of a secret, password, cookie or link, no data of other users."""
    return {
        "account": shown(kept.user),
        "apps": shown(kept.apps),
        "problems_of_apps": shown(kept.problems),
        "grants": shown(kept.grants),
        "approvals": shown(kept.approvals),
        "sessions": shown(kept.sessions),
        "sign_ins_to_apps": shown(kept.sign_ins),
        "requests_that_wait": _records(kept.requests),
        "links_in_mails": _records(kept.links),
        "failed_sign_ins": shown(kept.failed_sign_ins),
        "audit": [shown_entry(each, kept.user.user_id) for each in _once(kept.audit)],
    }


def _once(entries: Sequence[Kept]) -> list[AuditEntry]:
    """Return each entry once: it is in the list of its day, and in those of accounts and apps."""
    records = ((each.key, each.record) for each in entries)
    return [entry for key, entry in records if isinstance(entry, AuditEntry) and _is_of_day(key, entry)]


def _is_of_day(key: Item, entry: AuditEntry) -> bool:
    return bool(key["day"]["S"] == day_list(entry.at))


def _records(kept: Sequence[Kept]) -> Any:
    return shown([each.record for each in kept])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
