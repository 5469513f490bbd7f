"""Claims about a user, by scope (OpenID Connect Core §5.4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.model.subject import Subject
from gatepost.oidc.user_claims import claims_about, claims_named, scope_of
from gatepost.scope import Scope, parse_scope
from tests.unit.world import ALICE

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


def test_s350_an_address_that_is_not_confirmed_is_never_named_without_saying_so() -> None:
    unconfirmed = Subject.of(replace(MAILED, email_confirmed=False))
    scope = Scope.of("openid", "email")

    assert claims_named(unconfirmed, ("email",), scope) == {"email": "alice@example.test", "email_verified": False}
    assert claims_named(unconfirmed, ("sub",), scope) == {"sub": "alice-id"}
    assert claims_named(Subject.of(ALICE), ("email",), scope) == {}
    assert claims_named(unconfirmed, ("email",), Scope.of("openid")) == {}


def test_a_claim_belongs_to_the_scope_that_gives_it() -> None:
    assert scope_of(("name", "email_verified", "phone_number")) == Scope.of("profile", "email")
