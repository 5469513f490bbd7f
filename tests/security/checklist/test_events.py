"""Every handler responds alike however API Gateway writes an event, and whatever host it names (S98, S116)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepost.routes import METADATA
from infra.local.deployment import Deployment
from tests.answers import FORM, basic
from tests.browsing import Browser
from tests.people import CALLBACK, Client, Person, get
from tests.unit.http.events import Event, event, respelled


@pytest.fixture
def events(signed_in: Browser, client: Client, person: Person) -> dict[str, tuple[str, Event, int, str]]:
    """Name of a request: function, event, expected status, and expected content."""
    form = {"content-type": FORM["Content-Type"], "authorization": basic(*(client.auth or ("", "")))}
    cookies = ["other=1", *(f"{name}={value}" for name, value in signed_in.cookies.items())]
    token = client.token(grant_type="client_credentials").json()["access_token"]
    path, _, query = client.authorize_path().partition("?")
    who = {"sub": person.user.user_id, "client_id": "x", "scope": "consumer", "grant_id": "x.y"}
    api: dict[str, Any] = {
        "headers": {"content-type": "application/json"},
        "context": {"authorizer": {"lambda": who}},
    }
    app_page = f"/developer/apps/{client.app.client_id}"
    return {
        "token": ("token", event("POST", "/authorization/token", body="grant_type=client_credentials", headers=form),
                  200, "access_token"),
        "no body": ("token", event("POST", "/authorization/token", headers=form), 400, "grant_type is missing"),
        "introspect": ("introspect", event("POST", "/authorization/introspect", body=f"token={token}", headers=form),
                       200, '"active":true'),
        "revoke": ("revoke", event("POST", "/authorization/revoke", body="token=x", headers=form), 200, "{}"),
        "authorize": ("authorize", event("GET", path, query=query, cookies=cookies), 200, "%2Fdeveloper%2Fauth%3F"),
        "consent": ("consent", event("POST", path, body="decision=allow", cookies=cookies, headers=form), 400, "form"),
        "app": ("apps", event("GET", app_page, route="GET /developer/apps/{client_id}", cookies=cookies,
                              pathParameters={"client_id": client.app.client_id}), 200, client.app.name),
        "metadata": ("metadata", event("GET", METADATA.path), 200, "issuer"),
        "account": ("consumer", event("GET", "/consumer/account", **api), 200, person.name),
        "bad app": ("consumer", event("POST", "/consumer/app", body="{}", **api), 400, "name"),
    }  # fmt: skip


def test_s116_every_handler_answers_the_same_however_the_event_is_written(
    deployment: Deployment, events: dict[str, tuple[str, Event, int, str]]
) -> None:
    for name, (function, made, status, said) in events.items():
        for written in (made, respelled(made)):
            answer = deployment.invoke(function, written)
            assert answer["statusCode"] == status, f"{name}: {answer}"
            assert said in answer["body"], name
            assert not [each for each in ("/prod", "%2Fprod") if each in answer["body"]], name


def test_s98_the_host_of_an_event_changes_no_issuer_and_no_redirect(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    host, context = "evil.example.test", {"domainName": "evil.example.test", "domainPrefix": "evil"}
    path, _, query = client.authorize_path(scope="admin").partition("?")
    cookies = [f"{name}={value}" for name, value in signed_in.cookies.items()]
    metadata = event("GET", METADATA.path, headers={"host": host}, context=context)
    request = event("GET", path, query=query, headers={"host": host}, context=context, cookies=cookies)

    assert json.loads(deployment.invoke("metadata", metadata)["body"]) == get(deployment, METADATA.path, None).json()
    answer = deployment.invoke("authorize", request)
    assert answer["headers"]["Location"].startswith(f"{CALLBACK}?error=invalid_scope")
    assert host not in str(answer)
