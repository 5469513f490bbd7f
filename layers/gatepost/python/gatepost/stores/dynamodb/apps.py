"""Apps: the record, and two more records that keep names unique and count an owner's apps."""

from __future__ import annotations

import time
from contextlib import suppress

from gatepost.aws.retries import jittered
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.model.feed import Revocation
from gatepost.model.logo import Logo
from gatepost.model.records import ACTIVE, App, User
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.app_documents import DynamoDBAppDocuments
from gatepost.stores.dynamodb.app_owners import ABSENT, DynamoDBAppOwners, at_version, name_of
from gatepost.stores.dynamodb.codec import Item, attribute, from_item, to_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Listing, Tables
from gatepost.stores.dynamodb.registered_apps import DynamoDBRegisteredApps
from gatepost.stores.dynamodb.retrying import LONGEST_PAUSES, ConditionFailed
from gatepost.stores.dynamodb.revocations import transact_published
from gatepost.stores.record_keys import AppKey, LogoKey, Page, app_position

PRESENT = "attribute_exists(client_id)"
BELOW_LIMIT = "attribute_not_exists(apps) OR apps < :limit"
EARLIER = f"{PRESENT} AND (attribute_not_exists(#cutoff) OR #cutoff < :from)"
NEXT_VERSION = "version = if_not_exists(version, :one) + :one"
NEVER_USED = "attribute_not_exists(last_used_at)"
CHANGEABLE = (
    *("name", "url", "redirect_uris", "grant_types", "scope", "secrets", "approvals_valid_from", "version"),
    *("post_logout_redirect_uris", "backchannel_logout_uri"),
    *("id_token_signed_response_alg", "userinfo_signed_response_alg"),
    *("default_scope", "registered", "looks", "administered_at"),
)
_OF_LOGO = ("logo", "logo_uri", "version", "administered_at", "approvals_valid_from", "looks")
# Written with a change that ends what administrators decided: not by the role of apps that registered themselves.
_WITHDRAWN = ("status", "grants_valid_from", "granted_look")


class DynamoDBApps(DynamoDBAppOwners, DynamoDBAppDocuments, DynamoDBRegisteredApps):
    """Implements ports.AppStore."""

    _tables: Tables

    def create_app(self, app: App, *, owner: User, limit: int) -> None:
        """One transaction: the app, its name, the owner's count, and a check of the owner."""
        count = self.counted(app.owner, 1)
        count["ConditionExpression"] = BELOW_LIMIT
        count["ExpressionAttributeValues"][":limit"] = {"N": str(limit)}
        try:
            self._tables.transact(
                self._tables.put_write(t.APPS, {**to_item(app), "created": {"S": app_position(app)}}, ABSENT),
                self._tables.put_write(t.APPS, name_of(app), ABSENT),
                {"Update": count},
                self._stands(owner, ACTIVE),
            )
        except ConditionFailed as refused:
            field = "user" if refused.failed[3] else "name" if refused.failed[1] else "owner"
            raise Conflict(field) from None

    def delete_app(self, app: App, *, revocation: Revocation) -> bool:
        """One transaction that undoes `create_app`, with the entry of the feed; repeated if the app changed."""
        for longest in LONGEST_PAUSES:
            used = app.last_used_at > 0
            gone, standing = self._deleted(app, revocation if used else None)
            if gone:
                return used
            if standing is None:
                return False
            app = standing
            time.sleep(jittered(longest))
        raise TemporarilyUnavailable("try again", reason="the app changes all the time")

    def _deleted(self, app: App, revocation: Revocation | None) -> tuple[bool, App | None]:
        """Return whether the app was removed, and if not, the app as it is now, None if it is gone."""
        condition, values = at_version(app)
        if revocation is None:
            condition = f"{condition} AND {NEVER_USED}"
        logo = [{"Delete": self._tables.at(LogoKey(app.client_id))}] if app.logo else []
        delete = {
            **self._tables.at(AppKey(app.client_id)),
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **({"ExpressionAttributeValues": values} if values else {}),
        }
        try:
            transact_published(self._tables, revocation, {"Delete": delete}, *self._forget_owned(app), *logo)
        except ConditionFailed as refused:
            return False, from_item(App, refused.items[0]) if refused.items[0] else None
        return True, None

    def _forget_owned(self, app: App) -> list[Item]:
        """Return the writes that release an app's name and its owner's count; of a stranger neither is kept."""
        if app.is_stranger:
            return []
        name = {"TableName": self._tables.name(t.APPS), "Key": name_of(app)}
        return [{"Delete": name}, {"Update": self.counted(app.owner, -1)}]

    def set_app_status(
        self,
        client_id: str,
        status: str,
        *,
        reason: str,
        grants_valid_from: int | None,
        revocation: Revocation | None = None,
        before: App | None = None,
    ) -> None:
        """One transaction with the entry of the feed."""
        condition, at = at_version(before) if before else (PRESENT, {})
        change: Item = {
            **self._tables.at(AppKey(client_id)),
            "UpdateExpression": f"SET #s = :status, status_reason = :reason, {NEXT_VERSION}",
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#s": "status", "#ttl": t.TTL_ATTRIBUTE},
            "ExpressionAttributeValues": {
                ":status": {"S": status},
                ":reason": {"S": reason},
                ":one": {"N": "1"},
                **at,
            },
        }
        if grants_valid_from is not None:
            change["UpdateExpression"] += ", grants_valid_from = :from"
            change["ExpressionAttributeValues"][":from"] = {"N": str(grants_valid_from)}
        change["UpdateExpression"] += " REMOVE #ttl"
        try:
            transact_published(self._tables, revocation, {"Update": change})
        except ConditionFailed:
            if before:
                raise Conflict("version") from None

    def update_app(self, app: App, *, before: App, revocation: Revocation | None = None) -> None:
        """One transaction: the app at its version, its name if that changed, and the entry of the feed."""
        changed = (*CHANGEABLE, *(each for each in _WITHDRAWN if getattr(app, each) != getattr(before, each)))
        names = {f"#{field}": field for field in changed}
        values: Item = {f":{field}": attribute(getattr(app, field)) for field in changed}
        condition, at = at_version(before)
        values |= at
        change = {
            **self._tables.at(AppKey(app.client_id)),
            "UpdateExpression": "SET " + ", ".join(f"#{field} = :{field}" for field in changed),
            "ConditionExpression": condition.replace("version", "#version"),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        writes: list[Item] = [{"Update": change}]
        if name_of(app) != name_of(before) and not app.is_stranger:
            writes += [
                self._tables.put_write(t.APPS, name_of(app), ABSENT),
                {"Delete": {"TableName": self._tables.name(t.APPS), "Key": name_of(before)}},
            ]
        try:
            transact_published(self._tables, revocation, *writes)
        except ConditionFailed as refused:
            raise Conflict("version" if refused.failed[0] else "name") from None

    def set_app_logo(
        self, app: App, *, before: App, logo: Logo | None, ttl: int | None = None, revocation: Revocation | None = None
    ) -> None:
        """One transaction: the app at its version, its logo, and the entry of the feed."""
        fields = (*_OF_LOGO, *_WITHDRAWN)
        changes = {each: getattr(app, each) for each in fields if getattr(app, each) != getattr(before, each)}
        key, change = LogoKey(app.client_id), self._change_at(app, changes, before=before)
        writes = [{"Update": change}]
        if logo:
            writes.append(self._tables.put_write(t.APPS, to_item(logo, place(key)[1], ttl=ttl)))
        elif before.logo:
            writes.append({"Delete": self._tables.at(key)})
        try:
            transact_published(self._tables, revocation, *writes)
        except ConditionFailed:
            raise Conflict("version") from None

    def keep_logo(self, client_id: str, ttl: int) -> None:
        """One conditional update."""
        values, names = {":ttl": {"N": str(ttl)}}, {"#ttl": t.TTL_ATTRIBUTE}
        with suppress(ConditionFailed):
            self._tables.update(*place(LogoKey(client_id)), "SET #ttl = :ttl", PRESENT, values, names)

    def void_approvals(self, client_id: str, *, approvals_valid_from: int, grants_too: bool = False) -> None:
        """One conditional update of each cutoff."""
        values = {":from": {"N": str(approvals_valid_from)}}
        for cutoff in ("approvals_valid_from", "grants_valid_from")[: 1 + grants_too]:
            names = {"#cutoff": cutoff}
            with suppress(ConditionFailed):
                self._tables.update(*place(AppKey(client_id)), "SET #cutoff = :from", EARLIER, values, names)

    def touch_app(self, app: App, *, secret_id: str, now: int) -> bool:
        """One update at the version that was read, so that the index of the secret in its list is right.

        One that expires without use is kept longer by it.
        """
        position = next((i for i, secret in enumerate(app.secrets) if secret.secret_id == secret_id), None)
        expression = "SET last_used_at = :now"
        if position is not None:
            expression += f", secrets[{position}].last_used_at = :now"
        values: Item = {":now": {"N": str(now)}}
        condition, at = at_version(app)
        values |= at
        names = None
        if app.kept_unused:
            expression += ", #t = :end"
            values[":end"], names = {"N": str(now + app.kept_unused)}, {"#t": t.TTL_ATTRIBUTE}
        try:
            self._tables.update(*place(AppKey(app.client_id)), expression, condition, values, names)
        except ConditionFailed:
            return False
        return True

    def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
        """One query of the index by owner."""
        return self._apps_page("by_owner", ("owner", owner), cursor, limit)

    def apps_with_status(self, status: str, *, cursor: str | None, limit: int, oldest_first: bool = False) -> Page[App]:
        """One query of the index by status."""
        return self._apps_page("by_status", ("status", status), cursor, limit, newest_first=not oldest_first)

    def _apps_page(
        self, index: str, partition: tuple[str, str], cursor: str | None, limit: int, *, newest_first: bool = True
    ) -> Page[App]:
        listing = Listing(
            partition=partition,
            sort_key="created",
            index_name=index,
            cursor=cursor,
            limit=limit,
            newest_first=newest_first,
        )
        items, following = self._tables.list(t.APPS, listing)
        return Page(items=[from_item(App, item) for item in items], cursor=following)
