"""Sign-ins that a request of OpenID Connect demands, and the user that its code is for (Core §3.1.2.1)."""

from __future__ import annotations

import jwt
import pytest

from gatepost.identifiers import base64url
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.browsing import Browser, answer_of
from tests.http.openid import (
    Known,
    sent_to_sign_in,
    signed_in_again,
    silent,
)
from tests.people import CALLBACK, Client, Person, new_client, new_person


@pytest.fixture
def app(openid_app: Client) -> Client:
    return openid_app


def test_s206_the_same_request_again_asks_again(known: Known, app: Client) -> None:
    browser, _, _ = known
    for demand in ({"prompt": "login"}, {"max_age": "0"}):
        for _ in range(2):
            assert sent_to_sign_in(browser.get(app.authorize_path(scope="openid", **demand)))


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


def test_a_max_age_that_is_no_number_is_refused(known: Known, app: Client) -> None:
    browser, _, _ = known

    for value in ("-1", "1.5", "x", "١", "9" * 11):
        assert answer_of(browser.get(app.authorize_path(scope="openid", max_age=value)))["error"] == "invalid_request"
