"""Sign-in with OpenID Connect, from the request to the ID token."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from gatepost.routes import APP_PAGE, INTROSPECT, JWKS, WHOAMI
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Client, Person, get, new_client, opens

SCOPES = Scope.of("openid", "profile", "email", "offline_access", "read")


@pytest.fixture
def app(deployment: Deployment, person: Person) -> Client:
    return new_client(deployment, person, scope=SCOPES)


def claims_of(deployment: Deployment, id_token: str, client: Client) -> dict[str, Any]:
    """Verify an ID token as a client does, by the published keys."""
    keys = jwt.PyJWKSet.from_dict(get(deployment, JWKS.path, None).json())
    key = keys[jwt.get_unverified_header(id_token)["kid"]]
    found: dict[str, Any] = jwt.decode(
        id_token, key, algorithms=["RS256"], audience=client.app.client_id, issuer=deployment.settings.issuer
    )
    return found


def test_a_sign_in_gets_an_id_token_with_its_nonce(deployment: Deployment, app: Client, person: Person) -> None:
    answer = app.tokens(person, scope="openid read", nonce="n-0S6_WzA2Mj")
    claims = claims_of(deployment, answer["id_token"], app)

    assert (claims["sub"], claims["nonce"]) == (person.user.user_id, "n-0S6_WzA2Mj")
    assert 0 <= time.time() - claims["auth_time"] < 60
    assert answer["scope"] == "openid read"


def test_a_refreshed_one_is_of_the_same_sign_in(deployment: Deployment, app: Client, person: Person) -> None:
    first = app.tokens(person, scope="openid")
    second = app.refresh(first["refresh_token"]).json()

    before, after = (claims_of(deployment, each["id_token"], app) for each in (first, second))
    assert all(before[name] == after[name] for name in ("sub", "aud", "auth_time", "sid"))


def test_s203_an_id_token_opens_no_route(deployment: Deployment, app: Client, person: Person) -> None:
    answer = app.tokens(person, scope="openid")

    assert opens(deployment, answer["access_token"], WHOAMI.path)
    assert not opens(deployment, answer["id_token"], WHOAMI.path)
    assert app.introspect(answer["id_token"]).json() == {"active": False}, INTROSPECT.path


def test_the_consent_page_says_what_each_scope_of_openid_connect_means(
    signed_in: Browser, app: Client, person: Person
) -> None:
    page = signed_in.get(app.authorize_path(scope=str(SCOPES))).text

    for sentence in ("Sign you in", "See your user name", "See your e-mail address", "Keep its access"):
        assert sentence in page


def test_an_app_without_openid_is_as_before(client: Client, person: Person) -> None:
    answer = client.tokens(person, scope="openid read", nonce="n")

    assert sorted(answer) == ["access_token", "expires_in", "refresh_token", "scope", "token_type"]
    assert answer["scope"] == "read"


def test_an_owner_ticks_the_scopes_of_an_app_that_exists(signed_in: Browser, client: Client, person: Person) -> None:
    edit = f"{APP_PAGE.at(client_id=client.app.client_id)}/edit"
    page = signed_in.get(edit)
    form = page.text

    assert 'value="openid"' in form
    assert form.count("For the app itself: never.") >= 4
