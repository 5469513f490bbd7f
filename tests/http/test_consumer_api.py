"""The deployed consumer API: its operations, with the real store and roles."""

from __future__ import annotations

import time

import pytest
import requests

from gatepost.identifiers import digest
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.http.consumer import CHANGE, Consumer
from tests.people import Client, Person, new_client, stops


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
    second = consumer.call("POST", f"{path}/secret")
    assert second.status_code == 201
    assert consumer.call("DELETE", f"{path}/secret/{first}").status_code == 204
    (app,) = deployment.store.read(AppKey(client_id))
    assert app is not None
    assert [secret.secret_hash for secret in app.secrets] == [digest(second.json()["client_secret"])]
    gone = consumer.call("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert consumer.call("GET", path).status_code == 404
    assert deployment.store.read(AppKey(client_id)) == (None,)


def test_apps_come_in_parts(consumer: Consumer) -> None:
    made = [consumer.created(name=f"App {number}").json()["client_id"] for number in range(5)]
    found: list[str] = []
    path = "/consumer/app?limit=2"
    while path:
        part = consumer.call("GET", path)
        assert part.status_code == 200, part.text
        found += [app["client_id"] for app in part.json()["items"]]
        following = part.json()["next"]
        path = f"/consumer/app?limit=2&cursor={following}" if following else ""

    assert sorted(found) == sorted(made)


def test_a_new_app_gets_tokens_with_the_secret_that_was_shown(consumer: Consumer, deployment: Deployment) -> None:
    made = consumer.created(grant_types=["client_credentials"]).json()
    (app,) = deployment.store.read(AppKey(made["client_id"]))
    assert app is not None
    client = Client(deployment=deployment, app=app, secret=made["client_secret"])

    assert client.token(grant_type="client_credentials").status_code == 200


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


def test_a_deleted_app_stops_its_tokens_within_the_bound(consumer: Consumer, deployment: Deployment) -> None:
    client = new_client(deployment, consumer.person, name="Short-lived")
    token = client.tokens(consumer.person)["access_token"]

    assert consumer.call("DELETE", f"/consumer/app/{client.app.client_id}").status_code == 204
    assert stops(deployment, token)


def test_the_account_is_shown(consumer: Consumer) -> None:
    assert consumer.call("GET", "/consumer/account").json()["user_name"] == consumer.person.name


def test_scopes_are_those_of_the_server(consumer: Consumer, deployment: Deployment) -> None:
    items = consumer.call("GET", "/consumer/scope").json()["items"]

    assert {item["name"]: item["description"] for item in items} == dict(deployment.settings.descriptions)


def test_the_reference_is_a_page_for_everybody(deployment: Deployment) -> None:
    answer = requests.get(f"{deployment.base_url}/consumer", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"{deployment.base_url}/authorization/token" in answer.text
    assert "Register an app" in answer.text


def test_the_description_is_public_and_names_this_deployment(deployment: Deployment) -> None:
    answer = requests.get(f"{deployment.base_url}/consumer/openapi.json", timeout=30)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json()["servers"] == [{"url": deployment.settings.issuer}]
    assert len(answer.json()["paths"]) == 9


def test_every_change_stands_in_the_audit_list(consumer: Consumer, deployment: Deployment) -> None:
    client_id = consumer.created().json()["client_id"]
    day = time.strftime("%Y-%m-%d", time.gmtime())
    found = [
        (entry.event, entry.actor_name, entry.subject)
        for entry in deployment.store.entries(day, cursor=None, limit=100).items
        if entry.client_id == client_id
    ]

    assert found == [("app_created", consumer.person.name, "Weather")]
