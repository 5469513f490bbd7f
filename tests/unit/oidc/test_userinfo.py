"""The userinfo endpoint: which tokens open it, and its signed response (OpenID Connect Core §5.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jwt
import pytest

from gatepost.errors import InsufficientScope, InvalidRequest, InvalidToken, TemporarilyUnavailable
from gatepost.model.records import User
from gatepost.oidc.userinfo import check_openid, living, signed_userinfo, signing_algorithm, working
from gatepost.scope import Scope, parse_scope
from tests.unit.world import ALICE, NOW, SETTINGS, WEB, World


@pytest.mark.parametrize(
    ("scope", "grant_id", "openid"),
    [("profile email", "alice-id.g", True), ("openid", "", True), ("openid", "alice-id.g", False)],
)
def test_s213_only_a_users_token_with_openid_opens_it(scope: str, grant_id: str, openid: bool) -> None:
    with pytest.raises(InsufficientScope):
        check_openid(parse_scope(scope), grant_id, replace(SETTINGS, openid=openid))


def test_and_such_a_token_does() -> None:
    check_openid(Scope.of("openid"), "alice-id.g", replace(SETTINGS, openid=True))


@pytest.mark.parametrize("user", [None, replace(ALICE, status="deactivated"), replace(ALICE, status="pending")])
def test_s213_a_token_says_nothing_about_an_account_that_is_not_active(user: User | None) -> None:
    with pytest.raises(InvalidToken):
        living(user)
    assert living(ALICE) == ALICE


@pytest.mark.parametrize("changes", [{"status": "deactivated"}, {"status": "pending"}, {"owner_stopped": True}])
def test_s213_a_token_says_nothing_to_an_app_that_is_gone_or_stopped(world: World, changes: dict[str, Any]) -> None:
    for app in (None, replace(world.web, **changes)):
        with pytest.raises(InvalidToken):
            working(app)
    assert working(world.web) == world.web


def test_s230_a_signed_response_is_for_the_app_whatever_the_claims_are(world: World) -> None:
    claims: dict[str, Any] = {"sub": "alice-id", "iss": "https://evil.example.test", "aud": "another"}
    text = signed_userinfo(world.server, claims, alg="RS256", client_id=WEB, now=NOW)

    assert jwt.get_unverified_header(text)["typ"] == "userinfo+jwt"
    key = jwt.PyJWK.from_json(world.public.jwk)
    found = jwt.decode(text, key, algorithms=["RS256"], audience=WEB, issuer=SETTINGS.issuer)
    assert found == {"sub": "alice-id", "iss": SETTINGS.issuer, "aud": WEB}


def test_s372_an_app_that_expects_a_signature_gets_no_json_where_none_is_made(world: World) -> None:
    signing = replace(SETTINGS, openid=True, signed_userinfo=True)
    app = replace(world.web, userinfo_signed_response_alg="ES256")

    assert (signing_algorithm(app, signing), signing_algorithm(world.web, SETTINGS)) == ("ES256", "")
    for settings in (SETTINGS, replace(signing, openid=False), replace(signing, signed_userinfo=False)):
        with pytest.raises(InvalidRequest, match="signs no userinfo"):
            signing_algorithm(app, settings)


def test_without_a_key_for_the_algorithm_there_is_no_response(world: World) -> None:
    with pytest.raises(TemporarilyUnavailable):
        signed_userinfo(world.server, {"sub": "alice-id"}, alg="ES256", client_id=WEB, now=NOW)
