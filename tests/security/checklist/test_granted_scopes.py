"""Scopes must be granted: those of an app itself, and those that users may allow it (S119, S351, S370)."""

from __future__ import annotations

import re

import requests

from gatepost.identifiers import digest, new_registered_id, new_secret
from gatepost.model.records import AppSecret
from gatepost.routes import (
    ADMIN_APP_PAGE,
    ADMIN_APPS_PAGE,
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DEMO_WRITE,
    EDIT_APP_PAGE,
    NEW_APP_PAGE,
    TOKEN,
    UPDATE_APP,
)
from gatepost.scope import Scope
from gatepost.stores.dynamodb.codec import to_item
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.browsing import Browser, answer_of, post
from tests.people import CALLBACK, Client, Person, entered, get, new_client, new_person, opens, stops, ungranted_client
from tests.security.checklist.acting import as_role, is_allowed
from tests.security.checklist.granting import assert_audited, decide, grant, own
from tests.unit.world import web_app


def test_s119_nobody_gets_a_scope_for_an_app_by_registering_it(
    full: Deployment, admin: Browser, stranger: Person
) -> None:
    browser = entered(full, stranger)
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
        form, auth = {"grant_type": "client_credentials", "scope": scope}, (client_id[0], secret[0])
        return requests.post(full.base_url + TOKEN.path, data=form, auth=auth, timeout=30)

    for scope in ("read", "read write", "people", "vault"):
        assert_error(token(scope), 400, "invalid_scope")
    assert token("free write").json()["scope"] == "free"
    page = browser.get(APP_PAGE.at(client_id=client_id[0])).text
    for standing in ("requested, waiting for an administrator", "not available", "open"):
        assert f"for itself: {standing}" in page
    assert "Taken" in admin.get(f"{ADMIN_APPS_PAGE.path}?status=asking").text


def test_s119_what_an_administrator_grants_counts_until_it_is_taken_back(
    full: Deployment, admin: Browser, stranger: Person
) -> None:
    client = ungranted_client(full, stranger, name="Granted")
    assert_error(own(client, "write"), 400, "invalid_scope")

    grant(admin, client, own=("write",))

    answer = own(client, "read write").json()
    assert answer["scope"] == "write"
    assert get(full, DEMO_WRITE.path, answer["access_token"]).status_code == 200
    users = client.tokens(stranger, scope="read write")
    assert_audited(admin, "granted Granted itself the scope write")

    grant(admin, client)

    assert_error(own(client, "write"), 400, "invalid_scope")
    assert stops(full, answer["access_token"], DEMO_WRITE.path)
    assert client.introspect(answer["access_token"]).json() == {"active": False}
    assert opens(full, users["access_token"], DEMO_WRITE.path)  # what a user granted is not the app's
    assert client.refresh(users["refresh_token"]).json()["scope"] == "read write"
    assert_audited(admin, "took the scope write from Granted itself")


def test_s119_the_demo_grants_its_app_what_an_administrator_would(full: Deployment) -> None:
    web, asked = full.facts.apps[0], {"grant_type": "client_credentials", "scope": "read write"}
    auth = (web.client_id, web.client_secret)
    answer = requests.post(full.base_url + TOKEN.path, data=asked, auth=auth, timeout=30)

    assert answer.json()["scope"] == "read write"


def test_s119_who_is_no_administrator_grants_nothing_not_even_to_an_app_of_their_own(
    full: Deployment, admin: Browser, stranger: Person
) -> None:
    client, browser = ungranted_client(full, stranger), entered(full, stranger)
    path = ADMIN_APP_PAGE.at(client_id=client.app.client_id)
    assert browser.get(path).status_code == 403

    fields = {"action": "scopes", "own": ["write"], "version": "1"}
    assert post(browser, APPS_PAGE.path, path, **fields).status_code == 403
    edit = {
        "name": "Edited",
        "url": "https://client.example.test/",
        "grant_types": ["client_credentials"],
        "scope": ["write"],
        "own_scope": "write",
        "marked_scope": "vault",
        "version": "1",
    }
    post(browser, APPS_PAGE.path, UPDATE_APP.at(client_id=client.app.client_id), **edit)
    assert_error(own(client, "write"), 400, "invalid_scope")
    # and nobody decides about another app than the one that was shown
    stale = post(admin, path, path, **fields)
    assert (stale.status_code, "changed in another window" in stale.text) == (412, True)


def test_s119_a_restricted_scope_is_allowed_to_marked_apps_and_to_ones_own(
    full: Deployment, admin: Browser, stranger: Person
) -> None:
    client, other = ungranted_client(full, stranger, scope=Scope.of("read", "vault"), name="Safe"), new_person(full)

    assert client.tokens(other, scope="read vault")["scope"] == "read"
    assert client.tokens(stranger, scope="read vault")["scope"] == "read vault"
    refused = entered(full, other).get(client.authorize_path(scope="vault"))
    assert answer_of(refused)["error"] == "invalid_scope"
    by_password = {"grant_type": "password", "username": other.name, "password": other.password}
    assert_error(client.token(**by_password, scope="vault"), 400, "invalid_scope")

    grant(admin, client, marked=("vault",))

    tokens = client.tokens(other, scope="read vault")
    assert tokens["scope"] == "read vault"
    assert client.token(**by_password, scope="vault").json()["scope"] == "vault"
    assert_audited(admin, "lets users grant Safe the scope vault")

    grant(admin, client)

    assert client.refresh(tokens["refresh_token"]).json()["scope"] == "read"
    assert_audited(admin, "no longer lets users grant Safe the scope vault")


def pressed(browser: Browser, client: Client, **typed: object) -> requests.Response:
    """Save the app's form, as its owner has filled it in."""
    path, app = EDIT_APP_PAGE.at(client_id=client.app.client_id), client.app
    fields = {
        "version": client.version,
        "name": app.name,
        "url": app.url,
        "redirect_uris": "\r\n".join(app.redirect_uris),
        "grant_types": list(app.grant_types),
        "scope": sorted(app.scope),
        **typed,
    }
    return post(browser, path, path, **fields)


def test_s351_an_app_that_looks_different_has_to_be_granted_again_what_it_had(
    full: Deployment, admin: Browser, stranger: Person
) -> None:
    client, other = new_client(full, stranger, scope=Scope.of("read", "write", "vault")), new_person(full)
    browser, typed = entered(full, stranger), {"name": "National Bank", "redirect_uris": f"{CALLBACK}\r\n{CALLBACK}2"}
    machine, users = own(client, "write").json()["access_token"], client.tokens(other, scope="read vault")
    assert users["scope"] == "read vault"
    path = EDIT_APP_PAGE.at(client_id=client.app.client_id)
    assert "Changing the name, logo, website or redirect URIs costs the app some access" in browser.get(path).text

    asked = pressed(browser, client, **typed)
    assert asked.status_code == 200
    assert "Not saved yet: this change costs the app some access" in asked.text
    assert "<code>read</code>, <code>vault</code>, <code>write</code>" in " ".join(asked.text.split())
    assert own(client, "write").status_code == 200
    assert pressed(browser, client, **typed, confirmed="yes").status_code == 303

    assert_error(own(client, "write"), 400, "invalid_scope")
    assert client.refresh(users["refresh_token"]).json()["scope"] == "read"
    assert stops(full, machine, DEMO_WRITE.path)
    assert "for itself: requested" in browser.get(APP_PAGE.at(client_id=client.app.client_id)).text
    assert "National Bank" in admin.get(f"{ADMIN_APPS_PAGE.path}?status=asking").text
    assert_audited(admin, f"{stranger.name} changed National Bank , which lost what administrators had granted")
    page = entered(full, other).get(client.authorize_path(scope="read vault", redirect_uri=CALLBACK)).text
    assert ("Read your data" in page, "Open the vault" in page) == (True, False)

    # an earlier name brings nothing back
    assert pressed(browser, client, confirmed="yes").status_code == 303
    assert_error(own(client, "write"), 400, "invalid_scope")
    assert decide(admin, client, "scopes", own=["write"], marked=[]).status_code == 303
    assert own(client, "write").status_code == 200


def test_s370_the_role_that_registers_apps_gives_an_app_nothing_that_administrators_grant(
    full: Deployment, stranger: Person
) -> None:
    role = as_role(full, "register_app")
    for owner in ("registered", stranger.user.user_id):
        secret = new_secret()
        forged = web_app(
            client_id=new_registered_id(),
            owner=owner,
            scope=full.settings.scope,
            own_scope=None,
            secrets=(AppSecret(secret_id="s", secret_hash=digest(secret), created_at=1),),
        )
        item = to_item(forged)
        whole = {**item, "own_scope": {"S": "write"}, "marked_scope": {"S": "vault"}}
        assert not is_allowed(role, full, ("put_item", {"TableName": "apps", "Item": whole}))
        assert is_allowed(role, full, ("put_item", {"TableName": "apps", "Item": item}))

        app = Client(full, forged, secret)
        assert_error(own(app, "write"), 400, "invalid_scope")
        assert own(app, "free write").json()["scope"] == "free"
        asked = {"grant_type": "password", "username": stranger.name, "password": stranger.password}
        assert_error(app.token(**asked, scope="vault"), 400, "invalid_scope")
