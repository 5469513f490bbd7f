"""The statements of docs/scale.md about global tables (MREC): what stays right with writes in two regions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.model.feed import Parts, Revocation
from gatepost.model.records import ACTIVE, DEACTIVATED, AppSecret, Attempts, Grant, Login
from gatepost.settings import Settings
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.record_keys import AppKey, AttemptsKey, CodeKey, GrantKey, LoginKey, SessionKey, UserKey
from gatepost.tokens.compaction import compact
from gatepost.tokens.refresh_token import issue_refresh_token
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.signing_keys import RefreshKey
from tests.contract.records import APP, CODE, GRANT, LOGIN, NOBODYS, SESSION, USER, VOIDED, register_app
from tests.contract.regions import Region, replicate
from tests.unit.world import NOW

REDEEMED = replace(GRANT, redeemed_by="a0", idle_expires_at=NOW + 900, expires_at=NOW + 9000)


@pytest.fixture
def here(dynamodb: object) -> Region:
    return Region(dynamodb, "eu-central-1")  # type: ignore[arg-type]


@pytest.fixture
def there(dynamodb: object) -> Region:
    return Region(dynamodb, "us-east-1")  # type: ignore[arg-type]


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


def test_a_code_is_redeemed_once_in_each_region(here: Region, there: Region) -> None:
    waiting = replace(GRANT, grant_id="alice-id.g2")
    here.store.approve(waiting, user=USER, code=replace(CODE, grant_id="alice-id.g2"), approval=None)
    replicate(here, there)
    ends = {"now": NOW + 1, "idle_expires_at": NOW + 200, "expires_at": NOW + 300}
    found = [region.store.redeem("alice-id.g2", attempt=name, **ends) for region, name in ((here, "a"), (there, "b"))]
    assert [each and each.redeemed_by for each in found] == ["a", "b"]
    replicate(here, there)
    (stays,) = here.store.read(GrantKey("alice-id.g2"))
    assert stays is not None
    assert (stays.redeemed_by, stays.revoked_at) == ("b", 0)


def test_a_code_is_unknown_in_the_other_region_before_it_is_copied(here: Region, there: Region) -> None:
    here.store.approve(replace(GRANT, grant_id="alice-id.g2"), user=USER, code=CODE, approval=None)
    assert there.store.read(CodeKey(CODE.code_hash)) == (None,)
    replicate(here, there)
    assert there.store.read(CodeKey(CODE.code_hash)) == (CODE,)


def test_both_regions_turn_a_refresh_token_into_the_same_one(here: Region, there: Region) -> None:
    turned = [turn(region.store, 1, name) for region, name in ((here, "a"), (there, "b"))]
    key = RefreshKey(kid="k", key="a2V5", active_from=0)
    texts = {issue_refresh_token([key], each.grant_id, each.generation, NOW) for each in turned if each}
    assert [each and each.generation for each in turned] == [2, 2]
    assert len(texts) == 1
    replicate(here, there)
    assert grant(here.store) == grant(there.store)
    assert grant(here.store).generation == 2


def test_chains_that_were_cut_off_become_the_one_that_wrote_last(here: Region, there: Region) -> None:
    for generation in (1, 2, 3):
        turn(here.store, generation, f"a{generation}")
    turn(there.store, 1, "b1")
    replicate(here, there)
    assert grant(here.store).generation == 2


def test_a_grant_that_was_ended_lives_again_and_the_feed_still_names_it(here: Region, there: Region) -> None:
    here.store.revoke_grant(GRANT.grant_id, now=NOW + 4, feed_until=NOW + 5000)
    turn(there.store, 1, "b1")
    replicate(here, there)
    for region in (here, there):
        assert grant(region.store).revoked_at == 0
        assert [each.subject for each in region.store.feed(0)] == [GRANT.grant_id]
        assert turn(region.store, grant(region.store).generation, "again") is not None


def test_a_grant_that_was_ended_last_stays_ended(here: Region, there: Region) -> None:
    turn(there.store, 1, "b1")
    here.store.revoke_grant(GRANT.grant_id, now=NOW + 4, feed_until=NOW + 5000)
    replicate(here, there)
    assert grant(there.store).revoked_at == NOW + 4


def test_the_note_of_its_use_elsewhere_lets_a_stopped_app_work_again(here: Region, there: Region) -> None:
    deactivate_app(here.store, APP, reason="", now=NOW)
    assert here.store.read(AppKey(APP.client_id))[0].status == DEACTIVATED
    there.store.touch_app(APP, secret_id=APP.secrets[0].secret_id, now=NOW + 1)
    replicate(here, there)
    (standing,) = here.store.read(AppKey(APP.client_id))
    assert standing is not None
    assert (standing.status, standing.grants_valid_from) == (ACTIVE, 0)


def test_the_note_of_its_use_elsewhere_brings_an_ended_secret_back(here: Region, there: Region) -> None:
    new = AppSecret(secret_id="s9", secret_hash="another", created_at=NOW)
    here.store.update_app(replace(APP, secrets=(new,), version=APP.version + 1), before=APP)
    there.store.touch_app(APP, secret_id=APP.secrets[0].secret_id, now=NOW + 1)
    replicate(here, there)
    (standing,) = here.store.read(AppKey(APP.client_id))
    assert standing is not None
    assert [each.secret_id for each in standing.secrets] == [each.secret_id for each in APP.secrets]


def test_any_change_elsewhere_lets_a_stopped_account_work_again(here: Region, there: Region) -> None:
    here.store.deactivate_user(USER, valid_from=NOW, revocation=VOIDED, besides=None)
    there.store.set_user_rights(USER.user_id, scope=GRANT.scope)
    replicate(here, there)
    (standing,) = here.store.read(UserKey(USER.user_id))
    assert standing is not None
    assert (standing.status, standing.grants_valid_from) == (ACTIVE, 0)


def test_an_app_that_is_activated_elsewhere_at_the_same_time_is_what_was_written_last(
    here: Region, there: Region
) -> None:
    activate_app(there.store, APP, now=NOW)
    deactivate_app(here.store, APP, reason="", now=NOW)
    replicate(here, there)
    assert there.store.read(AppKey(APP.client_id))[0].status == DEACTIVATED


def test_one_name_is_given_to_two_accounts_and_leads_to_one(here: Region, there: Region) -> None:
    for region, user_id in ((here, "bob-1"), (there, "bob-2")):
        bob = replace(USER, user_id=user_id, user_name="bob", email="", email_confirmed=False)
        region.store.create_user(bob, Login(user_id=user_id, password_hash=f"$2b$04${user_id}"))
    replicate(here, there)
    login, first, second = here.store.read(LoginKey("bob"), UserKey("bob-1"), UserKey("bob-2"))
    assert login is not None
    assert login.user_id == "bob-2"
    assert first is not None
    assert second is not None


def test_failures_of_two_regions_do_not_add_up(here: Region, there: Region) -> None:
    for region in (here, there):
        for _ in range(3):
            region.store.count_failure("somebody", now=NOW, forget_at=NOW + 100)
    replicate(here, there)
    assert here.store.read(AttemptsKey("somebody")) == (
        Attempts(failures=3, last_failure_at=NOW, expires_at=NOW + 100),
    )


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


def test_s365_what_another_region_revokes_in_its_own_partitions_is_read_and_compacted_here(
    here: Region, there: Region
) -> None:
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
