"""What an administrator granted an app goes with its looks and its owner (S351, S352)."""

from __future__ import annotations

import re
import time

import pytest
import requests

from gatepost.accounts.rights import limit_user
from gatepost.routes import ADMIN_APPS_PAGE, APP_PAGE, DEMO_WRITE, EDIT_APP_PAGE
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.browsing import Browser, post
from tests.people import CALLBACK, Client, Person, entered, new_administrator, new_client, new_person, opens, stops
from tests.security.checklist.granting import assert_audited, decide, own

VAULT = Scope.of("read", "write", "vault")


def pressed(browser: Browser, client: Client, **typed: object) -> requests.Response:
    """Save the app's form, as its owner has filled it in."""
    path = EDIT_APP_PAGE.at(client_id=client.app.client_id)
    version = re.search(r'name="version" value="(\d+)"', browser.get(path).text)
    assert version
    app = client.app
    fields = {
        "version": version[1],
        "name": app.name,
        "url": app.url,
        "redirect_uris": "\r\n".join(app.redirect_uris),
        "grant_types": list(app.grant_types),
        "scope": sorted(app.scope),
        **typed,
    }
    return post(browser, path, path, **fields)


@pytest.mark.parametrize(
    "typed",
    [{"name": "National Bank"}, {"url": "https://evil.example.test"}, {"redirect_uris": f"{CALLBACK}\r\n{CALLBACK}2"}],
)
def test_s351_an_app_that_looks_different_has_to_be_granted_again_what_it_had(
    strict: Deployment, admin: Browser, stranger: Person, typed: dict[str, str]
) -> None:
    client, other, browser = new_client(strict, stranger, scope=VAULT), new_person(strict), entered(strict, stranger)
    machine, users = own(client, "write").json()["access_token"], client.tokens(other, scope="read vault")
    assert users["scope"] == "read vault"
    path = EDIT_APP_PAGE.at(client_id=client.app.client_id)
    assert "Changing the name, website or redirect URIs costs the app some access" in browser.get(path).text

    asked = pressed(browser, client, **typed)
    assert asked.status_code == 200
    assert "Not saved yet: this change costs the app some access" in asked.text
    assert "<code>read</code>, <code>vault</code>, <code>write</code>" in " ".join(asked.text.split())
    assert own(client, "write").status_code == 200
    assert pressed(browser, client, **typed, confirmed="yes").status_code == 303

    assert_error(own(client, "write"), 400, "invalid_scope")
    assert client.refresh(users["refresh_token"]).json()["scope"] == "read"
    assert stops(strict, machine, DEMO_WRITE.path)
    assert "for itself: requested" in browser.get(APP_PAGE.at(client_id=client.app.client_id)).text
    (app,) = strict.store.read(AppKey(client.app.client_id))
    assert app is not None
    assert app.name in admin.get(f"{ADMIN_APPS_PAGE.path}?status=asking").text
    assert_audited(admin, f"{stranger.name} lost what administrators had granted to the app {app.name}")
    page = entered(strict, other).get(client.authorize_path(scope="read vault", redirect_uri=CALLBACK)).text
    assert ("Read your data" in page, "Open the vault" in page) == (True, False)

    # an earlier name brings nothing back
    assert pressed(browser, client, confirmed="yes").status_code == 303
    assert_error(own(client, "write"), 400, "invalid_scope")
    shown = decide(admin, client, "scopes", own=["write"], marked=[])
    assert shown.status_code == 303
    assert own(client, "write").status_code == 200


def test_s351_an_administrators_own_app_keeps_what_it_has(strict: Deployment) -> None:
    boss = new_administrator(strict)
    client = new_client(strict, boss, scope=VAULT)

    assert pressed(entered(strict, boss), client, name="Ours").status_code == 303

    assert own(client, "write").status_code == 200
    assert client.tokens(new_person(strict), scope="vault")["scope"] == "vault"


# Another owner


def test_s352_an_app_that_is_handed_over_has_no_token_that_its_new_owner_may_not_have(
    strict: Deployment, admin: Browser, stranger: Person
) -> None:
    client, heir = new_client(strict, stranger), new_person(strict)
    users = client.tokens(new_person(strict), scope="read write")
    machine = own(client, "read write").json()["access_token"]
    limit_user(strict.store, heir.user, Scope.of("read"), now=time.time())
    assert opens(strict, machine, DEMO_WRITE.path)

    assert decide(admin, client, "hand_over", owner=heir.name).status_code == 303

    assert stops(strict, machine, DEMO_WRITE.path)
    assert own(client, "read write").json()["scope"] == "read"
    assert opens(strict, users["access_token"], DEMO_WRITE.path)
    assert client.refresh(users["refresh_token"]).json()["scope"] == "read"
