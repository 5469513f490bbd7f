"""The modules of the Foundation's plans Basic OP, Form Post Basic OP and Config OP, by their names."""

from __future__ import annotations

import hashlib
import time
from urllib.parse import urlsplit

import pytest

from gatepost.identifiers import base64url
from gatepost.routes import AUTHORIZE, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, assert_page, redeem
from tests.browsing import Browser, answer_of
from tests.http.openid import SCOPES, Known, brings_a_code, claims_of, sent_to_sign_in, signed_in_again, silent
from tests.people import CALLBACK, Client, Person, get, new_client, stops


@pytest.fixture
def app(openid_app: Client) -> Client:
    return openid_app


def test_oidcc_prompt_none_not_logged_in(browser: Browser, app: Client) -> None:
    assert silent(browser, app)["error"] == "login_required"


def test_oidcc_prompt_none_logged_in(deployment: Deployment, known: Known, app: Client) -> None:
    browser, _, before = known
    after = claims_of(deployment, redeem(app, silent(browser, app)["code"]).json()["id_token"], app)

    assert all(before[name] == after[name] for name in ("sub", "auth_time", "sid"))


def test_oidcc_prompt_login(deployment: Deployment, known: Known, app: Client, person: Person) -> None:
    browser, _, before = known
    time.sleep(1.1)
    for prompt in ("login", "select_account"):
        asked = browser.get(app.authorize_path(scope="openid", prompt=prompt))
        assert sent_to_sign_in(asked)
    code = answer_of(signed_in_again(browser, asked, person))["code"]

    assert claims_of(deployment, redeem(app, code).json()["id_token"], app)["auth_time"] > before["auth_time"]


def test_oidcc_max_age_1(deployment: Deployment, known: Known, app: Client, person: Person) -> None:
    browser, _, before = known
    time.sleep(2.1)
    request = app.authorize_path(scope="openid", max_age="1")
    asked = browser.get(request)
    assert sent_to_sign_in(asked)
    assert silent(browser, app, max_age="1")["error"] == "login_required"
    code = answer_of(signed_in_again(browser, asked, person))["code"]

    assert claims_of(deployment, redeem(app, code).json()["id_token"], app)["auth_time"] > before["auth_time"]


def test_oidcc_max_age_10000(deployment: Deployment, known: Known, app: Client) -> None:
    browser, _, before = known
    code = answer_of(browser.get(app.authorize_path(scope="openid", max_age="10000")))["code"]

    assert claims_of(deployment, redeem(app, code).json()["id_token"], app)["auth_time"] == before["auth_time"]


def test_oidcc_id_token_hint(known: Known, app: Client) -> None:
    browser, token, _ = known

    assert "code" in silent(browser, app, id_token_hint=token)
    assert "code" in answer_of(browser.get(app.authorize_path(scope="openid", id_token_hint=token)))


def test_oidcc_display_page(known: Known, app: Client) -> None:
    assert brings_a_code(known, app, display="page")


def test_oidcc_display_popup(known: Known, app: Client) -> None:
    assert brings_a_code(known, app, display="popup")


def test_oidcc_ui_locales(known: Known, app: Client) -> None:
    assert brings_a_code(known, app, ui_locales="se")


def test_oidcc_claims_locales(known: Known, app: Client) -> None:
    assert brings_a_code(known, app, claims_locales="se")


def test_oidcc_login_hint(known: Known, app: Client) -> None:
    assert brings_a_code(known, app, login_hint="somebody@example.com")


def test_oidcc_ensure_request_with_acr_values_succeeds(deployment: Deployment, known: Known, app: Client) -> None:
    browser, _, _ = known
    code = answer_of(browser.get(app.authorize_path(scope="openid", acr_values="1 2")))["code"]

    assert claims_of(deployment, redeem(app, code).json()["id_token"], app)["acr"] == "1"


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(known: Known, app: Client) -> None:
    assert brings_a_code(known, app, extra="foobar")


def test_oidcc_discovery_endpoint_verification(deployment: Deployment, app: Client, person: Person) -> None:
    answer = get(deployment, OPENID_METADATA.path, None)
    found = answer.json()

    assert answer.headers["Content-Type"] == "application/json"
    assert found["issuer"] == deployment.settings.issuer
    assert found["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert found["subject_types_supported"] == ["public"]
    assert found["request_uri_parameter_supported"] is False
    assert {"code"} <= set(found["response_types_supported"])
    assert set(SCOPES) <= set(found["scopes_supported"])
    claims = claims_of(deployment, app.tokens(person, scope="openid", nonce="n")["id_token"], app)
    assert set(claims) <= set(found["claims_supported"])
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[name].startswith(f"{deployment.settings.issuer}/")
    kids = [key["kid"] for key in get(deployment, found["jwks_uri"].removeprefix(found["issuer"]), None).json()["keys"]]
    assert len(kids) == len(set(kids)) > 0


def test_oidcc_ensure_post_request_succeeds(known: Known, app: Client) -> None:
    browser, _, _ = known
    query = urlsplit(app.authorize_path(scope="openid", nonce="n")).query
    from_another_site = {"Origin": "https://client.example.test", "Content-Type": "application/x-www-form-urlencoded"}

    answer = Browser(app.deployment.base_url).post(AUTHORIZE.path, query, headers=from_another_site)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{AUTHORIZE.path}?{query}")
    assert "code" in answer_of(browser.get(answer.headers["Location"]))


def test_oidcc_server(deployment: Deployment, app: Client, person: Person) -> None:
    answer = app.tokens(person, scope="openid", nonce="n-0S6_WzA2Mj")
    claims = claims_of(deployment, answer["id_token"], app)

    assert answer["token_type"] == "Bearer"
    assert (claims["aud"], claims["nonce"]) == (app.app.client_id, "n-0S6_WzA2Mj")
    assert claims["iat"] <= time.time() < claims["exp"]
    digest = hashlib.sha256(answer["access_token"].encode()).digest()
    assert claims["at_hash"] == base64url(digest[:16])


def test_oidcc_response_type_missing(known: Known, app: Client) -> None:
    answer = answer_of(known[0].get(app.authorize_path(scope="openid", response_type=None)))

    assert answer["error"] == "invalid_request"


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(
    deployment: Deployment, app: Client, person: Person
) -> None:
    assert "nonce" not in claims_of(deployment, app.tokens(person, scope="openid")["id_token"], app)


def test_oidcc_codereuse(known: Known, app: Client) -> None:
    code = answer_of(known[0].get(app.authorize_path(scope="openid", **PKCE)))["code"]

    assert redeem(app, code, code_verifier=VERIFIER).status_code == 200
    assert redeem(app, code, code_verifier=VERIFIER).json()["error"] == "invalid_grant"


def test_oidcc_codereuse_30seconds(deployment: Deployment, known: Known, app: Client) -> None:
    """Without PKCE no time has to pass."""
    code = answer_of(known[0].get(app.authorize_path(scope="openid")))["code"]
    tokens = redeem(app, code).json()

    assert redeem(app, code).json()["error"] == "invalid_grant"
    assert stops(deployment, tokens["access_token"])


def test_oidcc_ensure_registered_redirect_uri(known: Known, app: Client) -> None:
    assert_page(known[0].get(app.authorize_path(scope="openid", redirect_uri=f"{CALLBACK}/other")))


def test_oidcc_server_client_secret_post(app: Client, person: Person) -> None:
    own = {"client_id": app.app.client_id, "client_secret": app.secret}
    code = {"grant_type": "authorization_code", "code": app.code(person, scope="openid"), "redirect_uri": CALLBACK}

    assert "id_token" in app.token(auth=None, **code, **own).json()


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    known: Known, app: Client
) -> None:
    answer = answer_of(known[0].get(app.authorize_path(scope="openid", request="eyJhbGciOiJub25lIn0.e30.")))

    assert (answer["error"], "code" in answer) == ("request_not_supported", False)


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(known: Known, app: Client) -> None:
    answer = answer_of(known[0].get(app.authorize_path(scope="openid", request_uri="https://client.example.test/r")))

    assert (answer["error"], "code" in answer) == ("request_uri_not_supported", False)


def test_oidcc_ensure_request_object_with_redirect_uri(known: Known, app: Client) -> None:
    request = app.authorize_path(scope="openid", redirect_uri=f"{CALLBACK}/other", request="eyJhbGciOiJub25lIn0.e30.")

    assert_page(known[0].get(request))


def test_oidcc_refresh_token(deployment: Deployment, app: Client, person: Person) -> None:
    other = new_client(deployment, person, scope=SCOPES)
    first = app.tokens(person, scope="openid offline_access")
    assert other.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    second = app.refresh(first["refresh_token"]).json()

    before, after = (claims_of(deployment, each["id_token"], app) for each in (first, second))
    assert all(before[name] == after[name] for name in ("iss", "sub", "aud", "auth_time"))


def test_oidcc_ensure_request_with_valid_pkce_succeeds(app: Client, person: Person) -> None:
    assert "id_token" in app.tokens(person, scope="openid")
