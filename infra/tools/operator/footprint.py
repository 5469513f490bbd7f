"""All data stored about a user, in any table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gatepost.authentication.sign_in import counter_keys
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.links import Link
from gatepost.model.problem import Problem
from gatepost.model.records import (
    App,
    Approval,
    Attempts,
    Grant,
    User,
)
from gatepost.model.sessions import PendingRequest, Session, SignedInto
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import from_item
from infra.tools.operator.items import Item, key_of, scan
from infra.tools.operator.target import Target

# What is read of tables that have to be read from end to end. No hash of a password is among it.
CODE_READ = ("code_hash", "grant_id")
LINK_READ = ("pk", "sk", *(each for each in Link._fields if each not in ("password_hash", "browser_hash")))
ENTRY_READ = ("day", "sk", *AuditEntry._fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record and the key of its item."""

    key: Item
    record: Link | PendingRequest | AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The records of a user. `codes` are keys only: the data of a code is in its grant."""

    user: User
    apps: Sequence[App]
    problems: Sequence[Problem]
    grants: Sequence[Grant]
    approvals: Sequence[Approval]
    sessions: Sequence[Session]
    sign_ins: Sequence[SignedInto]
    failed_sign_ins: Sequence[Attempts]
    requests: Sequence[Kept] = field(default=())
    links: Sequence[Kept] = field(default=())
    audit: Sequence[Kept] = field(default=())
    codes: Sequence[Item] = field(default=())


def footprint(target: Target, user: User) -> Footprint:
    """Read the user's partitions, and the whole tables codes, accounts and audit.

    Links and audit entries are not keyed by user, so both tables are scanned.
    """
    store, user_id = target.store, user.user_id
    apps = list(_apps(target, user_id))
    sessions, sign_ins = store.sign_ins_of(user_id)
    return Footprint(
        user=user,
        apps=apps,
        problems=[problem for app in apps for problem in store.problems_of(app.client_id)],
        grants=store.grants_of(user_id),
        approvals=store.approvals_of(user_id),
        sessions=sessions,
        sign_ins=sign_ins,
        failed_sign_ins=[each for key in counter_keys(user, time.time()) for each in store.read(key) if each],
        requests=list(_requests(target, user_id)),
        links=list(_scanned(target, t.ACCOUNTS, _link_of(user), LINK_READ, sort_key="link")),
        audit=list(entries_of(target, user)),
        codes=list(_codes(target, user_id)),
    )


def entries_of(target: Target, user: User) -> Iterator[Kept]:
    """Yield the user's entries in the audit log, from a scan of it."""
    return _scanned(target, t.AUDIT, _entry_of(user), ENTRY_READ)


def _apps(target: Target, user_id: str) -> Iterator[App]:
    cursor: str | None = None
    while True:
        page = target.store.apps_of(user_id, cursor=cursor, limit=100)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _requests(target: Target, user_id: str) -> Iterator[Kept]:
    pages = (
        target.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=target.tables["sessions"],
            KeyConditionExpression="user_id = :user AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":user": {"S": user_id}, ":prefix": {"S": "request#"}},
            ConsistentRead=True,
        )
    )
    for page in pages:
        for item in page["Items"]:
            yield Kept(key=key_of(t.SESSIONS, item), record=from_item(PendingRequest, item))


def _codes(target: Target, user_id: str) -> Iterator[Item]:
    for item in scan(target.client("dynamodb"), target.tables["codes"], attributes=CODE_READ):
        if item["grant_id"]["S"].startswith(f"{user_id}."):
            yield key_of(t.CODES, item)


def _scanned(
    target: Target,
    table: t.Table,
    read: Callable[[Item], Link | AuditEntry | None],
    attributes: Sequence[str],
    *,
    sort_key: str = "",
) -> Iterator[Kept]:
    for item in scan(target.client("dynamodb"), target.tables[table.name], attributes=attributes, sort_key=sort_key):
        record = read(item)
        if record is not None:
            yield Kept(key=key_of(table, item), record=record)


def names_of(user: User) -> set[str]:
    """Return the names that are the user's alone while the account exists: an address only if it is confirmed."""
    return {user.user_name.casefold(), *([user.email.casefold()] if user.email_confirmed else [])}


def _link_of(user: User) -> Callable[[Item], Link | None]:
    """Return a reader of links of the account or to its address; several users may request the same name."""
    address = user.email.casefold() if user.email_confirmed else None

    def read(item: Item) -> Link | None:
        link = from_item(Link, item)
        return link if link.user_id == user.user_id or link.email.casefold() == address else None

    return read


def _entry_of(user: User) -> Callable[[Item], AuditEntry | None]:
    """Return a reader of events by the user, and about the account since its creation: the name may be reused."""
    names = {*names_of(user), user.user_id}

    def read(item: Item) -> AuditEntry | None:
        entry = from_item(AuditEntry, item)
        about = entry.subject.casefold() in names and entry.at >= user.created_at
        return entry if about or user.user_id in (entry.actor, entry.about) else None

    return read
