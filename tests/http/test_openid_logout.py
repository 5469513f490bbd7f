"""RP-Initiated Logout: the modules of the Foundation's plan by their names, and what nobody else may bring about."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import requests

from gatepost.clients.openid_details import OpenIDDetails
from gatepost.identifiers import base64url
from gatepost.routes import HOME, LOGOUT, OPENID_LOGOUT, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import assert_page, redeem
from tests.browsing import Browser, answer_of
from tests.conftest import Deploy
from tests.http.openid import SCOPES
from tests.people import Client, Person, get, new_client, new_person

BYE = "https://client.example.test/bye"
ELSEWHERE = {"Origin": "https://client.example.test", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Known:
    """A browser in which somebody signed in to an app, and what the app got."""

    browser: Browser
    app: Client
    id_token: str
    access_token: str

    def asks(self, **parameters: str) -> requests.Response:
        """The app sends the browser to the logout endpoint."""
        return self.browser.get(f"{OPENID_LOGOUT.path}?{urlencode(parameters)}")

    def asks_back(self, **parameters: str) -> requests.Response:
        """The same with the app's ID token and URI, unless `parameters` differ."""
        return self.asks(**{"id_token_hint": self.id_token, "post_logout_redirect_uri": BYE, **parameters})

    @property
    def signed_in(self) -> bool:
        """Whether the browser still has its session, as the app finds out."""
        answer = answer_of(self.browser.get(self.app.authorize_path(scope="openid", prompt="none")))
        assert answer.get("error") in (None, "login_required")
        return "code" in answer


def returning(deployment: Deployment, owner: Person) -> Client:
    """An app that has registered where to go after a logout."""
    details = OpenIDDetails(post_logout_redirect_uris=(BYE,))
    return new_client(deployment, owner, scope=SCOPES, openid=details)


def known_to(app: Client, person: Person) -> Known:
    browser = Browser(app.deployment.base_url)
    browser.sign_in(person.name, person.password)
    code = answer_of(browser.decide(browser.get(app.authorize_path(scope="openid")), "allow"))["code"]
    tokens = redeem(app, code).json()
    return Known(browser=browser, app=app, id_token=tokens["id_token"], access_token=tokens["access_token"])


@pytest.fixture
def known(deployment: Deployment, person: Person) -> Known:
    return known_to(returning(deployment, person), person)


def sent_to(answer: requests.Response) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def says_signed_out(answer: requests.Response) -> bool:
    return answer.status_code == 200 and "<h1>You are signed out</h1>" in answer.text


def asks_the_user(answer: requests.Response) -> bool:
    return answer.status_code == 200 and "Sign out of <bdi>Gatepost</bdi>?" in answer.text


def say_yes(browser: Browser, page: requests.Response) -> requests.Response:
    return browser.submit(page, OPENID_LOGOUT.path)


def ends_by_yes_alone(known: Known, page: requests.Response) -> bool:
    """Whether the user is asked, and then stays on a page of this server."""
    assert asks_the_user(page)
    assert known.signed_in
    return says_signed_out(say_yes(known.browser, page)) and not known.signed_in


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(deployment: Deployment) -> None:
    found = get(deployment, OPENID_METADATA.path, None).json()

    assert found["end_session_endpoint"] == f"{deployment.settings.issuer}/authorization/logout"


def test_oidcc_rp_initiated_logout(known: Known) -> None:
    assert sent_to(known.asks_back(state="s 1&x")) == f"{BYE}?state=s%201%26x"
    assert not known.signed_in


def test_oidcc_rp_initiated_logout_no_state(known: Known) -> None:
    assert sent_to(known.asks_back()) == BYE
    assert not known.signed_in


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(known: Known) -> None:
    answer = known.asks_back(post_logout_redirect_uri=f"{BYE}/other", state="s")

    assert_page(answer, never=BYE)
    assert "An app sent you here" in answer.text
    assert known.signed_in


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(known: Known) -> None:
    assert_page(known.asks_back(post_logout_redirect_uri=f"{BYE}?foo=bar"), never=BYE)
    assert known.signed_in


def test_oidcc_rp_initiated_logout_modified_id_token_hint(known: Known) -> None:
    header, payload, _ = known.id_token.split(".")
    kid = jwt.get_unverified_header(known.id_token)["kid"]
    none = base64url(json.dumps({"alg": "none", "typ": "JWT", "kid": kid}).encode())

    assert header != none
    assert ends_by_yes_alone(known, known.asks_back(id_token_hint=f"{none}.{payload}.", state="s"))


def test_oidcc_rp_initiated_logout_bad_id_token_hint(known: Known) -> None:
    """Signed by the app with its secret."""
    claims = jwt.decode(known.id_token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(known.id_token)["kid"]
    forged = jwt.encode(claims, known.app.secret, "HS256", {"kid": kid})

    assert ends_by_yes_alone(known, known.asks_back(id_token_hint=forged, state="s"))


def test_oidcc_rp_initiated_logout_no_id_token_hint(known: Known) -> None:
    page = known.asks(post_logout_redirect_uri=BYE, client_id=known.app.app.client_id, state="s")

    assert "client.example.test" not in page.text + page.headers["Content-Security-Policy"]
    assert ends_by_yes_alone(known, page)


def test_oidcc_rp_initiated_logout_no_params(known: Known) -> None:
    assert ends_by_yes_alone(known, known.asks())


def test_oidcc_rp_initiated_logout_only_state(known: Known) -> None:
    assert ends_by_yes_alone(known, known.asks(state="s"))


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(known: Known) -> None:
    assert says_signed_out(known.asks(id_token_hint=known.id_token, client_id=known.app.app.client_id))
    assert not known.signed_in


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


def test_without_openid_there_is_no_such_endpoint(deploy: Deploy) -> None:
    browser = Browser(deploy(overrides={"openid": False}).base_url)

    assert browser.get(OPENID_LOGOUT.path).status_code == 404
    assert browser.post(OPENID_LOGOUT.path, {"state": "s"}).status_code == 404
