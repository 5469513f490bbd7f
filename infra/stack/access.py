"""A function's permissions on a table: actions, partitions, and the attributes that it may write.

IAM can restrict a table by the values of its partition key (`dynamodb:LeadingKeys`) and by the names of attributes
(`dynamodb:Attributes`), but not by the sort key. docs/security-rows.md lists the worst that each role could do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gatepost.model.counts import COUNTED
from gatepost.model.links import EmailOwner, Link
from gatepost.model.logo import Logo
from gatepost.model.permits import Permit
from gatepost.model.problem import Problem
from gatepost.model.records import App, Approval, Attempts, Login, User
from gatepost.model.sessions import PendingRequest, Session, SignedInto
from gatepost.stores import schema
from gatepost.stores.dynamodb.apps import CHANGEABLE
from gatepost.stores.schema import ACCOUNTS, APPS, SESSIONS, TOKENS, TTL_ATTRIBUTE, Table

# Partitions, with IAM's wildcards: `?` is one character, `*` any text. Ids of users and apps are UUIDs.
IDS = "????????-????-????-????-????????????"
# Of apps that nobody owns, by `gatepost.identifiers`; the ids of users and of other apps never match these.
DOCUMENT_IDS = "????????-????-8???-b???-????????????"  # hashes of the URLs of metadata documents
REGISTERED_IDS = "????????-????-8???-a???-????????????"  # of apps that registered themselves
ID_FORMS = frozenset({IDS, DOCUMENT_IDS, REGISTERED_IDS})
ATTEMPTS, COUNTS, EMAILS, LINKS, NAMES, TOKEN_IDS = "attempts#*", "count#*", "email#*", "link#*", "name#*", "jti#*"
UNTOLD = "attempts#told#*"
PERMITS, LOGOS = "permit#*", "logo#*"
PROBLEMS = "problems#*"
TOKENS_OF_MONTHS, EVENTS = "tokens#*", "events"  # of `counts`
_OTHERS = "*#*"  # every other kind of partition has a number sign, and what follows it could look like an id


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAccess:
    """The DynamoDB actions of a function on one table, or on one index of it, without the prefix `dynamodb:`."""

    table: str
    actions: tuple[str, ...]
    index: str = ""  # if set, on this index instead of the table
    leading_keys: tuple[str, ...] = ()  # only these partitions
    attributes: tuple[str, ...] = ()  # a request may name only these; for PutItem, UpdateItem and Scan

    @property
    def conditions(self) -> dict[str, dict[str, list[str]]]:
        """The conditions of the statement. An absent key would pass, but no allowed action can omit it."""
        found: dict[str, dict[str, list[str]]] = {}
        if self.leading_keys:
            found["ForAllValues:StringLike"] = {"dynamodb:LeadingKeys": list(self.leading_keys)}
        if self.leading_keys and ID_FORMS.issuperset(self.leading_keys):
            found["ForAllValues:StringNotLike"] = {"dynamodb:LeadingKeys": [_OTHERS]}
        if self.attributes:
            found["ForAllValues:StringEquals"] = {"dynamodb:Attributes": list(self.attributes)}
        if "Scan" in self.actions:  # without it, a request that names no attributes would read them all
            found["StringEquals"] = {"dynamodb:Select": ["SPECIFIC_ATTRIBUTES"]}
        return found


def _keys(table: Table) -> set[str]:
    return {table.partition_key, *((table.sort_key,) if table.sort_key else ())}


def item(table: Table, *records: Any, besides: Sequence[str] = (), never: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the attributes of items that hold one of `records`."""
    names = {name for record in records for name in record._fields}
    return tuple(sorted((_keys(table) | names | {TTL_ATTRIBUTE, *besides}) - set(never)))


def changes(table: Table, *names: str) -> tuple[str, ...]:
    """Return the attributes of an update that sets or compares `names`."""
    return tuple(sorted(_keys(table) | set(names)))


COUNT_TOKENS = TableAccess(table="counts", actions=("UpdateItem",), leading_keys=(TOKENS_OF_MONTHS,))
KEEP_EVENT_COUNTS = TableAccess(
    table="counts",
    actions=("UpdateItem",),
    leading_keys=(EVENTS,),
    attributes=changes(schema.COUNTS, *COUNTED, "reached", TTL_ATTRIBUTE),
)
BOTH = ("GetItem", "BatchGetItem")  # of `read_accounts` and `read_apps`
AUDIT = TableAccess(table="audit", actions=("PutItem",))
USERS = TableAccess(table="accounts", index="by_name", actions=("Query",))
USERS_BY_CREATION = replace(USERS, index="by_created")
OWN_APPS = TableAccess(table="apps", index="by_owner", actions=("Query",))
RENEW_LOGOS = TableAccess(
    table="apps", actions=("UpdateItem",), leading_keys=(LOGOS,), attributes=changes(APPS, TTL_ATTRIBUTE)
)
KEEP_LOGOS = TableAccess(table="apps", actions=("PutItem",), leading_keys=(LOGOS,), attributes=item(APPS, Logo))
# An app with its secrets, its reserved name, and its owner's count.
MANAGED_APPS = (
    TableAccess(table="apps", actions=("PutItem",), leading_keys=(IDS, NAMES)),
    TableAccess(table="apps", actions=("DeleteItem",), leading_keys=(IDS, NAMES, LOGOS)),
    TableAccess(table="apps", actions=("UpdateItem",), leading_keys=(IDS, COUNTS)),
)
FORGET_APPS = (
    TableAccess(table="apps", actions=("DeleteItem",), leading_keys=(IDS, NAMES, LOGOS)),
    TableAccess(table="apps", actions=("UpdateItem",), leading_keys=(COUNTS,)),
)
# Fields that apps of older releases lack, and fields that an administrator decides; `apps` is in owners' counts.
COMPLETED = ("own_scope", "own_scope_by_update", "owner_scope", "owner_stopped")
DECIDED = (
    *COMPLETED,
    "marked_scope",
    "granted_look",
    "owner",
    "version",
    "status",
    "status_reason",
    "grants_valid_from",
    "apps",
    TTL_ATTRIBUTE,
)
# Apps of metadata documents, without the right to touch those that have an owner.
_DOCUMENT_SAYS = (
    *("name", "redirect_uris", "grant_types", "scope", "approvals_valid_from", "fresh_until", "version"),
    *("looks", "status", "grants_valid_from"),  # another look has to be approved again
    *("logo", "logo_uri"),
)
KEEP_DOCUMENTS = (
    TableAccess(
        table="apps",
        actions=("PutItem",),
        leading_keys=(DOCUMENT_IDS,),
        attributes=item(
            APPS,
            App,
            besides=("created",),
            never=(
                *("marked_scope", "granted_look", *COMPLETED, "secrets", "status_reason"),
                *("last_used_at", "post_logout_redirect_uris", "backchannel_logout_uri"),
                *("id_token_signed_response_alg", "userinfo_signed_response_alg"),
                *("default_scope", "kept_unused", "registered", "registration_token_hash", "administered_at"),
                *("logo", "logo_uri"),
            ),
        ),
    ),
    TableAccess(
        table="apps",
        actions=("UpdateItem",),
        leading_keys=(DOCUMENT_IDS,),
        attributes=changes(APPS, *_DOCUMENT_SAYS, TTL_ATTRIBUTE),
    ),
)
# An app that registers itself, without what an administrator decides.
REGISTER_APP = TableAccess(
    table="apps",
    actions=("PutItem",),
    leading_keys=(REGISTERED_IDS,),
    attributes=item(
        *(APPS, App),
        besides=("created",),
        never=(
            *("administered_at", "approvals_valid_from", "document_url", "fresh_until", "last_used_at"),
            *("logo", "logo_uri"),
            *(set(DECIDED) & {*App._fields} - {"owner", "status"}),
        ),
    ),
)
USE_PERMIT = TableAccess(
    table="apps",
    actions=("UpdateItem",),
    leading_keys=(PERMITS,),
    attributes=changes(APPS, "uses", "most_uses", "expires_at"),
)
PERMIT_APPS = (
    TableAccess(
        table="apps",
        actions=("PutItem",),
        leading_keys=(PERMITS,),
        attributes=item(APPS, Permit, besides=("owner", "created")),
    ),
    TableAccess(table="apps", actions=("DeleteItem",), leading_keys=(PERMITS,)),
)
# Secrets are among what a change writes, as they were read.
CHANGE_REGISTERED_APP = TableAccess(
    table="apps", actions=("UpdateItem",), leading_keys=(REGISTERED_IDS,), attributes=changes(APPS, *CHANGEABLE)
)
END_REGISTERED_APP = TableAccess(table="apps", actions=("DeleteItem",), leading_keys=(REGISTERED_IDS,))
END_STRANGERS = replace(END_REGISTERED_APP, leading_keys=(DOCUMENT_IDS, REGISTERED_IDS, LOGOS))
HAND_OVER = TableAccess(table="apps", actions=("PutItem", "DeleteItem"), leading_keys=(NAMES,))
# Fields of an account that an administrator decides; the last is in its login.
RIGHTS = (
    *("email", "email_confirmed", "groups", "role", "scope", "status"),
    *("grants_valid_from", "sessions_valid_from", "devices_valid_from"),
)
# The signed-in user, read by every page of the console.
SIGNED_IN = TableAccess(table="sessions", actions=("BatchGetItem",))
NOTE_USE = TableAccess(table="sessions", actions=("UpdateItem",), attributes=changes(SESSIONS, "last_used_at"))
VISITOR = (SIGNED_IN, NOTE_USE, TableAccess(table="accounts", actions=("BatchGetItem",), leading_keys=(IDS,)))
SIGN_IN = TableAccess(table="sessions", actions=("PutItem",), attributes=item(SESSIONS, Session))
# The sign-ins to apps of a session whose place another takes.
KEEP_SIGN_INS = (
    TableAccess(table="sessions", actions=("UpdateItem",), attributes=changes(SESSIONS, "ends_at", TTL_ATTRIBUTE)),
    TableAccess(table="sessions", actions=("Query",)),
)
END_SESSION = TableAccess(table="sessions", actions=("DeleteItem",))
END_SESSIONS = TableAccess(table="sessions", actions=("Query", "DeleteItem"))
ASK_CONSENT = TableAccess(table="sessions", actions=("PutItem",), attributes=item(SESSIONS, PendingRequest))

# A grant with its code, and the remembered approval, which is in the partition of the account that is checked.
APPROVE = (
    TableAccess(table="accounts", actions=("BatchGetItem", "ConditionCheckItem"), leading_keys=(IDS,)),
    TableAccess(table="accounts", actions=("PutItem",), leading_keys=(IDS,), attributes=item(ACCOUNTS, Approval)),
    TableAccess(table="codes", actions=("PutItem",)),
    TableAccess(table="tokens", actions=("PutItem",), leading_keys=(IDS,)),
)
# With an ID token the session's sign-in to the app, which has no attribute of a session.
NOTE_SIGN_IN = TableAccess(table="sessions", actions=("UpdateItem",), attributes=item(SESSIONS, SignedInto))
STILL_SIGNED_IN = TableAccess(table="sessions", actions=("ConditionCheckItem",))
FORGET_APPROVALS = TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(IDS,))
# Refused requests, for the owners of apps; they go with the app.
NOTE_PROBLEMS = TableAccess(
    table="tokens", actions=("UpdateItem",), leading_keys=(PROBLEMS,), attributes=item(TOKENS, Problem)
)
READ_PROBLEMS = TableAccess(table="tokens", actions=("Query",), leading_keys=(PROBLEMS,))
FORGET_PROBLEMS = TableAccess(table="tokens", actions=("Query", "DeleteItem"), leading_keys=(PROBLEMS,))
FORGET_REGISTERED_PROBLEMS = replace(FORGET_PROBLEMS, leading_keys=(f"problems#{REGISTERED_IDS}",))

COUNT_ATTEMPTS = TableAccess(table="accounts", actions=("UpdateItem", "DeleteItem"), leading_keys=(ATTEMPTS,))
COUNT_REQUESTS = TableAccess(  # mails and fetches that visitors cause
    table="accounts",
    actions=("UpdateItem",),
    leading_keys=(ATTEMPTS,),
    attributes=changes(ACCOUNTS, "failures", "last_failure_at", "expires_at", TTL_ATTRIBUTE),
)
# Failures of apps' servers, beside those of sign-ins and of the same form.
COUNT_UNTOLD = (
    TableAccess(table="accounts", actions=("BatchGetItem", "DeleteItem"), leading_keys=(UNTOLD,)),
    replace(COUNT_REQUESTS, leading_keys=(UNTOLD,)),
)
KNOW_BROWSER = TableAccess(
    table="accounts", actions=("PutItem",), leading_keys=(ATTEMPTS,), attributes=item(ACCOUNTS, Attempts)
)
REHASH = TableAccess(
    table="accounts", actions=("UpdateItem",), leading_keys=(NAMES,), attributes=changes(ACCOUNTS, "password_hash")
)
MAIL_LINK = TableAccess(table="accounts", actions=("PutItem",), leading_keys=(LINKS,), attributes=item(ACCOUNTS, Link))
# New accounts with their name, address and link, without the right to set roles, scopes, groups or cutoffs.
REGISTER = TableAccess(
    table="accounts",
    actions=("PutItem",),
    leading_keys=(IDS, NAMES, EMAILS, LINKS),
    attributes=item(
        *(ACCOUNTS, User, Login, EmailOwner, Link),
        besides=("kind", "name"),
        never=(
            *("role", "scope", "groups", "last_sign_in_at"),
            *("grants_valid_from", "sessions_valid_from", "devices_valid_from"),
        ),
    ),
)


def change_accounts(*names: str, partitions: tuple[str, ...] = (IDS,)) -> TableAccess:
    """Return the access to update these attributes of accounts."""
    attributes = changes(ACCOUNTS, *names)
    return TableAccess(table="accounts", actions=("UpdateItem",), leading_keys=partitions, attributes=attributes)


def change_apps(*names: str, partitions: tuple[str, ...] = (IDS,)) -> TableAccess:
    """Return the access to update these attributes of apps."""
    return TableAccess(table="apps", actions=("UpdateItem",), leading_keys=partitions, attributes=changes(APPS, *names))


def read_accounts(*actions: str, partitions: tuple[str, ...] = (IDS,)) -> TableAccess:
    """Return the access to read accounts or records with them. Records read in one request must be in one statement."""
    return TableAccess(table="accounts", actions=actions, leading_keys=partitions)


def read_apps(*actions: str, partitions: tuple[str, ...] = (IDS,)) -> TableAccess:
    """Return the access to read apps by their key, or the count of an owner's apps."""
    return TableAccess(table="apps", actions=actions, leading_keys=partitions)
