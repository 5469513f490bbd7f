"""Apps: the record, and beside it two records that keep names unique and count an owner's apps."""

from __future__ import annotations

import time

from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.feed import Revocation
from gatepost.identifiers import digest
from gatepost.model import App
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.calls import ConditionFailed, pauses
from gatepost.stores.dynamodb.codec import Item, attribute, from_item, to_item
from gatepost.stores.dynamodb.places import place
from gatepost.stores.dynamodb.revocations import feed_item
from gatepost.stores.dynamodb.tables import Listing, Tables
from gatepost.stores.keys import AppKey, Page

ABSENT = "attribute_not_exists(client_id)"
PRESENT = "attribute_exists(client_id)"
BELOW_LIMIT = "attribute_not_exists(apps) OR apps < :limit"
FIRST_VERSION = "attribute_exists(client_id) AND attribute_not_exists(version)"
AT_VERSION = "version = :before"
# The count of an owner who is gone, so that no app is made for them; far above any limit.
CLOSED: Item = {"N": "1000000"}
_CHANGEABLE = ("name", "url", "redirect_uris", "grant_types", "scope", "secrets", "version")


class DynamoDBApps:
    """See ports.AppStore."""

    _tables: Tables

    def create_app(self, app: App, *, limit: int) -> None:
        """One transaction: the app, its name, the owner's count."""
        created = f"{app.created_at:012d}#{app.client_id}"
        count = {
            **self._count_at(app.owner),
            "UpdateExpression": "ADD apps :one",
            "ConditionExpression": BELOW_LIMIT,
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":limit": {"N": str(limit)}},
        }
        try:
            self._tables.transact(
                self._tables.put_write(t.APPS, {**to_item(app), "created": {"S": created}}, ABSENT),
                self._tables.put_write(t.APPS, _name_of(app), ABSENT),
                {"Update": count},
            )
        except ConditionFailed as refused:
            raise Conflict("name" if refused.failed[1] else "owner") from None

    def delete_app(self, app: App, *, revocation: Revocation) -> None:
        """One transaction that undoes `create_app`, with the entry of the feed; again if the app changed meanwhile."""
        for pause in pauses():
            standing = self._undeleted(app, revocation)
            if standing is None:
                return
            app = standing
            time.sleep(pause)
        raise TemporarilyUnavailable("try again", reason="the app changes all the time")

    def _undeleted(self, app: App, revocation: Revocation) -> App | None:
        """None if the app is gone now, else as it stands, at another version and maybe under another name."""
        condition, values = _at_version(app)
        count = {
            **self._count_at(app.owner),
            "UpdateExpression": "ADD apps :less",
            "ExpressionAttributeValues": {":less": {"N": "-1"}},
        }
        delete = {
            **self._tables.at(AppKey(app.client_id)),
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **values,
        }
        try:
            self._tables.transact(
                {"Delete": delete},
                {"Delete": {"TableName": self._tables.name(t.APPS), "Key": _name_of(app)}},
                {"Update": count},
                self._tables.put_write(t.TOKENS, feed_item(revocation)),
            )
        except ConditionFailed as refused:
            return from_item(App, refused.items[0]) if refused.items[0] else None
        return None

    def set_app_status(
        self,
        client_id: str,
        status: str,
        *,
        reason: str,
        grants_valid_from: int | None,
        revocation: Revocation | None = None,
    ) -> None:
        """One transaction with the entry of the feed."""
        change: Item = {
            **self._tables.at(AppKey(client_id)),
            "UpdateExpression": "SET #s = :status, status_reason = :reason",
            "ConditionExpression": PRESENT,
            "ExpressionAttributeNames": {"#s": "status"},
            "ExpressionAttributeValues": {":status": {"S": status}, ":reason": {"S": reason}},
        }
        if grants_valid_from is not None:
            change["UpdateExpression"] += ", grants_valid_from = :from"
            change["ExpressionAttributeValues"][":from"] = {"N": str(grants_valid_from)}
        entries = [self._tables.put_write(t.TOKENS, feed_item(revocation))] if revocation else []
        try:
            self._tables.transact({"Update": change}, *entries)
        except ConditionFailed:
            return

    def update_app(self, app: App, *, before: App) -> None:
        """One transaction: the app at its version, and its name if that changed."""
        names = {f"#{field}": field for field in _CHANGEABLE}
        values: Item = {f":{field}": attribute(getattr(app, field)) for field in _CHANGEABLE}
        condition = FIRST_VERSION
        if before.version > 1:
            condition, values[":before"] = AT_VERSION, {"N": str(before.version)}
        change = {
            **self._tables.at(AppKey(app.client_id)),
            "UpdateExpression": "SET " + ", ".join(f"#{field} = :{field}" for field in _CHANGEABLE),
            "ConditionExpression": condition.replace("version", "#version"),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        writes: list[Item] = [{"Update": change}]
        if _name_of(app) != _name_of(before):
            writes += [
                self._tables.put_write(t.APPS, _name_of(app), ABSENT),
                {"Delete": {"TableName": self._tables.name(t.APPS), "Key": _name_of(before)}},
            ]
        try:
            self._tables.transact(*writes)
        except ConditionFailed as refused:
            raise Conflict("version" if refused.failed[0] else "name") from None

    def touch_app(self, app: App, *, secret_id: str, now: int) -> None:
        """One update at the version that was read, so that the place of the secret in its list holds."""
        position = next((i for i, secret in enumerate(app.secrets) if secret.secret_id == secret_id), None)
        expression = "SET last_used_at = :now"
        if position is not None:
            expression += f", secrets[{position}].last_used_at = :now"
        values: Item = {":now": {"N": str(now)}}
        condition = FIRST_VERSION
        if app.version > 1:
            condition, values[":before"] = AT_VERSION, {"N": str(app.version)}
        try:
            self._tables.update(*place(AppKey(app.client_id)), expression, condition, values)
        except ConditionFailed:
            return  # changed meanwhile: the next use is noted

    def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
        """One query of the index by owner."""
        return self._apps_page("by_owner", ("owner", owner), cursor, limit)

    def apps_with_status(self, status: str, *, cursor: str | None, limit: int) -> Page[App]:
        """One query of the index by status."""
        return self._apps_page("by_status", ("status", status), cursor, limit)

    def _apps_page(self, index: str, partition: tuple[str, str], cursor: str | None, limit: int) -> Page[App]:
        listing = Listing(
            partition=partition, sort_key="created", index=index, cursor=cursor, limit=limit, newest_first=True
        )
        items, following = self._tables.list(t.APPS, listing)
        return Page(items=[from_item(App, item) for item in items], cursor=following)

    def _count_at(self, owner: str) -> Item:
        return {"TableName": self._tables.name(t.APPS), "Key": count_key(owner)}


def _at_version(app: App) -> tuple[str, Item]:
    """The condition that an app stands at its version, and its values as members of a request."""
    if app.version == 1:
        return FIRST_VERSION, {}
    return AT_VERSION, {"ExpressionAttributeValues": {":before": {"N": str(app.version)}}}


def count_key(owner: str) -> Item:
    """Where it stands how many apps an owner has."""
    return {"client_id": {"S": f"count#{owner}"}}


def _name_of(app: App) -> Item:
    """The record that takes a name; it is its own key."""
    return {"client_id": {"S": f"name#{app.owner}#{digest(app.name.casefold())}"}}
