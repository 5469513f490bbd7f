"""Sign-in, sign-out, sessions, and sign-ins that an app demands (S22 … S35, S126)."""

import re
import time
from urllib.parse import parse_qs, urlsplit

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
from tests.browsing import Browser, answer_of, form_of
from tests.people import Client, Person, entered


def is_signed_in(browser: Browser) -> bool:
    return browser.get(APPS_PAGE.path).status_code == 200


def test_s22_s23_a_form_of_another_browser_or_origin_signs_nobody_in(
    deployment: Deployment, browser: Browser, person: Person
) -> None:
    attacker = Browser(deployment.base_url)
    form = form_of(attacker.get(LOGIN_PAGE.path), LOGIN.path)
    typed = {**form.fields, "user_name": person.name, "password": person.password}

    assert browser.post(LOGIN.path, typed).status_code == 400  # no cookie at all
    browser.get(LOGIN_PAGE.path)
    assert browser.post(LOGIN.path, typed).status_code == 400  # a cookie of its own
    for origin in ("https://evil.example.test", "null"):
        assert attacker.post(LOGIN.path, typed, headers={"Origin": origin}).status_code == 400
    assert not is_signed_in(browser)
    assert not is_signed_in(attacker)


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


def test_s28_every_cookie_is_for_this_host_and_no_script(browser: Browser, client: Client, person: Person) -> None:
    first = browser.get(browser.get(client.authorize_path()).headers["Location"])
    second = browser.submit(first, LOGIN.path, user_name=person.name, password=person.password)

    lines = {line.split("=")[0]: line for each in (first, second) for line in each.raw.headers.getlist("Set-Cookie")}
    assert set(lines) == {SESSION_COOKIE, VISITOR_COOKIE, DEVICE_COOKIE}
    for name, line in lines.items():
        attributes = line.split("; ")[1:]
        assert name.startswith("__Host-")
        assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(attributes)
        assert not [each for each in attributes if each.lower().startswith("domain")]
    value, *attributes = lines[SESSION_COOKIE].split("; ")
    assert "Max-Age=43200" in attributes
    assert [len(part) for part in value.partition("=")[2].split(".")] == [len(person.user.user_id), 43]


def test_s29_s30_pages_may_not_be_framed_scripted_or_kept_and_a_code_is_kept_by_nobody(
    signed_in: Browser, browser: Browser, client: Client
) -> None:
    pages = [browser.get(path) for path in (LOGIN_PAGE.path, REGISTER_PAGE.path)]
    pages += [signed_in.get(path) for path in (f"{AUTHORIZE.path}?client_id=nobody", client.authorize_path())]
    pages += [signed_in.get(path) for path in (APPS_PAGE.path, ACCOUNT_PAGE.path, GRANTS_PAGE.path)]
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert rule in policy
        assert "unsafe-inline" not in policy
        assert page.headers["X-Frame-Options"] == "DENY"
        assert_kept_by_nobody(page)
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        outside = r"<(?:script|link|img|iframe|object|embed|source)[^>]*(?:src|href)=[\"'](?!data:)"
        assert not re.findall(outside, page.text)

    answer = signed_in.decide(pages[3], "allow")
    assert "code=" in answer.headers["Location"]
    assert_kept_by_nobody(answer)


def assert_kept_by_nobody(answer: requests.Response) -> None:
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_s31_after_sign_in_one_stays_on_this_origin_whatever_the_parameter_is_called(
    browser: Browser, person: Person
) -> None:
    targets = ("https://evil.test/", "//evil.test/", "/\\evil.test/", "/developer/auth\r\nSet-Cookie: x=y")
    others = ("redirect", "redirect_uri", "return_to", "continue", "url")
    for name, target in (*(("next", each) for each in targets), *((each, "https://evil.test/") for each in others)):
        page = browser.get(LOGIN_PAGE.path, params={name: target})
        typed = {"user_name": person.name, "password": person.password, name: target}

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


def test_s35_after_sign_out_by_a_form_of_this_session_a_copy_of_the_cookie_is_dead(
    browser: Browser, person: Person
) -> None:
    browser.sign_in(person.name, person.password)
    copy = Browser(browser.base_url)
    copy.cookies = dict(browser.cookies)
    assert browser.post(LOGOUT.path, {"form_token": form_token("x" * 43)}).status_code == 400
    assert is_signed_in(browser)

    answer = browser.submit(browser.get(APPS_PAGE.path), LOGOUT.path)

    assert (answer.status_code, answer.headers["Location"]) == (303, LOGIN_PAGE.path)
    assert SESSION_COOKIE not in browser.cookies
    assert not is_signed_in(copy)


def demanded(browser: Browser, path: str) -> str:
    """The path that a sign-in demanded by an app leads back to."""
    answer = browser.get(path)
    assert answer.status_code == 303
    location = urlsplit(answer.headers["Location"])
    assert location.path == LOGIN_PAGE.path
    (back,) = parse_qs(location.query)["next"]
    return back


def test_s126_only_a_sign_in_after_the_demand_counts(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    signed_in.decide(signed_in.get(client.authorize_path()), "allow")
    path = client.authorize_path(prompt="login")
    fresh = entered(deployment, person)  # before the demand, in the same second
    for browser in (signed_in, fresh):
        demanded(browser, demanded(browser, demanded(browser, path)))  # going back to it is no sign-in
    for mark in ("", "0", "x", "%00", "١٢٣", "99999999999999", int(time.time() * 1000) + 60_000):
        demanded(signed_in, f"{path}&login_demanded_at={mark}")

    page = signed_in.get(LOGIN_PAGE.path, params={"next": demanded(signed_in, path)})
    again = signed_in.submit(page, LOGIN.path, user_name=person.name, password=person.password)
    assert "code" in answer_of(signed_in.get(again.headers["Location"]))
    nobody = Browser(deployment.base_url)
    once = nobody.sign_in(person.name, person.password, path)
    assert "code" in answer_of(nobody.get(once.headers["Location"]))
