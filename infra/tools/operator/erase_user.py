"""`make erase-user NAME=...`: erases a user."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import Any

from gatepost.accounts import removal
from gatepost.accounts.removal import LAST_ADMINISTRATOR, LastAdministrator
from gatepost.audit_log.changes import PHRASED, Change, changes_of, kept_changes
from gatepost.authentication.sign_in import counter_keys
from gatepost.clients.owners import apps_of
from gatepost.cutoff import clock_from
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.records import DEACTIVATED, LEAVING, User
from gatepost.routes import ADMIN_USER_PAGE
from gatepost.stores.dynamodb.codec import attribute
from gatepost.stores.record_keys import UserKey
from infra.tools.operator.command import ByFunction, Question, audited, parser, run, user_of
from infra.tools.operator.footprint import Kept, entries_of, footprint, names_of
from infra.tools.operator.forgotten import ERASED
from infra.tools.operator.items import delete_each
from infra.tools.operator.target import NotPossible, Target

_LONGEST_RECOVERY = 35  # days of point-in-time recovery, unless the table sets fewer


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the result is in sentences."""
    known = parser("erase-user")
    known.add_argument("--id", action="store_true")
    known.add_argument("--yes", action="store_true")
    known.add_argument("name")
    options = known.parse_args(arguments)
    name = options.name.strip()
    if not name:
        known.error("Who is to be forgotten? For example: make erase-user NAME=maria")

    def work(target: Target) -> str:
        if not options.yes:
            check_meant(question(target, name, by_id=options.id))
        return forget(target, name, by_id=options.id, now=time.time())

    asked = {"name": name, "by_id": options.id}
    confirm = None if options.yes else check_meant
    return run(options, work, by_function=ByFunction("operate_erase_user", asked, confirm=confirm))


def forget(target: Target, name: str, *, by_id: bool, now: float) -> str:
    """Erase the account of a name or an id; return sentences on what was done and what remains. Raises NotPossible."""
    user = found(target, name, by_id=by_id)
    erase(target, user, now=now)
    return "\n".join((f"{user.user_name} is erased from {target.name}.", *_what_remains(target)))


def found(target: Target, name: str, *, by_id: bool) -> User:
    """The account of a name or an id. Raises NotPossible."""
    return _of_id(target, name) if by_id else user_of(target.store, name)


def question(target: Target, name: str, *, by_id: bool) -> Question:
    """Return the question before an account is erased. Raises NotPossible."""
    user = found(target, name, by_id=by_id)
    text = (
        f"Everything that {target.name} keeps about {user.user_name} is going to be erased.{_what_stops(target, user)}"
    )
    return Question(text=f"{text} Type the user name: ", expected=user.user_name)


def erase(target: Target, user: User, *, now: float) -> None:
    """Deactivate the account, remove its records, then what `removal.delete_user` removes, the account last.

    While the account exists, the same call completes an interrupted one. Audit entries that are added meanwhile, as by
    a concurrent failed sign-in, are handled by a second pass after the name is free.
    """
    store, database, clock = target.store, target.client("dynamodb"), clock_from(now)
    try:
        removal.deactivate_user(store, user, now=now)
    except LastAdministrator:
        raise NotPossible(f"{user.user_name} is not erased. {LAST_ADMINISTRATOR}") from None
    kept = footprint(target, user)
    delete_each(database, target.tables["sessions"], (each.key for each in kept.requests))
    delete_each(database, target.tables["accounts"], (each.key for each in kept.links))
    delete_each(database, target.tables["codes"], kept.codes)
    for approval in kept.approvals:
        store.forget_approval(user.user_id, approval.client_id)
    _forget_failures(target, user, now)
    _pseudonymize_each(target, kept.audit, user)
    audited(target, "account_erased", now=now, subject=user.user_id, about=user.user_id)
    status = LEAVING if user.status == LEAVING else DEACTIVATED
    removal.delete_user(store, user._replace(status=status), now=clock())
    _forget_failures(target, user, now)
    _pseudonymize_each(target, entries_of(target, user), user)


def _forget_failures(target: Target, user: User, now: float) -> None:
    for key in counter_keys(user, now):
        target.store.forget_failures(key.name_hash)


def _pseudonymize_each(target: Target, entries: Iterable[Kept], user: User) -> None:
    for entry in entries:
        _pseudonymize(target.client("dynamodb"), target.tables["audit"], entry, user)


def _pseudonymize(database: Any, table: str, kept: Kept, user: User) -> None:
    """Remove names, and the actor's address, from an entry; the event and the random ids are kept.

    The salt goes with them: without it, the digest in the log tells nothing about the names.
    """
    entry = kept.record
    if not isinstance(entry, AuditEntry):
        raise TypeError("no entry of the audit list")
    theirs = entry.actor == user.user_id or not entry.actor  # a failed sign-in has no actor
    named = entry.subject.casefold() in names_of(user) or (
        entry.about == user.user_id and entry.subject not in (user.user_id, ERASED)
    )
    phrased = _without_phrases(entry) if entry.actor == user.user_id else entry.changes
    changes = {
        **({"actor_name": {"S": ERASED}} if entry.actor == user.user_id else {}),
        **({"subject": {"S": ERASED}} if named else {}),
        **({"source_ip": {"S": "-"}} if theirs and entry.source_ip else {}),
        **({"changes": attribute(phrased)} if phrased != entry.changes else {}),
    }
    if changes:
        database.update_item(
            TableName=table,
            Key=kept.key,
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes) + " REMOVE #salt",
            ConditionExpression="attribute_exists(sk)",
            ExpressionAttributeNames={f"#{name}": name for name in (*changes, "salt")},
            ExpressionAttributeValues={f":{name}": value for name, value in changes.items()},
        )


def _without_phrases(entry: AuditEntry) -> tuple[str, ...]:
    """Return the changes without the values that the actor phrased: names and addresses of apps."""
    return kept_changes([Change(each.field, "-", "-") if each.field in PHRASED else each for each in changes_of(entry)])


def _of_id(target: Target, user_id: str) -> User:
    """Return a user by id, for use after a restore: the audit log identifies erased users only by id."""
    user: User | None = target.store.read(UserKey(user_id))[0]
    if user is None:
        raise NotPossible(f"There is no account with the id {user_id}.")
    return user


def check_meant(asked: Question) -> None:
    """Ask for confirmation at the terminal. Raises NotPossible on any other answer."""
    try:
        typed = input(asked.text).strip()
    except EOFError:
        typed = ""
    if typed != asked.expected:
        raise NotPossible("That is not the user name: nothing was erased.")


def _what_stops(target: Target, user: User) -> str:
    """Return a warning about the apps that are deleted with the account and could be handed over before."""
    names = sorted(app.name for app in apps_of(target.store, user.user_id))
    if not names:
        return ""
    page = f"{target.base_url}{ADMIN_USER_PAGE.at(user_id=user.user_id)}"
    return f" Its apps are deleted too: {', '.join(names)}. First transfer those that must continue, at {page}."


def _what_remains(target: Target) -> list[str]:
    bound, days = target.settings.revocation_bound, target.settings.audit_retention_days
    lines = [
        f"Its access tokens are refused within {bound} seconds.",
        f"Audit entries stay, without name and address, until they are {days} days old.",
        "The random id of the account stays in log lines and, for some days, in the entry that refuses its tokens.",
        "For a day it stays in a record that prevents new apps for the account.",
    ]
    if target.backed_up:
        recovery = max(_recovery_days(target, table) for table in target.tables.values())
        lines.append(
            f"Point-in-time recovery holds the data for {recovery} more days, and on-demand backups until they are "
            "deleted."
        )
    return lines


def _recovery_days(target: Target, table: str) -> int:
    found = target.client("dynamodb").describe_continuous_backups(TableName=table)
    recovery = found["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return 0
    return int(recovery.get("RecoveryPeriodInDays", _LONGEST_RECOVERY))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
