"""Apps that registered themselves: no name is kept for them, and no owner counts them."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.errors import Conflict
from gatepost.model.permits import Permit
from gatepost.model.records import App
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.app_owners import ABSENT
from gatepost.stores.dynamodb.codec import Item, from_item, to_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Listing, Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.record_keys import PermitKey, app_position

_PERMITS = "permits"  # their owner in the index, which is no id
_MOST_LISTED = 100
COUNTS = "uses < most_uses AND expires_at > :now"  # false of a permit that is gone


class DynamoDBRegisteredApps:
    """Implements part of ports.AppStore."""

    _tables: Tables

    def register_app(self, app: App, *, permit_hash: str = "", now: int) -> None:
        """One transaction with the use of the permit, if one is needed."""
        item = {**to_item(app, ttl=app.expires_at or None), "created": {"S": app_position(app)}}
        writes = [self._tables.put_write(t.APPS, item, ABSENT)]
        if permit_hash:
            values: Item = {":one": {"N": "1"}, ":now": {"N": str(now)}}
            key = place(PermitKey(permit_hash))
            writes.append(self._tables.update_write(*key, "SET uses = uses + :one", COUNTS, values))
        try:
            self._tables.transact(*writes)
        except ConditionFailed as refused:
            raise Conflict("client_id" if refused.failed[0] else "permit") from None

    def save_permit(self, permit: Permit) -> None:
        """One put."""
        listed = {"owner": _PERMITS, "created": f"{permit.created_at:012d}#{permit.permit_hash}"}
        key = {**place(PermitKey(permit.permit_hash))[1], **{name: {"S": text} for name, text in listed.items()}}
        self._tables.put(t.APPS, to_item(permit, key, ttl=permit.expires_at))

    def permits(self) -> Sequence[Permit]:
        """One query of the index by owner."""
        listing = Listing(
            partition=("owner", _PERMITS),
            sort_key="created",
            index_name="by_owner",
            cursor=None,
            limit=_MOST_LISTED,
            newest_first=True,
        )
        return [from_item(Permit, item) for item in self._tables.list(t.APPS, listing)[0]]

    def remove_permit(self, permit_hash: str) -> None:
        """One delete."""
        self._tables.delete(*place(PermitKey(permit_hash)))
