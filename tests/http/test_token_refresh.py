"""POST /authorization/token with a refresh token. Checklist F (S66 … S73)."""

import time

from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.people import Client, Person, stops


def test_an_honest_retry_gets_the_same_successor_and_signs_nobody_out(client: Client, person: Person) -> None:
    first = client.tokens(person)["refresh_token"]

    second = client.refresh(first).json()["refresh_token"]
    again = client.refresh(first).json()["refresh_token"]

    assert again == second
    assert client.refresh(second).status_code == 200


def test_an_app_that_was_deactivated_and_activated_again_keeps_none_of_its_grants(
    deployment: Deployment, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    deactivate_app(deployment.store, client.app, reason="a test", now=time.time())
    stopped = client.refresh(tokens["refresh_token"])
    (app,) = deployment.store.read(AppKey(client.app.client_id))
    assert app is not None
    activate_app(deployment.store, app, now=time.time())

    assert (stopped.status_code, stopped.json()["error"]) == (401, "invalid_client")
    assert_error(client.refresh(tokens["refresh_token"]))
    assert stops(deployment, tokens["access_token"])
    assert client.token(grant_type="client_credentials").status_code == 200
