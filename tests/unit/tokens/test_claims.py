"""Claims about a user, by scope (OpenID Connect Core §5.4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.endpoints.userinfo import check_openid
from gatepost.errors import InsufficientScope
from gatepost.model.subject import Subject
from gatepost.scope import Scope, parse_scope
from gatepost.tokens.claims import claims_about, claims_named, scope_of
from tests.unit.world import ALICE, SETTINGS

MAILED = replace(ALICE, email="alice@example.test", email_confirmed=True)


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("openid", {"sub": "alice-id"}),
        ("openid read", {"sub": "alice-id"}),
        ("openid profile", {"sub": "alice-id", "name": "alice", "preferred_username": "alice"}),
        ("openid email", {"sub": "alice-id", "email": "alice@example.test", "email_verified": True}),
    ],
)
def test_each_scope_gives_its_claims(scope: str, claims: dict[str, str | bool]) -> None:
    assert claims_about(Subject.of(MAILED), parse_scope(scope)) == claims


def test_an_address_is_verified_only_by_its_link() -> None:
    claims = claims_about(Subject.of(replace(MAILED, email_confirmed=False)), Scope.of("openid", "email"))

    assert claims == {"sub": "alice-id", "email": "alice@example.test", "email_verified": False}


def test_a_user_without_an_address_has_no_claims_about_one() -> None:
    assert claims_about(Subject.of(ALICE), Scope.of("openid", "email")) == {"sub": "alice-id"}


def test_claims_that_were_asked_for_are_given_only_with_their_scope() -> None:
    named = claims_named(Subject.of(MAILED), ("email", "name", "phone_number"), Scope.of("openid", "email"))

    assert named == {"email": "alice@example.test"}


def test_a_claim_belongs_to_the_scope_that_gives_it() -> None:
    assert scope_of(("name", "email_verified", "phone_number")) == Scope.of("profile", "email")


@pytest.mark.parametrize(
    ("scope", "grant_id", "openid"),
    [("profile email", "alice-id.g", True), ("openid", "", True), ("openid", "alice-id.g", False)],
)
def test_s213_only_a_users_token_with_openid_opens_it(scope: str, grant_id: str, openid: bool) -> None:
    with pytest.raises(InsufficientScope):
        check_openid(parse_scope(scope), grant_id, replace(SETTINGS, openid=openid))


def test_and_such_a_token_does() -> None:
    check_openid(Scope.of("openid"), "alice-id.g", replace(SETTINGS, openid=True))
