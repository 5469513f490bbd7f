"""Validity of a grant (S21, S73, S111): by itself, by its app, by its user."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.model.records import Grant
from gatepost.oauth.grant_standing import is_expired, is_revocable, lives, may_have_tokens, why_ended
from tests.unit.world import ALICE, NOW, READ, WEB, web_app

APP = web_app()
LIVING = Grant(
    grant_id="alice-id.g1",
    client_id=WEB,
    scope=READ,
    grant_type="password",
    created_at=NOW,
    generation=1,
    idle_expires_at=NOW + 100,
    expires_at=NOW + 200,
)


@pytest.mark.parametrize(
    ("grant", "living"),
    [
        (LIVING, True),
        (replace(LIVING, revoked_at=NOW), False),
        (replace(LIVING, idle_expires_at=NOW), False),
        (replace(LIVING, expires_at=NOW), False),
        (replace(LIVING, redeem_before=NOW + 50), False),
        (replace(LIVING, redeem_before=NOW + 50, redeemed_by="a1"), True),
        (replace(LIVING, redeem_before=NOW - 50, redeemed_by="a1"), True),
    ],
)
def test_s111_a_grant_lives_until_its_end(grant: Grant, living: bool) -> None:
    assert lives(grant, None, ALICE, NOW) is living
    assert lives(grant, APP, ALICE, NOW) is living


@pytest.mark.parametrize(("valid_from", "why"), [(0, ""), (NOW - 1, ""), (NOW, "voided"), (NOW + 1, "voided")])
def test_a_grant_from_before_everything_ended_is_void(valid_from: int, why: str) -> None:
    by_user = why_ended(LIVING, APP, replace(ALICE, grants_valid_from=valid_from))
    by_app = why_ended(LIVING, replace(APP, grants_valid_from=valid_from), ALICE)

    assert by_user == (why and "voided by the account")
    assert by_app == (why and "voided with the app")


def test_a_grant_ends_with_a_stopped_app_and_a_stopped_account() -> None:
    assert why_ended(LIVING, replace(APP, status="deactivated"), ALICE) == "app is not active"
    assert why_ended(LIVING, APP, replace(ALICE, status="deactivated")) == "account is not active"


def test_what_was_not_read_is_not_judged() -> None:
    assert why_ended(LIVING, None, None) == ""
    assert why_ended(replace(LIVING, revoked_at=1), None, None) == "revoked"


@pytest.mark.parametrize(("expires", "idle", "expired"), [(1, 2, True), (2, 1, True), (2, 2, False), (1, 1, True)])
def test_a_grant_expires_at_the_earlier_of_its_two_ends(expires: int, idle: int, expired: bool) -> None:
    assert is_expired(replace(LIVING, expires_at=NOW + expires, idle_expires_at=NOW + idle), NOW + 1) is expired


def test_a_token_may_be_accepted_for_the_leeway_of_a_verifier_after_its_grant() -> None:
    assert may_have_tokens(LIVING, LIVING.expires_at + 299) is True
    assert may_have_tokens(LIVING, LIVING.expires_at + 300) is False
    assert is_revocable(LIVING, LIVING.expires_at + 300) is False
