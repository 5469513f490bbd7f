"""The deployed consumer API: its operations, with the real store and roles."""

from __future__ import annotations

import time

import pytest
import requests

from gatepost.accounts.removal import deactivate_user
from gatepost.identifiers import digest
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.http.consumer import CHANGE, Consumer
from tests.http.registering import withdrawn
from tests.people import Client, Person, get, new_client, stops


@pytest.fixture
def consumer(deployment: Deployment, person: Person) -> Consumer:
    return Consumer(deployment, person)


def test_an_app_lives_through_the_api(consumer: Consumer, deployment: Deployment) -> None:
    made = consumer.created()
    path, etag, client_id = made.headers["Location"], made.headers["ETag"], made.json()["client_id"]
    first = made.json()["secrets"][0]["secret_id"]

    assert consumer.call("GET", path).headers["ETag"] == etag
    assert consumer.call("GET", path, headers={"If-None-Match": etag}).status_code == 304
    assert [app["client_id"] for app in consumer.call("GET", "/consumer/app").json()["items"]] == [client_id]
    assert consumer.call("PUT", path, json=CHANGE).status_code == 428
    changed = consumer.call("PUT", path, json={**CHANGE, "name": "Storm"}, headers={"If-Match": etag})
    assert (changed.status_code, changed.json()["name"]) == (200, "Storm")
    assert consumer.call("PUT", path, json=CHANGE, headers={"If-Match": etag}).status_code == 412
    (app,) = deployment.store.read(AppKey(client_id))
    assert app is not None
    used = Client(deployment, app, made.json()["client_secret"])
    token = used.tokens_with(consumer.person, app.redirect_uris[0])["access_token"]
    second = consumer.call("POST", f"{path}/secret")
    assert second.status_code == 201
    assert consumer.call("DELETE", f"{path}/secret/{first}").status_code == 204
    (app,) = deployment.store.read(AppKey(client_id))
    assert app is not None
    assert [secret.secret_hash for secret in app.secrets] == [digest(second.json()["client_secret"])]
    day = time.strftime("%Y-%m-%d", time.gmtime())
    entries = deployment.store.entries(day, cursor=None, limit=100).items
    made_known = [(each.event, each.actor_name, each.subject) for each in entries if each.client_id == client_id]
    assert ("app_created", consumer.person.name, "Weather") in made_known
    gone = consumer.call("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert consumer.tool.introspect(token).json() == {"active": False}
    assert consumer.call("GET", path).status_code == 404
    assert deployment.store.read(AppKey(client_id)) == (None,)


def test_an_ended_grant_stops_its_tokens_within_the_bound(
    consumer: Consumer, deployment: Deployment, client: Client
) -> None:
    token = client.tokens(consumer.person, scope="read")["access_token"]
    listed = consumer.call("GET", "/consumer/grant").json()["items"]
    connected = {item["client_id"]: item for item in listed}

    assert set(connected) == {client.app.client_id, consumer.tool.app.client_id}
    assert connected[client.app.client_id]["scope"] == ["read"]
    assert connected[client.app.client_id]["host"] == "client.example.test"
    ended = consumer.call("DELETE", f"/consumer/grant/{client.app.client_id}")
    assert ended.status_code == 204
    assert stops(deployment, token)
    assert consumer.call("DELETE", f"/consumer/grant/{client.app.client_id}").status_code == 404


def test_the_account_and_the_scopes_of_the_server_are_shown(consumer: Consumer, deployment: Deployment) -> None:
    assert consumer.call("GET", "/consumer/account").json()["user_name"] == consumer.person.name
    items = consumer.call("GET", "/consumer/scope").json()["items"]
    assert {item["name"]: item["description"] for item in items} == dict(deployment.settings.descriptions)


def test_the_reference_and_the_description_are_for_everybody(deployment: Deployment) -> None:
    page, described = (
        requests.get(f"{deployment.base_url}/consumer{path}", timeout=30) for path in ("", "/openapi.json")
    )
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f"{deployment.base_url}/authorization/token" in page.text
    assert "Register an app" in page.text
    assert (described.status_code, described.headers["Content-Type"]) == (200, "application/json")
    assert described.json()["servers"] == [{"url": deployment.settings.issuer}]
    assert len(described.json()["paths"]) == 9


# Refused requests


def test_a_part_of_the_scope_opens_its_part_of_the_api_and_no_other(deployment: Deployment, person: Person) -> None:
    tool = new_client(deployment, person, name="Part", scope=Scope.of("consumer"))
    token = tool.tokens(person, scope="consumer.apps")["access_token"]

    paths = ("/consumer/app", "/consumer/grant", "/consumer/account")
    assert [get(deployment, path, token).status_code for path in paths] == [200, 403, 403]


def test_an_apps_own_token_and_an_account_that_is_stopped_are_refused(
    consumer: Consumer, deployment: Deployment, person: Person
) -> None:
    tool = new_client(deployment, person, name="Own", scope=deployment.settings.scope)
    token = tool.token(grant_type="client_credentials", scope="consumer").json()["access_token"]
    refused = get(deployment, "/consumer/account", token)
    assert (refused.status_code, refused.headers["Content-Type"]) == (403, "application/problem+json")

    deactivate_user(deployment.store, consumer.person.user, now=time.time())
    assert consumer.call("GET", "/consumer/account").status_code in (401, 403)  # the API, or the authorizer already


def test_s351_the_api_takes_back_what_an_owners_app_had(
    deployment: Deployment, consumer: Consumer, person: Person
) -> None:
    client = new_client(deployment, person, scope=Scope.of("read", "consumer.account"))
    assert client.token(grant_type="client_credentials", scope="consumer.account").status_code == 200
    path = f"/consumer/app/{client.app.client_id}"
    read = consumer.call("GET", path)
    change = {name: read.json()[name] for name in CHANGE} | {"name": "National Bank"}

    answer = consumer.call("PUT", path, json=change, headers={"If-Match": read.headers["ETag"]})

    assert answer.status_code == 200, answer.text
    standings = {each["name"]: (each["users"], each["itself"]) for each in answer.json()["scopes"]}
    assert standings["consumer.account"] == ("asked", "asked")
    assert_error(client.token(grant_type="client_credentials", scope="consumer.account"), 400, "invalid_scope")
    assert withdrawn(deployment, client.app.client_id)[0][:2] == (person.name, "changed: name")
