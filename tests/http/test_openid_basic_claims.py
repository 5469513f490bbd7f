"""The modules of the Foundation's plans Basic OP and Form Post Basic OP on userinfo and the claims of ID tokens."""

from __future__ import annotations

import jwt
import pytest

from gatepost.routes import JWKS, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.http.openid import userinfo
from tests.people import Client, Person, get


@pytest.fixture
def app(openid_app: Client) -> Client:
    return openid_app


def test_oidcc_userinfo_get(deployment: Deployment, app: Client, person: Person) -> None:
    answer = userinfo(deployment, app.tokens(person, scope="openid")["access_token"])

    assert (answer.status_code, answer.json()) == (200, {"sub": person.user.user_id})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_oidcc_userinfo_post_header(deployment: Deployment, app: Client, person: Person) -> None:
    answer = userinfo(deployment, app.tokens(person, scope="openid")["access_token"], "POST")

    assert (answer.status_code, answer.json()) == (200, {"sub": person.user.user_id})


def test_oidcc_scope_profile(deployment: Deployment, app: Client, person: Person) -> None:
    claims = userinfo(deployment, app.tokens(person, scope="openid profile")["access_token"]).json()

    assert claims == {"sub": person.user.user_id, "name": person.name, "preferred_username": person.name}


def test_oidcc_scope_email(deployment: Deployment, app: Client, person: Person) -> None:
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    claims = userinfo(deployment, app.tokens(person, scope="openid email")["access_token"]).json()

    assert claims == {"sub": person.user.user_id, "email": f"{person.name}@example.test", "email_verified": True}


def test_oidcc_scope_all(deployment: Deployment, app: Client, person: Person) -> None:
    tokens = app.tokens(person, scope="openid profile email address phone")

    assert tokens["scope"] == "email openid profile"
    assert userinfo(deployment, tokens["access_token"]).json()["name"] == person.name


def test_oidcc_idtoken_signature(deployment: Deployment, app: Client, person: Person) -> None:
    token = app.tokens(person, scope="openid")["id_token"]
    header = jwt.get_unverified_header(token)

    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in get(deployment, JWKS.path, None).json()["keys"]}


def test_oidcc_idtoken_unsigned(deployment: Deployment) -> None:
    assert "none" not in get(deployment, OPENID_METADATA.path, None).json()["id_token_signing_alg_values_supported"]


def test_oidcc_scope_address(app: Client, person: Person) -> None:
    assert app.tokens(person, scope="openid address")["scope"] == "openid"


def test_oidcc_scope_phone(app: Client, person: Person) -> None:
    assert app.tokens(person, scope="openid phone")["scope"] == "openid"


def test_oidcc_ensure_other_scope_order_succeeds(app: Client, person: Person) -> None:
    assert app.tokens(person, scope="email openid")["id_token"]


def test_oidcc_claims_essential(deployment: Deployment, app: Client, person: Person) -> None:
    claims = '{"userinfo":{"name":{"essential":true}}}'
    token = app.tokens(person, scope="openid", claims=claims)["access_token"]

    assert userinfo(deployment, token).json()["name"] == person.name


def test_oidcc_userinfo_post_body(deployment: Deployment, app: Client, person: Person) -> None:
    """It warns: a token is read from the header alone."""
    token = app.tokens(person, scope="openid")["access_token"]

    assert userinfo(deployment, None, "POST", data={"access_token": token}).status_code == 401
