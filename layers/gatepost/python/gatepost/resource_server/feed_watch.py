"""The part of the wiring that verifies access tokens: the feed, and nothing else of the stores."""

from __future__ import annotations

from functools import cache

from gatepost.runtime.database import dynamodb, table_names
from gatepost.runtime.environment import settings
from gatepost.stores.dynamodb.feed import DynamoDBFeed
from gatepost.tokens.revocation_list import Watch


@cache
def watch() -> Watch:
    """The keys and revocations as this container knows them."""
    return Watch(DynamoDBFeed(dynamodb(), table_names()), settings())
