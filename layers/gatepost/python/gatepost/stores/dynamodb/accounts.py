"""Accounts, with a record for the user name and one for the confirmed e-mail address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.records import Login, User
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.account_rights import PRESENT, DynamoDBAccountRights, role_as_read
from gatepost.stores.dynamodb.app_owners import CLOSED, count_key
from gatepost.stores.dynamodb.approvals import DynamoDBApprovals
from gatepost.stores.dynamodb.attempts import DynamoDBAttempts
from gatepost.stores.dynamodb.codec import Item, from_item, to_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Listing, Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed, call
from gatepost.stores.dynamodb.revocations import transact_published
from gatepost.stores.record_keys import EmailKey, Key, LinkKey, LoginKey, Page, UserKey, user_position

if TYPE_CHECKING:
    from gatepost.model.links import Link

ABSENT = "attribute_not_exists(pk)"
FREE_OR_OURS = "attribute_not_exists(pk) OR user_id = :user"
SAME_HASH = "password_hash = :old"
NO_APPS = "attribute_not_exists(apps) OR apps = :none"
_KIND = "user"  # the partition of the indexes by name and by creation
_POSITION = re.compile(r"([0-9]{12})#([!-~]{1,64})", re.ASCII)


class DynamoDBAccounts(DynamoDBAccountRights, DynamoDBApprovals, DynamoDBAttempts):
    """Implements ports.AccountStore."""

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

    def change_email(self, user: User, email: str, *, confirmed: bool, link: Link | None = None) -> None:
        """One transaction: the account, its new address, the release of the old one, the link."""
        kept = confirmed and user.email.casefold() == email.casefold()
        condition, before = _email_as_read(user)
        standing, since = _sessions_as_read(user)
        values: Item = {":email": {"S": email}, ":confirmed": {"BOOL": confirmed}, **before, **since}
        change = {
            **self._tables.at(UserKey(user.user_id)),
            "UpdateExpression": "SET email = :email, email_confirmed = :confirmed",
            "ConditionExpression": f"{condition} AND {standing}",
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
        """One transaction: the login, the account, the link."""
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

    def delete_user(self, user: User, *, revocation: Revocation, forget_at: int, besides: User | None = None) -> None:
        """One transaction, which also blocks the count of its apps for a while; then a delete per approval."""
        email, email_values = _email_as_read(user)
        role, role_values = role_as_read(user)
        account = {
            **self._tables.at(UserKey(user.user_id)),
            "ConditionExpression": f"#s = :status AND {role} AND {email}",
            "ExpressionAttributeNames": {"#s": "status", "#r": "role"},
            "ExpressionAttributeValues": {":status": {"S": user.status}, **role_values, **email_values},
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
        others = [{"Delete": self._tables.at(key)} for key in keys]
        checks = self._administrator_stands(besides)
        try:
            transact_published(self._tables, revocation, {"Delete": account}, {"Update": count}, *checks, *others)
        except ConditionFailed as refused:
            if refused.failed[0] and not refused.items[0]:
                return  # already deleted
            fields = ("user", "apps", "administrator")
            raise Conflict(fields[refused.failed.index(True)]) from None
        for approval in self.approvals_of(user.user_id):
            self.forget_approval(user.user_id, approval.client_id)

    def users(self, prefix: str, *, cursor: str | None, limit: int, descending: bool = False) -> Page[User]:
        """One query of the index by name."""
        listing = Listing(
            partition=("kind", _KIND),
            sort_key="name",
            index_name="by_name",
            prefix=prefix,
            cursor=cursor,
            limit=limit,
            newest_first=descending,
        )
        items, following = self._tables.list(t.ACCOUNTS, listing)
        return Page(items=[from_item(User, item) for item in items], cursor=following)

    def users_by_creation(self, *, cursor: str | None, limit: int, oldest_first: bool = False) -> Page[User]:
        """One query of the index by creation."""
        request: Item = {
            "TableName": self._tables.name(t.ACCOUNTS),
            "IndexName": "by_created",
            "KeyConditionExpression": "kind = :kind",
            "ExpressionAttributeValues": {":kind": {"S": _KIND}},
            "ScanIndexForward": oldest_first,
            "Limit": limit + 1,  # one to detect more
        }
        position = _POSITION.fullmatch(cursor or "")
        if position:
            address = place(UserKey(position[2]))[1]
            request["ExclusiveStartKey"] = {
                **address,
                "kind": {"S": _KIND},
                "created_at": {"N": str(int(position[1]))},
            }
        answer = call(partial(self._tables.client.call, "Query", request))
        users = [from_item(User, item) for item in answer["Items"][:limit]]
        more = len(answer["Items"]) > limit or (bool(users) and "LastEvaluatedKey" in answer)  # a query ends at 1 MB
        return Page(items=users, cursor=user_position(users[-1]) if more else None)

    def note_sign_in(self, user_id: str, *, now: int) -> None:
        """One conditional update."""
        values = {":now": {"N": str(now)}}
        with suppress(ConditionFailed):
            self._tables.update(*place(UserKey(user_id)), "SET last_sign_in_at = :now", PRESENT, values)

    def replace_hash(self, name: str, before: Login, password_hash: str) -> None:
        """One conditional update."""
        values = {":new": {"S": password_hash}, ":old": {"S": before.password_hash}}
        try:
            self._tables.update(*place(LoginKey(name)), "SET password_hash = :new", SAME_HASH, values)
        except ConditionFailed:
            return

    def _transact(self, writes: list[Item], fields: Sequence[str], link: Link | None) -> None:
        """Write all or raise Conflict with the field, in `fields`, of the first failed write, or "link"."""
        used = [] if link is None else [self._tables.at(LinkKey(link.link_hash))]
        try:
            self._tables.transact(*writes, *({"Delete": {**at, "ConditionExpression": PRESENT}} for at in used))
        except ConditionFailed as refused:
            position = refused.failed.index(True)
            raise Conflict(fields[position] if position < len(writes) else "link") from None

    def _take_email(self, user: User, email: str) -> Item:
        from gatepost.model.links import EmailOwner

        owner = EmailOwner(user_id=user.user_id, user_name=user.user_name)
        item = to_item(owner, place(EmailKey(email.casefold()))[1])
        return self._tables.put_write(t.ACCOUNTS, item, FREE_OR_OURS, {":user": {"S": user.user_id}})


def _email_as_read(user: User) -> tuple[str, Item]:
    """Return the condition that an account has the e-mail of `user`, and its values. Defaults are not stored."""
    email = "email = :email_before" if user.email else "(attribute_not_exists(email) OR email = :email_before)"
    confirmed = "email_confirmed = :confirmed_before"
    if not user.email_confirmed:
        confirmed = f"(attribute_not_exists(email_confirmed) OR {confirmed})"
    values = {":email_before": {"S": user.email}, ":confirmed_before": {"BOOL": user.email_confirmed}}
    return f"{PRESENT} AND {email} AND {confirmed}", values


def _sessions_as_read(user: User) -> tuple[str, Item]:
    """Return the condition that the sessions were not voided since `user` was read, and its values."""
    if not user.sessions_valid_from:
        return "attribute_not_exists(sessions_valid_from)", {}
    return "sessions_valid_from = :since", {":since": {"N": str(user.sessions_valid_from)}}
