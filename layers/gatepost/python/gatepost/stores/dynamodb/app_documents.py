"""Apps of metadata documents: records without an owner, that DynamoDB removes once nothing depends on them."""

from __future__ import annotations

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.records import App
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.app_owners import ABSENT, at_version
from gatepost.stores.dynamodb.codec import Item, attribute, to_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.dynamodb.revocations import transact_published
from gatepost.stores.record_keys import AppKey, app_position

_SAID = ("name", "redirect_uris", "grant_types", "scope", "approvals_valid_from", "fresh_until")
_WITHDRAWN = ("looks", "status", "grants_valid_from", "logo", "logo_uri")


class DynamoDBAppDocuments:
    """Implements part of ports.AppStore."""

    _tables: Tables

    def keep_document(self, app: App, *, before: App | None, ttl: int, revocation: Revocation | None = None) -> None:
        """One conditional put, or one update at the version that was read, with the entry of the feed."""
        try:
            if before is None:
                item = {**to_item(app, ttl=ttl), "created": {"S": app_position(app)}}
                self._tables.transact(self._tables.put_write(t.APPS, item, ABSENT))
            else:
                self._renew(app, before, ttl, revocation)
        except ConditionFailed:
            raise Conflict("version") from None

    def _renew(self, app: App, before: App, ttl: int, revocation: Revocation | None) -> None:
        also = [name for name in ("version", *_WITHDRAWN) if getattr(app, name) != getattr(before, name)]
        said = (*_SAID, *also)
        condition, at = at_version(before)
        values: Item = {f":{name}": attribute(getattr(app, name)) for name in said}
        values |= {f":{t.TTL_ATTRIBUTE}": {"N": str(ttl)}, **at}
        names = {f"#{name}": name for name in (*said, t.TTL_ATTRIBUTE)}
        change = "SET " + ", ".join(f"#{name} = :{name}" for name in names.values())
        update = (*place(AppKey(app.client_id)), change, condition, values, names)
        if revocation is None:
            self._tables.update(*update)
        else:
            transact_published(self._tables, revocation, self._tables.update_write(*update))
