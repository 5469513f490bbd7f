"""The tables and their keys. The stack creates them from this list, and the stores use its names.

Every table has the TTL attribute `ttl` (epoch seconds). TTL is garbage collection only: every read compares
`expires_at` with now.
"""

from __future__ import annotations

from typing import NamedTuple

TTL_ATTRIBUTE = "ttl"
# Partitions of `tokens`: public keys, revocations, and names reserved for a feed of several partitions.
KEYS, FEED, FEED_PARTS = "keys", "feed", "feed#*"


class Index(NamedTuple):
    """A global secondary index; never used for a security decision."""

    name: str
    partition_key: str
    sort_key: str
    sorts_numbers: bool = False  # the sort key is a number; all other keys are strings


class Table(NamedTuple):
    """A table; all keys are strings."""

    name: str
    partition_key: str
    sort_key: str | None = None
    indexes: tuple[Index, ...] = ()


APPS = Table(
    name="apps",
    partition_key="client_id",
    indexes=(
        Index(name="by_owner", partition_key="owner", sort_key="created"),
        Index(name="by_status", partition_key="status", sort_key="created"),
    ),
)
CODES = Table(name="codes", partition_key="code_hash")
TOKENS = Table(name="tokens", partition_key="pk", sort_key="sk")
ACCOUNTS = Table(
    name="accounts",
    partition_key="pk",
    sort_key="sk",
    indexes=(
        Index(name="by_name", partition_key="kind", sort_key="name"),  # accounts, for administrators
        Index(name="by_app", partition_key="client_id", sort_key="pk"),  # remembered approvals, to count them
        Index(name="by_created", partition_key="kind", sort_key="created_at", sorts_numbers=True),  # accounts again
    ),
)
SESSIONS = Table(name="sessions", partition_key="user_id", sort_key="sk")
AUDIT = Table(name="audit", partition_key="day", sort_key="sk")
COUNTS = Table(name="counts", partition_key="pk", sort_key="sk")  # tokens by app and day, audited events by day

TABLES: tuple[Table, ...] = (APPS, CODES, TOKENS, ACCOUNTS, SESSIONS, AUDIT, COUNTS)
