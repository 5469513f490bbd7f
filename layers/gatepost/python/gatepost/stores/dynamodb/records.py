"""Reading records by key, all in one round trip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gatepost.model import App, Approval, Attempts, Code, Grant, Login, Revocation, Session, User
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.codec import Item, from_item
from gatepost.stores.dynamodb.tables import Tables
from gatepost.stores.ports import (
    AppKey,
    ApprovalKey,
    AttemptsKey,
    CodeKey,
    GrantKey,
    Key,
    LoginKey,
    RevokedTokenKey,
    SessionKey,
    UserKey,
)


class DynamoDBRecords:
    """See ports.Records."""

    _tables: Tables

    def read(self, *keys: Key[Any]) -> Any:
        """GetItem for one key, BatchGetItem for more; consistent."""
        places = [place(key) for key in keys]
        if len(keys) == 1:
            table, address = places[0]
            return (_record(keys[0], self._tables.get(table, address)),)
        found = self._tables.batch_get(places)
        return tuple(
            _record(key, _lookup(found, self._tables.name(table), address))
            for key, (table, address) in zip(keys, places, strict=True)
        )


def place(key: Key[Any]) -> tuple[t.Table, Item]:
    """The table and the primary key of a record."""
    match key:
        case AppKey(client_id):
            return t.APPS, _address(t.APPS, client_id)
        case CodeKey(code_hash):
            return t.CODES, _address(t.CODES, code_hash)
        case GrantKey(grant_id):
            user_id, _, rest = grant_id.partition(".")
            return t.TOKENS, _address(t.TOKENS, user_id, f"grant#{rest}")
        case RevokedTokenKey(jti):
            return t.TOKENS, _address(t.TOKENS, f"jti#{jti}", "revoked")
        case UserKey(user_id):
            return t.ACCOUNTS, _address(t.ACCOUNTS, user_id, "account")
        case ApprovalKey(user_id, client_id):
            return t.ACCOUNTS, _address(t.ACCOUNTS, user_id, f"approval#{client_id}")
        case LoginKey(name):
            return t.ACCOUNTS, _address(t.ACCOUNTS, f"name#{name}", "login")
        case AttemptsKey(name_hash):
            return t.ACCOUNTS, _address(t.ACCOUNTS, f"attempts#{name_hash}", "attempts")
        case SessionKey(session_hash):
            return t.SESSIONS, _address(t.SESSIONS, session_hash)
        case _:
            raise TypeError(f"no place for {type(key).__name__}")


_CLASSES: dict[type[Key[Any]], Callable[..., Any]] = {
    AppKey: App,
    CodeKey: Code,
    GrantKey: Grant,
    RevokedTokenKey: Revocation,
    UserKey: User,
    ApprovalKey: Approval,
    LoginKey: Login,
    AttemptsKey: Attempts,
    SessionKey: Session,
}


def _record(key: Key[Any], item: Item | None) -> object:
    return None if item is None else from_item(_CLASSES[type(key)], item)


def _lookup(found: list[tuple[str, Item]], name: str, address: Item) -> Item | None:
    return next((item for table, item in found if table == name and address.items() <= item.items()), None)


def _address(table: t.Table, partition: str, sort: str = "") -> Item:
    address: Item = {table.partition_key: {"S": partition}}
    if table.sort_key is not None:
        address[table.sort_key] = {"S": sort}
    return address
