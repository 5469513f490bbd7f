"""Registered algorithms of ID tokens and userinfo, and the parameter `claims`."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from gatepost.routes import EDIT_APP_PAGE, JWKS, OPENID_METADATA, UPDATE_APP
from infra.local.deployment import Deployment
from tests.answers import redeem
from tests.browsing import Browser, answer_of, form_of
from tests.http.openid import SCOPES, claims_of, sent_to_sign_in, userinfo
from tests.people import Client, Person, get, new_client

BYE = "http://localhost:9999/bye"


@pytest.fixture
def app(deployment: Deployment, person: Person) -> Client:
    return new_client(deployment, person, scope=SCOPES)


def registered(owner: Browser, app: Client, **fields: str) -> None:
    """Fill in the form as an owner does."""
    path = UPDATE_APP.at(client_id=app.app.client_id)
    shown = form_of(owner.get(EDIT_APP_PAGE.at(client_id=app.app.client_id)), path).fields
    several = {"scope": sorted(app.app.scope), "grant_types": app.app.grant_types}
    typed = {**shown, **several, "redirect_uris": "\n".join(app.app.redirect_uris), **fields}
    saved = owner.post(path, typed, headers={"Origin": owner.base_url})
    assert (saved.status_code, parse_qs(urlsplit(saved.headers["Location"]).query)) == (303, {"done": ["app_changed"]})


def opened(deployment: Deployment, token: str, alg: str, audience: str) -> dict[str, Any]:
    keys = jwt.PyJWKSet.from_dict(get(deployment, JWKS.path, None).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    found: dict[str, Any] = jwt.decode(
        token, key, algorithms=[alg], audience=audience, issuer=deployment.settings.issuer
    )
    return found


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_an_owner_chooses_how_id_tokens_are_signed(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person, alg: str
) -> None:
    registered(signed_in, app, id_token_signed_response_alg=alg)

    claims = opened(deployment, app.tokens(person, scope="openid")["id_token"], alg, app.app.client_id)
    assert (claims["sub"], claims["acr"], claims["amr"]) == (person.user.user_id, "1", ["pwd"])


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_userinfo_is_signed_for_the_app_that_is_registered_for_it(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person, alg: str
) -> None:
    registered(signed_in, app, userinfo_signed_response_alg=alg)
    answer = app.tokens(person, scope="openid profile")
    response = userinfo(deployment, answer["access_token"])

    assert response.headers["Content-Type"] == "application/jwt"
    assert jwt.get_unverified_header(response.text)["typ"] == "userinfo+jwt"
    assert opened(deployment, response.text, alg, app.app.client_id) == {
        "iss": deployment.settings.issuer,
        "aud": app.app.client_id,
        "sub": person.user.user_id,
        "name": person.name,
        "preferred_username": person.name,
    }


def test_s203_signed_userinfo_is_no_token_and_no_hint(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    registered(signed_in, app, userinfo_signed_response_alg="RS256")
    text = userinfo(deployment, app.tokens(person, scope="openid")["access_token"]).text

    assert userinfo(deployment, text).status_code == 401
    assert app.introspect(text).json() == {"active": False}
    asked = signed_in.get(app.authorize_path(scope="openid", prompt="none", id_token_hint=text))
    assert answer_of(asked)["error"] == "login_required"


def test_sign_out_uris_are_shown_to_the_owner_as_they_were_typed(
    deployment: Deployment, signed_in: Browser, app: Client
) -> None:
    registered(signed_in, app, post_logout_redirect_uris=BYE)

    assert BYE in signed_in.get(EDIT_APP_PAGE.at(client_id=app.app.client_id)).text
    assert BYE in signed_in.get(f"/developer/apps/{app.app.client_id}").text


def test_a_claim_that_is_asked_for_is_consented_to_and_in_the_id_token(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    claims = json.dumps({"id_token": {"name": {"essential": True}, "auth_time": {"essential": True}}})
    page = signed_in.get(app.authorize_path(scope="openid", claims=claims))
    assert "See your user name" in page.text

    tokens = redeem(app, answer_of(signed_in.decide(page, "allow"))["code"]).json()
    found = claims_of(deployment, tokens["id_token"], app)
    assert (found["name"], "preferred_username" in found) == (person.name, False)
    assert tokens["scope"] == "openid profile"


def test_s230_a_request_about_one_user_gets_no_code_for_another(signed_in: Browser, app: Client) -> None:
    claims = json.dumps({"id_token": {"sub": {"value": "somebody-else"}}})

    silent = signed_in.get(app.authorize_path(scope="openid", prompt="none", claims=claims))
    assert answer_of(silent)["error"] == "login_required"
    assert sent_to_sign_in(signed_in.get(app.authorize_path(scope="openid", claims=claims)))


def test_an_essential_acr_that_there_is_not_is_told_to_the_app(signed_in: Browser, app: Client) -> None:
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": ["phr"]}}})

    answer = answer_of(signed_in.get(app.authorize_path(scope="openid", claims=claims)))
    assert answer["error"] == "unmet_authentication_requirements"


def test_the_metadata_lists_both_algorithms(deployment: Deployment) -> None:
    said = get(deployment, OPENID_METADATA.path, None).json()

    assert said["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert said["userinfo_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert (said["claims_parameter_supported"], said["acr_values_supported"]) == (True, ["1"])
