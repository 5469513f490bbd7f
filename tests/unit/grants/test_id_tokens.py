"""ID tokens for codes and refresh tokens (OpenID Connect Core §3.1.3, §12)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import jwt
import pytest

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.subject import Subject
from gatepost.oidc.id_token import issue_id_token
from gatepost.scope import OPENID, Scope
from gatepost.tokens.access_token import Signer, genuine_claims
from tests.raising import raised
from tests.unit.grants.stated import OPENID_READ, SIGN_IN, payload
from tests.unit.world import ALICE, NOW, PASSWORD, READ, SETTINGS, WEB, World, web_app

EMAIL_READ = Scope.of("openid", "email", "read")
MAILED = ALICE._replace(email="alice@example.test", email_confirmed=True)


@pytest.fixture
def openid(world: World) -> World:
    world.set(openid=True)
    world.web = world.add_app(web_app(scope=Scope.of("openid", "email", "read", "write")))
    return world


def signed_in(world: World, **changes: Any) -> str:
    """A code of a sign-in."""
    return world.code(**{"scope": OPENID_READ, **SIGN_IN, **changes})


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


def test_a_code_for_openid_comes_with_an_id_token_that_says_nothing_about_the_user_but_the_id(openid: World) -> None:
    answer = openid.redeem(signed_in(openid, scope=EMAIL_READ))

    half = hashlib.sha256(answer.access_token.encode()).digest()[:16]
    assert id_claims(openid, answer) == {
        "iss": "https://id.example.test",
        "sub": "alice-id",
        "aud": WEB,
        "iat": NOW,
        "exp": NOW + 3600,
        "auth_time": NOW - 77,
        "nonce": "n-0S6",
        "acr": "1",
        "amr": ["pwd"],
        "sid": "a-session",
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
    }
    assert jwt.get_unverified_header(answer.id_token) == {"alg": "RS256", "typ": "JWT", "kid": openid.public.kid}
    assert answer.members()["id_token"] == answer.id_token


def test_a_request_without_a_nonce_gets_a_token_without_one(openid: World) -> None:
    assert "nonce" not in id_claims(openid, openid.redeem(signed_in(openid, nonce="")))


def test_s207_a_refreshed_id_token_keeps_the_time_of_the_sign_in_and_has_no_nonce(openid: World) -> None:
    first = openid.redeem(signed_in(openid))
    later = openid.refresh(first.refresh_token, now=NOW + 500)

    before, after = id_claims(openid, first), id_claims(openid, later)
    kept = ("iss", "sub", "aud", "auth_time", "sid", "amr")
    assert [before[name] for name in kept] == [after[name] for name in kept]
    assert (after["iat"], "nonce" in after) == (NOW + 500, False)
    assert openid.refresh(later.refresh_token, now=NOW + 501, scope="read").id_token == ""  # for less than openid


@pytest.mark.parametrize("scope", [READ, Scope.of("email", "read")])
def test_without_openid_there_is_none(openid: World, scope: Scope) -> None:
    answer = openid.redeem(openid.code(scope=scope))

    assert answer.id_token == ""
    assert "id_token" not in answer.members()


def test_an_app_that_lost_openid_gets_none_nor_does_any_where_it_was_turned_off(openid: World) -> None:
    first, second = signed_in(openid), signed_in(openid)
    openid.add_app(web_app(scope=READ))
    answer = openid.redeem(first)
    assert (answer.id_token, answer.scope) == ("", READ)

    openid.add_app(openid.web)
    openid.set(openid=False)
    assert openid.redeem(second).id_token == ""


def test_a_user_who_may_grant_no_scope_can_still_sign_in(openid: World) -> None:
    first = openid.redeem(signed_in(openid))
    openid.store.set_user_rights("alice-id", scope=Scope())

    later = openid.refresh(first.refresh_token)
    assert later.scope == Scope.of(OPENID)
    assert later.id_token


def test_neither_the_password_grant_nor_an_app_for_itself_signs_in(openid: World) -> None:
    answer = openid.send(openid.web, grant_type="password", username="alice", password=PASSWORD, scope="openid read")
    assert answer.id_token == ""

    openid.add_app(web_app(scope=EMAIL_READ, own_scope=EMAIL_READ))
    assert openid.send(openid.web, grant_type="client_credentials", scope="openid email read").scope == READ


def test_s203_an_id_token_is_no_access_token(openid: World) -> None:
    answer = openid.redeem(signed_in(openid))

    assert not openid.opens(answer.id_token)
    assert openid.introspect(answer.id_token) == {"active": False}
    caught = raised(InvalidToken, genuine_claims, answer.id_token, openid.verifiers, openid.settings, NOW)
    assert caught.reason == "not a header of ours"


@pytest.mark.parametrize(("registered", "missing"), [("", "RS256"), ("ES256", "ES256")])
def test_s216_a_code_is_not_used_up_with_no_key_of_the_algorithm(openid: World, registered: str, missing: str) -> None:
    openid.web = openid.add_app(web_app(scope=OPENID_READ, id_token_signed_response_alg=registered))
    code = signed_in(openid)
    keys = {alg: openid.keys.signing._replace(alg=alg) for alg in ("RS256", "ES256")}
    openid.keys.signing = keys["ES256" if missing == "RS256" else "RS256"]
    with pytest.raises(TemporarilyUnavailable):
        openid.redeem(code)

    openid.keys.signing = keys[missing]
    assert openid.redeem(code).id_token


def test_a_claim_that_was_asked_for_is_that_of_the_sign_in_and_after_a_refresh_that_of_today(openid: World) -> None:
    asked: dict[str, Any] = {"claims": ("email", "email_verified", "name"), "subject": Subject.of(MAILED)}
    first = openid.redeem(signed_in(openid, scope=EMAIL_READ, **asked))
    openid.store.change_email(ALICE, "new@example.test", confirmed=False)
    later = openid.refresh(first.refresh_token)

    before, after = id_claims(openid, first), id_claims(openid, later)
    assert (before["email"], before["email_verified"]) == ("alice@example.test", True)
    assert (after["email"], after["email_verified"]) == ("new@example.test", False)
    assert "name" not in before | after  # the scope profile was not granted
    assert "email" not in id_claims(openid, openid.refresh(later.refresh_token, scope="openid read"))


def test_s215_s230_no_claim_about_a_user_replaces_one_of_the_token(signer: Signer) -> None:
    mine = ("iss", "sub", "aud", "exp", "auth_time", "amr", "acr", "sid", "nonce", "at_hash")
    about = {**dict.fromkeys(mine, "evil"), "email": "a@example.test"}
    who: dict[str, Any] = {"sub": "alice-id", "client_id": WEB, "sid": "s", "nonce": "n", "about": about}
    token = issue_id_token(signer, SETTINGS, **who, auth_time=NOW, access_token="a", lifetime=60, now=NOW)

    claims = payload(token)
    assert [claims[name] for name in mine[:-1]] == [
        *(SETTINGS.issuer, "alice-id", WEB, NOW + 60, NOW, ["pwd"], "1", "s", "n")
    ]
    assert (claims["at_hash"] != "evil", claims["email"]) == (True, "a@example.test")
