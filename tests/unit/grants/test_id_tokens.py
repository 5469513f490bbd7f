"""ID tokens for codes and refresh tokens (OpenID Connect Core §3.1.3, §12)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import jwt
import pytest

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.subject import Subject
from gatepost.oidc.id_token import issue_id_token
from gatepost.scope import OPENID, Scope
from gatepost.tokens.access_token import Signer, genuine_claims
from tests.unit.world import ALICE, NOW, PASSWORD, READ, SETTINGS, WEB, World, web_app

SIGNED_IN_AT = NOW - 77
OPENID_READ = Scope.of("openid", "read")
MAILED = replace(ALICE, email="alice@example.test", email_confirmed=True)
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
        "acr": "1",
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
    known = ["acr", "amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"]
    assert sorted(payload) == known


def test_a_claim_that_was_asked_for_is_that_of_the_sign_in_and_after_a_refresh_that_of_today(openid: World) -> None:
    asked: dict[str, Any] = {"claims": ("email", "email_verified", "name"), "subject": Subject.of(MAILED)}
    first = openid.redeem(openid.code(scope=Scope.of("openid", "email", "read"), **SIGN_IN, **asked))
    openid.store.change_email(ALICE, "new@example.test", confirmed=False)
    later = openid.refresh(first.refresh_token)

    before, after = id_claims(openid, first), id_claims(openid, later)
    assert (before["email"], before["email_verified"]) == ("alice@example.test", True)
    assert (after["email"], after["email_verified"]) == ("new@example.test", False)
    assert "name" not in before | after  # the scope profile was not granted


def test_a_refresh_for_less_than_a_claims_scope_leaves_the_claim_out(openid: World) -> None:
    asked: dict[str, Any] = {"claims": ("email",), "subject": Subject.of(MAILED)}
    first = openid.redeem(openid.code(scope=Scope.of("openid", "email", "read"), **SIGN_IN, **asked))

    assert "email" not in id_claims(openid, openid.refresh(first.refresh_token, scope="openid read"))


def test_s230_no_claim_about_a_user_replaces_one_of_the_token(signer: Signer) -> None:
    about = {"iss": "https://evil.example.test", "sub": "owner-id", "aud": "another", "email": "a@example.test"}
    who: dict[str, Any] = {"sub": "alice-id", "client_id": WEB, "sid": "s", "nonce": "", "about": about}
    token = issue_id_token(signer, SETTINGS, **who, auth_time=NOW, access_token="a", lifetime=60, now=NOW)

    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert [claims[name] for name in ("iss", "sub", "aud", "email")] == [
        *(SETTINGS.issuer, "alice-id", WEB, "a@example.test"),
    ]


def test_an_app_gets_its_id_tokens_by_the_algorithm_that_it_is_registered_for(openid: World) -> None:
    openid.web = openid.add_app(web_app(scope=OPENID_READ, id_token_signed_response_alg="ES256"))
    code = openid.code(scope=OPENID_READ, **SIGN_IN)
    with pytest.raises(TemporarilyUnavailable):  # no key yet: the code stays good
        openid.redeem(code)

    openid.keys.signing = openid.keys.signing._replace(alg="ES256")
    assert openid.redeem(code).id_token
