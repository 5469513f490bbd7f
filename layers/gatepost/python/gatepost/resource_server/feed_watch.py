"""The verification of access tokens with the revocation feed, without the rest of the stores."""

from __future__ import annotations

from functools import cache

from gatepost.runtime.database import dynamodb, region, table_names
from gatepost.runtime.environment import settings
from gatepost.stores.dynamodb.feed import DynamoDBFeed
from gatepost.tokens.revocation_list import Watch


@cache
def watch() -> Watch:
    """Return the container's cache of keys and revocations."""
    return Watch(DynamoDBFeed(dynamodb(), table_names(), region()), settings())
