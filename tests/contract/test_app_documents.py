"""Apps of metadata documents: kept without an owner, renewed, and removed unless an administrator decides (S222)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gatepost.model.feed import Revocation
from gatepost.model.records import DOCUMENTS
from gatepost.scope import Scope
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from tests.contract.owned_apps import published, stored
from tests.contract.records import DOCUMENT_APP as APP
from tests.contract.records import STOPPED
from tests.unit.world import NOW, READ

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FRESH = replace(APP, fresh_until=NOW + 3600)
CHANGED = replace(
    FRESH,
    name="Another name",
    redirect_uris=("http://localhost/cb", "https://app.example.test/cb"),
    grant_types=("authorization_code",),
    scope=READ,
    approvals_valid_from=NOW,
    version=2,
)


@pytest.fixture
def kept(store: Store) -> Store:
    store.keep_document(APP, before=None, ttl=NOW + 99)
    return store


def test_a_document_is_kept_for_nobody_in_particular(kept: Store) -> None:
    assert stored(kept, APP.client_id) == APP
    assert list(kept.apps_of(DOCUMENTS, cursor=None, limit=5).items) == [APP]
    assert list(kept.apps_with_status("active", cursor=None, limit=5).items) == [APP]


def test_one_that_is_fetched_again_is_fresh_and_of_the_same_version(kept: Store) -> None:
    kept.keep_document(FRESH, before=APP, ttl=NOW + 99)
    kept.keep_document(replace(FRESH, fresh_until=NOW + 7200), before=FRESH, ttl=NOW + 99)

    assert stored(kept, APP.client_id) == replace(FRESH, fresh_until=NOW + 7200)
    assert kept.touch_app(FRESH, secret_id="", now=NOW)


def test_s222_only_what_the_document_says_changes(kept: Store) -> None:
    decided = replace(APP, marked_scope=Scope.of("admin"), version=2)
    kept.set_app_scopes(decided, before=APP, revocation=None)
    kept.touch_app(decided, secret_id="", now=NOW)

    changed = replace(CHANGED, version=3)
    kept.keep_document(changed, before=decided, ttl=NOW + 99)

    assert stored(kept, APP.client_id) == replace(changed, marked_scope=Scope.of("admin"), last_used_at=NOW)


def test_s351_one_that_has_to_be_approved_again_waits_and_what_it_had_ends_in_one_step(kept: Store) -> None:
    waiting = replace(CHANGED, looks=1, status="pending", grants_valid_from=NOW)

    kept.keep_document(waiting, before=APP, ttl=NOW + 99, revocation=STOPPED)

    assert (stored(kept, APP.client_id), published(kept)) == (waiting, [STOPPED])
    assert list(kept.apps_with_status("pending", cursor=None, limit=5).items) == [waiting]


def test_an_app_without_an_owner_is_deleted_without_a_count(kept: Store) -> None:
    revocation = Revocation(kind="client", subject=APP.client_id, revoked_at=NOW, expires_at=NOW + 99)
    kept.touch_app(APP, secret_id="", now=NOW)

    assert kept.delete_app(APP, revocation=revocation)

    assert stored(kept, APP.client_id) is None
    assert published(kept) == [revocation]
    assert kept.app_count(DOCUMENTS) == 0


def test_dynamodb_removes_it_when_nothing_depends_on_it_unless_an_administrator_decides(
    dynamodb: DynamoDBClient, table_names: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    def until() -> list[int]:
        items = dynamodb.scan(TableName=table_names["apps"])["Items"]
        return [int(item["ttl"]["N"]) for item in items if "ttl" in item]

    dynamodb_store.keep_document(APP, before=None, ttl=NOW + 99)
    assert until() == [NOW + 99]
    dynamodb_store.keep_document(FRESH, before=APP, ttl=NOW + 199)
    assert until() == [NOW + 199]
    dynamodb_store.set_app_status(APP.client_id, "deactivated", reason="No.", grants_valid_from=NOW)
    assert until() == []
    decided = replace(FRESH, version=2)
    dynamodb_store.keep_document(replace(CHANGED, version=3), before=decided, ttl=NOW + 299)
    assert until() == [NOW + 299]
