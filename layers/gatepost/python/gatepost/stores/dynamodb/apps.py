"""Apps: the record, and beside it two records that keep names unique and count an owner's apps."""

from __future__ import annotations

from gatepost.errors import Conflict
from gatepost.model import App, digest
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.codec import Item, to_item
from gatepost.stores.dynamodb.records import place
from gatepost.stores.dynamodb.tables import ConditionFailed, Tables
from gatepost.stores.ports import AppKey

ABSENT = "attribute_not_exists(client_id)"
PRESENT = "attribute_exists(client_id)"
BELOW_LIMIT = "attribute_not_exists(apps) OR apps < :limit"


class DynamoDBApps:
    """See ports.AppStore."""

    _tables: Tables

    def create_app(self, app: App, *, limit: int) -> None:
        """One transaction: the app, its name, the owner's count."""
        name = self._tables.name(t.APPS)
        created = f"{app.created_at:012d}#{app.client_id}"
        item = {**to_item(app), "created": {"S": created}}
        count = {
            "TableName": name,
            "Key": _count_of(app.owner),
            "UpdateExpression": "ADD apps :one",
            "ConditionExpression": BELOW_LIMIT,
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":limit": {"N": str(limit)}},
        }
        try:
            self._tables.transact(
                {"Put": {"TableName": name, "Item": item, "ConditionExpression": ABSENT}},
                {"Put": {"TableName": name, "Item": _name_of(app), "ConditionExpression": ABSENT}},
                {"Update": count},
            )
        except ConditionFailed as refused:
            raise Conflict("name" if refused.failed[1] else "owner") from None

    def delete_app(self, app: App) -> None:
        """One transaction that undoes `create_app`."""
        name = self._tables.name(t.APPS)
        count = {
            "TableName": name,
            "Key": _count_of(app.owner),
            "UpdateExpression": "ADD apps :less",
            "ExpressionAttributeValues": {":less": {"N": "-1"}},
        }
        key = place(AppKey(app.client_id))[1]
        try:
            self._tables.transact(
                {"Delete": {"TableName": name, "Key": key, "ConditionExpression": PRESENT}},
                {"Delete": {"TableName": name, "Key": _name_of(app)}},
                {"Update": count},
            )
        except ConditionFailed:
            return  # gone already

    def set_app_status(self, client_id: str, status: str, *, grants_valid_from: int) -> None:
        """One update; nothing if the app is gone."""
        values = {":status": {"S": status}, ":from": {"N": str(grants_valid_from)}}
        try:
            self._tables.update(
                *place(AppKey(client_id)),
                "SET #s = :status, grants_valid_from = :from",
                PRESENT,
                values,
                {"#s": "status"},
            )
        except ConditionFailed:
            return


def _name_of(app: App) -> Item:
    return {"client_id": {"S": f"name#{app.owner}#{digest(app.name.casefold())}"}}


def _count_of(owner: str) -> Item:
    return {"client_id": {"S": f"count#{owner}"}}
