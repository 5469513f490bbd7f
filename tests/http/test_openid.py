"""Rules of sign-in with OpenID Connect: demanded sign-ins, hints, userinfo, posted responses, signed claims."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from gatepost.identifiers import base64url
from gatepost.routes import AUTHORIZE, EDIT_APP_PAGE, UPDATE_APP, USERINFO, WHOAMI
from infra.local.deployment import Deployment
from tests.answers import assert_page, redeem
from tests.browsing import Browser, answer_of, form_of
from tests.http.openid import (
    SCOPES,
    claims_of,
    sent_to_sign_in,
    signed_in_again,
    silent,
    tokens_in,
    userinfo,
)
from tests.people import CALLBACK, Client, Person, entered, get, new_client, new_person, stops

BYE = "http://localhost:9999/bye"


@pytest.fixture
def app(openid_app: Client) -> Client:
    return openid_app


def registered(owner: Browser, app: Client, **fields: str) -> None:
    """Fill in the form as an owner does."""
    path = UPDATE_APP.at(client_id=app.app.client_id)
    shown = form_of(owner.get(EDIT_APP_PAGE.at(client_id=app.app.client_id)), path).fields
    several = {"scope": sorted(app.app.scope), "grant_types": app.app.grant_types}
    typed = {**shown, **several, "redirect_uris": "\n".join(app.app.redirect_uris), **fields}
    saved = owner.post(path, typed, headers={"Origin": owner.base_url})
    assert (saved.status_code, parse_qs(urlsplit(saved.headers["Location"]).query)) == (303, {"done": ["app_changed"]})


# Demanded sign-ins and hints


def test_s205_a_hint_of_another_user_never_brings_a_code_for_who_is_signed_in(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    other, mine = new_person(deployment), tokens_in(signed_in, app)["id_token"]
    theirs = tokens_in(entered(deployment, other), app)["id_token"]

    assert silent(signed_in, app, id_token_hint=theirs)["error"] == "login_required"
    asked = signed_in.get(app.authorize_path(scope="openid", id_token_hint=theirs))
    assert sent_to_sign_in(asked)
    assert answer_of(signed_in_again(signed_in, asked, person))["error"] == "login_required"
    asked = signed_in.get(app.authorize_path(scope="openid", id_token_hint=theirs))
    assert "code" in answer_of(signed_in_again(signed_in, asked, other))
    nobody = Browser(deployment.base_url)
    assert silent(nobody, app, id_token_hint=mine)["error"] == "login_required"


def test_s203_s204_a_hint_that_is_no_id_token_for_the_app_counts_as_another_users(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    tokens = tokens_in(signed_in, app)
    header, payload, signature = tokens["id_token"].split(".")
    kid = jwt.get_unverified_header(tokens["id_token"])["kid"]
    unsigned = base64url(b'{"alg":"none","typ":"JWT","kid":"x"}')
    elsewhere = new_client(deployment, person, scope=SCOPES)
    hints = (
        f"{unsigned}.{payload}.",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        jwt.encode({"sub": person.user.user_id}, "k" * 32, "HS256", {"kid": kid}),
        tokens["access_token"],
        tokens_in(signed_in, elsewhere)["id_token"],
        "nonsense",
    )
    for hint in hints:
        assert silent(signed_in, app, id_token_hint=hint)["error"] == "login_required", hint


def test_s208_an_error_of_prompt_none_goes_to_no_redirect_uri_that_is_not_registered(
    browser: Browser, app: Client
) -> None:
    for redirect_uri in ("https://evil.test/cb", f"{CALLBACK}/", f"{CALLBACK}?x=1", f"{CALLBACK}#x", "javascript:x"):
        assert_page(browser.get(app.authorize_path(scope="openid", prompt="none", redirect_uri=redirect_uri)))


def test_s205_s230_a_request_that_can_not_be_met_is_refused(signed_in: Browser, app: Client) -> None:
    tokens_in(signed_in, app)
    acr = json.dumps({"id_token": {"acr": {"essential": True, "values": ["phr"]}}})
    somebody = json.dumps({"id_token": {"sub": {"value": "somebody-else"}}})
    for parameters, error in (
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"claims": acr}, "unmet_authentication_requirements"),
        ({"claims": somebody, "prompt": "none"}, "login_required"),
    ):
        assert answer_of(signed_in.get(app.authorize_path(scope="openid", **parameters)))["error"] == error
    assert sent_to_sign_in(signed_in.get(app.authorize_path(scope="openid", claims=somebody)))


def test_s219_a_post_that_is_an_authorization_request_approves_nothing(signed_in: Browser, app: Client) -> None:
    query = urlsplit(app.authorize_path(scope="openid")).query
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert signed_in.post(AUTHORIZE.path, query, headers=form).status_code == 303
    for proof in ("decision=allow", "form_token=x&decision=allow", "request_id=x"):
        assert_page(signed_in.post(AUTHORIZE.path, f"{query}&{proof}", headers=form))
    for other in (f"{query}&x={'x' * 9000}", f"{query}&x=\r\nSet-Cookie: a=b", f"{query}&x=#", f"{query}&x=é".encode()):
        assert_page(signed_in.post(AUTHORIZE.path, other, headers=form))


def test_s209_a_posted_response_is_text_in_a_form_that_needs_no_script(
    deployment: Deployment, signed_in: Browser, app: Client
) -> None:
    state = '"><script>alert(1)</script>&amp;é'
    request = app.authorize_path(scope="openid", response_mode="form_post", state=state)
    shown = signed_in.decide(signed_in.get(request), "allow")

    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://client.example.test;" in policy
    assert "unsafe" not in policy
    assert shown.text.count("<script") == 1
    assert f'action="{CALLBACK}"' in shown.text
    assert '<button class="button button-main">Continue</button>' in shown.text
    fields = answer_of(shown)
    assert sorted(fields) == ["code", "iss", "state"]
    assert (fields["state"], fields["iss"]) == (state, deployment.settings.issuer)
    assert redeem(app, fields["code"]).status_code == 200
    denied = app.authorize_path(scope="openid email", response_mode="form_post")
    assert answer_of(signed_in.decide(signed_in.get(denied), "deny"))["error"] == "access_denied"


# Userinfo and signed claims


def test_s213_a_token_without_openid_is_told_so(deployment: Deployment, signed_in: Browser, app: Client) -> None:
    for token in (
        tokens_in(signed_in, app, scope="read profile")["access_token"],
        app.token(grant_type="client_credentials", scope="read").json()["access_token"],
    ):
        answer = userinfo(deployment, token)
        assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
        assert answer.headers["WWW-Authenticate"] == (
            'Bearer realm="gatepost", error="insufficient_scope", '
            'error_description="the token needs the scope openid", scope="openid"'
        )


def test_s213_s373_userinfo_asks_for_a_token_in_its_header_and_says_why_one_does_not_open_it(
    deployment: Deployment, signed_in: Browser, app: Client
) -> None:
    token = tokens_in(signed_in, app)["access_token"]
    for method in ("GET", "POST"):
        missing = userinfo(deployment, None, method, params={"access_token": token})
        assert (missing.status_code, missing.headers["WWW-Authenticate"]) == (401, 'Bearer realm="gatepost"')
        assert "error" not in missing.json()
        wrong = userinfo(deployment, "not-a-token", method)
        assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_token")
        assert wrong.headers["WWW-Authenticate"] == (
            'Bearer realm="gatepost", error="invalid_token", error_description="the token is not valid"'
        )
        for answer in (missing, wrong):
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]
    twice = userinfo(deployment, "a, Bearer b")
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")


def test_s203_s213_s373_an_id_token_a_revoked_one_and_one_for_another_api_are_no_valid_tokens(
    deployment: Deployment, signed_in: Browser, app: Client
) -> None:
    tokens = tokens_in(signed_in, app)
    there = tokens_in(signed_in, app, scope="openid read", resource=f"{deployment.settings.issuer}/demo/notes")
    app.revoke(tokens["access_token"])
    assert stops(deployment, tokens["access_token"], USERINFO.path)

    for token in (there["access_token"], tokens["id_token"], tokens["access_token"]):
        answer = userinfo(deployment, token)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert get(deployment, WHOAMI.path, tokens["id_token"]).status_code == 403
    assert app.introspect(tokens["id_token"]).json() == {"active": False}


def test_s203_an_owner_chooses_how_id_tokens_and_userinfo_are_signed_and_signed_userinfo_is_no_token(
    deployment: Deployment, signed_in: Browser, app: Client, person: Person
) -> None:
    registered(
        signed_in, app, id_token_signed_response_alg="ES256", userinfo_signed_response_alg="RS256",
        post_logout_redirect_uris=BYE,
    )  # fmt: skip
    assert BYE in signed_in.get(EDIT_APP_PAGE.at(client_id=app.app.client_id)).text

    tokens = tokens_in(signed_in, app, scope="openid profile")
    claims = claims_of(deployment, tokens["id_token"], app, "ES256")
    assert (claims["sub"], claims["acr"], claims["amr"]) == (person.user.user_id, "1", ["pwd"])
    signed = userinfo(deployment, tokens["access_token"])
    assert signed.headers["Content-Type"] == "application/jwt"
    assert jwt.get_unverified_header(signed.text)["typ"] == "userinfo+jwt"
    assert claims_of(deployment, signed.text, app) == {
        "iss": deployment.settings.issuer,
        "aud": app.app.client_id,
        "sub": person.user.user_id,
        "name": person.name,
        "preferred_username": person.name,
    }
    assert userinfo(deployment, signed.text).status_code == 401
    assert app.introspect(signed.text).json() == {"active": False}
    assert silent(signed_in, app, id_token_hint=signed.text)["error"] == "login_required"


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
