"""RP-Initiated Logout: the modules of the Foundation's plan by their names, and what nobody else may bring about."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

import jwt
import pytest

from gatepost.identifiers import base64url
from gatepost.routes import HOME, LOGOUT, OPENID_LOGOUT, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.browsing import Browser
from tests.http.deployed import with_settings
from tests.http.logging_out import (
    BYE,
    ELSEWHERE,
    Known,
    asks_the_user,
    known_to,
    returning,
    say_yes,
    says_signed_out,
    sent_to,
)
from tests.http.openid import SCOPES
from tests.people import Person, get, new_client, new_person


@pytest.fixture
def known(deployment: Deployment, person: Person) -> Known:
    return known_to(returning(deployment, person), person)


def test_oidcc_rp_initiated_and_backchannel_logout_discovery_endpoint_verification(deployment: Deployment) -> None:
    """oidcc-rp-initiated-logout-discovery-endpoint-verification,
    oidcc-backchannel-logout-discovery-endpoint-verification.
    """
    found = get(deployment, OPENID_METADATA.path, None).json()

    assert found["end_session_endpoint"] == f"{deployment.settings.issuer}/authorization/logout"
    assert found["backchannel_logout_supported"] is True
    assert found["backchannel_logout_session_supported"] is True


def test_s330_oidcc_rp_initiated_logout_and_no_state(known: Known) -> None:
    """oidcc-rp-initiated-logout, oidcc-rp-initiated-logout-no-state."""
    copy = Browser(known.browser.base_url)
    copy.cookies = dict(known.browser.cookies)

    ended = known.asks_back(state="s 1&x")
    assert sent_to(ended) == f"{BYE}?state=s%201%26x"
    assert ended.headers["Set-Cookie"].startswith("__Host-gatepost-session=; Max-Age=0; ")
    for browser in (known.browser, copy):  # a copy of the cookie is dead too
        assert not replace(known, browser=browser).signed_in
    # Where nobody is signed in, what may come along is ignored.
    assert sent_to(known.asks_back(ui_locales="de", logout_hint="somebody", more="x")) == BYE
    assert says_signed_out(known.asks(id_token_hint=known.id_token))
    assert says_signed_out(known.asks())


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(known: Known) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri."""
    page = known.asks(id_token_hint=known.id_token, client_id=known.app.app.client_id)

    assert says_signed_out(page)
    assert not known.signed_in
    assert known.id_token not in page.text


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri_and_query_added_to_it(
    known: Known, deployment: Deployment
) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri,
    oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri.
    """
    for uri in (f"{BYE}/other", f"{BYE}?foo=bar"):  # of one kind: the newest is kept
        answer = known.asks_back(post_logout_redirect_uri=uri, state="s")
        assert_page(answer, never=BYE)
        assert "An app sent you here" in answer.text
    assert known.signed_in

    (told,) = deployment.store.problems_of(known.app.app.client_id)
    reason = "post_logout_redirect_uri is not registered. Register it, or send a registered one."
    assert (told.endpoint, told.reason, told.detail, told.proven) == ("logout", reason, f"{BYE}?foo=…", False)


def test_s203_s204_oidcc_rp_initiated_logout_without_the_apps_hint_asks_the_user(known: Known) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint,
    oidcc-rp-initiated-logout-bad-id-token-hint,
    oidcc-rp-initiated-logout-no-id-token-hint,
    oidcc-rp-initiated-logout-no-params,
    oidcc-rp-initiated-logout-only-state.
    """
    header, payload, _ = known.id_token.split(".")
    kid = jwt.get_unverified_header(known.id_token)["kid"]
    unsigned = base64url(json.dumps({"alg": "none", "typ": "JWT", "kid": kid}).encode())
    claims = jwt.decode(known.id_token, options={"verify_signature": False})
    by_the_app = jwt.encode(claims, known.app.secret, "HS256", {"kid": kid})
    assert header != unsigned

    for hint in (f"{unsigned}.{payload}.", by_the_app, known.access_token, "nonsense", f"{known.id_token}.x"):
        assert asks_the_user(known.asks_back(id_token_hint=hint, state="s")), hint
    page = known.asks(post_logout_redirect_uri=BYE, client_id=known.app.app.client_id, state="s")
    assert asks_the_user(page)
    assert "client.example.test" not in page.text + page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"  # no-referrer would make the form's Origin null
    assert "form-action 'self';" in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    assert asks_the_user(known.asks(state="s"))
    page = known.asks()
    assert asks_the_user(page)
    assert known.signed_in

    assert says_signed_out(say_yes(known.browser, page))
    assert not known.signed_in


# Rules


def test_a_post_from_another_site_is_the_same_request_by_get(known: Known) -> None:
    query = urlencode({"id_token_hint": known.id_token, "post_logout_redirect_uri": BYE, "state": "s"})
    answer = Browser(known.browser.base_url).post(OPENID_LOGOUT.path, query, headers=ELSEWHERE)

    assert sent_to(answer) == f"{OPENID_LOGOUT.path}?{query}"
    assert known.signed_in
    assert_page(known.browser.post(OPENID_LOGOUT.path, f"state={'s' * 9000}", headers=ELSEWHERE))
    assert sent_to(known.browser.get(sent_to(answer))) == f"{BYE}?state=s"
    assert sent_to(known.browser.post(OPENID_LOGOUT.path, "", headers=ELSEWHERE)) == OPENID_LOGOUT.path


def test_s330_another_site_says_no_yes_for_the_user(known: Known) -> None:
    """Neither a post with the cookies, which browsers would not send, nor one with a token of another browser."""
    other = known_to(known.app, new_person(known.app.deployment))
    form = {"form_token": "guessed", "id_token_hint": known.id_token}

    assert_page(known.browser.post(OPENID_LOGOUT.path, urlencode(form), headers=ELSEWHERE))
    form["form_token"] = other.asks().text.partition('name="form_token" value="')[2].partition('"')[0]
    assert len(form["form_token"]) == 43
    assert_page(known.browser.post(OPENID_LOGOUT.path, form, headers={"Origin": known.browser.base_url}))
    own = known.asks().text.partition('name="form_token" value="')[2].partition('"')[0]
    assert_page(known.browser.post(OPENID_LOGOUT.path, urlencode({"form_token": own}), headers=ELSEWHERE))
    assert sent_to(known.browser.post(OPENID_LOGOUT.path, "decision=yes", headers=ELSEWHERE)).endswith("?decision=yes")
    assert asks_the_user(known.asks(form_token=own))
    assert known.signed_in


def test_s19_s330_a_hint_of_another_user_ends_nothing_before_the_yes_and_state_is_no_markup(known: Known) -> None:
    other = known_to(known.app, new_person(known.app.deployment))
    state = '"><script>alert(1)</script>'
    page = other.asks(id_token_hint=known.id_token, post_logout_redirect_uri=BYE, state=state)

    assert asks_the_user(page)
    assert other.signed_in
    assert "form-action 'self' https:;" in page.headers["Content-Security-Policy"]
    assert known.app.app.name in page.text
    assert "<script" not in page.text
    assert sent_to(say_yes(other.browser, page)) == f"{BYE}?state=%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E"
    assert (other.signed_in, known.signed_in) == (False, True)


def test_s331_the_yes_leads_nowhere_that_the_form_was_made_to_say(known: Known) -> None:
    page = known.asks()
    evil = {"post_logout_redirect_uri": "https://evil.example.test/", "client_id": known.app.app.client_id}

    assert_page(known.browser.submit(page, OPENID_LOGOUT.path, id_token_hint=known.id_token, **evil))
    assert known.signed_in
    assert says_signed_out(known.browser.submit(page, OPENID_LOGOUT.path, **evil))


def test_s331_the_uri_of_one_app_is_none_of_another_nor_of_one_that_is_not_active(
    known: Known, deployment: Deployment, person: Person
) -> None:
    other = known_to(new_client(deployment, person, scope=SCOPES), person)
    back = {"post_logout_redirect_uri": BYE}

    assert_page(known.asks(id_token_hint=other.id_token, **back))
    assert_page(known.asks(id_token_hint=other.id_token, client_id=known.app.app.client_id, **back))
    assert_page(known.asks_back(client_id=other.app.app.client_id))
    deployment.store.set_app_status(known.app.app.client_id, "deactivated", reason="", grants_valid_from=None)
    page = known.asks_back()
    assert asks_the_user(page)
    assert known.browser.get(HOME.path + "/account").status_code == 200
    assert says_signed_out(say_yes(known.browser, page))


def test_s102_a_repeated_parameter_is_an_error(known: Known) -> None:
    for twice in ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"):
        query = urlencode([("id_token_hint", known.id_token), (twice, "x"), (twice, "x")])
        assert_page(known.browser.get(f"{OPENID_LOGOUT.path}?{query}"))
    doubled = [*(("form_token", each) for each in ("x", "y")), ("state", "s")]
    assert_page(known.browser.post(OPENID_LOGOUT.path, doubled, headers={"Origin": known.browser.base_url}))
    assert known.signed_in


def test_the_form_of_the_console_ends_a_session_in_the_same_way(known: Known) -> None:
    page = known.browser.get(HOME.path + "/account")

    assert known.browser.submit(page, LOGOUT.path).is_redirect
    assert not known.signed_in


def test_without_openid_there_is_no_such_endpoint(deployment: Deployment, browser: Browser) -> None:
    with with_settings(deployment, OPENID_LOGOUT.function, openid=False):
        assert browser.get(OPENID_LOGOUT.path).status_code == 404
        assert browser.post(OPENID_LOGOUT.path, {"state": "s"}).status_code == 404
