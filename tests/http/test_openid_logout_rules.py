"""Rules of RP-Initiated Logout: what nobody else may bring about (S330, S331)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from gatepost.routes import HOME, LOGOUT, OPENID_LOGOUT
from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.browsing import Browser
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
from tests.people import Person, new_client, new_person


@pytest.fixture
def known(deployment: Deployment, person: Person) -> Known:
    return known_to(returning(deployment, person), person)


def test_the_pages_are_cached_nowhere_and_the_cookie_goes(known: Known) -> None:
    asked, ended = known.asks(), known.asks(id_token_hint=known.id_token)

    for page in (asked, ended):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"  # no-referrer would make the form's Origin null
        assert "form-action 'self';" in page.headers["Content-Security-Policy"]
        assert known.id_token not in page.text
    assert "Set-Cookie" not in asked.headers
    assert ended.headers["Set-Cookie"].startswith("__Host-gatepost-session=; Max-Age=0; ")


def test_s330_a_copy_of_the_cookie_is_dead_too(known: Known) -> None:
    copy = Browser(known.browser.base_url)
    copy.cookies = dict(known.browser.cookies)
    known.asks_back()

    assert not replace(known, browser=copy).signed_in


def test_a_logout_where_nobody_is_signed_in_goes_on_all_the_same(known: Known) -> None:
    known.asks_back()

    assert sent_to(known.asks_back(state="again")) == f"{BYE}?state=again"
    assert says_signed_out(known.asks(id_token_hint=known.id_token))
    assert says_signed_out(known.asks())
    assert_page(known.asks_back(post_logout_redirect_uri="https://evil.example.test/"))


def test_a_post_from_another_site_is_the_same_request_by_get(known: Known) -> None:
    query = urlencode({"id_token_hint": known.id_token, "post_logout_redirect_uri": BYE, "state": "s"})
    answer = Browser(known.browser.base_url).post(OPENID_LOGOUT.path, query, headers=ELSEWHERE)

    assert sent_to(answer) == f"{OPENID_LOGOUT.path}?{query}"
    assert known.signed_in
    assert sent_to(known.browser.get(sent_to(answer))) == f"{BYE}?state=s"
    assert sent_to(known.browser.post(OPENID_LOGOUT.path, "", headers=ELSEWHERE)) == OPENID_LOGOUT.path
    assert_page(known.browser.post(OPENID_LOGOUT.path, f"state={'s' * 9000}", headers=ELSEWHERE))


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


def test_s330_a_hint_of_another_user_ends_nothing_before_the_yes(known: Known) -> None:
    other = known_to(known.app, new_person(known.app.deployment))
    mine = {"id_token_hint": known.id_token, "post_logout_redirect_uri": BYE, "state": "s"}
    page = other.asks(**mine)

    assert asks_the_user(page)
    assert other.signed_in
    assert "form-action 'self' https:;" in page.headers["Content-Security-Policy"]
    assert known.app.app.name in page.text
    assert sent_to(say_yes(other.browser, page)) == f"{BYE}?state=s"
    assert not other.signed_in
    assert known.signed_in


def test_s19_state_is_no_markup_on_the_page(known: Known) -> None:
    other = known_to(known.app, new_person(known.app.deployment))
    page = other.asks(id_token_hint=known.id_token, post_logout_redirect_uri=BYE, state='"><script>alert(1)</script>')

    assert asks_the_user(page)
    assert "<script" not in page.text
    assert sent_to(say_yes(other.browser, page)).endswith("?state=%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E")


def test_s331_the_yes_leads_nowhere_that_the_form_was_made_to_say(known: Known) -> None:
    page = known.asks()
    evil = {"post_logout_redirect_uri": "https://evil.example.test/", "client_id": known.app.app.client_id}

    assert_page(known.browser.submit(page, OPENID_LOGOUT.path, id_token_hint=known.id_token, **evil))
    assert known.signed_in
    assert says_signed_out(known.browser.submit(page, OPENID_LOGOUT.path, **evil))


def test_s331_the_uri_of_one_app_is_none_of_another(known: Known, deployment: Deployment, person: Person) -> None:
    other = known_to(new_client(deployment, person, scope=SCOPES), person)
    back = {"post_logout_redirect_uri": BYE}

    assert_page(known.asks(id_token_hint=other.id_token, **back))
    assert_page(known.asks(id_token_hint=other.id_token, client_id=known.app.app.client_id, **back))
    assert_page(known.asks_back(client_id=other.app.app.client_id))
    assert known.signed_in


def test_s331_the_app_of_a_hint_has_to_be_there_and_active(known: Known, deployment: Deployment) -> None:
    app = known.app.app
    deployment.store.set_app_status(app.client_id, "deactivated", reason="", grants_valid_from=None)

    assert ends_by_yes(known, known.asks_back())


def ends_by_yes(known: Known, page: requests.Response) -> bool:
    """The same as `ends_by_yes_alone`, for an app that can't ask who is signed in."""
    assert asks_the_user(page)
    assert known.browser.get(HOME.path + "/account").status_code == 200
    return says_signed_out(say_yes(known.browser, page)) and known.browser.get(HOME.path + "/account").is_redirect


def test_s203_s204_another_token_is_no_hint(known: Known) -> None:
    for token in (known.access_token, "nonsense", known.id_token[:-4] + "AAAA", f"{known.id_token}.x"):
        assert asks_the_user(known.asks_back(id_token_hint=token)), token
    assert known.signed_in


def test_s102_a_repeated_parameter_is_an_error(known: Known) -> None:
    for twice in ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"):
        query = urlencode([("id_token_hint", known.id_token), (twice, "x"), (twice, "x")])
        assert_page(known.browser.get(f"{OPENID_LOGOUT.path}?{query}"))
    page = known.asks()
    doubled = [*(("form_token", each) for each in ("x", "y")), ("state", "s")]
    assert_page(known.browser.post(OPENID_LOGOUT.path, doubled, headers={"Origin": known.browser.base_url}))
    assert asks_the_user(page)
    assert known.signed_in


def test_what_a_logout_may_also_carry_is_ignored(known: Known) -> None:
    assert sent_to(known.asks_back(ui_locales="de", logout_hint="somebody", more="x")) == BYE


def test_the_owner_reads_which_uri_is_not_registered(known: Known, deployment: Deployment) -> None:
    known.asks_back(post_logout_redirect_uri="https://client.example.test/other")
    (told,) = deployment.store.problems_of(known.app.app.client_id)

    assert (told.endpoint, told.reason, told.detail, told.proven) == (
        "logout",
        "post_logout_redirect_uri is not registered.",
        "https://client.example.test/other",
        False,
    )


def test_the_form_of_the_console_ends_a_session_in_the_same_way(known: Known) -> None:
    page: Any = known.browser.get(HOME.path + "/account")

    assert known.browser.submit(page, LOGOUT.path).is_redirect
    assert not known.signed_in


def test_without_openid_there_is_no_such_endpoint(narrow: Deployment) -> None:
    browser = Browser(narrow.base_url)

    assert browser.get(OPENID_LOGOUT.path).status_code == 404
    assert browser.post(OPENID_LOGOUT.path, {"state": "s"}).status_code == 404
