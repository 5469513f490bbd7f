"""ID tokens for codes and refresh tokens (OpenID Connect Core §3.1.3, §12)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import jwt
import pytest

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.grants.token_response import TokenAnswer
from gatepost.scope import OPENID, Scope
from gatepost.tokens.access_token import genuine_claims
from tests.unit.world import NOW, PASSWORD, READ, WEB, World, web_app

SIGNED_IN_AT = NOW - 77
OPENID_READ = Scope.of("openid", "read")
SIGN_IN: dict[str, Any] = {"nonce": "n-0S6", "auth_time": SIGNED_IN_AT, "session_id": "a-session"}


@pytest.fixture
def openid(world: World) -> World:
    world.set(openid=True)
    world.web = world.add_app(web_app(scope=Scope.of("openid", "email", "read", "write")))
    return world


def id_claims(world: World, answer: TokenAnswer) -> dict[str, Any]:
    """Verify with PyJWT, as a client does."""
    key = jwt.PyJWK.from_json(world.public.jwk)
    found: dict[str, Any] = jwt.decode(
        answer.id_token,
        key,
        algorithms=["RS256"],
        audience=WEB,
        issuer=world.settings.issuer,
        options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "sub"]},
    )
    return found


def test_a_code_for_openid_comes_with_an_id_token(openid: World) -> None:
    answer = openid.redeem(openid.code(scope=OPENID_READ, **SIGN_IN))

    half = hashlib.sha256(answer.access_token.encode()).digest()[:16]
    assert id_claims(openid, answer) == {
        "iss": "https://id.example.test",
        "sub": "alice-id",
        "aud": WEB,
        "iat": NOW,
        "exp": NOW + 3600,
        "auth_time": SIGNED_IN_AT,
        "nonce": "n-0S6",
        "amr": ["pwd"],
        "sid": "a-session",
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
    }
    assert jwt.get_unverified_header(answer.id_token) == {"alg": "RS256", "typ": "JWT", "kid": openid.public.kid}
    assert answer.members()["id_token"] == answer.id_token


def test_a_request_without_a_nonce_gets_a_token_without_one(openid: World) -> None:
    assert "nonce" not in id_claims(openid, openid.redeem(openid.code(scope=OPENID_READ, **SIGN_IN | {"nonce": ""})))


def test_s207_a_refreshed_id_token_keeps_the_time_of_the_sign_in_and_has_no_nonce(openid: World) -> None:
    first = openid.redeem(openid.code(scope=OPENID_READ, **SIGN_IN))
    later = openid.refresh(first.refresh_token, now=NOW + 500)

    before, after = id_claims(openid, first), id_claims(openid, later)
    assert {name: before[name] for name in ("iss", "sub", "aud", "auth_time", "sid", "amr")} == {
        name: after[name] for name in ("iss", "sub", "aud", "auth_time", "sid", "amr")
    }
    assert (after["iat"], "nonce" in after) == (NOW + 500, False)


def test_a_refresh_for_less_than_openid_gets_no_id_token(openid: World) -> None:
    first = openid.redeem(openid.code(scope=OPENID_READ, **SIGN_IN))

    assert openid.refresh(first.refresh_token, scope="read").id_token == ""


@pytest.mark.parametrize("scope", [READ, Scope.of("email", "read")])
def test_without_openid_there_is_none(openid: World, scope: Scope) -> None:
    answer = openid.redeem(openid.code(scope=scope))

    assert answer.id_token == ""
    assert "id_token" not in answer.members()


def test_an_app_that_lost_openid_gets_none(openid: World) -> None:
    code = openid.code(scope=OPENID_READ, **SIGN_IN)
    openid.add_app(web_app(scope=READ))

    answer = openid.redeem(code)
    assert (answer.id_token, answer.scope) == ("", READ)


def test_a_deployment_that_turned_openid_connect_off_issues_none(openid: World) -> None:
    code = openid.code(scope=OPENID_READ, **SIGN_IN)
    openid.set(openid=False)

    assert openid.redeem(code).id_token == ""


def test_a_user_who_may_grant_no_scope_can_still_sign_in(openid: World) -> None:
    first = openid.redeem(openid.code(scope=OPENID_READ, **SIGN_IN))
    openid.store.set_user_rights("alice-id", scope=Scope())

    later = openid.refresh(first.refresh_token)
    assert later.scope == Scope.of(OPENID)
    assert later.id_token


def test_the_password_grant_is_no_sign_in(openid: World) -> None:
    answer = openid.send(openid.web, grant_type="password", username="alice", password=PASSWORD, scope="openid read")

    assert answer.id_token == ""


def test_an_app_gets_no_scope_of_openid_connect_for_itself(openid: World) -> None:
    openid.web = openid.add_app(
        web_app(scope=Scope.of("openid", "email", "read"), own_scope=Scope.of("openid", "email", "read"))
    )

    assert openid.send(openid.web, grant_type="client_credentials", scope="openid email read").scope == READ


def test_s203_an_id_token_is_no_access_token(openid: World) -> None:
    answer = openid.redeem(openid.code(scope=OPENID_READ, **SIGN_IN))

    assert not openid.opens(answer.id_token)
    assert openid.introspect(answer.id_token) == {"active": False}
    with pytest.raises(InvalidToken) as raised:
        genuine_claims(answer.id_token, openid.verifiers, openid.settings, NOW)
    assert raised.value.reason == "not a header of ours"


def test_s216_a_code_is_not_used_up_as_long_as_no_key_can_sign_its_id_token(openid: World) -> None:
    code = openid.code(scope=OPENID_READ, **SIGN_IN)
    signing, openid.keys.signing = openid.keys.signing, openid.keys.signing._replace(alg="ES256")
    with pytest.raises(TemporarilyUnavailable):
        openid.redeem(code)

    openid.keys.signing = signing
    assert openid.redeem(code).id_token


def test_the_claims_of_a_token_say_nothing_about_the_user_but_the_id(openid: World) -> None:
    answer = openid.redeem(openid.code(scope=Scope.of("openid", "email"), **SIGN_IN))

    payload = json.loads(base64.urlsafe_b64decode(answer.id_token.split(".")[1] + "=="))
    assert sorted(payload) == ["amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"]
