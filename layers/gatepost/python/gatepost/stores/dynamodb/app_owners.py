"""Apps and who owns them: what an owner's standing, an administrator's grant and a new owner change of an app."""

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
# The count of an owner who is gone, so that no app is made for them; far above any limit.
CLOSED: Item = {"N": "1000000"}


class DynamoDBAppOwners:
    """See ports.AppStore."""

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
            return  # it is gone or another's, and its owner's standing came with that

    def hand_over_app(self, app: App, *, before: App, owner: User) -> None:
        """One transaction: the app, its name for the new owner and no more for the old one, both counts, the owner."""
        changes = {
            "owner": app.owner,
            "owner_scope": app.owner_scope,
            "owner_stopped": app.owner_stopped,
            "version": app.version,
        }
        change = self._change_at(app, changes, before=before)
        try:
            self._tables.transact(
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
        """An update of how many apps an owner has."""
        return {
            "TableName": self._tables.name(t.APPS),
            "Key": count_key(owner),
            "UpdateExpression": "ADD apps :more",
            "ExpressionAttributeValues": {":more": {"N": str(more)}},
        }

    def _stands(self, user: User, status: str) -> Item:
        """The check that an account is there with a status and with the limit that was read."""
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
        """An update of the app that fails unless it is still as it was read."""
        change = self._change(app, changes)
        condition, values = at_version(before)
        change["ConditionExpression"] = condition
        change["ExpressionAttributeValues"] |= values
        return change

    def _change(self, app: App, changes: Mapping[str, object]) -> Item:
        """An update that sets attributes of an app, and removes those that are None."""
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
    """The condition that an app stands at its version, and its values."""
    if app.version == 1:
        return FIRST_VERSION, {}
    return AT_VERSION, {":before": {"N": str(app.version)}}


def count_key(owner: str) -> Item:
    """Where it stands how many apps an owner has."""
    return {"client_id": {"S": f"count#{owner}"}}


def name_of(app: App) -> Item:
    """The record that takes a name; it is its own key."""
    return {"client_id": {"S": f"name#{app.owner}#{digest(app.name.casefold())}"}}
