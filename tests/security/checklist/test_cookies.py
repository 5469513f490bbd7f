"""Cookies planted by a sibling domain, and other text with Unicode white space (S131)."""

from __future__ import annotations

import pytest
import requests

from gatepost.routes import ACCOUNT_PAGE, LOGIN_PAGE, TOKEN, WHOAMI
from infra.local.deployment import Deployment
from tests.answers import FORM, basic
from tests.browsing import Browser, form_of
from tests.people import Client, Person, entered, new_person

SESSION, VISITOR, DEVICE = "__Host-gatepost-session", "__Host-gatepost-visitor", "__Host-gatepost-device"


@pytest.fixture
def thief(deployment: Deployment) -> Browser:
    """An attacker who wants the victim to work in the attacker's session."""
    return entered(deployment, new_person(deployment))


@pytest.mark.parametrize("blank", ["\u00a0", "\u2000"], ids=ascii)
def test_s131_a_cookie_whose_name_begins_with_a_blank_of_unicode_is_not_the_session(
    deployment: Deployment, signed_in: Browser, person: Person, thief: Browser, blank: str
) -> None:
    planted = f"{blank}{SESSION}={thief.cookies[SESSION]}; {SESSION}={signed_in.cookies[SESSION]}"

    for encoding in ("utf-8", "latin-1" if blank < "\u0100" else "utf-8"):
        header = {"Cookie": planted.encode(encoding)}
        page = requests.get(deployment.base_url + ACCOUNT_PAGE.path, headers=header, timeout=30)
        assert (page.status_code, person.name in page.text) == (200, True)


def test_s131_a_session_that_comes_twice_opens_nobodys_page(signed_in: Browser, client: Client, thief: Browser) -> None:
    values = [signed_in.cookies[SESSION], thief.cookies[SESSION]]
    for sent in (values, values[::-1]):
        header = {"Cookie": "; ".join(f"{SESSION}={value}" for value in sent)}
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


def test_s131_a_header_is_not_trimmed_by_unicode_either(deployment: Deployment, client: Client) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    kind, blank = FORM["Content-Type"], "\u00a0"

    def status(path: str, method: str = "POST", **headers: str) -> int:
        encoded = {name.replace("_", "-"): value.encode("latin-1") for name, value in headers.items()}
        url, body = deployment.base_url + path, b"grant_type=client_credentials"
        return requests.request(method, url, data=body, headers=encoded, timeout=30).status_code

    credentials = basic(*(client.auth or ("", "")))
    assert status(TOKEN.path, Content_Type=kind, Authorization=credentials) == 200
    assert status(TOKEN.path, Content_Type=f"{kind}{blank}; charset=utf-8", Authorization=credentials) == 400
    assert status(TOKEN.path, Content_Type=kind, Authorization=f"{credentials}{blank}") == 401
    assert status(WHOAMI.path, "GET", Authorization=f"Bearer {token}") == 200
    assert status(WHOAMI.path, "GET", Authorization=f"Bearer {token}{blank}") == 403
    assert status(WHOAMI.path, "GET", Authorization=f"{blank}Bearer {token}") == 403
