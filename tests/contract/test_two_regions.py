"""What docs/scale.md promises of global tables (MREC) with writes in two regions."""

from __future__ import annotations

import pytest

from gatepost.model.feed import Parts, Revocation
from gatepost.model.records import Grant
from gatepost.settings import Settings
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.record_keys import GrantKey, SessionKey
from gatepost.tokens.compaction import compact
from gatepost.tokens.refresh_token import issue_refresh_token
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.signing_keys import RefreshKey
from tests.contract.records import APP, GRANT, LOGIN, NOBODYS, SESSION, USER, register_app
from tests.contract.regions import Region, replicate
from tests.unit.world import NOW

REDEEMED = GRANT._replace(redeemed_by="a0", idle_expires_at=NOW + 900, expires_at=NOW + 9000)


@pytest.fixture
def here() -> Region:
    return Region("eu-central-1")


@pytest.fixture
def there() -> Region:
    return Region("us-east-1")


@pytest.fixture(autouse=True)
def known_everywhere(here: Region, there: Region) -> None:
    here.store.create_user(USER, LOGIN)
    register_app(here.store, APP, limit=16)
    here.store.add_grant(REDEEMED)
    replicate(here, there)


def grant(store: DynamoDBStore) -> Grant:
    found: Grant = store.read(GrantKey(GRANT.grant_id))[0]
    return found


def turn(store: DynamoDBStore, generation: int, attempt: str) -> Grant | None:
    return store.rotate(
        GRANT.grant_id, generation, attempt=attempt, now=NOW + 5, idle_expires_at=NOW + 900, token_lifetime=9
    )


def test_both_regions_turn_a_refresh_token_into_the_same_one(here: Region, there: Region) -> None:
    turned = [turn(region.store, 1, name) for region, name in ((here, "a"), (there, "b"))]
    key = RefreshKey(kid="k", key="a2V5", active_from=0)
    texts = {issue_refresh_token([key], each.grant_id, each.generation, NOW) for each in turned if each}
    assert [each and each.generation for each in turned] == [2, 2]
    assert len(texts) == 1
    replicate(here, there)
    assert grant(here.store) == grant(there.store)


def test_a_session_is_unknown_elsewhere_at_first_and_ends_everywhere(here: Region, there: Region) -> None:
    here.store.start_session(SESSION)
    assert there.store.read(SessionKey(SESSION.user_id, SESSION.session_hash)) == (None,)
    replicate(here, there)
    assert there.store.read(SessionKey(SESSION.user_id, SESSION.session_hash)) == (SESSION,)
    there.store.end_session(SESSION.user_id, SESSION.session_hash)
    replicate(here, there)
    assert here.store.read(SessionKey(SESSION.user_id, SESSION.session_hash)) == (None,)


@pytest.mark.parametrize(("lag", "warm"), [(5, True), (110, True), (310, False)])
def test_a_revocation_that_comes_two_minutes_late_is_seen_by_warm_containers_within_five(
    here: Region, there: Region, lag: int, warm: bool
) -> None:
    settings = Settings(issuer="https://id.example.test")
    watch = Watch(there.store, settings)
    claims = NOBODYS._replace(jti="j1")
    watch._poll(float(NOW))
    here.store._tables.clock = lambda: NOW + 0.5
    here.store.publish(Revocation(kind="jti", subject="j1", revoked_at=NOW + 0.5, expires_at=NOW + 4000))
    for second in range(5, lag + 1, 5):
        watch._poll(float(NOW + second))
    replicate(here, there)
    for second in range(5, 305, 5):
        watch._poll(float(NOW + lag + second))
    cold = Watch(there.store, settings)
    cold._poll(float(NOW + lag + 305))
    assert (watch._revoked.revokes(claims), cold._revoked.revokes(claims)) == (warm, True)


def test_s365_what_another_region_revokes_in_its_partitions_is_read_here(here: Region, there: Region) -> None:
    settings = Settings(issuer="https://id.example.test")
    claims = NOBODYS._replace(jti="j1")
    warm = Watch(there.store, settings)
    warm.follow(NOW - 400)
    here.store.compactor().announce(Parts(), Parts(3, NOW - 300))
    there.store.compactor().announce(Parts(), Parts(1, NOW - 300))
    here.store._tables.clock = there.store._tables.clock = lambda: float(NOW)
    here.store.publish(Revocation(kind="jti", subject="j1", revoked_at=NOW, expires_at=NOW + 4000), part=3)
    replicate(here, there)
    there.store._tables.clock = lambda: float(NOW + 90)
    there.store.publish(Revocation(kind="jti", subject="j2", revoked_at=NOW + 90, expires_at=NOW + 4000))

    def seen(watch: Watch) -> bool:
        watch.follow(NOW + 90)
        return watch._revoked.revokes(claims)

    assert [seen(warm), seen(Watch(there.store, settings))] == [True, True]
    assert compact(there.store.compactor(), lag=60, now=NOW + 90, least=1) == 1
    assert there.store.compactor().compaction().until == NOW + 10
    assert seen(Watch(there.store, settings))
