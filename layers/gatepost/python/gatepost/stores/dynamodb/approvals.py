"""Remembered approvals and one-time links, in the accounts table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatepost.model.records import Approval
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import from_item, to_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Listing, Tables
from gatepost.stores.record_keys import ApprovalKey, LinkKey, Page

if TYPE_CHECKING:
    from gatepost.model.links import Link


class DynamoDBApprovals:
    """Implements part of ports.AccountStore."""

    _tables: Tables

    def approvals_of(self, user_id: str) -> Sequence[Approval]:
        """One query of the user's partition."""
        values = {":user": {"S": user_id}, ":prefix": {"S": "approval#"}}
        items = self._tables.query(t.ACCOUNTS, "pk = :user AND begins_with(sk, :prefix)", values)
        return [from_item(Approval, item) for item in items]

    def forget_approval(self, user_id: str, client_id: str) -> None:
        """One delete."""
        self._tables.delete(*place(ApprovalKey(user_id, client_id)))

    def approvals_to(self, client_id: str, *, cursor: str | None, limit: int) -> Page[Approval]:
        """One query of the index by app."""
        listing = Listing(
            partition=("client_id", client_id),
            sort_key="pk",
            index_name="by_app",
            cursor=cursor,
            limit=limit,
            newest_first=False,
        )
        items, following = self._tables.list(t.ACCOUNTS, listing)
        return Page(items=[from_item(Approval, item) for item in items], cursor=following)

    def connected_count(self, client_id: str, *, most: int) -> int:
        """One query of the index by app, which only counts."""
        return self._tables.count(t.ACCOUNTS, "by_app", ("client_id", client_id), most=most)

    def save_link(self, link: Link) -> None:
        """One put."""
        self._tables.put(t.ACCOUNTS, to_item(link, place(LinkKey(link.link_hash))[1], ttl=link.expires_at))
