"""Accounts: the account, a record for its name and for its confirmed e-mail, and failed sign-ins."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.errors import Conflict
from gatepost.feed import Revocation
from gatepost.model import Attempts, EmailOwner, Link, Login, User
from gatepost.scope import Scope
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.approvals import DynamoDBApprovals
from gatepost.stores.dynamodb.apps import CLOSED, count_key
from gatepost.stores.dynamodb.calls import ConditionFailed
from gatepost.stores.dynamodb.codec import Item, from_item, to_item
from gatepost.stores.dynamodb.places import place
from gatepost.stores.dynamodb.revocations import feed_item
from gatepost.stores.dynamodb.tables import Listing, Tables
from gatepost.stores.keys import (
    UNCHANGED,
    AttemptsKey,
    EmailKey,
    Key,
    LinkKey,
    LoginKey,
    Page,
    Unchanged,
    UserKey,
)

ABSENT = "attribute_not_exists(pk)"
PRESENT = "attribute_exists(pk)"
FREE_OR_OURS = "attribute_not_exists(pk) OR user_id = :user"
AS_COUNTED = "failures = :failures AND last_failure_at = :last"
SAME_HASH = "password_hash = :old"
COUNTING = "expires_at > :now"
ENDED = "attribute_not_exists(pk) OR expires_at <= :now"
NO_APPS = "attribute_not_exists(apps) OR apps = :none"
_KIND = "user"  # the partition of the index by name


class DynamoDBAccounts(DynamoDBApprovals):
    """See ports.AccountStore."""

    _tables: Tables

    def create_user(self, user: User, login: Login, *, link: Link | None = None) -> None:
        """One transaction: the account, its name, its confirmed e-mail, the link."""
        name = user.user_name.casefold()
        account = to_item(user, place(UserKey(user.user_id))[1])
        writes = [
            self._tables.put_write(t.ACCOUNTS, {**account, "kind": {"S": _KIND}, "name": {"S": name}}, ABSENT),
            self._tables.put_write(t.ACCOUNTS, to_item(login, place(LoginKey(name))[1]), ABSENT),
        ]
        if user.email_confirmed:
            writes.append(self._take_email(user, user.email))
        self._transact(writes, ("user_name", "user_name", "email"), link)

    def void_user_grants(
        self, user_id: str, *, status: str | None, grants_valid_from: int, revocation: Revocation
    ) -> None:
        """One transaction with the entry of the feed."""
        change: Item = {
            **self._tables.at(UserKey(user_id)),
            "UpdateExpression": "SET grants_valid_from = :from",
            "ConditionExpression": PRESENT,
            "ExpressionAttributeValues": {":from": {"N": str(grants_valid_from)}},
        }
        if status is not None:
            change["UpdateExpression"] += ", #s = :status"
            change["ExpressionAttributeNames"] = {"#s": "status"}
            change["ExpressionAttributeValues"][":status"] = {"S": status}
        try:
            self._tables.transact({"Update": change}, self._tables.put_write(t.TOKENS, feed_item(revocation)))
        except ConditionFailed:
            return

    def set_user_status(self, user_id: str, status: str) -> None:
        """One update."""
        self._set_account(user_id, {"status": {"S": status}})

    def set_user_rights(
        self, user_id: str, *, role: str | Unchanged = UNCHANGED, scope: Scope | Unchanged | None = UNCHANGED
    ) -> None:
        """One update; no scope at all is the absence of the attribute."""
        changes: dict[str, Item | None] = {}
        if role != UNCHANGED:
            changes["role"] = {"S": role}
        if scope != UNCHANGED:
            changes["scope"] = None if scope is None else {"S": str(scope)}
        self._set_account(user_id, changes)

    def void_sessions(self, user_id: str, *, sessions_valid_from: int) -> None:
        """One update."""
        self._set_account(user_id, {"sessions_valid_from": {"N": str(sessions_valid_from)}})

    def change_email(self, user: User, email: str, *, confirmed: bool, link: Link | None = None) -> None:
        """One transaction: the account, the address that is taken, the one that is given back, the link."""
        kept = confirmed and user.email.casefold() == email.casefold()
        condition, before = _email_as_read(user)
        values: Item = {":email": {"S": email}, ":confirmed": {"BOOL": confirmed}, **before}
        change = {
            **self._tables.at(UserKey(user.user_id)),
            "UpdateExpression": "SET email = :email, email_confirmed = :confirmed",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }
        writes: list[Item] = [{"Update": change}]
        if confirmed:
            writes.append(self._take_email(user, email))
        if user.email_confirmed and not kept:
            writes.append({"Delete": self._tables.at(EmailKey(user.email.casefold()))})
        self._transact(writes, ("user", "email", "email"), link)

    def change_password(
        self, user: User, password_hash: str, *, sessions_valid_from: int, link: Link | None = None
    ) -> None:
        """One transaction: the hash under the name, the account, the link."""
        login = {
            **self._tables.at(LoginKey(user.user_name.casefold())),
            "UpdateExpression": "SET password_hash = :hash",
            "ConditionExpression": PRESENT,
            "ExpressionAttributeValues": {":hash": {"S": password_hash}},
        }
        account = {
            **self._tables.at(UserKey(user.user_id)),
            "UpdateExpression": "SET sessions_valid_from = :from",
            "ConditionExpression": PRESENT,
            "ExpressionAttributeValues": {":from": {"N": str(sessions_valid_from)}},
        }
        self._transact([{"Update": login}, {"Update": account}], ("user", "user"), link)

    def delete_user(self, user: User, *, revocation: Revocation, forget_at: int) -> None:
        """One transaction, which also closes the count of its apps for a while; then a delete for each approval."""
        condition, values = _email_as_read(user)
        account = {
            **self._tables.at(UserKey(user.user_id)),
            "ConditionExpression": f"#s = :status AND {condition}",
            "ExpressionAttributeNames": {"#s": "status"},
            "ExpressionAttributeValues": {":status": {"S": user.status}, **values},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        count = {
            "TableName": self._tables.name(t.APPS),
            "Key": count_key(user.user_id),
            "UpdateExpression": "SET apps = :closed, #t = :ttl",
            "ConditionExpression": NO_APPS,
            "ExpressionAttributeNames": {"#t": "ttl"},
            "ExpressionAttributeValues": {":closed": CLOSED, ":none": {"N": "0"}, ":ttl": {"N": str(forget_at)}},
        }
        keys: list[Key[object]] = [LoginKey(user.user_name.casefold())]
        if user.email_confirmed:
            keys.append(EmailKey(user.email.casefold()))
        others = ({"Delete": self._tables.at(key)} for key in keys)
        entry = self._tables.put_write(t.TOKENS, feed_item(revocation))
        try:
            self._tables.transact({"Delete": account}, {"Update": count}, *others, entry)
        except ConditionFailed as refused:
            if refused.failed[0] and not refused.items[0]:
                return  # it is gone
            raise Conflict("user" if refused.failed[0] else "apps") from None
        for approval in self.approvals_of(user.user_id):
            self.forget_approval(user.user_id, approval.client_id)

    def users(self, prefix: str, *, cursor: str | None, limit: int) -> Page[User]:
        """One query of the index by name."""
        listing = Listing(
            partition=("kind", _KIND),
            sort_key="name",
            index="by_name",
            prefix=prefix,
            cursor=cursor,
            limit=limit,
            newest_first=False,
        )
        items, following = self._tables.list(t.ACCOUNTS, listing)
        return Page(items=[from_item(User, item) for item in items], cursor=following)

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

    def reserve_attempt(self, name_hash: str, before: Attempts, *, now: int, forget_at: int) -> bool:
        """One conditional update."""
        expression = "ADD failures :one SET last_failure_at = :now, expires_at = :end, #t = :end"
        values = {
            ":one": {"N": "1"},
            ":now": {"N": str(now)},
            ":end": {"N": str(forget_at)},
            ":failures": {"N": str(before.failures)},
            ":last": {"N": str(before.last_failure_at)},
        }
        try:
            self._tables.update(*place(AttemptsKey(name_hash)), expression, AS_COUNTED, values, {"#t": "ttl"})
        except ConditionFailed:
            return False
        return True

    def trust_device(self, name_hash: str, *, expires_at: int) -> None:
        """One put."""
        counter = Attempts(failures=0, last_failure_at=0, expires_at=expires_at)
        self._tables.put(t.ACCOUNTS, to_item(counter, place(AttemptsKey(name_hash))[1], ttl=expires_at))

    def replace_hash(self, name: str, before: Login, password_hash: str) -> None:
        """One conditional update."""
        values = {":new": {"S": password_hash}, ":old": {"S": before.password_hash}}
        try:
            self._tables.update(*place(LoginKey(name)), "SET password_hash = :new", SAME_HASH, values)
        except ConditionFailed:
            return

    def forget_failures(self, name_hash: str) -> None:
        """Remove the counter."""
        self._tables.delete(*place(AttemptsKey(name_hash)))

    def _set_account(self, user_id: str, changes: dict[str, Item | None]) -> None:
        """Set attributes of the account, or remove those that are None; nothing if it is gone."""
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

    def _transact(self, writes: list[Item], fields: Sequence[str], link: Link | None) -> None:
        """Raise Conflict with the field, among `fields`, of the first write that failed, or "link"."""
        used = [] if link is None else [self._tables.at(LinkKey(link.link_hash))]
        try:
            self._tables.transact(*writes, *({"Delete": {**at, "ConditionExpression": PRESENT}} for at in used))
        except ConditionFailed as refused:
            position = refused.failed.index(True)
            raise Conflict(fields[position] if position < len(writes) else "link") from None

    def _take_email(self, user: User, email: str) -> Item:
        owner = EmailOwner(user_id=user.user_id, user_name=user.user_name)
        item = to_item(owner, place(EmailKey(email.casefold()))[1])
        return self._tables.put_write(t.ACCOUNTS, item, FREE_OR_OURS, {":user": {"S": user.user_id}})


def _email_as_read(user: User) -> tuple[str, Item]:
    """The condition that an account is there with the e-mail of `user`, and its values. Defaults are not stored."""
    email = "email = :email_before" if user.email else "(attribute_not_exists(email) OR email = :email_before)"
    confirmed = "email_confirmed = :confirmed_before"
    if not user.email_confirmed:
        confirmed = f"(attribute_not_exists(email_confirmed) OR {confirmed})"
    values = {":email_before": {"S": user.email}, ":confirmed_before": {"BOOL": user.email_confirmed}}
    return f"{PRESENT} AND {email} AND {confirmed}", values
