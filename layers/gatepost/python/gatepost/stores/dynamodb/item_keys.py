"""The table, primary key and class of each record: one mapping for every kind of key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from gatepost.identifiers import user_of
from gatepost.model.feed import Revocation
from gatepost.model.records import (
    App,
    Approval,
    Attempts,
    Code,
    Grant,
    Login,
    User,
)
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item, from_item
from gatepost.stores.record_keys import (
    AppKey,
    ApprovalKey,
    AttemptsKey,
    CodeKey,
    EmailKey,
    GrantKey,
    Key,
    LinkKey,
    LoginKey,
    LogoKey,
    PermitKey,
    RequestKey,
    RevokedTokenKey,
    SessionKey,
    SignedIntoKey,
    UserKey,
)

if TYPE_CHECKING:
    from gatepost.model.links import EmailOwner, Link
    from gatepost.model.logo import Logo
    from gatepost.model.permits import Permit
    from gatepost.model.sessions import PendingRequest, Session, SignedInto


class _Place(NamedTuple):
    """A kind of record: its class, its table, and the values of its partition key and sort key, if any.

    The class is behind a function: those of pages are imported by functions that read them.
    """

    record: Callable[[], type[Any]]
    table: t.Table
    values: Callable[[Any], tuple[str, ...]]


def _email_owner() -> type[EmailOwner]:
    from gatepost.model.links import EmailOwner

    return EmailOwner


def _link() -> type[Link]:
    from gatepost.model.links import Link

    return Link


def _logo() -> type[Logo]:
    from gatepost.model.logo import Logo

    return Logo


def _permit() -> type[Permit]:
    from gatepost.model.permits import Permit

    return Permit


def _session() -> type[Session]:
    from gatepost.model.sessions import Session

    return Session


def _request() -> type[PendingRequest]:
    from gatepost.model.sessions import PendingRequest

    return PendingRequest


def _signed_into() -> type[SignedInto]:
    from gatepost.model.sessions import SignedInto

    return SignedInto


_PLACES: dict[type[Any], _Place] = {
    AppKey: _Place(lambda: App, t.APPS, lambda key: (key.client_id,)),
    LogoKey: _Place(_logo, t.APPS, lambda key: (f"logo#{key.client_id}",)),
    PermitKey: _Place(_permit, t.APPS, lambda key: (f"permit#{key.permit_hash}",)),
    CodeKey: _Place(lambda: Code, t.CODES, lambda key: (key.code_hash,)),
    GrantKey: _Place(
        lambda: Grant, t.TOKENS, lambda key: (user_of(key.grant_id), f"grant#{key.grant_id.partition('.')[2]}")
    ),
    RevokedTokenKey: _Place(lambda: Revocation, t.TOKENS, lambda key: (f"jti#{key.jti}", "revoked")),
    UserKey: _Place(lambda: User, t.ACCOUNTS, lambda key: (key.user_id, "account")),
    ApprovalKey: _Place(lambda: Approval, t.ACCOUNTS, lambda key: (key.user_id, f"approval#{key.client_id}")),
    LoginKey: _Place(lambda: Login, t.ACCOUNTS, lambda key: (f"name#{key.name}", "login")),
    EmailKey: _Place(_email_owner, t.ACCOUNTS, lambda key: (f"email#{key.email}", "email")),
    LinkKey: _Place(_link, t.ACCOUNTS, lambda key: (f"link#{key.link_hash}", "link")),
    AttemptsKey: _Place(lambda: Attempts, t.ACCOUNTS, lambda key: (f"attempts#{key.name_hash}", "attempts")),
    SessionKey: _Place(_session, t.SESSIONS, lambda key: (key.user_id, f"session#{key.session_hash}")),
    RequestKey: _Place(_request, t.SESSIONS, lambda key: (key.user_id, f"request#{key.request_hash}")),
    SignedIntoKey: _Place(_signed_into, t.SESSIONS, lambda key: (key.user_id, f"app#{key.session_id}#{key.client_id}")),
}


def place(key: Key[Any]) -> tuple[t.Table, Item]:
    """Return the table and the primary key of a record."""
    _, table, values = _PLACES[type(key)]
    parts = values(key)
    address = {table.partition_key: {"S": parts[0]}}
    if table.sort_key is not None:
        address[table.sort_key] = {"S": parts[1]}
    return table, address


def record_in(key: Key[Any], item: Item | None) -> Any:
    """Return the record of an item that was read at `key`, None if there was none."""
    return None if item is None else from_item(_PLACES[type(key)].record(), item)
