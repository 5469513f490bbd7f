"""TTLs of expiring items: never while they count, and a day later for used codes and revoked grants.

The day is for the detection of replays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gatepost.model.feed import PublicKey
from gatepost.model.records import Attempts
from gatepost.stores.dynamodb.feed import sortable
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TTL_ATTRIBUTE
from tests.contract.cloud import contents
from tests.contract.records import CODE, DOCUMENT_APP, GRANT, LINK, LOGIN, REQUEST, SESSION, USER, VOIDED
from tests.unit.world import NOW, OTHER, web_app

DAY = 86400
Write = Callable[[DynamoDBStore], Any]
COUNTED = Attempts(failures=1, last_failure_at=NOW, expires_at=NOW + 7)
KEPT: dict[str, tuple[list[Write], dict[str, list[int]]]] = {
    "a code and a grant for a day after their end": (
        [lambda s: s.approve(GRANT, user=USER, code=CODE, approval=None)],
        {"codes": [CODE.expires_at + DAY], "tokens": [GRANT.expires_at + DAY]},
    ),
    "a redeemed grant for a day after its new end": (
        [lambda s: s.add_grant(GRANT),
         lambda s: s.redeem(GRANT.grant_id, attempt="a", now=NOW, idle_expires_at=NOW + 200, expires_at=NOW + 300)],
        {"tokens": [NOW + 300 + DAY]},
    ),
    "a grant that is refreshed as long as before": (
        [lambda s: s.add_grant(GRANT),
         lambda s: s.rotate(GRANT.grant_id, 1, attempt="a", now=NOW, idle_expires_at=NOW + 30, token_lifetime=9)],
        {"tokens": [GRANT.expires_at + DAY]},
    ),
    "a public key, in both its places, until the last token by it has expired, and one that may sign for good": (
        [lambda s: s.publish_key(PublicKey(kid="standing", jwk="{}")),
         lambda s: s.publish_key(PublicKey(kid="replaced", jwk="{}", expires_at=NOW + 100))],
        {"tokens": [NOW + 100, NOW + 100]},
    ),
    "a session, a request and a link until their end": (
        [lambda s: s.start_session(SESSION), lambda s: s.save_request(REQUEST), lambda s: s.save_link(LINK)],
        {"sessions": [SESSION.expires_at, REQUEST.expires_at], "accounts": [LINK.expires_at]},
    ),
    "a failed sign-in as long as it counts": (
        [lambda s: s.count_failure("h", now=NOW, forget_at=NOW + 7)], {"accounts": [NOW + 7]}
    ),
    "and the next one": (
        [lambda s: s.count_failure("h", now=NOW, forget_at=NOW + 7),
         lambda s: s.count_failure("h", now=NOW + 1, forget_at=NOW + 8)],
        {"accounts": [NOW + 8]},
    ),
    "an attempt": (
        [lambda s: s.count_failure("h", now=NOW, forget_at=NOW + 7),
         lambda s: s.reserve_attempt("h", before=COUNTED, free=5, now=NOW + 2, forget_at=NOW + 9)],
        {"accounts": [NOW + 9]},
    ),
    "a trusted device": ([lambda s: s.trust_device("h", now=NOW, expires_at=NOW + 99)], {"accounts": [NOW + 99]}),
    "the closed count of a deleted account until it is told": (
        [lambda s: s.delete_user(USER, revocation=VOIDED, forget_at=NOW + 50)],
        {"apps": [NOW + 50], "tokens": [VOIDED.expires_at]},
    ),
    "an app that registered itself as long again once it is used": (
        [lambda s: s.register_app(web_app(owner="registered", created_at=NOW, kept_unused=DAY), now=NOW),
         lambda s: s.touch_app(web_app(owner="registered", kept_unused=DAY), secret_id="", now=NOW + 5)],
        {"apps": [NOW + 5 + DAY]},
    ),
    "an app that registered itself as long as it counts unused, and for good if it may stay": (
        [lambda s: s.register_app(web_app(owner="registered", created_at=NOW, kept_unused=DAY), now=NOW),
         lambda s: s.register_app(web_app(client_id=OTHER, owner="registered", kept_unused=0), now=NOW)],
        {"apps": [NOW + DAY]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("writes", "expected"), KEPT.values(), ids=KEPT)
def test_dynamodb_keeps(local_store: DynamoDBStore, writes: list[Write], expected: dict[str, list[int]]) -> None:
    local_store.create_user(USER, LOGIN)

    for write in writes:
        write(local_store)

    logical = {physical: name for name, physical in local_store._tables.names.items()}
    tables: Any = contents(local_store)
    until = {
        logical[name]: sorted(int(item[TTL_ATTRIBUTE]["N"]) for item in items if TTL_ATTRIBUTE in item)
        for name, items in tables.items()
    }
    assert {name: found for name, found in until.items() if found} == expected


def test_dynamodb_sorts_an_entry_of_the_feed_by_its_millisecond() -> None:
    assert sortable(1_700_000_000.1239) == "001700000000123"
    assert sortable(0.001) == "000000000000001"
    assert sortable(0) == sortable(-120) == "000000000000000"


def test_dynamodb_keeps_a_document_until_nothing_depends_on_it(local_store: DynamoDBStore) -> None:
    def until() -> list[int]:
        tables: Any = contents(local_store)
        apps = tables[local_store._tables.names["apps"]]
        return [int(item[TTL_ATTRIBUTE]["N"]) for item in apps if TTL_ATTRIBUTE in item]

    fresh = DOCUMENT_APP._replace(fresh_until=NOW + 3600)
    local_store.keep_document(DOCUMENT_APP, before=None, ttl=NOW + 99)
    assert until() == [NOW + 99]
    local_store.keep_document(fresh, before=DOCUMENT_APP, ttl=NOW + 199)
    assert until() == [NOW + 199]
    local_store.set_app_status(fresh.client_id, "deactivated", reason="No.", grants_valid_from=NOW)
    assert until() == []
    local_store.keep_document(fresh._replace(version=3), before=fresh._replace(version=2), ttl=NOW + 299)
    assert until() == [NOW + 299]
