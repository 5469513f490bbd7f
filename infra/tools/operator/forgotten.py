"""Users who were erased or deleted their account, and their items in an older table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gatepost.authentication.sign_in import name_key, normalized
from gatepost.identifiers import user_of
from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.dynamodb.codec import from_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.schema import ACCOUNTS, APPS, AUDIT, CODES, Table
from infra.tools.operator.items import Item, scan

ERASED = "erased user"  # the name in the audit log
_OF_USER = ("pk", "user_id", "owner", "actor")
_BESIDE_APPS = ("count", "name")  # the keys of records about apps: count#OWNER, name#OWNER#HASH
# The id of the user in audit events of removed accounts.
_EVENTS: Mapping[str, Callable[[AuditEntry], str]] = {
    "account_erased": lambda entry: entry.subject,
    "account_deleted": lambda entry: entry.actor,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """`users` by id and `names` as sign-in compares them, each with the time of the user's removal."""

    users: Mapping[str, float]
    names: Mapping[str, float] = field(default_factory=dict)

    def known_by(self, table: Table, items: Iterable[Item]) -> Forgotten:
        """Add the users' names in these items: the audit log has no names of erased users."""
        names = dict(self.names)
        if self.users and table in (ACCOUNTS, AUDIT):
            for user_id, name in _named(table, items):
                if user_id in self.users and name != ERASED:
                    names[normalized(name)] = max(self.users[user_id], names.get(normalized(name), 0))
        return replace(self, names=names)

    def own(self, table: Table, item: Item) -> bool:
        """Whether the item belongs to one of them, or mentions them by a name that was theirs then."""
        if owners_of(table, item) & set(self.users):
            return True
        if table == ACCOUNTS and item["sk"]["S"] == "attempts":
            return item["pk"] in [place(name_key(name))[1]["pk"] for name in self.names]
        if table == AUDIT and "subject" in item:
            about, subject = item.get("about", {}).get("S", ""), item["subject"]["S"]
            if about in self.users and subject not in (ERASED, about):
                return True
            return float(item["at"]["N"]) <= self.names.get(normalized(item["subject"]["S"]), 0)
        return False


def forgotten_users(database: Any, audit_name: str) -> Forgotten:
    """Return the removed users in the audit log, as far back as it goes."""
    entries = [from_item(AuditEntry, item) for item in scan(database, audit_name)]
    return Forgotten(users={_EVENTS[each.event](each): each.at for each in entries if each.event in _EVENTS})


def owners_of(table: Table, item: Item) -> set[str]:
    """Return the ids of the users that an item belongs to."""
    found = {item[name]["S"] for name in _OF_USER if name in item}
    if table == APPS:
        kind, _, rest = item["client_id"]["S"].partition("#")
        found |= {rest.partition("#")[0]} if kind in _BESIDE_APPS else set()
    if table == CODES:
        found.add(user_of(item["grant_id"]["S"]))
    return found


def _named(table: Table, items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    """Yield the ids of users and their names."""
    user_id, name = ("actor", "actor_name") if table == AUDIT else ("user_id", "user_name")
    for item in items:
        if user_id in item and name in item:
            yield item[user_id]["S"], item[name]["S"]
