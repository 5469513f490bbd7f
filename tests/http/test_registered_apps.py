"""Apps manage their registration (RFC 7592); who may register one, how many, and for how long."""

from __future__ import annotations

import time

import pytest
import requests

from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.registration_limits import OF_APP
from gatepost.identifiers import app_id, digest, new_id, new_secret
from gatepost.model.permits import Permit
from gatepost.routes import ADMIN_APP_PAGE, ADMIN_APPS_PAGE, METADATA, REGISTER_APP
from gatepost.scope import Scope
from gatepost.stores.audit_lists import app_list
from gatepost.stores.record_keys import PermitKey
from infra.local.deployment import Deployment
from tests.answers import PKCE, assert_error, assert_page
from tests.browsing import Browser
from tests.http.deployed import with_settings
from tests.http.registering import CALLBACK, INSPECTOR, PROGRAM, manage, register, stranger, withdrawn
from tests.people import Client

MARKED = "consumer.account"  # a scope that users may grant it where an administrator marked it

# RFC 7592


def test_an_app_reads_changes_and_deletes_its_registration(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    app = stranger(deployment, PROGRAM)
    tokens = app.allowed(signed_in)

    shown = manage(app.registered, "GET")
    expected = {k: v for k, v in app.registered.items() if not k.startswith("client_secret")}
    assert (shown.status_code, shown.json()) == (200, expected)

    client_id = app.client.app.client_id
    sent = {"client_id": client_id, "redirect_uris": [f"{CALLBACK}/2"], "client_name": "Renamed"}
    changed = manage(app.registered, "PUT", json=sent)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["client_name"], changed.json()["redirect_uris"]) == ("Renamed", [f"{CALLBACK}/2"])
    assert changed.json()["grant_types"] == ["authorization_code"]
    assert changed.json()["token_endpoint_auth_method"] == "client_secret_post"
    assert "scope" not in changed.json()
    assert manage(app.registered, "GET").json() == changed.json()

    deleted = manage(app.registered, "DELETE")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert client.introspect(tokens["access_token"]).json() == {"active": False}
    refused = app.client.token(grant_type="client_credentials")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert_page(Browser(deployment.base_url).get(app.client.authorize_path()))
    assert manage(app.registered, "GET").status_code == 401

    entries = deployment.store.entries(app_list(client_id), cursor=None, limit=9).items
    assert [(each.event, each.actor_name, each.subject) for each in entries if each.actor_name == "the app itself"] == [
        ("registration_deleted", "the app itself", "Renamed"),
        ("registration_changed", "the app itself", "Renamed"),
        ("app_registered", "the app itself", "Weather program"),
    ]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_s226_a_wrong_foreign_or_old_registration_token_is_401(deployment: Deployment, method: str) -> None:
    mine, other = register(deployment).json(), register(deployment).json()
    body = mine if method == "PUT" else None
    for token in (new_secret(), other["registration_access_token"], mine["client_id"], ""):
        answer = manage(mine, method, token=token, json=body)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="gatepost"')
        assert answer.json().get("error") == ("invalid_token" if token else None)
    uri = mine["registration_client_uri"]
    for client_id in (new_id(), app_id("https://client.example.test/a"), "x"):  # nor is another app read
        elsewhere = {**mine, "registration_client_uri": uri.replace(mine["client_id"], client_id)}
        answer = manage(elsewhere, method, json=body)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert manage(mine, "GET").status_code == 200

    assert manage(mine, "DELETE").status_code == 204
    assert manage(mine, method, json=body).status_code == 401


def test_s226_a_change_that_can_t_be_is_refused_and_changes_nothing(deployment: Deployment) -> None:
    registered = register(deployment, PROGRAM).json()

    for changes in ({"client_secret": "another"}, {"redirect_uris": ["http://client.example.test/cb"]}):
        answer = manage(registered, "PUT", json={**registered, **changes})
        assert (answer.status_code, answer.json()["error"][:8]) == (400, "invalid_")
    assert manage(registered, "GET").json()["redirect_uris"] == PROGRAM["redirect_uris"]


def test_s358_a_registration_that_is_changed_all_the_time_is_told_to_wait_and_fills_no_list(
    deployment: Deployment,
) -> None:
    app = stranger(deployment)
    key = app.client.app.client_id
    many = [f"{CALLBACK}/{number}/{'p' * 300}" for number in range(10)]
    bodies = [
        {**INSPECTOR, "client_id": key, "client_name": name, "redirect_uris": uris}
        for name, uris in (("Claude", many), ("MCP Inspector", INSPECTOR["redirect_uris"]))
    ]

    answers = [manage(app.registered, "PUT", json=bodies[number % 2]) for number in range(OF_APP + 1)]

    assert [each.status_code for each in answers] == [200] * OF_APP + [429]
    assert_error(answers[-1], 429, "temporarily_unavailable")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    found = deployment.store.entries(app_list(key), cursor=None, limit=50).items
    entries = [each for each in found if each.event == "registration_changed"]
    assert len(entries) in (2, 4)  # there and back, in one hour or on the edge of two
    assert all(sum(map(len, each.changes)) < 700 for each in entries)
    assert manage(app.registered, "DELETE").status_code == 204


def test_s351_an_app_that_registered_itself_and_looks_different_offers_nothing_that_was_marked(
    deployment: Deployment, signed_in: Browser, admin: Browser
) -> None:
    app = stranger(deployment)
    key, known = app.client.app.client_id, (deployment.store, deployment.settings, app.client.app)
    grant_scopes(*known, own=Scope(), marked=Scope.of(MARKED), owner=None, now=time.time())
    asked = {"scope": f"read {MARKED}", "redirect_uri": app.redirect_uri}
    tokens = app.allowed(signed_in, **asked)
    assert tokens["scope"] == f"{MARKED} read"

    uris = [*INSPECTOR["redirect_uris"], "https://evil.example.test/cb"]
    body = {**INSPECTOR, "client_id": key, "client_name": "Claude", "redirect_uris": uris}
    assert manage(app.registered, "PUT", json=body).status_code == 200

    assert app.refreshed(tokens["refresh_token"]).json()["scope"] == "read"
    assert app.allowed(signed_in, **asked)["scope"] == "read"
    why = "changed: name, redirect URIs"
    assert withdrawn(deployment, key) == [("the app itself", why, ("scopes from users", MARKED, ""))]
    assert key in admin.get(f"{ADMIN_APPS_PAGE.path}?status=asking").text
    assert f"granted it\n  <code>{MARKED}</code>, so it lost them" in admin.get(ADMIN_APP_PAGE.at(client_id=key)).text


# Who may register


def test_s226_with_initial_access_tokens_each_registers_as_many_apps_as_it_may(extended: Deployment) -> None:
    now, token = int(time.time()), new_secret()
    known = {"created_at": now, "uses": 0, "most_uses": 2}
    extended.store.save_permit(Permit(permit_hash=digest(token), expires_at=now + 600, **known))
    extended.store.save_permit(Permit(permit_hash=digest("old"), expires_at=now - 1, **known))

    def answers(**headers: str) -> tuple[int, str]:
        answer = register(extended, headers=headers)
        return answer.status_code, answer.headers.get("WWW-Authenticate", "")[:39]

    wrong = 'Bearer realm="gatepost", error="invalid'
    assert answers() == (401, 'Bearer realm="gatepost"')
    assert answers(Authorization=f"Bearer {new_secret()}") == (401, wrong)
    assert answers(Authorization="Bearer old") == (401, wrong)
    assert answers(Authorization=f"Basic {token}") == (401, 'Bearer realm="gatepost"')
    assert answers(Authorization=f"Bearer {token}") == (201, "")
    assert register(extended, {}, headers={"Authorization": f"Bearer {token}"}).status_code == 400  # no use of it
    assert answers(Authorization=f"Bearer {token}") == (201, "")
    assert answers(Authorization=f"Bearer {token}") == (401, wrong)
    (permit,) = extended.store.read(PermitKey(digest(token)))
    assert permit is not None
    assert permit.uses == 2
    assert "registration_endpoint" in requests.get(extended.base_url + METADATA.path, timeout=30).json()


def test_s226_a_network_registers_no_more_apps_in_an_hour_than_it_may(deployment: Deployment) -> None:
    with with_settings(deployment, REGISTER_APP.function, registrations_per_network=2):
        refused = [register(deployment) for _ in range(3)][-1]

    assert (refused.status_code, refused.json()["error"]) == (429, "temporarily_unavailable")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600


def test_s226_an_app_that_nobody_used_is_gone_after_its_time(deployment: Deployment, signed_in: Browser) -> None:
    app = stranger(deployment, PROGRAM)
    deployment.client("dynamodb").update_item(
        TableName=deployment.tables["apps"],
        Key={"client_id": {"S": app.client.app.client_id}},
        UpdateExpression="SET created_at = :long_ago",
        ExpressionAttributeValues={":long_ago": {"N": str(int(time.time()) - 31 * 86400)}},
    )

    refused = app.client.token(grant_type="client_credentials")

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert_page(signed_in.get(app.client.authorize_path(**PKCE)))
    assert manage(app.registered, "GET").status_code == 401
