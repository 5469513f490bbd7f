"""Apps that nobody vouches for: nobody is sent to them without a press, and what they claim is not checked."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
import requests

from gatepost.routes import ADMIN_APP_PAGE, ADMIN_APPS_PAGE, GRANTS_PAGE, OPENID_LOGOUT
from infra.local.deployment import Deployment
from tests.answers import assert_page, redeem
from tests.browsing import Browser, answer_in, answer_of, form_of
from tests.http.documents import PKCE, VERIFIER, Publisher, message_of
from tests.http.registering import INSPECTOR, PROGRAM, Stranger, stranger
from tests.people import Client, Person, entered, new_person

CLAIMED = "https://claude.example.test/"
ELSEWHERE = "https://elsewhere.example.test:8443/cb"
NAME = "Claude"


@pytest.fixture
def impostor(deployment: Deployment) -> Stranger:
    """An app that registered itself by a name and a website that are not its own."""
    return stranger(deployment, {**INSPECTOR, "client_name": NAME, "client_uri": CLAIMED, "redirect_uris": [ELSEWHERE]})


def asking(app: Stranger, **parameters: str | None) -> str:
    return app.client.authorize_path(**{"redirect_uri": app.redirect_uri, **PKCE, **parameters})


def press_of(page: requests.Response, host: str) -> dict[str, str]:
    """Check that a page names the target and sends nobody there by itself; return what the press sends."""
    assert_page(page)
    assert page.status_code == 400
    assert f"<bdi>{host}</bdi>" in page.text
    assert "not checked" in page.text
    assert "<script" not in page.text
    assert "Refresh" not in page.headers
    assert "http-equiv" not in page.text
    if "<form" in page.text:
        form = form_of(page, urlsplit(ELSEWHERE).path)
        assert form.action == ELSEWHERE
        return form.fields
    (link,) = re.findall(r'<a class="button" href="([^"]+)"', page.text)
    assert urlsplit(link).netloc == host
    return answer_in(link.replace("&amp;", "&"))


# One of each place where a request is refused
BAD: dict[str, tuple[dict[str, str | None], str]] = {
    "unknown scope": ({"scope": "unheard-of"}, "invalid_scope"),
    "no response_type": ({"response_type": None}, "invalid_request"),
    "another app's response_type": ({"response_type": "token"}, "unauthorized_client"),
    "plain challenge": ({"code_challenge_method": "plain"}, "invalid_request"),
    "request object": ({"request": "e30.e30."}, "request_not_supported"),
    "wrong prompt": ({"prompt": "create"}, "invalid_request"),
    "bad claims": ({"scope": "openid", "claims": "{"}, "invalid_request"),
    "unknown resource": ({"resource": "https://unheard-of.example.test"}, "invalid_target"),
    "wrong mode": ({"response_mode": "smoke"}, "invalid_request"),
    "in the fragment": ({"scope": "unheard-of", "response_mode": "fragment"}, "invalid_scope"),
    "posted": ({"scope": "unheard-of", "response_mode": "form_post"}, "invalid_scope"),
}


def test_s357_no_error_sends_a_visitor_to_an_app_that_nobody_vouches_for(
    impostor: Stranger, signed_in: Browser
) -> None:
    for name, (parameters, error) in BAD.items():
        page = signed_in.get(asking(impostor, **parameters))

        sent = press_of(page, "elsewhere.example.test:8443")
        assert (sent["error"], sent["state"]) == (error, "s-1"), name
        assert NAME not in page.text, name


def test_s357_a_silent_request_tells_a_stranger_nothing_about_who_is_here(
    impostor: Stranger, browser: Browser, signed_in: Browser
) -> None:
    for parameters in ({}, {"scope": "unheard-of"}, {"max_age": "0"}, {"response_mode": "form_post"}):
        path = asking(impostor, **{"prompt": "none", **parameters})
        nobody, somebody = browser.get(path), signed_in.get(path)

        assert press_of(nobody, "elsewhere.example.test:8443")["error"] == "interaction_required"
        assert nobody.text == somebody.text
        assert (nobody.status_code, nobody.cookies.items()) == (somebody.status_code, somebody.cookies.items())


def test_s357_a_silent_request_is_answered_where_the_user_has_allowed_the_app(
    deployment: Deployment, person: Person, signed_in: Browser
) -> None:
    app = stranger(deployment, PROGRAM)
    app.allowed(signed_in)

    assert "code" in answer_of(signed_in.get(asking(app, prompt="none")))
    assert answer_of(signed_in.get(asking(app, prompt="none", scope="read write")))["error"] == "consent_required"
    assert answer_of(signed_in.get(asking(app, prompt="none", max_age="0")))["error"] == "login_required"
    assert answer_of(signed_in.get(asking(app)))["code"]


def test_s357_a_logout_leads_to_a_stranger_by_a_press_alone(
    deployment: Deployment, person: Person, browser: Browser, signed_in: Browser
) -> None:
    bye = "https://bye.example.test/out"
    app = stranger(deployment, {**PROGRAM, "post_logout_redirect_uris": [bye]})
    hint = app.allowed(signed_in, scope="openid")["id_token"]
    sent = f"{OPENID_LOGOUT.path}?id_token_hint={hint}&post_logout_redirect_uri={bye}&state=s-2"

    ended = signed_in.get(sent)
    for page in (ended, browser.get(sent)):
        assert page.status_code == 200
        assert "You are signed out" in page.text
        assert f'href="{bye}?state=s-2"' in page.text
        assert "<bdi>bye.example.test</bdi>" in page.text
    assert signed_in.get(GRANTS_PAGE.path).is_redirect

    page = entered(deployment, new_person(deployment)).get(sent)  # the hint is another user's
    assert "Weather program" not in page.text
    assert "<bdi>bye.example.test</bdi>" in page.text


# What an app claims


def test_s360_the_sign_in_page_names_no_app_that_nobody_vouches_for(
    impostor: Stranger, client: Client, browser: Browser
) -> None:
    page = browser.get(browser.get(asking(impostor)).headers["Location"])
    assert "to continue to an app" in page.text
    assert NAME not in page.text

    owned = browser.get(browser.get(client.authorize_path()).headers["Location"])
    assert f"to continue to <bdi>{client.app.name}</bdi>" in owned.text
    refused = browser.get(asking(impostor, redirect_uri="https://third.example.test/cb"))
    assert NAME not in message_of(refused)
    assert "claude.example.test" not in refused.text


def test_s357_s360_the_consent_page_begins_with_where_one_would_go_and_deny_leads_there(
    impostor: Stranger, signed_in: Browser
) -> None:
    page = signed_in.get(asking(impostor))
    main = page.text[page.text.index("<main") :]

    assert main.index("elsewhere.example.test:8443") < main.index(NAME) < main.index("claude.example.test")
    assert main.count(">not checked<") == 2
    assert CLAIMED not in main
    denied = signed_in.decide(page, "deny")
    assert denied.headers["Location"].startswith(f"{ELSEWHERE}?")
    assert answer_of(denied)["error"] == "access_denied"


def texts(page: requests.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def test_s360_lists_show_where_a_stranger_leads_and_call_the_rest_claims(
    deployment: Deployment, impostor: Stranger, person: Person, signed_in: Browser, admin: Browser
) -> None:
    impostor.allowed(signed_in, scope="read openid")
    key = impostor.client.app.client_id

    shown = texts(signed_in.get(GRANTS_PAGE.path))
    assert "elsewhere.example.test:8443 Calls itself Claude not checked" in shown
    assert "Claims to be from claude.example.test not checked" in shown
    sessions = texts(signed_in.get("/developer/account"))
    assert "Signed in to: elsewhere.example.test:8443 (not checked: “Claude”)" in sessions

    for path in (f"{ADMIN_APPS_PAGE.path}?q={key}", "/developer/admin/registered"):
        assert "elsewhere.example.test:8443 Calls itself Claude not checked" in texts(admin.get(path))
    page = texts(admin.get(ADMIN_APP_PAGE.at(client_id=key)))
    assert page.index("elsewhere.example.test:8443") < page.index("Calls itself Claude not checked")


# Fetches


def test_s359_s360_another_site_spends_no_fetch_of_a_signed_in_user(
    publisher: Publisher, deployment: Deployment, signed_in: Browser
) -> None:
    app, known = publisher.publish(deployment), publisher.publish(deployment)
    path = app.authorize_path(**PKCE)
    host = urlsplit(publisher.base_url).netloc

    for site in ("cross-site", "same-site"):
        page = signed_in.get(path, headers={"Sec-Fetch-Site": site})
        assert page.status_code == 200
        assert f"<bdi>{host}</bdi>" in page.text
    assert publisher.requested == []

    (link,) = re.findall(r'<a class="button button-main" href="([^"]+)"', page.text)
    assert link.replace("&amp;", "&") == path
    asked = signed_in.get(path, headers={"Sec-Fetch-Site": "same-origin"})
    shown = texts(asked)
    assert shown.index("client.example.test") < shown.index("Tool of a stranger")
    assert f"Claims to be from {host} not checked" in shown
    assert redeem(app, answer_of(signed_in.decide(asked, "allow"))["code"], code_verifier=VERIFIER).status_code == 200
    assert "Allow" in signed_in.get(path, headers={"Sec-Fetch-Site": "cross-site"}).text  # known and fresh
    assert len(publisher.requested) == 1
    signed_in.get(known.authorize_path(**PKCE), headers={"Sec-Fetch-Site": "none"})  # what a user opened
    assert len(publisher.requested) == 2


# Posted responses


def test_s362_a_posted_response_may_be_sent_to_the_host_of_the_app_alone(
    impostor: Stranger, signed_in: Browser, client: Client
) -> None:
    posted = signed_in.decide(signed_in.get(client.authorize_path(response_mode="form_post")), "allow")
    assert form_action_of(posted) == "form-action 'self' https://client.example.test"

    pressed = signed_in.get(asking(impostor, scope="unheard-of", response_mode="form_post"))
    assert form_action_of(pressed) == "form-action 'self' https://elsewhere.example.test:8443"


def form_action_of(page: requests.Response) -> str:
    parts = page.headers["Content-Security-Policy"].split("; ")
    return next(part for part in parts if part.startswith("form-action"))
