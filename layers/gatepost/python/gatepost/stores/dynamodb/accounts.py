"""Accounts: the account, a record for its name and its e-mail, counters of failed sign-ins, approvals."""

from __future__ import annotations

from gatepost.errors import Conflict
from gatepost.model import Login, User
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.codec import Item, to_item
from gatepost.stores.dynamodb.records import place
from gatepost.stores.dynamodb.tables import ConditionFailed, Tables
from gatepost.stores.ports import AttemptsKey, LoginKey, UserKey

ABSENT = "attribute_not_exists(pk)"
PRESENT = "attribute_exists(pk)"
COUNTING = "expires_at > :now"
ENDED = "attribute_not_exists(pk) OR expires_at <= :now"


class DynamoDBAccounts:
    """See ports.AccountStore."""

    _tables: Tables

    def create_user(self, user: User, login: Login) -> None:
        """One transaction: the account, its name, its e-mail."""
        items = [
            to_item(user, place(UserKey(user.user_id))[1]),
            to_item(login, place(LoginKey(user.user_name.casefold()))[1]),
        ]
        if user.email:
            address = {"pk": {"S": f"email#{user.email.casefold()}"}, "sk": {"S": "email"}}
            items.append({**address, "user_id": {"S": user.user_id}})
        try:
            self._tables.transact(*(self._put_new(item) for item in items))
        except ConditionFailed as refused:
            raise Conflict("user_name" if refused.failed[1] else "email") from None

    def void_user_grants(self, user_id: str, *, status: str, grants_valid_from: int) -> None:
        """One update; nothing if the account is gone."""
        values = {":status": {"S": status}, ":from": {"N": str(grants_valid_from)}}
        try:
            self._tables.update(
                *place(UserKey(user_id)),
                "SET #s = :status, grants_valid_from = :from",
                PRESENT,
                values,
                {"#s": "status"},
            )
        except ConditionFailed:
            return

    def count_failure(self, name_hash: str, *, now: int, forget_at: int) -> None:
        """Add to a counter that lives, else start one; both are conditional, so no failure is lost."""
        start = "SET failures = :one, last_failure_at = :now, expires_at = :end, #t = :end"
        go_on = "ADD failures :one SET last_failure_at = :now, expires_at = :end, #t = :end"
        values = {":one": {"N": "1"}, ":now": {"N": str(now)}, ":end": {"N": str(forget_at)}}
        for expression, condition in ((go_on, COUNTING), (start, ENDED), (go_on, COUNTING)):
            try:
                self._tables.update(*place(AttemptsKey(name_hash)), expression, condition, values, {"#t": "ttl"})
            except ConditionFailed:
                continue
            return

    def forget_failures(self, name_hash: str) -> None:
        """Remove the counter."""
        self._tables.delete(*place(AttemptsKey(name_hash)))

    def _put_new(self, item: Item) -> Item:
        return {"Put": {"TableName": self._tables.name(t.ACCOUNTS), "Item": item, "ConditionExpression": ABSENT}}
