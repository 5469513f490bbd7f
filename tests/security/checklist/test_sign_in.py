"""Sign-in, sign-out, sessions. Checklist B (S22 … S35)."""

import re

import pytest
import requests

from gatepost.authentication.sessions import DEVICE_COOKIE, SESSION_COOKIE, VISITOR_COOKIE, form_token
from gatepost.routes import (
    ACCOUNT_PAGE,
    APPS_PAGE,
    AUTHORIZE,
    GRANTS_PAGE,
    HOME,
    LOGIN,
    LOGIN_PAGE,
    LOGOUT,
    REGISTER_PAGE,
)
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.people import Client, Person


def is_signed_in(browser: Browser) -> bool:
    return browser.get(APPS_PAGE.path).status_code == 200


def test_s22_a_login_form_of_one_browser_signs_nobody_in_in_another(
    deployment: Deployment, browser: Browser, person: Person
) -> None:
    attacker = Browser(deployment.base_url)
    form = form_of(attacker.get(LOGIN_PAGE.path), LOGIN.path)
    typed = {**form.fields, "user_name": person.name, "password": person.password}

    assert browser.post(LOGIN.path, typed).status_code == 400  # no cookie at all
    browser.get(LOGIN_PAGE.path)
    assert browser.post(LOGIN.path, typed).status_code == 400  # a cookie of its own
    assert not is_signed_in(browser)


def test_s23_a_form_posted_from_another_origin_does_nothing(browser: Browser, person: Person) -> None:
    form = form_of(browser.get(LOGIN_PAGE.path), LOGIN.path)
    typed = {**form.fields, "user_name": person.name, "password": person.password}

    for origin in ("https://evil.example.test", "null"):
        assert browser.post(LOGIN.path, typed, headers={"Origin": origin}).status_code == 400
    assert not is_signed_in(browser)


def test_s27_signing_in_makes_a_new_session_and_ends_the_one_before(browser: Browser, person: Person) -> None:
    planted = f"{person.user.user_id}.{'A' * 43}"
    browser.cookies[SESSION_COOKIE] = planted
    browser.sign_in(person.name, person.password)
    first = browser.cookies[SESSION_COOKIE]
    assert first != planted

    browser.sign_in(person.name, person.password)

    other = Browser(browser.base_url)
    for old in (planted, first):
        other.cookies[SESSION_COOKIE] = old
        assert not is_signed_in(other)


def test_s28_the_session_cookie_is_protected(browser: Browser, person: Person) -> None:
    answer = browser.sign_in(person.name, person.password)

    (line,) = [c for c in answer.raw.headers.getlist("Set-Cookie") if c.startswith(SESSION_COOKIE)]
    value, *attributes = line.split("; ")
    assert sorted(attributes) == ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Lax", "Secure"]
    user_id, secret = value.removeprefix(f"{SESSION_COOKIE}=").split(".")
    assert (user_id, len(secret)) == (person.user.user_id, 43)


def test_s28_every_cookie_is_for_this_host_and_no_script(browser: Browser, client: Client, person: Person) -> None:
    first = browser.get(browser.get(client.authorize_path()).headers["Location"])
    second = browser.submit(first, LOGIN.path, user_name=person.name, password=person.password)

    lines = [line for each in (first, second) for line in each.raw.headers.getlist("Set-Cookie")]
    assert {line.split("=")[0] for line in lines} == {SESSION_COOKIE, VISITOR_COOKIE, DEVICE_COOKIE}
    for line in lines:
        attributes = line.split("; ")[1:]
        assert line.startswith("__Host-")
        assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(attributes)
        assert not [each for each in attributes if each.lower().startswith("domain")]


@pytest.mark.parametrize(
    "path",
    [
        LOGIN_PAGE.path,
        REGISTER_PAGE.path,
        f"{AUTHORIZE.path}?client_id=nobody",
        "consent",
        APPS_PAGE.path,
        ACCOUNT_PAGE.path,
        GRANTS_PAGE.path,
    ],
)
def test_s29_s30_pages_may_not_be_framed_scripted_or_kept(signed_in: Browser, client: Client, path: str) -> None:
    browser = signed_in if "developer/log" not in path else Browser(signed_in.base_url)
    page = browser.get(client.authorize_path() if path == "consent" else path)
    headers = page.headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert_kept_by_nobody(page)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert not re.findall(r"<(?:script|link|img|iframe|object|embed|source)[^>]*(?:src|href)=[\"'](?!data:)", page.text)


def test_s30_the_redirect_with_the_code_is_kept_by_nobody(signed_in: Browser, client: Client) -> None:
    answer = signed_in.decide(signed_in.get(client.authorize_path()), "allow")

    assert "code=" in answer.headers["Location"]
    assert_kept_by_nobody(answer)


def assert_kept_by_nobody(answer: requests.Response) -> None:
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test/",
        "\\\\evil.test",
        "/\t/evil.test",
        "javascript:alert(1)",
        "https://user@evil.test",
        "/developer/auth@evil.test",
        "/developer/auth\r\nSet-Cookie: x=y",
        "/developer/../evil",
        "/demo/read",
    ],
)
def test_s31_after_sign_in_one_stays_on_this_origin(browser: Browser, person: Person, target: str) -> None:
    page = browser.get(LOGIN_PAGE.path, params={"next": target})
    answer = browser.submit(page, LOGIN.path, user_name=person.name, password=person.password, next=target)

    assert answer.headers["Location"] == HOME.path


@pytest.mark.parametrize("name", ["next", "redirect", "redirect_uri", "return_to", "continue", "url", "target"])
def test_s31_whatever_the_parameter_is_called(browser: Browser, person: Person, name: str) -> None:
    page = browser.get(LOGIN_PAGE.path, params={name: "https://evil.test/"})
    typed = {"user_name": person.name, "password": person.password, name: "https://evil.test/"}

    assert "evil.test" not in page.text
    assert browser.submit(page, LOGIN.path, **typed).headers["Location"] == HOME.path


def test_s32_a_wrong_password_and_an_unknown_user_look_the_same(deployment: Deployment, person: Person) -> None:
    answers = []
    for name in (person.name, "nobody-" + person.name[:20]):
        browser = Browser(deployment.base_url)
        browser.cookies[VISITOR_COOKIE] = "v" * 43
        fields = {"form_token": form_token("v" * 43), "next": "", "user_name": name, "password": "wrong"}
        answer = browser.post(LOGIN.path, fields)
        headers = {
            k: v for k, v in answer.headers.items() if k.lower() not in ("date", "apigw-requestid", "content-length")
        }
        answers.append((answer.status_code, answer.text.replace(name, "NAME"), headers))

    assert answers[0] == answers[1]
    assert answers[0][0] == 400


def test_s35_after_sign_out_a_copy_of_the_cookie_is_dead(browser: Browser, person: Person) -> None:
    browser.sign_in(person.name, person.password)
    copy = Browser(browser.base_url)
    copy.cookies = dict(browser.cookies)

    answer = browser.submit(browser.get(APPS_PAGE.path), LOGOUT.path)

    assert (answer.status_code, answer.headers["Location"]) == (303, LOGIN_PAGE.path)
    assert SESSION_COOKIE not in browser.cookies
    assert not is_signed_in(copy)


def test_signing_out_needs_the_form_of_this_session(browser: Browser, person: Person) -> None:
    browser.sign_in(person.name, person.password)

    assert browser.post(LOGOUT.path, {"form_token": form_token("x" * 43)}).status_code == 400
    assert is_signed_in(browser)
