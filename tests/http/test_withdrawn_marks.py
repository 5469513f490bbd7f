"""Apps that nobody owns lose what administrators marked when they look different (S351)."""

from __future__ import annotations

import time

from gatepost.clients.admin_decisions import grant_scopes
from gatepost.model.records import App
from gatepost.routes import ADMIN_APP_PAGE, ADMIN_APPS_PAGE
from gatepost.scope import Scope
from gatepost.stores.audit_lists import app_list
from gatepost.stores.record_keys import app_key
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.browsing import Browser
from tests.http.consumer import CHANGE, Consumer
from tests.http.registering import INSPECTOR, manage, stranger
from tests.people import Client, Person, new_client

MARKED = "consumer.account"


def mark(client: Client) -> App:
    """Let users grant the app a restricted scope, as an administrator does."""
    store, settings = client.deployment.store, client.deployment.settings
    (app,) = store.read(app_key(client.app.client_id))
    assert app is not None
    marked = Scope.of(MARKED)
    return grant_scopes(store, settings, app, own=Scope(), marked=marked, owner=None, now=time.time())


def told(deployment: Deployment, client_id: str) -> list[tuple[str, str, tuple[str, ...]]]:
    entries = deployment.store.entries(app_list(client_id), cursor=None, limit=9).items
    return [(e.actor_name, e.reason, e.changes) for e in entries if e.event == "grants_withdrawn"]


def test_s351_an_app_that_registered_itself_and_looks_different_offers_nothing_that_was_marked(
    deployment: Deployment, signed_in: Browser, admin: Browser
) -> None:
    app = stranger(deployment)
    mark(app.client)
    asked = {"scope": f"read {MARKED}", "redirect_uri": app.redirect_uri}
    tokens = app.allowed(signed_in, **asked)
    assert tokens["scope"] == f"{MARKED} read"

    uris = [*INSPECTOR["redirect_uris"], "https://evil.example.test/cb"]
    body = {**INSPECTOR, "client_id": app.client.app.client_id, "client_name": "Claude", "redirect_uris": uris}
    assert manage(app.registered, "PUT", json=body).status_code == 200

    assert app.refreshed(tokens["refresh_token"]).json()["scope"] == "read"
    assert app.allowed(signed_in, **asked)["scope"] == "read"
    key = app.client.app.client_id
    why = "changed: name, redirect URIs"
    assert told(deployment, key) == [("the app itself", why, ("scopes from users", MARKED, ""))]
    assert key in admin.get(f"{ADMIN_APPS_PAGE.path}?status=asking").text
    assert f"granted it\n  <code>{MARKED}</code>, so it lost them" in admin.get(ADMIN_APP_PAGE.at(client_id=key)).text


def test_s351_the_api_takes_back_what_an_owners_app_had(deployment: Deployment, person: Person) -> None:
    api, client = Consumer(deployment, person), new_client(deployment, person, scope=Scope.of("read", MARKED))
    assert client.token(grant_type="client_credentials", scope=MARKED).status_code == 200
    path = f"/consumer/app/{client.app.client_id}"
    read = api.call("GET", path)
    change = {name: read.json()[name] for name in CHANGE} | {"name": "National Bank"}

    answer = api.call("PUT", path, json=change, headers={"If-Match": read.headers["ETag"]})

    assert answer.status_code == 200, answer.text
    standings = {each["name"]: (each["users"], each["itself"]) for each in answer.json()["scopes"]}
    assert standings[MARKED] == ("asked", "asked")
    assert_error(client.token(grant_type="client_credentials", scope=MARKED), 400, "invalid_scope")
    assert told(deployment, client.app.client_id)[0][:2] == (person.name, "changed: name")
