"""Sign in, sign out, register. Checklist B (S22 … S35)."""

from __future__ import annotations

import time

import requests

from gatepost.accounts.removal import deactivate_user
from gatepost.routes import APPS_PAGE, HOME, LOGIN_PAGE, REGISTER, REGISTER_PAGE
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.people import Client, Person


def test_signing_in_leads_to_the_console_or_to_where_one_came_from(browser: Browser, person: Person) -> None:
    for path in ("/", APPS_PAGE.path):
        assert browser.get(path).status_code == 303
    assert browser.get(APPS_PAGE.path).headers["Location"] == "/developer/login?next=/developer/apps"

    answer = browser.sign_in(person.name.upper(), person.password)  # whatever its case
    assert (answer.status_code, answer.headers["Location"]) == (303, HOME.path)
    assert browser.get("/").headers["Location"] == browser.get(HOME.path).headers["Location"] == APPS_PAGE.path
    assert person.name in browser.get(APPS_PAGE.path).text
    other = Browser(browser.base_url)
    assert other.sign_in(person.name, person.password, APPS_PAGE.path).headers["Location"] == APPS_PAGE.path


def test_the_right_password_after_failures_opens_both_doors_and_forgets_them(
    browser: Browser, client: Client, person: Person
) -> None:
    ask = {"grant_type": "password", "username": person.name}
    for _ in range(3):
        client.token(**ask, password="wrong")
    assert client.token(**ask, password=person.password).status_code == 200
    for _ in range(3):
        browser.sign_in(person.name, "wrong")
    assert browser.sign_in(person.name, person.password).status_code == 303


def test_a_deactivated_account_is_signed_out_and_can_not_sign_in(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    assert signed_in.get(APPS_PAGE.path).status_code == 200
    deactivate_user(deployment.store, person.user, now=time.time())

    assert signed_in.get(APPS_PAGE.path).is_redirect
    assert Browser(deployment.base_url).sign_in(person.name, person.password).status_code == 400


def test_registering_signs_in_and_goes_on_to_the_app(browser: Browser, client: Client) -> None:
    login = browser.get(client.authorize_path()).headers["Location"]
    assert client.app.name in browser.get(login).text
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
    fields = form_of(bad, REGISTER.path).fields
    assert (fields["email"], fields.get("password", "")) == ("not-an-address", "")
    for sentence in ("Use 3 to 40 letters", "This is not an e-mail address.", "Use at least 10 characters."):
        assert sentence in bad.text


def test_an_unknown_address_is_a_page_for_a_browser_and_json_for_a_program(deployment: Deployment) -> None:
    for path in ("/login", "/developer/nothing/here", "/consumer/", "/.well-known/nothing"):
        url = deployment.base_url + path
        page = requests.get(url, headers={"Accept": "text/html,*/*;q=0.8"}, timeout=30)
        assert page.status_code == 404
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "Page not found" in page.text
        said = requests.get(url, timeout=30)
        assert said.status_code == 404
        assert said.headers["Content-Type"].rpartition("+")[0] in ("", "application/problem")
