"""POST /authorization/register: apps register themselves (RFC 7591)."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from gatepost.identifiers import digest
from gatepost.routes import METADATA, OPENID_METADATA
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import PKCE
from tests.browsing import Browser
from tests.http.registering import CALLBACK, INSPECTOR, PROGRAM, register, stranger
from tests.people import get

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
    assert (app.owner, app.confidential, app.own_scope) == ("registered", False, None)
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
def test_s228_it_gets_tokens_also_for_scopes_beyond_its_registration_but_no_restricted_one(
    deployment: Deployment, signed_in: Browser, body: dict[str, Any]
) -> None:
    app = stranger(deployment, {**body, "scope": "read consumer"})
    assert app.registered["scope"] == "read"
    assert app.allowed(signed_in, scope=None)["scope"] == "read"

    tokens = app.allowed(signed_in, scope="read write consumer.account")  # a step-up

    assert tokens["scope"] == "read write"
    again = app.refreshed(tokens["refresh_token"]).json()
    assert again["scope"] == "read write"
    assert get(deployment, "/demo/write", again["access_token"]).status_code == 200
    refused = signed_in.get(app.client.authorize_path(redirect_uri=app.redirect_uri, scope="consumer.account", **PKCE))
    assert "invalid_scope: " in refused.text


def test_s225_its_own_tokens_hold_scopes_that_are_open_to_apps(deployment: Deployment) -> None:
    app = stranger(deployment, {"grant_types": ["client_credentials"], "client_name": "Cron"})

    answer = app.client.token(grant_type="client_credentials", scope="read")
    refused = app.client.token(grant_type="client_credentials", scope="consumer.apps")

    assert answer.json()["scope"] == "read"
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


# One of each kind; the rest is in tests/unit/clients/test_client_metadata.py
BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"json": {"redirect_uris": [CALLBACK], "grant_types": ["password"]}}, "invalid_client_metadata"),
    ({"json": {"redirect_uris": ["cursor://callback"]}}, "invalid_redirect_uri"),
    ({"json": []}, "invalid_client_metadata"),
    ({"json": {"redirect_uris": [CALLBACK], "x": "y" * 16_400}}, "invalid_client_metadata"),
    ({"data": b'{"redirect_uris": [], "redirect_uris": []}'}, "invalid_client_metadata"),
    ({"data": b'{"client_name": "\xff"}'}, "invalid_client_metadata"),
    ({"data": b'{"redirect_uris": ["https://a.example/cb"]}', "type": "text/plain"}, "invalid_client_metadata"),
)


def test_s225_a_bad_registration_is_refused_with_its_error(deployment: Deployment) -> None:
    for sent, error in BAD:
        headers = {"Content-Type": sent.get("type", "application/json")}
        body = {"data": sent["data"]} if "data" in sent else {"body": sent["json"]}
        answer = register(deployment, **body, headers=headers)

        assert (answer.status_code, answer.json()["error"]) == (400, error), sent
        assert sorted(answer.json()) == ["error", "error_description"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_s225_nothing_is_fetched_at_a_registration(deployment: Deployment) -> None:
    urls = dict.fromkeys(("logo_uri", "jwks_uri", "tos_uri", "policy_uri"), "http://169.254.169.254/x")

    document = register(deployment, {**INSPECTOR, **urls, "sector_identifier_uri": "http://10.0.0.1/"}).json()

    assert not {*urls, "sector_identifier_uri"} & set(document)


def test_the_metadata_name_the_endpoint_and_a_page_of_any_origin_may_use_it(deployment: Deployment) -> None:
    for path in (METADATA.path, OPENID_METADATA.path):
        found = requests.get(deployment.base_url + path, timeout=30).json()
        assert found["registration_endpoint"] == f"{deployment.base_url}/authorization/register"
    registered = register(deployment).json()
    for url in (found["registration_endpoint"], registered["registration_client_uri"]):
        asked = {"Origin": "http://localhost:6274", "Access-Control-Request-Method": "PUT"}
        answer = requests.options(url, headers=asked, timeout=30)
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
        assert answer.headers["Access-Control-Allow-Headers"] == "*, Authorization"
