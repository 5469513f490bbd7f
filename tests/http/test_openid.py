"""Sign-in with OpenID Connect, from the request to the ID token."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest

from gatepost.routes import APP_PAGE, AUTHORIZE, INTROSPECT, USERINFO, WHOAMI
from infra.local.deployment import Deployment
from tests.answers import assert_page, redeem
from tests.browsing import Browser, answer_of
from tests.http.openid import SCOPES, claims_of, userinfo
from tests.people import CALLBACK, Client, Person, entered, new_client, opens, stops


@pytest.fixture
def app(openid_app: Client) -> Client:
    return openid_app


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
    assert form.count("For the app itself: not available.") >= 4


def test_s213_a_token_in_the_body_or_the_query_opens_nothing(
    deployment: Deployment, app: Client, person: Person
) -> None:
    token = app.tokens(person, scope="openid")["access_token"]

    assert userinfo(deployment, None, "POST", data={"access_token": token}).status_code == 401
    assert userinfo(deployment, None, params={"access_token": token}).status_code == 401


def test_s213_a_token_without_openid_is_told_so(deployment: Deployment, app: Client, person: Person) -> None:
    for token in (
        app.tokens(person, scope="read profile")["access_token"],
        app.token(grant_type="client_credentials", scope="read").json()["access_token"],
    ):
        answer = userinfo(deployment, token)
        assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
        assert answer.headers["WWW-Authenticate"] == (
            'Bearer realm="gatepost", error="insufficient_scope", '
            'error_description="the token needs the scope openid", scope="openid"'
        )


def test_s373_userinfo_asks_for_a_token_and_says_why_one_does_not_open_it(
    deployment: Deployment, app: Client, person: Person
) -> None:
    for method in ("GET", "POST"):
        missing = userinfo(deployment, None, method)
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
    deployment: Deployment, app: Client, person: Person
) -> None:
    tokens = app.tokens(person, scope="openid")
    there = app.tokens(person, scope="openid read", resource=f"{deployment.settings.issuer}/demo/notes")
    app.revoke(tokens["access_token"])
    assert stops(deployment, tokens["access_token"], USERINFO.path)

    for token in (there["access_token"], tokens["id_token"], tokens["access_token"]):
        answer = userinfo(deployment, token)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_s219_a_post_that_is_an_authorization_request_approves_nothing(
    signed_in: Browser, app: Client, person: Person
) -> None:
    query = urlsplit(app.authorize_path(scope="openid")).query
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert signed_in.post(AUTHORIZE.path, query, headers=form).status_code == 303
    for proof in ("decision=allow", "form_token=x&decision=allow", "request_id=x"):
        assert_page(signed_in.post(AUTHORIZE.path, f"{query}&{proof}", headers=form))
    for other in (f"{query}&x={'x' * 9000}", f"{query}&x=\r\nSet-Cookie: a=b", f"{query}&x=#", f"{query}&x=é".encode()):
        assert_page(signed_in.post(AUTHORIZE.path, other, headers=form))


def test_s209_a_posted_response_is_text_in_a_form_that_needs_no_script(deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, scope=SCOPES)
    browser = entered(deployment, person)
    state = '"><script>alert(1)</script>&amp;é'
    request = client.authorize_path(scope="openid", response_mode="form_post", state=state)
    shown = browser.decide(browser.get(request), "allow")

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
    assert redeem(client, fields["code"]).status_code == 200
    denied = browser.decide(browser.get(client.authorize_path(scope="openid email", response_mode="form_post")), "deny")
    assert answer_of(denied)["error"] == "access_denied"


def test_a_form_is_posted_to_no_apps_own_scheme(deployment: Deployment, signed_in: Browser, person: Person) -> None:
    client = new_client(deployment, person, redirect_uris=["com.example.app:/cb"])
    request = client.authorize_path(redirect_uri="com.example.app:/cb", response_mode="form_post")

    assert answer_of(signed_in.get(request))["error"] == "invalid_request"
    implicit = client.authorize_path(
        redirect_uri="com.example.app:/cb", response_type="token", response_mode="form_post"
    )
    assert answer_of(signed_in.get(implicit))["error"] == "invalid_request"
