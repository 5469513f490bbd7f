"""The modules of the Foundation's plans Basic OP, Form Post Basic OP and Config OP, by their names."""

from __future__ import annotations

import hashlib
import time
from urllib.parse import urlsplit

import jwt
import pytest

from gatepost.identifiers import base64url
from gatepost.routes import AUTHORIZE, JWKS, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, assert_page, redeem
from tests.browsing import Browser, answer_of
from tests.http.openid import (
    SCOPES,
    claims_of,
    code_in,
    sent_to_sign_in,
    signed_in_again,
    silent,
    tokens_in,
    userinfo,
)
from tests.people import CALLBACK, Client, Person, get, new_client

# Requests that bring a code of the same sign-in.
ANSWERED: dict[str, dict[str, str]] = {
    "oidcc-prompt-none-logged-in": {"prompt": "none"},
    "oidcc-max-age-10000": {"max_age": "10000"},
    "oidcc-display-page": {"display": "page"},
    "oidcc-display-popup": {"display": "popup"},
    "oidcc-ui-locales": {"ui_locales": "se"},
    "oidcc-claims-locales": {"claims_locales": "se"},
    "oidcc-login-hint": {"login_hint": "somebody@example.com"},
    "oidcc-ensure-request-with-acr-values-succeeds": {"acr_values": "1 2"},
    "oidcc-ensure-request-with-unknown-parameter-succeeds": {"extra": "foobar"},
    "oidcc-ensure-other-scope-order-succeeds": {"scope": "email openid"},
}
UNSIGNED = "eyJhbGciOiJub25lIn0.e30."
REFUSED: dict[str, tuple[dict[str, str | None], str]] = {
    "oidcc-response-type-missing": ({"response_type": None}, "invalid_request"),
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported": (
        {"request": UNSIGNED},
        "request_not_supported",
    ),
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported": (
        {"request_uri": "https://client.example.test/r"},
        "request_uri_not_supported",
    ),
}
# Scopes of a request, and the claims of userinfo beside `sub`.
TOLD = {
    "oidcc-scope-profile": ("openid profile", {"name", "preferred_username"}),
    "oidcc-scope-email": ("openid email", {"email", "email_verified"}),
    "oidcc-scope-address": ("openid address", set[str]()),
    "oidcc-scope-phone": ("openid phone", set[str]()),
    "oidcc-scope-all": (
        "openid profile email address phone",
        {"email", "email_verified", "name", "preferred_username"},
    ),
}


@pytest.fixture
def app(openid_app: Client) -> Client:
    return openid_app


@pytest.mark.parametrize("mode", [None, "form_post"], ids=["basic", "form_post"])
def test_oidcc_requests_of_the_modules_bring_a_code_or_an_error_in_either_plan(
    deployment: Deployment, signed_in: Browser, app: Client, mode: str | None
) -> None:
    before = tokens_in(signed_in, app, response_mode=mode)
    known = claims_of(deployment, before["id_token"], app)
    asked = {**ANSWERED, "oidcc-id-token-hint": {"prompt": "none", "id_token_hint": before["id_token"]}}

    for module, parameters in asked.items():
        tokens = tokens_in(signed_in, app, response_mode=mode, **parameters)
        claims = claims_of(deployment, tokens["id_token"], app)
        assert all(claims[name] == known[name] for name in ("sub", "auth_time", "sid", "acr")), module
    for module, (wrong, error) in REFUSED.items():
        answer = answer_of(signed_in.get(app.authorize_path(**{"scope": "openid", "response_mode": mode, **wrong})))
        assert (answer["error"], "code" in answer) == (error, False), module


def test_oidcc_prompt_none_not_logged_in(browser: Browser, app: Client) -> None:
    """oidcc-prompt-none-not-logged-in."""
    assert silent(browser, app)["error"] == "login_required"


def test_s206_oidcc_prompt_login_and_max_age_1_ask_each_time(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    """oidcc-prompt-login, oidcc-max-age-1."""
    (session,) = deployment.store.sessions_of(person.user.user_id)
    older = session._replace(created_at=session.created_at - 10, signed_in_at=session.signed_in_at - 10)
    deployment.store.start_session(older)
    before = claims_of(deployment, tokens_in(signed_in, app)["id_token"], app)
    for demand in ({"prompt": "select_account"}, {"max_age": "1"}, {"prompt": "login"}):
        for _ in range(2):
            asked = signed_in.get(app.authorize_path(scope="openid", **demand))
            assert sent_to_sign_in(asked)
    assert silent(signed_in, app, max_age="1")["error"] == "login_required"

    code = answer_of(signed_in_again(signed_in, asked, person))["code"]

    assert claims_of(deployment, redeem(app, code).json()["id_token"], app)["auth_time"] >= before["auth_time"] + 10


def test_oidcc_discovery_endpoint_verification(deployment: Deployment) -> None:
    """oidcc-discovery-endpoint-verification."""
    answer = get(deployment, OPENID_METADATA.path, None)
    found = answer.json()

    assert answer.headers["Content-Type"] == "application/json"
    assert found["issuer"] == deployment.settings.issuer
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[name].startswith(f"{deployment.settings.issuer}/")
    kids = [key["kid"] for key in get(deployment, found["jwks_uri"].removeprefix(found["issuer"]), None).json()["keys"]]
    assert len(kids) == len(set(kids)) > 0


def test_oidcc_ensure_post_request_succeeds(signed_in: Browser, app: Client) -> None:
    """oidcc-ensure-post-request-succeeds."""
    code_in(signed_in, app)
    query = urlsplit(app.authorize_path(scope="openid", nonce="n")).query
    from_another_site = {"Origin": "https://client.example.test", "Content-Type": "application/x-www-form-urlencoded"}

    answer = Browser(app.deployment.base_url).post(AUTHORIZE.path, query, headers=from_another_site)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{AUTHORIZE.path}?{query}")
    assert "code" in answer_of(signed_in.get(answer.headers["Location"]))


def test_oidcc_server_and_ensure_request_without_nonce_succeeds_for_code_flow(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    """oidcc-server, oidcc-ensure-request-without-nonce-succeeds-for-code-flow."""
    answer = tokens_in(signed_in, app, nonce="n-0S6_WzA2Mj")
    claims = claims_of(deployment, answer["id_token"], app)

    assert (answer["token_type"], answer["scope"]) == ("Bearer", "openid")
    assert (claims["sub"], claims["aud"], claims["nonce"]) == (person.user.user_id, app.app.client_id, "n-0S6_WzA2Mj")
    assert claims["iat"] <= time.time() < claims["exp"]
    assert 0 <= time.time() - claims["auth_time"] < 60
    digest = hashlib.sha256(answer["access_token"].encode()).digest()
    assert claims["at_hash"] == base64url(digest[:16])
    assert "nonce" not in claims_of(deployment, tokens_in(signed_in, app)["id_token"], app)


def test_oidcc_codereuse_with_pkce_and_codereuse_30seconds(signed_in: Browser, app: Client) -> None:
    """Without PKCE no time has to pass before what the code produced ends.

    oidcc-ensure-request-with-valid-pkce-succeeds, oidcc-codereuse, oidcc-codereuse-30seconds.
    """
    """Without PKCE no time has to pass before what the code produced ends."""
    code = code_in(signed_in, app, **PKCE)
    assert redeem(app, code, code_verifier=VERIFIER).status_code == 200
    assert redeem(app, code, code_verifier=VERIFIER).json()["error"] == "invalid_grant"

    plain = code_in(signed_in, app)
    tokens = redeem(app, plain).json()
    assert redeem(app, plain).json()["error"] == "invalid_grant"
    assert app.introspect(tokens["access_token"]).json() == {"active": False}


def test_oidcc_ensure_registered_redirect_uri_also_with_a_request_object(signed_in: Browser, app: Client) -> None:
    """oidcc-ensure-registered-redirect-uri, oidcc-ensure-request-object-with-redirect-uri."""
    for more in ({}, {"request": UNSIGNED}):
        assert_page(signed_in.get(app.authorize_path(scope="openid", redirect_uri=f"{CALLBACK}/other", **more)))


def test_oidcc_server_client_secret_post(signed_in: Browser, app: Client) -> None:
    """oidcc-server-client-secret-post."""
    own = {"client_id": app.app.client_id, "client_secret": app.secret}

    assert "id_token" in redeem(app, code_in(signed_in, app), auth=None, **own).json()


def test_oidcc_refresh_token(deployment: Deployment, signed_in: Browser, app: Client, person: Person) -> None:
    """oidcc-refresh-token."""
    other = new_client(deployment, person, scope=SCOPES)
    first = tokens_in(signed_in, app, scope="openid offline_access")
    assert other.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    second = app.refresh(first["refresh_token"]).json()

    before, after = (claims_of(deployment, each["id_token"], app) for each in (first, second))
    assert all(before[name] == after[name] for name in ("iss", "sub", "aud", "auth_time", "sid"))


# Claims


def test_oidcc_userinfo_get_post_header_and_post_body(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    """The last one warns: a token is read from the header alone.

    oidcc-userinfo-get, oidcc-userinfo-post-header, oidcc-userinfo-post-body.
    """
    """The last one warns: a token is read from the header alone."""
    token = tokens_in(signed_in, app)["access_token"]

    for method in ("GET", "POST"):
        answer = userinfo(deployment, token, method)
        assert (answer.status_code, answer.json()) == (200, {"sub": person.user.user_id})
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert userinfo(deployment, None, "POST", data={"access_token": token}).status_code == 401


def test_oidcc_scope_modules_and_claims_essential(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    """oidcc-claims-essential."""
    address = f"{person.name}@example.test"
    deployment.store.change_email(person.user, address, confirmed=True)
    known: dict[str, object] = {"sub": person.user.user_id, "name": person.name, "preferred_username": person.name}
    known |= {"email": address, "email_verified": True}

    for module, (scope, names) in TOLD.items():
        tokens = tokens_in(signed_in, app, scope=scope)
        assert set(tokens["scope"].split()) == set(scope.split()) - {"address", "phone"}, module
        told = userinfo(deployment, tokens["access_token"]).json()
        assert told == {name: known[name] for name in {"sub", *names}}, module
    essential = tokens_in(signed_in, app, claims='{"userinfo":{"name":{"essential":true}}}')
    assert userinfo(deployment, essential["access_token"]).json()["name"] == person.name


def test_oidcc_idtoken_signature_and_unsigned(deployment: Deployment, signed_in: Browser, app: Client) -> None:
    """oidcc-idtoken-signature, oidcc-idtoken-unsigned."""
    header = jwt.get_unverified_header(tokens_in(signed_in, app)["id_token"])

    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in get(deployment, JWKS.path, None).json()["keys"]}
    assert "none" not in get(deployment, OPENID_METADATA.path, None).json()["id_token_signing_alg_values_supported"]
