"""`make export-user NAME=...`: writes all data stored about a user."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gatepost.model.audit_entry import AuditEntry
from gatepost.scope import Scope
from gatepost.stores.audit_lists import day_list
from infra.tools.operator.command import ByFunction, parser, run, user_of
from infra.tools.operator.footprint import Footprint, Kept, footprint
from infra.tools.operator.items import Item
from infra.tools.operator.target import NotPossible, Target

# Values that grant access, or would if their preimage were guessed; and marks that mean nothing to a person.
_LEFT_OUT = {
    "secret_hash",
    "registration_token_hash",
    "password_hash",
    "session_hash",
    "request_hash",
    "link_hash",
    "browser_hash",
    "code_challenge",
    "redeemed_by",
    "rotated_by",
    "version",
}


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
        "account": _shown(kept.user),
        "apps": _shown(kept.apps),
        "problems_of_apps": _shown(kept.problems),
        "grants": _shown(kept.grants),
        "approvals": _shown(kept.approvals),
        "sessions": _shown(kept.sessions),
        "sign_ins_to_apps": _shown(kept.sign_ins),
        "requests_that_wait": _shown(kept.requests),
        "links_in_mails": _shown(kept.links),
        "failed_sign_ins": _shown(kept.failed_sign_ins),
        "audit": [_entry(each, kept.user.user_id) for each in _once(kept.audit)],
    }


def _once(entries: Sequence[Kept]) -> list[Kept]:
    """Return each entry once: it is in the list of its day, and in those of accounts and apps."""
    return [each for each in entries if isinstance(each.record, AuditEntry) and _is_of_day(each.key, each.record)]


def _is_of_day(key: Item, entry: AuditEntry) -> bool:
    return bool(key["day"]["S"] == day_list(entry.at))


def _entry(kept: Kept, user_id: str) -> dict[str, Any]:
    """Return an entry of the audit log; for another actor without the name and address."""
    shown: dict[str, Any] = _shown(kept)
    if shown["actor"] in (user_id, ""):
        return {name: value for name, value in shown.items() if name != "about" or value in (user_id, "")}
    return {name: value for name, value in shown.items() if name not in ("actor", "actor_name", "source_ip")}


def _shown(value: Any, name: str = "") -> Any:
    if isinstance(value, Kept):
        return _shown(value.record)
    if is_dataclass(value):
        return {f.name: _shown(getattr(value, f.name), f.name) for f in fields(value) if f.name not in _LEFT_OUT}
    if isinstance(value, Scope):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_shown(each) for each in value]
    if name == "at" or name.endswith(("_at", "_from", "_before")):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds") if value else None
    return value


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
