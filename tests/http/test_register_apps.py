"""POST /authorization/register and what is under it: apps register themselves (RFC 7591) and manage that (RFC 7592)."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from gatepost.identifiers import digest, new_secret
from gatepost.model.permits import Permit
from gatepost.routes import METADATA, OPENID_METADATA, REGISTER_APP, TOKEN
from gatepost.scope import Scope
from gatepost.stores.audit_lists import app_list
from gatepost.stores.record_keys import AppKey, PermitKey
from infra.local.deployment import Deployment
from tests.answers import PKCE, assert_page
from tests.browsing import Browser
from tests.conftest import Deploy
from tests.http.registering import CALLBACK, INSPECTOR, PROGRAM, manage, register, stranger
from tests.people import get, opens, stops

NEVER_SENT = ("client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri")


def test_a_public_app_registers_itself_and_is_told_all_that_was_registered(deployment: Deployment) -> None:
    answer = register(deployment, INSPECTOR)

    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    document = answer.json()
    own = {name: document.pop(name) for name in NEVER_SENT}
    assert document == {**INSPECTOR, "id_token_signed_response_alg": "RS256"}
    assert own["registration_client_uri"] == f"{deployment.base_url}/authorization/register/{own['client_id']}"
    assert abs(own["client_id_issued_at"] - time.time()) < 60
    (app,) = deployment.store.read(AppKey(own["client_id"]))
    assert app is not None
    assert (app.owner, app.confidential, app.own_scope) == ("registered", False, Scope())
    assert app.registration_token_hash == digest(own["registration_access_token"])


def test_a_confidential_app_gets_a_secret_that_is_not_stored(deployment: Deployment) -> None:
    document = register(deployment, PROGRAM).json()

    secret = document.pop("client_secret")
    assert document.pop("client_secret_expires_at") == 0
    (app,) = deployment.store.read(AppKey(document["client_id"]))
    assert app is not None
    assert [each.secret_hash for each in app.secrets] == [digest(secret)]
    for name in NEVER_SENT:
        del document[name]
    assert document == {**PROGRAM, "id_token_signed_response_alg": "RS256"}


@pytest.mark.parametrize("body", [INSPECTOR, PROGRAM], ids=["public", "confidential"])
def test_it_gets_tokens_by_code_and_by_refresh_token(deployment: Deployment, signed_in: Browser, body: Any) -> None:
    app = stranger(deployment, body)

    tokens = app.allowed(signed_in)
    again = app.refreshed(tokens["refresh_token"])

    assert again.status_code == 200, again.text
    assert get(deployment, "/demo/read", again.json()["access_token"]).status_code == 200
    assert get(deployment, "/demo/write", again.json()["access_token"]).status_code == 403


@pytest.mark.parametrize("body", [INSPECTOR, {**INSPECTOR, "scope": None}], ids=["read", "none"])
def test_s228_the_scope_of_the_registration_is_no_limit_of_a_step_up(
    deployment: Deployment, signed_in: Browser, body: Any
) -> None:
    app = stranger(deployment, {name: value for name, value in body.items() if value is not None})
    assert app.allowed(signed_in, scope="read")["scope"] == "read"

    tokens = app.allowed(signed_in, scope="read write")

    assert tokens["scope"] == "read write"
    assert get(deployment, "/demo/write", tokens["access_token"]).status_code == 200
    assert app.refreshed(tokens["refresh_token"]).json()["scope"] == "read write"


def test_the_scope_of_the_registration_is_that_of_a_request_without_one(
    deployment: Deployment, signed_in: Browser
) -> None:
    app = stranger(deployment, {**INSPECTOR, "scope": "write"})

    assert app.allowed(signed_in, scope=None)["scope"] == "write"


def test_s228_a_restricted_scope_is_not_granted_to_it(deployment: Deployment, signed_in: Browser) -> None:
    app = stranger(deployment, {**INSPECTOR, "scope": "read consumer"})
    assert app.registered["scope"] == "read"

    assert app.allowed(signed_in, scope="read consumer.account")["scope"] == "read"
    refused = signed_in.get(app.client.authorize_path(redirect_uri=app.redirect_uri, scope="consumer.account", **PKCE))
    assert "error=invalid_scope" in refused.headers["Location"]


def test_s225_its_own_tokens_hold_scopes_that_are_open_to_apps(deployment: Deployment) -> None:
    app = stranger(deployment, {"grant_types": ["client_credentials"], "client_name": "Cron"})

    answer = app.client.token(grant_type="client_credentials", scope="read")
    refused = app.client.token(grant_type="client_credentials", scope="consumer.apps")

    assert answer.json()["scope"] == "read"
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "implicit"]}, "invalid_client_metadata"),
        ({"redirect_uris": [CALLBACK], "grant_types": ["password"]}, "invalid_client_metadata"),
        ({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"redirect_uris": ["cursor://callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"{CALLBACK}/{n}" for n in range(17)]}, "invalid_redirect_uri"),
        ({}, "invalid_redirect_uri"),
        ([], "invalid_client_metadata"),
        ({"redirect_uris": [CALLBACK], "x": "y" * 16_400}, "invalid_client_metadata"),
    ],
    ids=["implicit", "password", "keys", "scheme", "17 URIs", "none", "list", "16 kB"],
)
def test_s225_a_bad_registration_is_refused_with_its_error(deployment: Deployment, body: Any, error: str) -> None:
    answer = register(deployment, body)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert sorted(answer.json()) == ["error", "error_description"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b'{"redirect_uris": ["https://a.example/cb"], "redirect_uris": []}', "application/json"),
        (b"{", "application/json"),
        (b"", "application/json"),
        (b'{"client_name": "\xff"}', "application/json"),
        (b'{"redirect_uris": ["https://client.example.test/cb"]}', "text/plain"),
    ],
)
def test_s225_a_body_that_is_not_json_is_refused(deployment: Deployment, data: bytes, content_type: str) -> None:
    answer = register(deployment, data=data, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


def test_s225_nothing_is_fetched_at_a_registration(deployment: Deployment) -> None:
    urls = dict.fromkeys(("logo_uri", "jwks_uri", "tos_uri", "policy_uri"), "http://169.254.169.254/x")

    document = register(deployment, {**INSPECTOR, **urls, "sector_identifier_uri": "http://10.0.0.1/"}).json()

    assert not {*urls, "sector_identifier_uri"} & set(document)


@pytest.mark.parametrize("path", [METADATA.path, OPENID_METADATA.path])
def test_the_metadata_name_the_endpoint(deployment: Deployment, path: str) -> None:
    found = requests.get(deployment.base_url + path, timeout=30).json()

    assert found["registration_endpoint"] == f"{deployment.base_url}/authorization/register"


def test_a_page_of_any_origin_may_register_and_manage_an_app(deployment: Deployment) -> None:
    registered = register(deployment).json()
    for url in (deployment.base_url + REGISTER_APP.path, registered["registration_client_uri"]):
        asked = {"Origin": "http://localhost:6274", "Access-Control-Request-Method": "PUT"}
        answer = requests.options(url, headers=asked, timeout=30)
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
        assert answer.headers["Access-Control-Allow-Headers"] == "*, Authorization"


# RFC 7592


def test_an_app_reads_changes_and_deletes_its_registration(deployment: Deployment, signed_in: Browser) -> None:
    app = stranger(deployment, PROGRAM)
    tokens = app.allowed(signed_in)

    shown = manage(app.registered, "GET")
    expected = {k: v for k, v in app.registered.items() if not k.startswith("client_secret")}
    assert (shown.status_code, shown.json()) == (200, expected)

    sent = {"client_id": app.registered["client_id"], "redirect_uris": [f"{CALLBACK}/2"], "client_name": "Renamed"}
    changed = manage(app.registered, "PUT", json=sent)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["client_name"], changed.json()["redirect_uris"]) == ("Renamed", [f"{CALLBACK}/2"])
    assert changed.json()["grant_types"] == ["authorization_code"]
    assert changed.json()["token_endpoint_auth_method"] == "client_secret_post"
    assert "scope" not in changed.json()
    assert manage(app.registered, "GET").json() == changed.json()

    deleted = manage(app.registered, "DELETE")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert stops(deployment, tokens["access_token"])
    refused = app.client.token(grant_type="client_credentials")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert_page(Browser(deployment.base_url).get(app.client.authorize_path()))
    assert manage(app.registered, "GET").status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_s226_a_wrong_foreign_or_old_registration_token_is_401(deployment: Deployment, method: str) -> None:
    mine, other = register(deployment).json(), register(deployment).json()
    for token in (new_secret(), other["registration_access_token"], mine["client_id"], "x"):
        answer = manage(mine, method, token=token, json=mine if method == "PUT" else None)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="gatepost", error="invalid_token"')
    assert manage(mine, method, token="", json=mine if method == "PUT" else None).status_code == 401
    assert manage(mine, "GET").status_code == 200

    assert manage(mine, "DELETE").status_code == 204
    assert manage(mine, method, json=mine if method == "PUT" else None).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"client_secret": "another"},
        {"token_endpoint_auth_method": "none"},
        {"redirect_uris": ["http://client.example.test/cb"]},
        {"grant_types": ["password"]},
    ],
)
def test_s226_a_change_that_can_t_be_is_refused_and_changes_nothing(
    deployment: Deployment, changes: dict[str, Any]
) -> None:
    registered = register(deployment, PROGRAM).json()

    answer = manage(registered, "PUT", json={**registered, **changes})

    assert (answer.status_code, answer.json()["error"][:8]) == (400, "invalid_")
    assert manage(registered, "GET").json()["redirect_uris"] == PROGRAM["redirect_uris"]


# Who may register


def test_a_closed_server_lets_no_app_register_itself_and_says_so_nowhere(deploy: Deploy) -> None:
    deployment = deploy(overrides={"dynamic_registration": "closed"}, seeded=False, width=1)

    answer = register(deployment)

    assert (answer.status_code, answer.json()["error"]) == (403, "access_denied")
    for path in (METADATA.path, OPENID_METADATA.path):
        assert "registration_endpoint" not in requests.get(deployment.base_url + path, timeout=30).json()


def test_s226_with_initial_access_tokens_each_registers_as_many_apps_as_it_may(deploy: Deploy) -> None:
    deployment = deploy(overrides={"dynamic_registration": "token"}, seeded=False, width=1)
    now, token = int(time.time()), new_secret()
    known = {"created_at": now, "uses": 0, "most_uses": 2}
    deployment.store.save_permit(Permit(permit_hash=digest(token), expires_at=now + 600, **known))
    deployment.store.save_permit(Permit(permit_hash=digest("old"), expires_at=now - 1, **known))

    def answers(**headers: str) -> tuple[int, str]:
        answer = register(deployment, headers=headers)
        return answer.status_code, answer.headers.get("WWW-Authenticate", "")[:39]

    wrong = 'Bearer realm="gatepost", error="invalid'
    assert answers() == (401, 'Bearer realm="gatepost"')
    assert answers(Authorization=f"Bearer {new_secret()}") == (401, wrong)
    assert answers(Authorization="Bearer old") == (401, wrong)
    assert answers(Authorization=f"Basic {token}") == (401, 'Bearer realm="gatepost"')
    assert answers(Authorization=f"Bearer {token}") == (201, "")
    assert register(deployment, {}, headers={"Authorization": f"Bearer {token}"}).status_code == 400  # no use of it
    assert answers(Authorization=f"Bearer {token}") == (201, "")
    assert answers(Authorization=f"Bearer {token}") == (401, wrong)
    (permit,) = deployment.store.read(PermitKey(digest(token)))
    assert permit is not None
    assert permit.uses == 2
    assert "registration_endpoint" in requests.get(deployment.base_url + METADATA.path, timeout=30).json()


def test_s226_a_network_registers_no_more_apps_in_an_hour_than_it_may(deploy: Deploy) -> None:
    deployment = deploy(overrides={"registrations_per_network": 5}, seeded=False, width=1)

    answers = [register(deployment) for _ in range(8)]

    assert [each.status_code for each in answers[:3]] == [201, 201, 201]
    refused = answers[-1]
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


def test_s226_use_keeps_an_app(deployment: Deployment, signed_in: Browser) -> None:
    app = stranger(deployment)
    before = int(time.time())

    tokens = app.allowed(signed_in)

    assert opens(deployment, tokens["access_token"])
    item = deployment.client("dynamodb").get_item(
        TableName=deployment.tables["apps"], Key={"client_id": {"S": app.client.app.client_id}}
    )["Item"]
    assert int(item["last_used_at"]["N"]) >= before
    assert int(item["ttl"]["N"]) == int(item["last_used_at"]["N"]) + 30 * 86400


def test_what_apps_register_is_in_the_audit_list(deployment: Deployment) -> None:
    registered = register(deployment, PROGRAM).json()
    manage(registered, "PUT", json={**registered, "client_name": "Renamed"})
    manage(registered, "DELETE")

    page = deployment.store.entries(app_list(registered["client_id"]), cursor=None, limit=9)

    assert [(each.event, each.actor_name, each.subject) for each in page.items] == [
        ("registration_deleted", "the app itself", "Renamed"),
        ("registration_changed", "the app itself", "Renamed"),
        ("app_registered", "the app itself", "Weather program"),
    ]


def test_the_token_endpoint_knows_no_registration(deployment: Deployment) -> None:
    registered = register(deployment).json()
    sent = {"grant_type": "client_credentials", "client_id": registered["client_id"]}
    answer = requests.post(deployment.base_url + TOKEN.path, data=sent, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
