"""Sign in, sign out, register. Checklist B (S22 … S35)."""

import time

import pytest
import requests

from gatepost.accounts import deactivate_user
from gatepost.routes import APPS_PAGE, AUTHORIZE, HOME, LOGIN, LOGIN_PAGE, LOGOUT, REGISTER, REGISTER_PAGE
from gatepost.sessions import SESSION_COOKIE, VISITOR_COOKIE, form_token
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.people import Client, Person, new_person


def is_signed_in(browser: Browser) -> bool:
    return browser.get(APPS_PAGE.path).status_code == 200


def test_signing_in_leads_to_the_console(browser: Browser, person: Person) -> None:
    answer = browser.sign_in(person.name, person.password)

    assert (answer.status_code, answer.headers["Location"]) == (303, HOME.path)
    assert browser.get(HOME.path).headers["Location"] == APPS_PAGE.path
    assert person.name in browser.get(APPS_PAGE.path).text


def test_user_names_are_read_whatever_their_case(browser: Browser, person: Person) -> None:
    assert browser.sign_in(person.name.upper(), person.password).status_code == 303


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


@pytest.mark.parametrize("path", [LOGIN_PAGE.path, REGISTER_PAGE.path, f"{AUTHORIZE.path}?client_id=nobody"])
def test_s29_s30_pages_may_not_be_framed_scripted_or_kept(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Content-Type"] == "text/html; charset=utf-8"


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


def test_s34_both_doors_share_one_counter_and_others_are_not_affected(
    deployment: Deployment, browser: Browser, client: Client, person: Person
) -> None:
    for _ in range(3):
        assert browser.sign_in(person.name, "wrong").status_code == 400
    for _ in range(2):
        assert client.token(grant_type="password", username=person.name, password="wrong").status_code == 400

    slowed = client.token(grant_type="password", username=person.name, password=person.password)
    page = browser.sign_in(person.name, person.password)

    assert slowed.status_code == page.status_code == 429
    assert slowed.json()["error"] == "invalid_grant"
    assert int(slowed.headers["Retry-After"]) >= 1
    assert "Wait" in page.text
    other = new_person(deployment)
    assert Browser(deployment.base_url).sign_in(other.name, other.password).status_code == 303


def test_the_right_password_after_failures_opens_both_doors_and_forgets_them(
    browser: Browser, client: Client, person: Person
) -> None:
    ask = {"grant_type": "password", "username": person.name}
    for _ in range(2):
        for _ in range(3):
            client.token(**ask, password="wrong")
        assert client.token(**ask, password=person.password).status_code == 200
        for _ in range(3):
            browser.sign_in(person.name, "wrong")
        assert browser.sign_in(person.name, person.password).status_code == 303


def test_s34_a_name_that_nobody_has_is_slowed_too(client: Client) -> None:
    answers = [client.token(grant_type="password", username="no-such-user-x", password="x") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [400] * 5 + [429]


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


def test_a_deactivated_account_is_signed_out_and_can_not_sign_in(
    deployment: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.name, person.password)
    deactivate_user(deployment.store, person.user, now=time.time())

    assert not is_signed_in(browser)
    assert Browser(deployment.base_url).sign_in(person.name, person.password).status_code == 400


def test_the_login_page_names_the_app_one_comes_from(browser: Browser, client: Client) -> None:
    page = browser.get(browser.get(client.authorize_path()).headers["Location"])

    assert client.app.name in page.text


def test_registering_signs_in_and_goes_on_to_the_app(browser: Browser, client: Client) -> None:
    login = browser.get(client.authorize_path()).headers["Location"]
    page = browser.get(login.replace(LOGIN_PAGE.path, REGISTER_PAGE.path))

    answer = browser.submit(page, REGISTER.path, user_name="new.person-1", email="", password="a long password")

    assert answer.headers["Location"] == client.authorize_path()
    assert "new.person-1" in browser.get(answer.headers["Location"]).text


def test_a_faulty_registration_keeps_what_was_typed_and_names_the_field(browser: Browser, person: Person) -> None:
    page = browser.get(REGISTER_PAGE.path)

    taken = browser.submit(page, REGISTER.path, user_name=person.name.upper(), email="", password="a long password")
    bad = browser.submit(page, REGISTER.path, user_name="x", email="not-an-address", password="short")

    assert taken.status_code == bad.status_code == 400
    assert "This user name is taken." in taken.text
    assert form_of(bad, REGISTER.path).fields["email"] == "not-an-address"
    assert "password" not in form_of(bad, REGISTER.path).fields or not form_of(bad, REGISTER.path).fields["password"]
    for sentence in ("Use 3 to 40 letters", "This is not an e-mail address.", "Use at least 10 characters."):
        assert sentence in bad.text


def test_unknown_paths_and_methods_are_api_gateways_404(deployment: Deployment) -> None:
    for method, path in (("GET", "/developer/nothing"), ("DELETE", LOGIN.path), ("HEAD", LOGIN_PAGE.path)):
        assert requests.request(method, deployment.base_url + path, timeout=30).status_code == 404
