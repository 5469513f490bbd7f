"""A deployment with groups_claim and a claims.py: what reaches tokens, userinfo, introspection and routes."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from gatepost.identifiers import digest, new_secret
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.routes import OPENID_METADATA, WHOAMI
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import redeem
from tests.http.openid import claims_of, userinfo
from tests.people import Client, Person, entered, get, new_client, new_person

TEAMS = ["editors", "staff"]
FAILED = (500, {"error": "server_error", "error_description": "something went wrong"})


@pytest.fixture
def member(extended: Deployment) -> Person:
    person = new_person(extended)
    put(extended, person, *TEAMS)
    return person


@pytest.fixture
def web(extended: Deployment, member: Person) -> Client:
    return new_client(extended, member, scope=Scope.of("openid", "email", "read"))


def put(extended: Deployment, member: Person, *groups: str) -> None:
    extended.store.set_user_rights(member.user.user_id, groups=groups)


def stated(token: str) -> tuple[object, ...]:
    """Return the claims that are the deployment's own."""
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return tuple(found.get(name) for name in ("from", "level", "who", "teams"))


def test_the_tokens_of_every_grant_state_them(extended: Deployment, member: Person, web: Client) -> None:
    first = web.tokens(member, scope="openid read")
    password = web.token(grant_type="password", username=member.name, password=member.password).json()
    implicit = web.approved(member, response_type="token")
    itself = web.token(grant_type="client_credentials").json()
    put(extended, member, "board")
    second = web.refresh(first["refresh_token"]).json()
    put(extended, member)
    third = web.refresh(second["refresh_token"]).json()

    assert stated(first["access_token"]) == ("authorization_code access_token", 2, member.name, TEAMS)
    assert claims_of(extended, first["id_token"], web)["teams"] == TEAMS
    assert stated(first["id_token"]) == ("authorization_code id_token", 2, member.name, TEAMS)
    assert stated(password["access_token"]) == ("password access_token", 2, member.name, TEAMS)
    assert stated(implicit["access_token"]) == ("implicit access_token", 2, member.name, TEAMS)
    assert stated(itself["access_token"]) == ("client_credentials access_token", 0, "", None)
    assert stated(second["access_token"]) == ("refresh_token access_token", 1, member.name, ["board"])
    assert stated(third["id_token"]) == ("refresh_token id_token", 0, member.name, None)


def test_userinfo_introspection_routes_and_metadata_have_them(
    extended: Deployment, member: Person, web: Client
) -> None:
    token = web.tokens(member, scope="openid")["access_token"]
    own = {"from": "userinfo", "level": 2, "teams": TEAMS}
    assert userinfo(extended, token).json() == {"sub": member.user.user_id, **own}

    found = web.introspect(token).json()
    assert (found["active"], found["sub"]) == (True, member.user.user_id)
    assert (found["level"], found["teams"]) == (2, TEAMS)
    assert get(extended, WHOAMI.path, token).json()["sub"] == member.user.user_id
    assert "teams" in get(extended, OPENID_METADATA.path, None).json()["claims_supported"]

    signed = OpenIDDetails(userinfo_signed_response_alg="RS256")
    app = new_client(extended, member, scope=Scope.of("openid"), openid=signed)
    answer = userinfo(extended, app.tokens(member, scope="openid")["access_token"])
    known = {"iss": extended.settings.issuer, "aud": app.app.client_id, "sub": member.user.user_id}
    assert claims_of(extended, answer.text, app) == {**known, **own}


def test_s215_a_failure_is_an_error_that_uses_nothing_up(extended: Deployment, member: Person, web: Client) -> None:
    refreshed = web.tokens(member, scope="openid email")
    token, verifier = refreshed["refresh_token"], new_secret()
    pkce = {"code_challenge": digest(verifier), "code_challenge_method": "S256"}
    code = web.code(member, **pkce)
    put(extended, member, "broken")
    failed = [
        redeem(web, web.code(member, **pkce), code_verifier=verifier),
        web.token(grant_type="password", username=member.name, password=member.password),
    ]
    for group in ("broken", "root", "slow"):
        put(extended, member, group)
        failed.append(web.refresh(token))

    assert [(answer.status_code, answer.json()) for answer in failed] == [FAILED] * 5
    lines = [json.loads(line) for line in extended.logs if '"claims.failed"' in line]
    reasons = {line["reason"] for line in lines if line["user_id"] == member.user.user_id}
    assert reasons == {"claims.py raised", "claims.py returned a reserved name", "claims.py was too slow"}

    put(extended, member, "broken")
    implicit = web.approved(member, response_type="token")
    assert (implicit["error"], "access_token" in implicit) == ("server_error", False)
    told = userinfo(extended, refreshed["access_token"])
    assert (told.status_code, told.json()["error"]) == (500, "server_error")
    assert member.user.user_id not in told.text

    put(extended, member, "staff")
    assert redeem(web, code, code_verifier=verifier).status_code == 200
    assert web.refresh(token).status_code == 200


def test_the_owner_reads_the_groups_and_who_is_in_none_reads_nothing_about_them(
    extended: Deployment, member: Person
) -> None:
    browser = entered(extended, member)
    assert "Your groups <code>editors</code>, <code>staff</code>" in browser.get("/developer/account").text

    put(extended, member)
    assert "Your groups" not in browser.get("/developer/account").text
