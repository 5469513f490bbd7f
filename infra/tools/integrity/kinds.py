"""The kinds of items in the tables: their keys, attributes and expiry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gatepost.model.audit_entry import AuditEntry
from gatepost.model.counts import COUNTED, DAYS_OF_MONTH
from gatepost.model.feed import PublicKey, Revocation
from gatepost.model.links import EmailOwner, Link
from gatepost.model.logo import Logo
from gatepost.model.permits import Permit
from gatepost.model.problem import Problem
from gatepost.model.records import (
    App,
    Approval,
    Attempts,
    Code,
    Grant,
    Login,
    User,
)
from gatepost.model.sessions import PendingRequest, Session, SignedInto
from gatepost.stores.dynamodb.codec import from_item
from gatepost.stores.schema import TABLES, TTL_ATTRIBUTE

Item = Mapping[str, Any]  # as in DynamoDB, {"client_id": {"S": "..."}}
Snapshot = Mapping[str, Iterable[Item]]  # the items of each table of `stores.schema`

ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HASH = r"[A-Za-z0-9_-]{43}"
_KEYS = {table.name: tuple(filter(None, (table.partition_key, table.sort_key))) for table in TABLES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A broken invariant: its name, its place, and a sentence that quotes no value of the item."""

    name: str
    key: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of record. `form` is a pattern of its partition and sort key, separated by a space."""

    name: str
    table: str
    form: str
    record: type[Any] | None = None
    beside: tuple[str, ...] = ()  # attributes that are not fields of the record
    ends: bool = False  # every one has a TTL
    may_end: bool = False  # may have a TTL

    @property
    def attributes(self) -> frozenset[str]:
        """The attribute names that an item of this kind may have."""
        own = () if self.record is None else self.record._fields
        return frozenset((*_KEYS[self.table], *own, *self.beside, TTL_ATTRIBUTE))


KINDS: tuple[Kind, ...] = (
    Kind(name="app", table="apps", form=ID, record=App, beside=("created",), may_end=True),
    Kind(
        name="initial access token",
        table="apps",
        form=rf"permit#{HASH}",
        record=Permit,
        beside=("owner", "created"),
        ends=True,
    ),
    Kind(name="logo", table="apps", form=rf"logo#{ID}", record=Logo, may_end=True),
    Kind(name="name of an app", table="apps", form=rf"name#{ID}#{HASH}"),
    Kind(name="count of apps", table="apps", form=rf"count#{ID}", beside=("apps",), may_end=True),
    Kind(name="code", table="codes", form=HASH, record=Code, ends=True),
    Kind(name="grant", table="tokens", form=rf"{ID} grant#[A-Za-z0-9_-]{{22}}", record=Grant, ends=True),
    Kind(name="public key", table="tokens", form=r"(?:keys|feed) key#[A-Za-z0-9_-]+", record=PublicKey),
    Kind(
        name="revocation",
        table="tokens",
        form=r"feed revoked#\d{15}#(?:[0-9a-f]{16}|(?:jti|grant|client|user|key)#.+)",
        record=Revocation,
        ends=True,
    ),
    Kind(name="mark of a revocation", table="tokens", form=r"feed#\d+ [0-9a-f]{11}#[A-Za-z0-9_-]{11}", ends=True),
    Kind(
        name="segment",
        table="tokens",
        form=r"feed#segment#[A-Za-z0-9_-]{22} segment",
        beside=("contents", "expires_at"),
        ends=True,
    ),
    Kind(
        name="compacted feed",
        table="tokens",
        form=r"keys compacted#[a-z0-9-]*",
        beside=("feed_parts", "feed_sequence", "feed_state"),
    ),
    Kind(name="key of the handles", table="tokens", form="keys handles", beside=("handle_key",)),
    Kind(name="revoked token", table="tokens", form=rf"jti#{HASH} revoked", record=Revocation, ends=True),
    Kind(
        name="problem",
        table="tokens",
        form=rf"problems#{ID} (?:proven|anybody)#(?:[A-Za-z0-9_-]{{12}}#[0-3]|[A-Za-z0-9_-]{{16}}#[0-9]+)",
        record=Problem,
        ends=True,
    ),
    Kind(name="account", table="accounts", form=rf"{ID} account", record=User, beside=("kind", "name")),
    Kind(name="approval", table="accounts", form=rf"{ID} approval#{ID}", record=Approval),
    Kind(name="login", table="accounts", form=r"name#[a-z0-9][a-z0-9._-]{2,39} login", record=Login),
    Kind(name="e-mail", table="accounts", form=r"email#\S+ email", record=EmailOwner),
    Kind(name="link", table="accounts", form=rf"link#{HASH} link", record=Link, ends=True),
    Kind(name="attempts", table="accounts", form=rf"attempts#(told#)?{HASH} attempts", record=Attempts, ends=True),
    Kind(name="session", table="sessions", form=rf"{ID} session#{HASH}", record=Session, ends=True),
    Kind(name="sign-in to an app", table="sessions", form=rf"{ID} app#{HASH}#{ID}", record=SignedInto, ends=True),
    Kind(name="request", table="sessions", form=rf"{ID} request#{HASH}", record=PendingRequest, ends=True),
    Kind(
        name="audit entry",
        table="audit",
        form=rf"\d{{4}}-\d\d-\d\d \d{{15}}#{ID}",
        record=AuditEntry,
        ends=True,
    ),
    Kind(
        name="audit entry of an account or app",
        table="audit",
        form=rf"(?:user|app)#{ID} \d{{15}}#{ID}",
        record=AuditEntry,
        ends=True,
    ),
    Kind(name="tokens of a month", table="counts", form=rf"tokens#\d{{4}}-\d\d {ID}", beside=DAYS_OF_MONTH, ends=True),
    Kind(
        name="events of a day",
        table="counts",
        form=r"events \d{4}-\d\d-\d\d",
        beside=(*COUNTED, "reached"),
        ends=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item that was read: its kind, None if unknown, and its record, None if unreadable."""

    table: str
    item: Item
    kind: Kind | None
    record: Any

    @property
    def address(self) -> str:
        """Partition and sort key."""
        return _address(self.table, self.item)

    @property
    def key(self) -> str:
        """The item's name in findings."""
        return f"{self.table}: {self.address}"

    @property
    def ttl(self) -> int | None:
        """The time from which DynamoDB may remove it."""
        return int(self.item[TTL_ATTRIBUTE]["N"]) if TTL_ATTRIBUTE in self.item else None

    def is_over(self, now: float) -> bool:
        """Whether it counts as absent: readers compare its expiry with now, and TTL removes it later."""
        end = getattr(self.record, "expires_at", 0) or self.ttl
        return end is not None and 0 < end <= now

    def finding(self, name: str, sentence: str) -> Finding:
        """Return a finding about this item."""
        return Finding(name=name, key=self.key, sentence=sentence)


def entries(snapshot: Snapshot) -> list[Entry]:
    """Return every item with its kind."""
    return [_entry(table, item) for table, items in snapshot.items() for item in items]


def _entry(table: str, item: Item) -> Entry:
    address = _address(table, item)
    kind = next((each for each in KINDS if each.table == table and re.fullmatch(each.form, address)), None)
    record = None
    if kind is not None and kind.record is not None:
        try:
            record = from_item(kind.record, dict(item))
        except (KeyError, TypeError, ValueError, AttributeError):
            record = None
    return Entry(table=table, item=item, kind=kind, record=record)


def _address(table: str, item: Item) -> str:
    return " ".join(str(item[name]["S"]) for name in _KEYS[table])
