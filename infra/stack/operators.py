"""Functions that do an operator's work: each command of `make` that changes users or keys, and what it may touch."""

from __future__ import annotations

from dataclasses import dataclass

from gatepost.model.audit_entry import ERASABLE
from infra.stack import access, revoking
from infra.stack.access import (
    ATTEMPTS,
    COUNTS,
    EMAILS,
    IDS,
    LINKS,
    NAMES,
    PROBLEMS,
    TableAccess,
    read_accounts,
    read_apps,
)
from infra.tools.operator.footprint import CODE_READ, ENTRY_READ, LINK_READ

# A user's data: partitions, and the tables that have to be read from end to end, without any hash of a password.
_READ_USER = (
    read_accounts("GetItem", partitions=(IDS, NAMES, ATTEMPTS)),
    read_accounts("Query"),
    TableAccess(table="accounts", actions=("Scan",), attributes=LINK_READ),
    TableAccess(table="codes", actions=("Scan",), attributes=CODE_READ),
    TableAccess(table="audit", actions=("Scan",), attributes=ENTRY_READ),
    TableAccess(table="sessions", actions=("Query",)),
    TableAccess(table="tokens", actions=("Query",), leading_keys=(IDS,)),
    access.READ_PROBLEMS,
    access.OWN_APPS,
)


# Telling the apps of an account how it stands.
_TELL_APPS = (
    read_apps("GetItem", partitions=(IDS, COUNTS)),
    access.change_apps("owner", "owner_scope", "owner_stopped"),
)
# What stopping an account changes; the last is of its login.
_STOPPED = ("role", "status", "grants_valid_from", "sessions_valid_from", "devices_valid_from")
_PSEUDONYMIZED = ("day", "sk", *ERASABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A function: `name` ends in the name of its handler in `infra.tools.operator.invoked`."""

    name: str
    purpose: str
    tables: tuple[TableAccess, ...]
    timeout: int = 60
    replaces_keys: bool = False
    announces_logouts: bool = False  # as of FunctionSpec


OPERATORS: tuple[Operator, ...] = (
    Operator(
        name="operate_admin",
        purpose="make admin, make groups: give an account the role of an administrator, or groups",
        tables=(
            read_accounts("GetItem", partitions=(IDS, NAMES)),
            access.change_accounts("groups", "role", "status"),
            *_TELL_APPS,
            access.OWN_APPS,
            *revoking.END_GRANTS,
            access.AUDIT,
        ),
    ),
    Operator(
        name="operate_export_user",
        purpose="make export-user: all that is kept about a user",
        tables=(*_READ_USER, access.AUDIT),
        timeout=300,
    ),
    Operator(
        name="operate_erase_user",
        purpose="make erase-user: forget a user",
        tables=(
            *_READ_USER,
            *_TELL_APPS,
            access.USERS,
            *access.FORGET_APPS,
            read_accounts("ConditionCheckItem"),
            access.change_accounts(*_STOPPED, partitions=(IDS, NAMES)),
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(IDS, NAMES, EMAILS, LINKS, ATTEMPTS)),
            TableAccess(table="codes", actions=("DeleteItem",)),
            access.END_SESSION,
            revoking.REVOKE,
            revoking.MARK_ENDED,
            TableAccess(table="tokens", actions=("DeleteItem",), leading_keys=(IDS,)),
            TableAccess(table="tokens", actions=("DeleteItem",), leading_keys=(PROBLEMS,)),
            access.AUDIT,
            TableAccess(table="audit", actions=("UpdateItem",), attributes=_PSEUDONYMIZED),
        ),
        timeout=900,
        announces_logouts=True,
    ),
    Operator(
        name="operate_leaked_key",
        purpose="make leaked-key: end a leaked key at once",
        tables=(access.AUDIT,),
        timeout=900,
        replaces_keys=True,
    ),
)
