"""Apps and their owners: effects of the owner's status, of an administrator's grants and of a new owner."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.errors import Conflict
from gatepost.identifiers import digest
from gatepost.model.feed import Revocation
from gatepost.model.records import ACTIVE, App, User
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item, attribute
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.dynamodb.revocations import transact_published
from gatepost.stores.record_keys import AppKey, UserKey

ABSENT = "attribute_not_exists(client_id)"
FIRST_VERSION = "attribute_exists(client_id) AND attribute_not_exists(version)"
AT_VERSION = "version = :before"
NOT_COMPLETE = "attribute_not_exists(own_scope)"
OWNED = "#owner = :owner"
# Replaces the app count of a deleted owner, so that no app can be created for it; far above any limit.
CLOSED: Item = {"N": "1000000"}


class DynamoDBAppOwners:
    """Implements part of ports.AppStore."""

    _tables: Tables

    def app_count(self, owner: str) -> int:
        """One read of the count."""
        item = self._tables.get(t.APPS, count_key(owner)) or {}
        return int(item.get("apps", {"N": "0"})["N"])

    def complete_app(self, app: App, *, owner: User) -> None:
        """One transaction: the app as it was read, and a check of its owner."""
        changes = {
            "own_scope": app.own_scope,
            "own_scope_by_update": app.own_scope_by_update,
            "owner_scope": app.owner_scope,
            "owner_stopped": app.owner_stopped,
        }
        change = self._change_at(app, changes, before=app)
        change["ConditionExpression"] += f" AND {NOT_COMPLETE}"
        try:
            self._tables.transact({"Update": change}, self._stands(owner, owner.status))
        except ConditionFailed as refused:
            raise Conflict("version" if refused.failed[0] else "user") from None

    def set_app_scopes(self, app: App, *, before: App, revocation: Revocation | None) -> None:
        """One transaction with the entry of the feed."""
        changes = {
            "own_scope": app.own_scope,
            "own_scope_by_update": app.own_scope_by_update,
            "marked_scope": app.marked_scope,
            "granted_look": app.granted_look,
            "version": app.version,
        }
        change = self._change_at(app, changes, before=before)
        try:
            transact_published(self._tables, revocation, {"Update": change})
        except ConditionFailed:
            raise Conflict("version") from None

    def set_owner_standing(self, app: App, *, revocation: Revocation | None) -> None:
        """One transaction with the entry of the feed."""
        change = self._change(app, {"owner_scope": app.owner_scope, "owner_stopped": app.owner_stopped})
        change["ConditionExpression"] = OWNED
        change["ExpressionAttributeNames"]["#owner"] = "owner"
        change["ExpressionAttributeValues"][":owner"] = {"S": app.owner}
        try:
            transact_published(self._tables, revocation, {"Update": change})
        except ConditionFailed:
            return  # deleted, or handed over together with the new owner's status

    def hand_over_app(self, app: App, *, before: App, owner: User, revocation: Revocation | None = None) -> None:
        """One transaction: the app, its name, both counts, a check of the new owner, and the entry of the feed."""
        changes = {
            "owner": app.owner,
            "owner_scope": app.owner_scope,
            "owner_stopped": app.owner_stopped,
            "version": app.version,
        }
        change = self._change_at(app, changes, before=before)
        try:
            transact_published(
                *(self._tables, revocation),
                {"Update": change},
                self._tables.put_write(t.APPS, name_of(app), ABSENT),
                self._stands(owner, ACTIVE),
                {"Update": self.counted(app.owner, 1)},
                {"Delete": {"TableName": self._tables.name(t.APPS), "Key": name_of(before)}},
                {"Update": self.counted(before.owner, -1)},
            )
        except ConditionFailed as refused:
            fields = ("version", "name", "user")
            raise Conflict(fields[refused.failed.index(True)]) from None

    def counted(self, owner: str, more: int) -> Item:
        """Return an update of an owner's app count."""
        return {
            "TableName": self._tables.name(t.APPS),
            "Key": count_key(owner),
            "UpdateExpression": "ADD apps :more",
            "ExpressionAttributeValues": {":more": {"N": str(more)}},
        }

    def _stands(self, user: User, status: str) -> Item:
        """Return the check that an account has a status, and its scope limit as read."""
        limited = user.scope is not None
        return {
            "ConditionCheck": {
                **self._tables.at(UserKey(user.user_id)),
                "ConditionExpression": f"#s = :status AND {'#l = :limit' if limited else 'attribute_not_exists(#l)'}",
                "ExpressionAttributeNames": {"#s": "status", "#l": "scope"},
                "ExpressionAttributeValues": {
                    ":status": {"S": status},
                    **({":limit": {"S": str(user.scope)}} if limited else {}),
                },
            }
        }

    def _change_at(self, app: App, changes: Mapping[str, object], *, before: App) -> Item:
        """Return an update of the app that fails unless its version is unchanged."""
        change = self._change(app, changes)
        condition, values = at_version(before)
        change["ConditionExpression"] = condition
        change["ExpressionAttributeValues"] |= values
        return change

    def _change(self, app: App, changes: Mapping[str, object]) -> Item:
        """Return an update that sets attributes of an app, and removes those that are None."""
        kept = {name: attribute(value) for name, value in changes.items() if value is not None}
        removed = [f"#{name}" for name in changes if name not in kept]
        parts = (("SET", [f"#{name} = :{name}" for name in kept]), ("REMOVE", removed))
        return {
            **self._tables.at(AppKey(app.client_id)),
            "UpdateExpression": " ".join(f"{verb} {', '.join(each)}" for verb, each in parts if each),
            "ExpressionAttributeNames": {f"#{name}": name for name in changes},
            "ExpressionAttributeValues": {f":{name}": value for name, value in kept.items()},
        }


def at_version(app: App) -> tuple[str, Item]:
    """Return the condition that an app is at its version, and its values."""
    if app.version == 1:
        return FIRST_VERSION, {}
    return AT_VERSION, {":before": {"N": str(app.version)}}


def count_key(owner: str) -> Item:
    """Return the key of an owner's app count."""
    return {"client_id": {"S": f"count#{owner}"}}


def name_of(app: App) -> Item:
    """Return the item that reserves an app's name; it consists of its key."""
    return {"client_id": {"S": f"name#{app.owner}#{digest(app.name.casefold())}"}}
