"""Rights and status of an account."""

from __future__ import annotations

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.records import ACTIVE, ADMINISTRATOR, DEACTIVATED, LEAVING, USER, User
from gatepost.scope import Scope
from gatepost.stores.dynamodb.codec import Item, attribute
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.dynamodb.revocations import transact_published
from gatepost.stores.record_keys import UNCHANGED, LoginKey, Unchanged, UserKey

PRESENT = "attribute_exists(pk)"
STAYING = "#s <> :leaving"


class DynamoDBAccountRights:
    """Implements part of ports.AccountStore."""

    _tables: Tables

    def void_user_grants(self, user_id: str, *, grants_valid_from: int, revocation: Revocation | None) -> None:
        """One transaction with the entry of the feed."""
        change: Item = {
            **self._tables.at(UserKey(user_id)),
            "UpdateExpression": "SET grants_valid_from = :from",
            "ConditionExpression": PRESENT,
            "ExpressionAttributeValues": {":from": {"N": str(grants_valid_from)}},
        }
        try:
            transact_published(self._tables, revocation, {"Update": change})
        except ConditionFailed:
            return

    def deactivate_user(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        """One transaction: the account, its login, the other administrator, the entry of the feed."""
        role, values = role_as_read(user)
        account: Item = {
            **self._tables.at(UserKey(user.user_id)),
            "UpdateExpression": "SET #s = :stopped, grants_valid_from = :from, sessions_valid_from = :after",
            "ConditionExpression": f"{PRESENT} AND {STAYING} AND {role}",
            "ExpressionAttributeNames": {"#s": "status", "#r": "role"},
            "ExpressionAttributeValues": {
                **values,
                ":leaving": {"S": LEAVING},
                ":stopped": {"S": DEACTIVATED},
                ":from": {"N": str(valid_from)},
                ":after": {"N": str(valid_from + 1)},
            },
        }
        login: Item = {
            **self._tables.at(LoginKey(user.user_name.casefold())),
            "UpdateExpression": "SET devices_valid_from = :from",
            "ConditionExpression": PRESENT,
            "ExpressionAttributeValues": {":from": {"N": str(valid_from)}},
        }
        writes = [{"Update": account}, {"Update": login}, *self._administrator_stands(besides)]
        try:
            transact_published(self._tables, revocation, *writes)
        except ConditionFailed as refused:
            raise Conflict("user" if any(refused.failed[:2]) else "administrator") from None

    def begin_deletion(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        """One transaction: the account, the other administrator, the entry of the feed."""
        account: Item = {
            **self._tables.at(UserKey(user.user_id)),
            "UpdateExpression": "SET #s = :leaving, grants_valid_from = :from",
            "ConditionExpression": f"{PRESENT} AND #s IN (:before, :leaving)",
            "ExpressionAttributeNames": {"#s": "status"},
            "ExpressionAttributeValues": {
                ":before": {"S": user.status},
                ":leaving": {"S": LEAVING},
                ":from": {"N": str(valid_from)},
            },
        }
        try:
            transact_published(self._tables, revocation, {"Update": account}, *self._administrator_stands(besides))
        except ConditionFailed as refused:
            raise Conflict("user" if refused.failed[0] else "administrator") from None

    def set_user_status(self, user_id: str, status: str, *, before: str = "") -> None:
        """One conditional update."""
        condition, compared = ("#status = :before", before) if before else ("#status <> :before", LEAVING)
        names, values = {"#status": "status"}, {":status": {"S": status}, ":before": {"S": compared}}
        try:
            self._tables.update(
                *place(UserKey(user_id)), "SET #status = :status", f"{PRESENT} AND {condition}", values, names
            )
        except ConditionFailed:
            return

    def set_user_rights(
        self,
        user_id: str,
        *,
        role: str | Unchanged = UNCHANGED,
        scope: Scope | Unchanged | None = UNCHANGED,
        groups: tuple[str, ...] | Unchanged = UNCHANGED,
    ) -> None:
        """One update; a scope of None, and no groups, remove the attribute."""
        changes: dict[str, Item | None] = {}
        if role != UNCHANGED:
            changes["role"] = {"S": role}
        if scope != UNCHANGED:
            changes["scope"] = None if scope is None else {"S": str(scope)}
        if groups != UNCHANGED:
            changes["groups"] = attribute(groups) if groups else None
        self._set_account(user_id, changes)

    def demote(self, user_id: str, *, besides: User) -> None:
        """One transaction with the check of the other administrator."""
        change: Item = {
            **self._tables.at(UserKey(user_id)),
            "UpdateExpression": "SET #r = :user",
            "ConditionExpression": PRESENT,
            "ExpressionAttributeNames": {"#r": "role"},
            "ExpressionAttributeValues": {":user": {"S": USER}},
        }
        try:
            self._tables.transact({"Update": change}, *self._administrator_stands(besides))
        except ConditionFailed as refused:
            if not refused.failed[0]:
                raise Conflict("administrator") from None

    def void_sessions(self, user_id: str, *, sessions_valid_from: int) -> None:
        """One update."""
        self._set_account(user_id, {"sessions_valid_from": {"N": str(sessions_valid_from)}})

    def _set_account(self, user_id: str, changes: dict[str, Item | None]) -> None:
        """Set attributes of the account, or remove those that are None; do nothing if it is gone."""
        names = {f"#{name}": name for name in changes}
        values = {f":{name}": value for name, value in changes.items() if value is not None}
        changed = [f"#{name[1:]} = {name}" for name in values]
        removed = [f"#{name}" for name, value in changes.items() if value is None]
        parts = [("SET", changed), ("REMOVE", removed)]
        expression = " ".join(f"{verb} {', '.join(each)}" for verb, each in parts if each)
        try:
            self._tables.update(*place(UserKey(user_id)), expression, PRESENT, values, names)
        except ConditionFailed:
            return

    def _administrator_stands(self, besides: User | None) -> list[Item]:
        """Return the check that another account is an active administrator, if one is required."""
        if besides is None:
            return []
        check: Item = {
            **self._tables.at(UserKey(besides.user_id)),
            "ConditionExpression": "#s = :active AND #r = :administrator",
            "ExpressionAttributeNames": {"#s": "status", "#r": "role"},
            "ExpressionAttributeValues": {":active": {"S": ACTIVE}, ":administrator": {"S": ADMINISTRATOR}},
        }
        return [{"ConditionCheck": check}]


def role_as_read(user: User) -> tuple[str, Item]:
    """Return the condition that the role, `#r`, is that of `user`, and its values. Defaults are not stored."""
    role = "#r = :role_before"
    if user.role == USER:
        role = f"(attribute_not_exists(#r) OR {role})"
    return role, {":role_before": {"S": user.role}}
