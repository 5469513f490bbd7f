"""A deployment with groups_claim and a claims.py: what reaches tokens, userinfo, introspection and routes."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from gatepost.identifiers import digest, new_secret
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.routes import OPENID_METADATA, WHOAMI
from gatepost.scope import Scope
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.answers import redeem
from tests.conftest import TEST_SETTINGS
from tests.http.openid import claims_of, userinfo
from tests.people import Client, Person, entered, get, new_client, new_person

CLAIMS = """
    import time

    def token_claims(facts):
        return {**_by_group(facts), "from": f"{facts.grant_type} {facts.kind}", "who": facts.user_name}

    def userinfo_claims(facts):
        return {**_by_group(facts), "from": "userinfo"}

    def _by_group(facts):
        if "slow" in facts.groups:
            time.sleep(8)
        if "broken" in facts.groups:
            raise KeyError(facts.email)
        return {"sub": "root"} if "root" in facts.groups else {"level": len(facts.groups)}
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("claims")
    (folder / "claims.py").write_text(textwrap.dedent(CLAIMS))
    settings = {**TEST_SETTINGS, "groups_claim": "teams", "claims": os.path.relpath(folder, ROOT)}
    with Deployment(overrides=settings) as deployed:
        yield deployed


@pytest.fixture
def member(own: Deployment) -> Person:
    person = new_person(own)
    own.store.set_user_rights(person.user.user_id, groups=("editors", "staff"))
    return person


@pytest.fixture
def web(own: Deployment, member: Person) -> Client:
    return new_client(own, member, scope=Scope.of("openid", "email", "read"))


def payload(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def stated(token: str) -> tuple[object, ...]:
    """Return the claims that are the deployment's own."""
    found = payload(token)
    return tuple(found.get(name) for name in ("from", "level", "who", "teams"))


def put(own: Deployment, member: Person, *groups: str) -> None:
    own.store.set_user_rights(member.user.user_id, groups=groups)


def test_the_tokens_of_a_code_and_of_a_refresh_state_them(own: Deployment, member: Person, web: Client) -> None:
    first = web.tokens(member, scope="openid read")
    put(own, member, "board")
    second = web.refresh(first["refresh_token"]).json()
    put(own, member)
    third = web.refresh(second["refresh_token"]).json()

    teams = ["editors", "staff"]
    assert stated(first["access_token"]) == ("authorization_code access_token", 2, member.name, teams)
    assert claims_of(own, first["id_token"], web)["teams"] == teams
    assert stated(first["id_token"]) == ("authorization_code id_token", 2, member.name, teams)
    assert stated(second["access_token"]) == ("refresh_token access_token", 1, member.name, ["board"])
    assert stated(third["access_token"]) == ("refresh_token access_token", 0, member.name, None)
    assert stated(third["id_token"]) == ("refresh_token id_token", 0, member.name, None)


def test_so_do_those_of_the_other_grants(own: Deployment, member: Person, web: Client) -> None:
    password = web.token(grant_type="password", username=member.name, password=member.password).json()
    implicit = web.approved(member, response_type="token")
    itself = web.token(grant_type="client_credentials").json()

    teams = ["editors", "staff"]
    assert stated(password["access_token"]) == ("password access_token", 2, member.name, teams)
    assert stated(implicit["access_token"]) == ("implicit access_token", 2, member.name, teams)
    assert stated(itself["access_token"]) == ("client_credentials access_token", 0, "", None)


def test_userinfo_states_them_with_openid_alone(own: Deployment, member: Person, web: Client) -> None:
    token = web.tokens(member, scope="openid")["access_token"]

    assert userinfo(own, token).json() == {
        "sub": member.user.user_id,
        "from": "userinfo",
        "level": 2,
        "teams": ["editors", "staff"],
    }


def test_signed_userinfo_states_them_too(own: Deployment, member: Person) -> None:
    signed = OpenIDDetails(userinfo_signed_response_alg="RS256")
    app = new_client(own, member, scope=Scope.of("openid"), openid=signed)
    answer = userinfo(own, app.tokens(member, scope="openid")["access_token"])

    assert answer.headers["Content-Type"] == "application/jwt"
    assert claims_of(own, answer.text, app) == {
        "iss": own.settings.issuer,
        "aud": app.app.client_id,
        "sub": member.user.user_id,
        "from": "userinfo",
        "level": 2,
        "teams": ["editors", "staff"],
    }


def test_a_route_and_introspection_get_them(own: Deployment, member: Person, web: Client) -> None:
    token = web.tokens(member)["access_token"]

    found = web.introspect(token).json()
    assert (found["active"], found["sub"], found["level"]) == (True, member.user.user_id, 2)
    assert found["teams"] == ["editors", "staff"]
    assert get(own, WHOAMI.path, token).json()["sub"] == member.user.user_id


def test_the_metadata_lists_the_claim_of_the_groups(own: Deployment) -> None:
    assert "teams" in get(own, OPENID_METADATA.path, None).json()["claims_supported"]


@pytest.mark.parametrize("group", ["broken", "root", "slow"])
def test_s215_a_failure_is_an_error_that_uses_nothing_up(
    own: Deployment, member: Person, web: Client, group: str
) -> None:
    refreshed = web.tokens(member)["refresh_token"]
    verifier = new_secret()
    put(own, member, group)
    code = web.code(member, code_challenge=digest(verifier), code_challenge_method="S256")
    failed = [
        redeem(web, code, code_verifier=verifier),
        web.refresh(refreshed),
        web.token(grant_type="password", username=member.name, password=member.password),
    ]

    for answer in failed:
        assert (answer.status_code, answer.json()) == (
            500,
            {"error": "server_error", "error_description": "something went wrong"},
        )
    lines = [json.loads(line) for line in own.logs if '"claims.failed"' in line]
    reasons = {line["reason"] for line in lines if line["user_id"] == member.user.user_id}
    assert (
        reasons
        == {
            "broken": {"claims.py raised"},
            "root": {"claims.py returned a reserved name"},
            "slow": {"claims.py was too slow"},
        }[group]
    )

    put(own, member, "staff")
    assert web.refresh(refreshed).status_code == 200


def test_s215_a_code_that_was_approved_before_is_redeemed_once_the_failure_is_over(
    own: Deployment, member: Person, web: Client
) -> None:
    put(own, member, "broken")
    answer = web.approved(member, response_type="token")
    assert (answer["error"], "access_token" in answer) == ("server_error", False)

    put(own, member, "staff")
    assert "access_token" in web.approved(member, response_type="token")


def test_s215_a_failure_at_userinfo_says_nothing(own: Deployment, member: Person, web: Client) -> None:
    token = web.tokens(member, scope="openid email")["access_token"]
    put(own, member, "broken")

    answer = userinfo(own, token)
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert member.user.user_id not in answer.text


def test_the_owner_reads_the_groups_and_who_is_in_none_reads_nothing_about_them(
    own: Deployment, member: Person
) -> None:
    browser = entered(own, member)
    assert "Your groups <code>editors</code>, <code>staff</code>" in browser.get("/developer/account").text

    put(own, member)
    assert "Your groups" not in browser.get("/developer/account").text
