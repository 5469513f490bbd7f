"""Claims about a user, by scope, and the endpoint that has them (OpenID Connect Core §5.3, §5.4)."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from gatepost.errors import InsufficientScope, InvalidRequest, InvalidToken, TemporarilyUnavailable
from gatepost.model.subject import Subject
from gatepost.oidc.user_claims import claims_about, claims_named, scope_of
from gatepost.oidc.userinfo import check_openid, living, signed_userinfo, signing_algorithm, working
from gatepost.scope import Scope, parse_scope
from tests.unit.world import ALICE, NOW, SETTINGS, WEB, World

MAILED = ALICE._replace(email="alice@example.test", email_confirmed=True)


def test_s213_only_a_users_token_with_openid_opens_it() -> None:
    for scope, grant_id, openid in (
        ("profile email", "alice-id.g", True),
        ("openid", "", True),
        ("openid", "alice-id.g", False),
    ):
        with pytest.raises(InsufficientScope):
            check_openid(parse_scope(scope), grant_id, SETTINGS._replace(openid=openid))
    check_openid(Scope.of("openid"), "alice-id.g", SETTINGS._replace(openid=True))


def test_s213_a_token_says_nothing_about_an_account_or_to_an_app_that_is_gone_or_stopped(world: World) -> None:
    for user in (None, ALICE._replace(status="deactivated"), ALICE._replace(status="pending")):
        with pytest.raises(InvalidToken):
            living(user)
    assert living(ALICE) == ALICE
    for changes in ({"status": "deactivated"}, {"status": "pending"}, {"owner_stopped": True}):
        with pytest.raises(InvalidToken):
            working(world.web._replace(**changes))
    with pytest.raises(InvalidToken):
        working(None)
    assert working(world.web) == world.web


def test_s230_a_signed_response_is_for_the_app_whatever_the_claims_are(world: World) -> None:
    claims: dict[str, Any] = {"sub": "alice-id", "iss": "https://evil.example.test", "aud": "another"}
    text = signed_userinfo(world.server, claims, alg="RS256", client_id=WEB, now=NOW)

    assert jwt.get_unverified_header(text)["typ"] == "userinfo+jwt"
    key = jwt.PyJWK.from_json(world.public.jwk)
    found = jwt.decode(text, key, algorithms=["RS256"], audience=WEB, issuer=SETTINGS.issuer)
    assert found == {"sub": "alice-id", "iss": SETTINGS.issuer, "aud": WEB}


def test_s372_an_app_that_expects_a_signature_gets_no_json_where_none_is_made(world: World) -> None:
    signing = SETTINGS._replace(openid=True, signed_userinfo=True)
    app = world.web._replace(userinfo_signed_response_alg="ES256")

    assert (signing_algorithm(app, signing), signing_algorithm(world.web, SETTINGS)) == ("ES256", "")
    for settings in (SETTINGS, signing._replace(openid=False), signing._replace(signed_userinfo=False)):
        with pytest.raises(InvalidRequest, match="signs no userinfo"):
            signing_algorithm(app, settings)


def test_without_a_key_for_the_algorithm_there_is_no_response(world: World) -> None:
    with pytest.raises(TemporarilyUnavailable):
        signed_userinfo(world.server, {"sub": "alice-id"}, alg="ES256", client_id=WEB, now=NOW)


# Claims


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


def test_s350_an_address_that_is_not_confirmed_is_never_named_without_saying_so() -> None:
    unconfirmed = Subject.of(MAILED._replace(email_confirmed=False))
    scope = Scope.of("openid", "email")

    assert claims_about(unconfirmed, scope) == {
        "sub": "alice-id",
        "email": "alice@example.test",
        "email_verified": False,
    }
    assert claims_about(Subject.of(ALICE), scope) == {"sub": "alice-id"}
    named = claims_named(Subject.of(MAILED), ("email", "name", "phone_number"), scope)
    assert named == {"email": "alice@example.test"}  # and no claim of another scope
    assert claims_named(unconfirmed, ("email",), scope) == {"email": "alice@example.test", "email_verified": False}
    assert claims_named(unconfirmed, ("sub",), scope) == {"sub": "alice-id"}
    assert claims_named(Subject.of(ALICE), ("email",), scope) == {}
    assert claims_named(unconfirmed, ("email",), Scope.of("openid")) == {}


def test_a_claim_belongs_to_the_scope_that_gives_it() -> None:
    assert scope_of(("name", "email_verified", "phone_number")) == Scope.of("profile", "email")
