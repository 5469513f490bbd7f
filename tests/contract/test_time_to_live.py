"""TTLs of expiring items: never while they count, and a day later for used codes and revoked grants.

The day is for the detection of replays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatepost.model.feed import PublicKey
from gatepost.model.records import Attempts
from gatepost.stores.dynamodb.feed import sortable
from gatepost.stores.dynamodb.store import DynamoDBStore
from tests.contract.records import CODE, GRANT, LINK, LOGIN, REQUEST, SESSION, USER, VOIDED
from tests.unit.world import NOW, OTHER, web_app

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = 86400


class Kept:
    """A store and the items in its tables."""

    def __init__(self, client: DynamoDBClient, names: dict[str, str], store: DynamoDBStore) -> None:
        self._client, self._names, self.store = client, names, store

    def until(self, table: str) -> list[int]:
        """The `ttl` of every item of a table that has one."""
        items = self._client.scan(TableName=self._names[table])["Items"]
        return sorted(int(item["ttl"]["N"]) for item in items if "ttl" in item)


@pytest.fixture
def kept(dynamodb: DynamoDBClient, table_names: dict[str, str], dynamodb_store: DynamoDBStore) -> Kept:
    dynamodb_store.create_user(USER, LOGIN)
    return Kept(dynamodb, table_names, dynamodb_store)


def test_dynamodb_keeps_a_code_and_a_grant_for_a_day_after_their_end(kept: Kept) -> None:
    kept.store.approve(GRANT, user=USER, code=CODE, approval=None)

    assert kept.until("codes") == [CODE.expires_at + DAY]
    assert kept.until("tokens") == [GRANT.expires_at + DAY]


def test_dynamodb_keeps_a_public_key_until_the_last_token_by_it_has_expired_and_one_that_may_sign_for_good(
    kept: Kept,
) -> None:
    kept.store.publish_key(PublicKey(kid="standing", jwk="{}"))
    kept.store.publish_key(PublicKey(kid="replaced", jwk="{}", expires_at=NOW + 100))

    assert kept.until("tokens") == [NOW + 100, NOW + 100]  # in both places of a key


def test_dynamodb_sorts_an_entry_of_the_feed_by_its_millisecond() -> None:
    assert sortable(1_700_000_000.1239) == "001700000000123"
    assert sortable(0.001) == "000000000000001"
    assert sortable(0) == sortable(-120) == "000000000000000"


def test_dynamodb_keeps_a_redeemed_grant_for_a_day_after_its_new_end(kept: Kept) -> None:
    kept.store.add_grant(GRANT)
    kept.store.redeem(GRANT.grant_id, attempt="a", now=NOW, idle_expires_at=NOW + 200, expires_at=NOW + 300)

    assert kept.until("tokens") == [NOW + 300 + DAY]


def test_dynamodb_keeps_a_grant_that_is_refreshed_as_long_as_before(kept: Kept) -> None:
    kept.store.add_grant(GRANT)
    kept.store.rotate(GRANT.grant_id, 1, attempt="a", now=NOW, idle_expires_at=NOW + 30, token_lifetime=9)

    assert kept.until("tokens") == [GRANT.expires_at + DAY]


def test_dynamodb_keeps_a_session_a_request_and_a_link_until_their_end(kept: Kept) -> None:
    kept.store.start_session(SESSION)
    kept.store.save_request(REQUEST)
    kept.store.save_link(LINK)

    assert kept.until("sessions") == [SESSION.expires_at, REQUEST.expires_at]
    assert kept.until("accounts") == [LINK.expires_at]


def test_dynamodb_keeps_failed_sign_ins_as_long_as_they_count(kept: Kept) -> None:
    kept.store.count_failure("h", now=NOW, forget_at=NOW + 7)
    assert kept.until("accounts") == [NOW + 7]
    kept.store.count_failure("h", now=NOW + 1, forget_at=NOW + 8)
    assert kept.until("accounts") == [NOW + 8]

    before = Attempts(failures=2, last_failure_at=NOW + 1, expires_at=NOW + 8)
    assert kept.store.reserve_attempt("h", before=before, free=5, now=NOW + 2, forget_at=NOW + 9)
    assert kept.until("accounts") == [NOW + 9]
    kept.store.trust_device("h", now=NOW, expires_at=NOW + 99)
    assert kept.until("accounts") == [NOW + 99]


def test_dynamodb_keeps_the_closed_count_of_a_deleted_account_until_it_is_told(kept: Kept) -> None:
    kept.store.delete_user(USER, revocation=VOIDED, forget_at=NOW + 50)

    assert kept.until("apps") == [NOW + 50]


def test_dynamodb_keeps_an_app_that_registered_itself_as_long_as_it_counts_unused_and_for_good_if_it_may_stay(
    kept: Kept,
) -> None:
    kept.store.register_app(web_app(owner="registered", created_at=NOW, kept_unused=DAY), now=NOW)
    kept.store.register_app(web_app(client_id=OTHER, owner="registered", kept_unused=0), now=NOW)

    assert kept.until("apps") == [NOW + DAY]
