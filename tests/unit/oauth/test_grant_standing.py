"""Validity of a grant (S21, S73, S111): by itself, by its app, by its user."""

from __future__ import annotations

import pytest

from gatepost.model.records import Grant
from gatepost.oauth.grant_standing import (
    feed_until,
    has_slept,
    is_expired,
    is_revocable,
    lives,
    may_have_tokens,
    revoke_slept,
    why_ended,
)
from gatepost.stores.record_keys import GrantKey
from tests.fakes import MemoryStore
from tests.unit.world import ALICE, LIVING, NOW, web_app

APP = web_app()


@pytest.mark.parametrize(
    ("grant", "living"),
    [
        (LIVING, True),
        (LIVING._replace(revoked_at=NOW), False),
        (LIVING._replace(idle_expires_at=NOW), False),
        (LIVING._replace(expires_at=NOW), False),
        (LIVING._replace(redeem_before=NOW + 50), False),
        (LIVING._replace(redeem_before=NOW + 50, redeemed_by="a1"), True),
        (LIVING._replace(redeem_before=NOW - 50, redeemed_by="a1"), True),
    ],
)
def test_s111_a_grant_lives_until_its_end(grant: Grant, living: bool) -> None:
    assert lives(grant, None, ALICE, NOW) is living
    assert lives(grant, APP, ALICE, NOW) is living


@pytest.mark.parametrize(("valid_from", "why"), [(0, ""), (NOW - 1, ""), (NOW, "voided"), (NOW + 1, "voided")])
def test_a_grant_from_before_everything_ended_is_void(valid_from: int, why: str) -> None:
    by_user = why_ended(LIVING, APP, ALICE._replace(grants_valid_from=valid_from))
    by_app = why_ended(LIVING, APP._replace(grants_valid_from=valid_from), ALICE)

    assert by_user == (why and "voided by the account")
    assert by_app == (why and "voided with the app")


def test_a_grant_ends_with_a_stopped_app_and_a_stopped_account() -> None:
    assert why_ended(LIVING, APP._replace(status="deactivated"), ALICE) == "app is not active"
    assert why_ended(LIVING, APP, ALICE._replace(status="deactivated")) == "account is not active"
    assert why_ended(LIVING, None, None) == ""  # what was not read is not judged
    assert why_ended(LIVING._replace(revoked_at=1), None, None) == "revoked"


@pytest.mark.parametrize(("expires", "idle", "expired"), [(1, 2, True), (2, 1, True), (2, 2, False), (1, 1, True)])
def test_a_grant_expires_at_the_earlier_of_its_two_ends(expires: int, idle: int, expired: bool) -> None:
    assert is_expired(LIVING._replace(expires_at=NOW + expires, idle_expires_at=NOW + idle), NOW + 1) is expired


@pytest.mark.parametrize(
    ("lifetime", "age", "slept"), [(60, 359, False), (60, 360, True), (0, 10**6, False), (3600, 3899, False)]
)
def test_a_grant_has_slept_when_its_last_token_has_expired(lifetime: int, age: int, slept: bool) -> None:
    assert has_slept(LIVING._replace(last_used_at=NOW - age, token_lifetime=lifetime), NOW) is slept


def test_a_grant_that_waits_for_its_redemption_has_not_slept() -> None:
    waiting = LIVING._replace(redeemed_by="", redeem_before=NOW - 1, last_used_at=0, token_lifetime=60)

    assert not has_slept(waiting, NOW)
    assert has_slept(waiting._replace(redeemed_by="a1"), NOW)


def test_a_grant_that_has_slept_is_revoked_without_an_entry_unless_it_was_refreshed_meanwhile() -> None:
    store = MemoryStore()
    asleep = LIVING._replace(last_used_at=NOW - 360, token_lifetime=60)
    store.add_grant(asleep._replace(generation=asleep.generation + 1))
    assert not revoke_slept(store, asleep, now=NOW)

    store.add_grant(asleep)
    assert not revoke_slept(store, asleep._replace(last_used_at=NOW), now=NOW)
    assert revoke_slept(store, asleep, now=NOW + 0.5)
    assert store.read(GrantKey(asleep.grant_id))[0].revoked_at == NOW
    assert store.feed(0) == []


def test_the_feed_names_a_revoked_grant_as_long_as_its_tokens_or_any_may_live_and_the_leeway() -> None:
    assert feed_until(LIVING._replace(token_lifetime=3600), NOW + 0.9) == NOW + 3600 + 300
    assert feed_until(LIVING, NOW) == NOW + 86400 + 300  # of an older release


def test_an_expired_grant_has_no_tokens_once_the_last_one_expired() -> None:
    idle = LIVING._replace(last_used_at=NOW, token_lifetime=60, idle_expires_at=NOW + 100, expires_at=NOW + 9000)

    assert may_have_tokens(idle, NOW + 359)  # it was idle for too long, and the leeway is not over
    assert not may_have_tokens(idle, NOW + 360)
    assert not is_revocable(idle, NOW + 360)
    assert may_have_tokens(idle._replace(token_lifetime=0), NOW + 360)
    assert may_have_tokens(idle._replace(idle_expires_at=NOW + 9000), NOW + 360)
