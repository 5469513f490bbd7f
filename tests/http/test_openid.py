"""Sign-in with OpenID Connect, from the request to the ID token."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests

from gatepost.identifiers import base64url
from gatepost.routes import APP_PAGE, AUTHORIZE, INTROSPECT, JWKS, LOGIN, LOGIN_PAGE, OPENID_METADATA, USERINFO, WHOAMI
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import assert_page, redeem
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, get, new_client, new_person, opens, stops

SCOPES = Scope.of("openid", "profile", "email", "offline_access", "read")


class Posting(Client):
    """An app that wants the responses posted."""

    def authorize_path(self, **parameters: str | None) -> str:
        return super().authorize_path(**{"response_mode": "form_post", **parameters})


@pytest.fixture(params=[Client, Posting], ids=["basic", "form_post"])
def app(deployment: Deployment, person: Person, request: pytest.FixtureRequest) -> Client:
    """The Foundation's plan Form Post Basic is its plan Basic with another response mode."""
    made = new_client(deployment, person, scope=SCOPES)
    kind: type[Client] = request.param
    return kind(deployment=made.deployment, app=made.app, secret=made.secret)


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


def sent_to_sign_in(answer: Any) -> bool:
    return bool(answer.status_code == 303 and urlsplit(answer.headers["Location"]).path == LOGIN_PAGE.path)


def signed_in_again(browser: Browser, answer: Any, person: Person) -> Any:
    """Sign in where the answer leads, and open what the sign-in leads back to."""
    page = browser.get(answer.headers["Location"])
    entered = browser.submit(page, LOGIN.path, user_name=person.name, password=person.password)
    return browser.get(entered.headers["Location"])


@pytest.fixture
def known(signed_in: Browser, deployment: Deployment, app: Client) -> tuple[Browser, str, dict[str, Any]]:
    """A browser in which the app was allowed, and the ID token of that sign-in with its claims."""
    code = answer_of(signed_in.decide(signed_in.get(app.authorize_path(scope="openid")), "allow"))["code"]
    token = redeem(app, code).json()["id_token"]
    return signed_in, token, claims_of(deployment, token, app)


Known = tuple[Browser, str, dict[str, Any]]


def silent(browser: Browser, app: Client, **parameters: str) -> dict[str, str]:
    return answer_of(browser.get(app.authorize_path(scope="openid", prompt="none", **parameters)))


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


def test_s206_the_same_request_again_asks_again(known: Known, app: Client) -> None:
    browser, _, _ = known
    for demand in ({"prompt": "login"}, {"max_age": "0"}):
        for _ in range(2):
            assert sent_to_sign_in(browser.get(app.authorize_path(scope="openid", **demand)))


def test_oidcc_max_age_10000(deployment: Deployment, known: Known, app: Client) -> None:
    browser, _, before = known
    code = answer_of(browser.get(app.authorize_path(scope="openid", max_age="10000")))["code"]

    assert claims_of(deployment, redeem(app, code).json()["id_token"], app)["auth_time"] == before["auth_time"]


def test_oidcc_id_token_hint(known: Known, app: Client) -> None:
    browser, token, _ = known

    assert "code" in silent(browser, app, id_token_hint=token)
    assert "code" in answer_of(browser.get(app.authorize_path(scope="openid", id_token_hint=token)))


def test_s205_a_hint_of_another_user_never_brings_a_code_for_who_is_signed_in(
    deployment: Deployment, known: Known, app: Client, person: Person
) -> None:
    browser, _, _ = known
    other = new_person(deployment)
    theirs = app.tokens(other, scope="openid")["id_token"]

    assert silent(browser, app, id_token_hint=theirs)["error"] == "login_required"
    asked = browser.get(app.authorize_path(scope="openid", id_token_hint=theirs))
    assert sent_to_sign_in(asked)
    assert answer_of(signed_in_again(browser, asked, person))["error"] == "login_required"
    asked = browser.get(app.authorize_path(scope="openid", id_token_hint=theirs))
    assert "code" in answer_of(signed_in_again(browser, asked, other))


def test_s205_nobody_is_taken_for_signed_in_by_a_hint(browser: Browser, known: Known, app: Client) -> None:
    _, token, _ = known
    fresh = Browser(app.deployment.base_url)

    assert silent(fresh, app, id_token_hint=token)["error"] == "login_required"
    assert sent_to_sign_in(fresh.get(app.authorize_path(scope="openid", id_token_hint=token)))


def test_s204_a_hint_that_is_no_id_token_for_the_app_counts_as_another_users(
    deployment: Deployment, known: Known, app: Client, person: Person
) -> None:
    browser, token, _ = known
    header, payload, signature = token.split(".")
    unsigned = base64url(b'{"alg":"none","typ":"JWT","kid":"x"}')
    symmetric = jwt.encode(
        {"sub": person.user.user_id}, "k" * 32, "HS256", {"kid": jwt.get_unverified_header(token)["kid"]}
    )
    elsewhere = new_client(deployment, person, scope=Scope.of("openid"))
    hints = (
        f"{unsigned}.{payload}.",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        symmetric,
        app.tokens(person, scope="openid")["access_token"],
        elsewhere.tokens(person, scope="openid")["id_token"],
        "nonsense",
    )
    for hint in hints:
        assert silent(browser, app, id_token_hint=hint)["error"] == "login_required", hint


def test_s205_prompt_none_goes_with_nothing_else(known: Known, app: Client) -> None:
    browser, _, _ = known

    for prompt in ("none login", "none consent", "create", "None"):
        assert answer_of(browser.get(app.authorize_path(scope="openid", prompt=prompt)))["error"] == "invalid_request"


def test_s208_an_error_of_prompt_none_goes_to_no_redirect_uri_that_is_not_registered(
    deployment: Deployment, browser: Browser, app: Client
) -> None:
    for redirect_uri in ("https://evil.test/cb", f"{CALLBACK}/", f"{CALLBACK}?x=1", f"{CALLBACK}#x", "javascript:x"):
        assert_page(browser.get(app.authorize_path(scope="openid", prompt="none", redirect_uri=redirect_uri)))


def test_oidcc_unsigned_request_object(known: Known, app: Client) -> None:
    browser, _, _ = known

    for name, value in (("request", "eyJ.e30."), ("request_uri", "https://client.example.test/request")):
        answer = answer_of(browser.get(app.authorize_path(scope="openid", **{name: value})))
        assert (answer["error"], "code" in answer) == (f"{name}_not_supported", False)


def brings_a_code(known: Known, app: Client, **parameters: str) -> bool:
    return "code" in answer_of(known[0].get(app.authorize_path(scope="openid", **parameters)))


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


def test_oidcc_ensure_request_with_acr_values_succeeds(known: Known, app: Client) -> None:
    assert brings_a_code(known, app, acr_values="1 2")


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(known: Known, app: Client) -> None:
    assert brings_a_code(known, app, extra="foobar")


def test_a_max_age_that_is_no_number_is_refused(known: Known, app: Client) -> None:
    browser, _, _ = known

    for value in ("-1", "1.5", "x", "١", "9" * 11):
        assert answer_of(browser.get(app.authorize_path(scope="openid", max_age=value)))["error"] == "invalid_request"


def userinfo(deployment: Deployment, token: str | None, method: str = "GET", **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = deployment.base_url + USERINFO.path
    return requests.request(method, url, headers=headers, timeout=30, **options)


def test_oidcc_userinfo_get(deployment: Deployment, app: Client, person: Person) -> None:
    answer = userinfo(deployment, app.tokens(person, scope="openid")["access_token"])

    assert (answer.status_code, answer.json()) == (200, {"sub": person.user.user_id})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_oidcc_userinfo_post_header(deployment: Deployment, app: Client, person: Person) -> None:
    answer = userinfo(deployment, app.tokens(person, scope="openid")["access_token"], "POST")

    assert (answer.status_code, answer.json()) == (200, {"sub": person.user.user_id})


def test_s213_a_token_in_the_body_or_the_query_opens_nothing(
    deployment: Deployment, app: Client, person: Person
) -> None:
    token = app.tokens(person, scope="openid")["access_token"]

    assert userinfo(deployment, None, "POST", data={"access_token": token}).status_code == 401
    assert userinfo(deployment, None, params={"access_token": token}).status_code == 401


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


def test_s203_s213_an_id_token_a_revoked_one_and_one_for_another_api_open_nothing(
    deployment: Deployment, app: Client, person: Person
) -> None:
    tokens = app.tokens(person, scope="openid")
    there = app.tokens(person, scope="openid read", resource=f"{deployment.settings.issuer}/demo/notes")
    assert userinfo(deployment, there["access_token"]).status_code == 403
    assert userinfo(deployment, tokens["id_token"]).status_code == 403
    app.revoke(tokens["access_token"])

    assert stops(deployment, tokens["access_token"], USERINFO.path)


def test_oidcc_discovery_endpoint_verification(deployment: Deployment, app: Client, person: Person) -> None:
    answer = get(deployment, OPENID_METADATA.path, None)
    found = answer.json()

    assert answer.headers["Content-Type"] == "application/json"
    assert found["issuer"] == deployment.settings.issuer
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
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
    browser = Browser(deployment.base_url)
    browser.sign_in(person.name, person.password)
    state = '"><script>alert(1)</script>&amp;é'
    request = client.authorize_path(scope="openid", response_mode="form_post", state=state)
    shown = browser.decide(browser.get(request), "allow")

    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https:;" in policy
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
