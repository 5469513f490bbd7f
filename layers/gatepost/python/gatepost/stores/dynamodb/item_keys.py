"""Where each record lies: its table and its primary key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gatepost.identifiers import user_of
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item
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
    RequestKey,
    RevokedTokenKey,
    SessionKey,
    UserKey,
)

# by the class of the key: the table, and the values of its partition key and, if it has one, of its sort key
_PLACES: dict[type[Any], tuple[t.Table, Callable[[Any], tuple[str, ...]]]] = {
    AppKey: (t.APPS, lambda key: (key.client_id,)),
    CodeKey: (t.CODES, lambda key: (key.code_hash,)),
    GrantKey: (t.TOKENS, lambda key: (user_of(key.grant_id), f"grant#{key.grant_id.partition('.')[2]}")),
    RevokedTokenKey: (t.TOKENS, lambda key: (f"jti#{key.jti}", "revoked")),
    UserKey: (t.ACCOUNTS, lambda key: (key.user_id, "account")),
    ApprovalKey: (t.ACCOUNTS, lambda key: (key.user_id, f"approval#{key.client_id}")),
    LoginKey: (t.ACCOUNTS, lambda key: (f"name#{key.name}", "login")),
    EmailKey: (t.ACCOUNTS, lambda key: (f"email#{key.email}", "email")),
    LinkKey: (t.ACCOUNTS, lambda key: (f"link#{key.link_hash}", "link")),
    AttemptsKey: (t.ACCOUNTS, lambda key: (f"attempts#{key.name_hash}", "attempts")),
    SessionKey: (t.SESSIONS, lambda key: (key.user_id, f"session#{key.session_hash}")),
    RequestKey: (t.SESSIONS, lambda key: (key.user_id, f"request#{key.request_hash}")),
}


def place(key: Key[Any]) -> tuple[t.Table, Item]:
    """The table and the primary key of a record."""
    table, values = _PLACES[type(key)]
    names = (table.partition_key, table.sort_key)
    return table, {name: {"S": value} for name, value in zip(names, values(key), strict=False) if name is not None}
