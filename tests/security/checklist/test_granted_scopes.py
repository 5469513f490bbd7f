"""Scopes must be granted (S119): those of an app itself, and those that users may allow it."""

from __future__ import annotations

import re

import requests

from gatepost.routes import (
    ADMIN_APP_PAGE,
    ADMIN_APPS_PAGE,
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DEMO_WRITE,
    NEW_APP_PAGE,
    REGISTER,
    REGISTER_PAGE,
    TOKEN,
    UPDATE_APP,
)
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.browsing import Browser, answer_of, post
from tests.people import CALLBACK, Person, entered, get, new_person, opens, stops, ungranted_client
from tests.security.checklist.granting import assert_audited, decide, grant, own


def test_s119_a_stranger_who_registers_gets_no_scope_for_an_app_of_theirs(strict: Deployment, admin: Browser) -> None:
    browser = Browser(strict.base_url)
    typed = {"user_name": "stranger", "email": "", "password": "a fine password of 2026"}
    browser.submit(browser.get(REGISTER_PAGE.path), REGISTER.path, **typed)
    shown = post(
        browser,
        NEW_APP_PAGE.path,
        CREATE_APP.path,
        name="Taken",
        url="https://client.example.test/",
        redirect_uris=CALLBACK,
        kind="confidential",
        grant_types=["client_credentials"],
        scope=["read", "write", "people", "vault", "free"],
    )
    client_id = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", shown.text)
    secret = re.search(r"[A-Za-z0-9_-]{43}(?=<)", shown.text)
    assert client_id
    assert secret

    def token(scope: str) -> requests.Response:
        form = {"grant_type": "client_credentials", "scope": scope}
        auth = (client_id[0], secret[0])
        return requests.post(strict.base_url + TOKEN.path, data=form, auth=auth, timeout=30)

    for scope in ("read", "write", "read write", "people", "vault"):
        assert_error(token(scope), 400, "invalid_scope")
    assert token("free write").json()["scope"] == "free"
    page = browser.get(APP_PAGE.at(client_id=client_id[0])).text
    for sentence in (
        "for itself: requested, waiting for an administrator",
        "for itself: not available",
        "for itself: open",
    ):
        assert sentence in page
    assert "Taken" in admin.get(f"{ADMIN_APPS_PAGE.path}?status=asking").text


def test_s119_what_an_administrator_grants_counts_until_it_is_taken_back(
    strict: Deployment, admin: Browser, stranger: Person
) -> None:
    client = ungranted_client(strict, stranger, name="Granted")
    assert_error(own(client, "write"), 400, "invalid_scope")

    grant(admin, client, own=("write",))

    answer = own(client, "read write").json()
    assert answer["scope"] == "write"
    assert get(strict, DEMO_WRITE.path, answer["access_token"]).status_code == 200
    users = client.tokens(stranger, scope="read write")
    assert_audited(admin, "granted to the app itself Granted: write")

    grant(admin, client)

    assert_error(own(client, "write"), 400, "invalid_scope")
    assert stops(strict, answer["access_token"], DEMO_WRITE.path)
    assert client.introspect(answer["access_token"]).json() == {"active": False}
    assert opens(strict, users["access_token"], DEMO_WRITE.path)  # what a user granted is not the app's
    assert client.refresh(users["refresh_token"]).json()["scope"] == "read write"
    assert_audited(admin, "took from the app itself Granted: write")


def test_s119_the_demo_grants_its_app_what_an_administrator_would(strict: Deployment) -> None:
    web = strict.facts.apps[0]
    asked = {"grant_type": "client_credentials", "scope": "read write"}

    answer = requests.post(
        strict.base_url + TOKEN.path, data=asked, auth=(web.client_id, web.client_secret), timeout=30
    )

    assert answer.json()["scope"] == "read write"


def test_s119_no_app_reaches_through_one_scope_what_another_does_not_give_it(
    strict: Deployment, admin: Browser, stranger: Person
) -> None:
    client = ungranted_client(strict, stranger, scope=Scope.of("admin", "read"))
    refused = decide(admin, client, "scopes", own=("admin", "read"))

    assert refused.status_code == 400
    assert "admin implies people, write, so it counts only together with that." in refused.text
    grant(admin, client, own=("write", "read"))
    assert own(client, "admin read write people").json()["scope"] == "read write"


def test_s119_who_is_no_administrator_grants_nothing_not_even_to_an_app_of_their_own(
    strict: Deployment, admin: Browser, stranger: Person
) -> None:
    client, browser = ungranted_client(strict, stranger), Browser(strict.base_url)
    browser.sign_in(stranger.name, stranger.password)
    path = ADMIN_APP_PAGE.at(client_id=client.app.client_id)
    assert browser.get(path).status_code == 403

    fields = {"action": "scopes", "own": ["write"], "version": "1"}
    assert post(browser, APPS_PAGE.path, path, **fields).status_code == 403
    edit = {"name": "Edited", "url": "https://client.example.test/", "grant_types": ["client_credentials"],
            "scope": ["write"], "own_scope": "write", "marked_scope": "vault", "version": "1"}  # fmt: skip
    post(browser, APPS_PAGE.path, UPDATE_APP.at(client_id=client.app.client_id), **edit)
    assert_error(own(client, "write"), 400, "invalid_scope")
    # and nobody decides about another app than the one that was shown
    stale = post(admin, path, path, **fields)
    assert stale.status_code == 412
    assert "changed in another window" in stale.text


def test_s119_a_restricted_scope_is_allowed_to_marked_apps_and_to_ones_own(
    strict: Deployment, admin: Browser, stranger: Person
) -> None:
    client, other = ungranted_client(strict, stranger, scope=Scope.of("read", "vault"), name="Safe"), new_person(strict)

    assert client.tokens(other, scope="read vault")["scope"] == "read"
    assert client.tokens(stranger, scope="read vault")["scope"] == "read vault"
    browser = entered(strict, other)
    assert answer_of(browser.get(client.authorize_path(scope="vault")))["error"] == "invalid_scope"
    by_password = {"grant_type": "password", "username": other.name, "password": other.password}
    assert_error(client.token(**by_password, scope="vault"), 400, "invalid_scope")

    grant(admin, client, marked=("vault",))

    tokens = client.tokens(other, scope="read vault")
    assert tokens["scope"] == "read vault"
    assert client.token(**by_password, scope="vault").json()["scope"] == "vault"
    assert_audited(admin, "lets users allow the app Safe: vault")

    grant(admin, client)

    assert client.refresh(tokens["refresh_token"]).json()["scope"] == "read"
    assert_audited(admin, "no longer lets users allow the app Safe: vault")


def test_s119_the_consumer_api_is_for_apps_that_are_marked(deployment: Deployment, person: Person) -> None:
    other = new_person(deployment)
    client = ungranted_client(deployment, person, scope=Scope.of("read", "consumer"))

    assert client.tokens(other, scope="read consumer consumer.apps")["scope"] == "read"
    mine = client.tokens(person, scope="consumer.apps")
    shown = get(deployment, f"/consumer/app/{client.app.client_id}", mine["access_token"]).json()
    standings = {each["name"]: (each["users"], each["itself"]) for each in shown["scopes"]}
    assert standings == {
        "read": ("open", "open"),
        "consumer": ("asked", "asked"),
        "consumer.account": ("asked", "asked"),
        "consumer.apps": ("asked", "asked"),
        "consumer.grants": ("asked", "asked"),
    }
    assert shown["granted_by_update"] is False
