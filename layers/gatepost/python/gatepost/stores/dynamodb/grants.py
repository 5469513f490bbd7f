"""Grants and codes. Each decision about a grant is one conditional write of its only item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.records import ACTIVE, Approval, Code, Grant, Login, User
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import Item, attribute, from_item, to_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.dynamodb.revocations import transact_published
from gatepost.stores.record_keys import (
    ApprovalKey,
    AttemptsKey,
    GrantKey,
    LoginKey,
    RequestKey,
    SessionKey,
    SignedIntoKey,
    UserKey,
)

if TYPE_CHECKING:
    from gatepost.model.sessions import PendingRequest, Session, SignedInto

KEEP = 86400  # seconds for which an expired grant or used code is kept, so that a replay is detected

NOT_REVOKED = "attribute_exists(pk) AND attribute_not_exists(revoked_at)"
NOBODYS = f"{NOT_REVOKED} AND attribute_not_exists(redeemed_by)"
UNREDEEMED = f"{NOBODYS} AND redeem_before > :now"
AT_GENERATION = f"{NOT_REVOKED} AND generation = :generation"
AS_READ = "#s = :active AND grants_valid_from = :from"
WAITING = "attribute_exists(sk)"
SAME_PASSWORD = "password_hash = :hash"  # noqa: S105 — a condition
NEVER_VOIDED = "#s = :active AND attribute_not_exists(grants_valid_from)"
NOT_VOIDED = "(attribute_not_exists(sessions_valid_from) OR sessions_valid_from <= :began)"


class DynamoDBGrants:
    """Implements ports.GrantStore."""

    _tables: Tables

    def approve(
        self,
        grant: Grant,
        *,
        user: User,
        code: Code | None,
        approval: Approval | None,
        request: PendingRequest | None = None,
        login: Login | None = None,
        attempts: AttemptsKey | None = None,
        signed_into: SignedInto | None = None,
        session: Session | None = None,
    ) -> None:
        """One transaction: grant, code, approval, sign-in, request and counter, if what was read stands as it did."""
        writes = [self._account_stands(user, session), self._tables.put_write(t.TOKENS, _grant_item(grant))]
        if login is not None:
            writes.append(self._password_stands(user, login))
        if attempts is not None:
            writes.append({"Delete": self._tables.at(attempts)})
        if code is not None:
            writes.append(self._tables.put_write(t.CODES, to_item(code, ttl=code.expires_at + KEEP)))
        if approval is not None:
            key = place(ApprovalKey(approval.user_id, approval.client_id))[1]
            writes.append(self._tables.put_write(t.ACCOUNTS, to_item(approval, key)))
        if session is not None:
            standing = self._tables.at(SessionKey(session.user_id, session.session_hash))
            writes.append({"ConditionCheck": {**standing, "ConditionExpression": WAITING}})
        if signed_into is not None:
            writes.append(self._signed_into(signed_into))
        if request is not None:
            writes.append(self._taken(request))
        try:
            self._tables.transact(*writes)
        except ConditionFailed as refused:
            answered = request is not None and not any(refused.failed[:-1])
            raise Conflict("request" if answered else "user") from None

    def add_grant(self, grant: Grant) -> None:
        """One put."""
        self._tables.put(t.TOKENS, _grant_item(grant))

    def redeem(self, grant_id: str, *, attempt: str, now: int, idle_expires_at: int, expires_at: int) -> Grant | None:
        """One conditional update."""
        expression = (
            "SET redeemed_by = :attempt, redeemed_at = :now, last_used_at = :now, idle_expires_at = :idle, "
            "expires_at = :end, #t = :ttl"
        )
        values: Item = {
            ":attempt": {"S": attempt},
            ":now": {"N": str(now)},
            ":idle": {"N": str(idle_expires_at)},
            ":end": {"N": str(expires_at)},
            ":ttl": {"N": str(expires_at + KEEP)},
        }
        return self._change_grant(grant_id, expression, UNREDEEMED, values, {"#t": "ttl"})

    def rotate(
        self, grant_id: str, generation: int, *, attempt: str, now: int, idle_expires_at: int, token_lifetime: int
    ) -> Grant | None:
        """One conditional update."""
        expression = (
            "SET generation = :next, rotated_by = :attempt, rotated_at = :now, last_used_at = :now, "
            "idle_expires_at = :idle, token_lifetime = :lifetime"
        )
        values: Item = {
            ":lifetime": {"N": str(token_lifetime)},
            ":generation": {"N": str(generation)},
            ":next": {"N": str(generation + 1)},
            ":attempt": {"S": attempt},
            ":now": {"N": str(now)},
            ":idle": {"N": str(idle_expires_at)},
        }
        return self._change_grant(grant_id, expression, AT_GENERATION, values)

    def revoke_grant(self, grant_id: str, *, now: float, feed_until: int, part: int = 0) -> None:
        """One transaction: the mark and the entry of the feed."""
        table, key = place(GrantKey(grant_id))
        mark = {
            "TableName": self._tables.name(table),
            "Key": key,
            "UpdateExpression": "SET revoked_at = :now",
            "ConditionExpression": NOT_REVOKED,
            "ExpressionAttributeValues": {":now": {"N": str(int(now))}},
        }
        entry = Revocation(kind="grant", subject=grant_id, revoked_at=now, expires_at=feed_until)
        try:
            transact_published(self._tables, entry, {"Update": mark}, part=part)
        except ConditionFailed:
            return  # already revoked and published

    def mark_revoked(self, grant_id: str, *, now: int, unredeemed: bool = False, generation: int = 0) -> bool:
        """One conditional update."""
        condition, values = NOBODYS if unredeemed else NOT_REVOKED, {":now": {"N": str(now)}}
        if generation:
            condition, values[":generation"] = AT_GENERATION, {"N": str(generation)}
        grant = self._change_grant(grant_id, "SET revoked_at = :now", condition, values)
        return grant is not None and bool(grant.revoked_at)

    def delete_grants(self, user_id: str) -> None:
        """One query and a delete per grant."""
        for grant in self.grants_of(user_id):
            self._tables.delete(*place(GrantKey(grant.grant_id)))

    def grants_of(self, user_id: str) -> Sequence[Grant]:
        """One query of the user's partition."""
        values = {":user": {"S": user_id}, ":prefix": {"S": "grant#"}}
        items = self._tables.query(t.TOKENS, "pk = :user AND begins_with(sk, :prefix)", values)
        return [from_item(Grant, item) for item in items]

    def _change_grant(
        self, grant_id: str, expression: str, condition: str, values: Item, names: Item | None = None
    ) -> Grant | None:
        try:
            item = self._tables.update(*place(GrantKey(grant_id)), expression, condition, values, names, whole=True)
        except ConditionFailed as refused:
            item = refused.items[0]
        return from_item(Grant, item) if item else None

    def _account_stands(self, user: User, session: Session | None) -> Item:
        table, key = place(UserKey(user.user_id))
        values: Item = {":active": {"S": ACTIVE}}
        condition = NEVER_VOIDED
        if user.grants_valid_from:
            condition, values[":from"] = AS_READ, {"N": str(user.grants_valid_from)}
        if session is not None:
            condition, values[":began"] = f"{condition} AND {NOT_VOIDED}", {"N": str(session.created_at)}
        names = {"#s": "status"}
        for name, value in (("scope", user.scope), ("groups", user.groups or None)):
            names[f"#{name}"] = name
            condition += f" AND attribute_not_exists(#{name})" if value is None else f" AND #{name} = :{name}"
            values |= {} if value is None else {f":{name}": attribute(value)}
        check: Item = {
            "TableName": self._tables.name(table),
            "Key": key,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        return {"ConditionCheck": check}

    def _password_stands(self, user: User, login: Login) -> Item:
        check: Item = {
            **self._tables.at(LoginKey(user.user_name.casefold())),
            "ConditionExpression": SAME_PASSWORD,
            "ExpressionAttributeValues": {":hash": {"S": login.password_hash}},
        }
        return {"ConditionCheck": check}

    def _signed_into(self, signed_into: SignedInto) -> Item:
        key = place(SignedIntoKey(signed_into.user_id, signed_into.session_id, signed_into.client_id))[1]
        item = to_item(signed_into, ttl=signed_into.ends_at)
        names = {f"#{name}": name for name in item if name not in key}
        settings = ", ".join(
            f"{name} = {f'if_not_exists({name}, :{name[1:]})' if name == '#first_at' else f':{name[1:]}'}"
            for name in names
        )
        values = {f":{name}": item[name] for name in names.values()}
        return self._tables.update_write(t.SESSIONS, key, f"SET {settings}", "", values, names)

    def _taken(self, request: PendingRequest) -> Item:
        place_of_request = self._tables.at(RequestKey(request.user_id, request.request_hash))
        return {"Delete": {**place_of_request, "ConditionExpression": WAITING}}


def _grant_item(grant: Grant) -> Item:
    return to_item(grant, place(GrantKey(grant.grant_id))[1], ttl=grant.expires_at + KEEP)
