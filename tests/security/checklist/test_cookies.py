"""Cookies planted by a sibling domain, and other text with Unicode white space. S131."""

from __future__ import annotations

import pytest
import requests

from gatepost.http.request import parse_event
from gatepost.routes import ACCOUNT_PAGE, LOGIN_PAGE, TOKEN, WHOAMI
from infra.local.deployment import Deployment
from tests.answers import basic
from tests.browsing import Browser, form_of
from tests.people import Client, Person, new_person
from tests.security.checklist.test_events import event

SESSION, VISITOR, DEVICE = "__Host-gatepost-session", "__Host-gatepost-visitor", "__Host-gatepost-device"
# What `str.strip` takes away and RFC 6265 and RFC 9110 do not: they know the space and the tab.
NOT_BLANK = ("\u2000", "\u00a0", "\u0085", "\u3000", "\u2028", "\x1c", "\x0b", "\x0c")


@pytest.fixture
def thief(deployment: Deployment) -> Browser:
    """An attacker who wants the victim to work in the attacker's session."""
    person, browser = new_person(deployment), Browser(deployment.base_url)
    browser.sign_in(person.name, person.password)
    return browser


@pytest.mark.parametrize("blank", NOT_BLANK, ids=ascii)
def test_s131_a_cookie_whose_name_begins_with_a_blank_of_unicode_is_another_cookie(
    deployment: Deployment, signed_in: Browser, person: Person, thief: Browser, blank: str
) -> None:
    planted = [f"{blank}{SESSION}={thief.cookies[SESSION]}", f"{SESSION}{blank}={thief.cookies[SESSION]}"]
    real = f"{SESSION}={signed_in.cookies[SESSION]}"

    for cookies in ([*planted, real], [real, *planted]):
        page = deployment.invoke("account", event("GET", ACCOUNT_PAGE.path, cookies=cookies))
        assert (page["statusCode"], person.name in page["body"]) == (200, True)
    alone = deployment.invoke("account", event("GET", ACCOUNT_PAGE.path, cookies=planted))
    assert alone["statusCode"] == 303  # to the sign-in page


@pytest.mark.parametrize("blank", ["\u00a0", "\u0085", "\u2000"], ids=ascii)
def test_s131_nor_is_it_the_session_over_http(
    deployment: Deployment, signed_in: Browser, person: Person, thief: Browser, blank: str
) -> None:
    planted = f"{blank}{SESSION}={thief.cookies[SESSION]}; {SESSION}={signed_in.cookies[SESSION]}"

    for encoding in ("utf-8", "latin-1" if blank < "\u0100" else "utf-8"):
        header = {"Cookie": planted.encode(encoding)}
        page = requests.get(deployment.base_url + ACCOUNT_PAGE.path, headers=header, timeout=30)
        assert (page.status_code, person.name in page.text) == (200, True)


def test_s131_a_space_and_a_tab_are_trimmed(deployment: Deployment, signed_in: Browser, person: Person) -> None:
    cookie = f"other=1;\t {SESSION} ={signed_in.cookies[SESSION]}"

    page = deployment.invoke("account", event("GET", ACCOUNT_PAGE.path, cookies=[cookie]))
    assert (page["statusCode"], person.name in page["body"]) == (200, True)


@pytest.mark.parametrize("planted_first", [True, False])
def test_s131_a_session_that_comes_twice_opens_nobodys_page(
    signed_in: Browser, client: Client, thief: Browser, planted_first: bool
) -> None:
    values = [signed_in.cookies[SESSION], thief.cookies[SESSION]]
    header = {"Cookie": "; ".join(f"{SESSION}={value}" for value in values[:: -1 if planted_first else 1])}

    for path in (ACCOUNT_PAGE.path, client.authorize_path()):
        page = Browser(signed_in.base_url).get(path, headers=header)
        assert (page.status_code, page.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
        assert "sent a cookie of this server twice" in page.text
        assert "Location" not in page.headers


@pytest.mark.parametrize("name", [VISITOR, DEVICE])
def test_s131_nor_does_a_doubled_cookie_of_the_sign_in_form_sign_anybody_in(
    deployment: Deployment, browser: Browser, person: Person, name: str
) -> None:
    form = form_of(browser.get(LOGIN_PAGE.path), LOGIN_PAGE.path)
    fields = {**form.fields, "user_name": person.name, "password": person.password}
    value = browser.cookies.get(name, f"{person.user.user_id}.{'A' * 43}")
    cookies = "; ".join([f"{each}={value}" for each, value in browser.cookies.items() if each != name]
                        + [f"{name}={value}"] * 2)  # fmt: skip

    answer = Browser(deployment.base_url).post(
        form.action, fields, headers={"Origin": deployment.base_url, "Cookie": cookies}
    )
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (400, False)


def test_s131_only_a_name_that_a_sibling_could_not_have_set_is_refused_twice() -> None:
    request = parse_event(event("GET", "/", cookies=["a=1", " b=x=y", "a=2;c", "", "__Host-d=3"]))

    assert [request.cookie(name) for name in ("a", "b", "c", "__Host-d", "e")] == ["1", "x=y", "", "3", None]


@pytest.mark.parametrize("blank", ["\u00a0", "\u0085"], ids=ascii)
def test_s131_a_header_is_not_trimmed_by_unicode_either(deployment: Deployment, client: Client, blank: str) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    kind, grant = "application/x-www-form-urlencoded", b"grant_type=client_credentials"

    def status(path: str, method: str = "POST", **headers: str) -> int:
        encoded = {name.replace("_", "-"): value.encode("latin-1") for name, value in headers.items()}
        url = deployment.base_url + path
        return requests.request(method, url, data=grant, headers=encoded, timeout=30).status_code

    credentials = basic(*(client.auth or ("", "")))
    assert status(TOKEN.path, Content_Type=kind, Authorization=credentials) == 200
    assert status(TOKEN.path, Content_Type=f"{kind}{blank}", Authorization=credentials) == 400
    assert status(TOKEN.path, Content_Type=f"{kind}{blank}; charset=utf-8", Authorization=credentials) == 400
    assert status(TOKEN.path, Content_Type=kind, Authorization=f"{credentials}{blank}") == 401
    assert status(WHOAMI.path, "GET", Authorization=f"Bearer {token}") == 200
    assert status(WHOAMI.path, "GET", Authorization=f"Bearer {token}{blank}") == 403
    assert status(WHOAMI.path, "GET", Authorization=f"{blank}Bearer {token}") == 403
