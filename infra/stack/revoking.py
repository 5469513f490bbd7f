"""Permissions to revoke, to end grants, and to read and compact the feed of revocations."""

from __future__ import annotations

from dataclasses import replace

from gatepost.model.feed import Revocation
from gatepost.stores.schema import FEED, FEED_PARTS, KEYS, TOKENS
from infra.stack.access import IDS, TOKEN_IDS, TableAccess, changes, item

_REVOCATION = item(TOKENS, Revocation)
# Entries of the feed. Their writers can't write keys, neither in the keys' partition nor in the feed.
REVOKE = TableAccess(table="tokens", actions=("PutItem",), leading_keys=(FEED,), attributes=_REVOCATION)
# Of single tokens, in one transaction with the entry, which may lie in any partition; and the segments of the feed.
REVOKE_TOKENS = TableAccess(
    table="tokens",
    actions=("PutItem",),
    leading_keys=(FEED, FEED_PARTS, TOKEN_IDS),
    attributes=item(TOKENS, Revocation, besides=("contents",)),
)
MARK_REVOKED = TableAccess(
    table="tokens", actions=("UpdateItem",), leading_keys=(IDS,), attributes=changes(TOKENS, "generation", "revoked_at")
)
# Unredeemed grants are marked as well, with a condition on `redeemed_by`.
MARK_ENDED = TableAccess(
    table="tokens",
    actions=("UpdateItem",),
    leading_keys=(IDS,),
    attributes=changes(TOKENS, "redeemed_by", "revoked_at"),
)
_OF_USER = TableAccess(table="tokens", actions=("Query",), leading_keys=(IDS,))
END_GRANTS = (REVOKE, MARK_ENDED, _OF_USER)
# And those whose tokens have all expired, with a condition on `generation`.
DISCONNECT = (
    REVOKE,
    replace(MARK_ENDED, attributes=changes(TOKENS, "generation", "redeemed_by", "revoked_at")),
    _OF_USER,
)
WATCH = TableAccess(table="tokens", actions=("Query", "BatchGetItem"), leading_keys=(KEYS, FEED, FEED_PARTS))
# The item beside the keys that lists the segments: without the attributes of a key, none can be written there.
COMPACT = TableAccess(
    table="tokens",
    actions=("UpdateItem",),
    leading_keys=(KEYS,),
    attributes=changes(TOKENS, "feed_state", "feed_sequence", "feed_parts"),
)
