"""`python -m tests.bench.audit_list`: what pages and exports of the audit list read of 100,000 entries in a month.

10,000 users and 10,000 apps. The partitions are in memory, so queries, entries and read units are counted as DynamoDB
would, and the time is that of this side: parsing, filtering, writing. docs/performance.md has the table.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import accumulate
from typing import Any

from gatepost.audit_log.exporting import FORMATS, ROOM, weight
from gatepost.audit_log.searching import Search, search
from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.audit_lists import lists_of, position_of
from gatepost.stores.dynamodb.codec import to_item
from gatepost.stores.dynamodb.store import DynamoDBStore
from tests.bench.units import item_size

ENTRIES, USERS, APPS, DAYS = 100_000, 10_000, 10_000, 30
BEGIN = 1_793_491_200  # 2026-11-01
MONTH = Search(first=date(2026, 11, 1), last=date(2026, 11, 30))
_MOST = 1_000_000  # bytes that a query reads
_UNIT = 8192  # bytes of an eventually consistent read unit


class Partitions:
    """A Caller over partitions in memory that counts the queries and the bytes that they read."""

    def __init__(self) -> None:
        self._items: dict[str, list[dict[str, Any]]] = {}
        self.queries = self.units = 0
        self.away = 0.0  # seconds that are not this side's

    def add(self, entry: AuditEntry) -> None:
        """Add an entry that is newer than all others."""
        for name in lists_of(entry):
            key = {"day": {"S": name}, "sk": {"S": position_of(entry)}}
            self._items.setdefault(name, []).append(to_item(entry, key, ttl=int(entry.at) + 90 * 86400))

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a Query on a range of sort keys, of at most 1 MB."""
        started = time.perf_counter()
        values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        found = self._items.get(values[":p"], [])
        keys = [item["sk"]["S"] for item in found]
        found = found[bisect_left(keys, values[":low"]) : bisect_right(keys, values[":high"])]
        found = (found if request["ScanIndexForward"] else found[::-1])[: request["Limit"]]
        sizes = list(accumulate(map(item_size, found)))
        found = found[: bisect_right(sizes, _MOST)]
        self.queries += 1
        self.units += max(1, -(-sum(map(item_size, found)) // _UNIT))
        text = json.dumps({"Items": found, **({"LastEvaluatedKey": {}} if len(found) < len(sizes) else {})})
        self.away += time.perf_counter() - started
        answer: dict[str, Any] = json.loads(text)
        return answer


def main() -> None:
    """Print a table."""
    chosen = random.Random(1)
    users, apps = ([str(uuid.UUID(int=chosen.getrandbits(128))) for _ in range(n)] for n in (USERS, APPS))
    kept = Partitions()
    for number in range(ENTRIES):
        kept.add(_entry(number, chosen, users, apps))
    store = DynamoDBStore(kept, {"audit": "audit"})
    print("| | queries | entries read | read units | ms here |\n| --- | ---: | ---: | ---: | ---: |")
    for name, sought, options in _cases(users[0], apps[0]):
        kept.queries = kept.units = 0
        kept.away = 0
        started = time.perf_counter()
        found = search(store, sought, cursor=None, **options)
        if "weigh" in options:
            FORMATS["csv"][1](found.entries)
        here = (time.perf_counter() - started - kept.away) * 1000
        print(f"| {name} | {kept.queries} | {found.looked:,} | {kept.units:,} | {here:.0f} |")


def _cases(user: str, app: str) -> tuple[tuple[str, Search, dict[str, Any]], ...]:
    page = {"room": 20}
    part = {"room": ROOM, "weigh": weight, "newest_first": False}
    return (
        ("a page of one day", Search(first=MONTH.last, last=MONTH.last), page),
        ("a user's month", replace(MONTH, user_id=user), page),
        ("a user's failed sign-ins of the month", replace(MONTH, user_id=user, event="sign_in_failed"), page),
        ("an app's month", replace(MONTH, client_id=app), page),
        ("an event without user or app, seldom, of the month", replace(MONTH, event="keys_ended"), page),
        ("a user looked for day by day", replace(MONTH, user_id=user, by_day=True), page),
        ("a part of the month's export, as CSV", MONTH, part),
    )


def _entry(number: int, chosen: random.Random, users: list[str], apps: list[str]) -> AuditEntry:
    """Return an entry: of ten, seven are sign-ins, two failed ones, and one is an approval."""
    user = chosen.randrange(USERS)
    known: dict[str, Any] = {"actor": users[user], "actor_name": f"user-{user}"}
    kind = number % 10
    if kind in (7, 8):
        known = {"about": users[user], "subject": f"user-{user}", "reason": "wrong password"}
    elif kind == 9:
        app = chosen.randrange(APPS)
        known |= {"client_id": apps[app], "subject": f"App {app}: read write"}
    return AuditEntry(
        entry_id=str(uuid.UUID(int=chosen.getrandbits(128))),
        at=BEGIN + (number + 0.5) * DAYS * 86400 / ENTRIES,
        event="signed_in" if kind < 7 else "sign_in_failed" if kind < 9 else "approved",
        source_ip="192.0.2.7",
        **known,
    )


if __name__ == "__main__":
    main()
