"""The deployed consumer API: rejected requests (checklist S89 to S93)."""

from __future__ import annotations

import time

import pytest
import requests

from gatepost.accounts.removal import deactivate_user
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.http.consumer import Consumer
from tests.people import Person, get, new_client

PROBLEM = "application/problem+json"


@pytest.fixture
def consumer(deployment: Deployment, person: Person) -> Consumer:
    return Consumer(deployment, person)


def test_a_part_of_the_scope_opens_its_part_of_the_api_and_no_other(deployment: Deployment, person: Person) -> None:
    tool = new_client(deployment, person, name="Part", scope=Scope.of("consumer"))
    token = tool.tokens(person, scope="consumer.apps")["access_token"]

    assert tool.tokens(person, scope="consumer.apps")["scope"] == "consumer.apps"
    assert get(deployment, "/consumer/app", token).status_code == 200
    assert get(deployment, "/consumer/grant", token).status_code == 403
    assert get(deployment, "/consumer/account", token).status_code == 403


def test_an_apps_own_token_is_403(deployment: Deployment, person: Person) -> None:
    tool = new_client(deployment, person, name="Own", scope=deployment.settings.scope)
    token = tool.token(grant_type="client_credentials", scope="consumer").json()["access_token"]
    refused = requests.get(
        f"{deployment.base_url}/consumer/account", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )

    assert (refused.status_code, refused.headers["Content-Type"]) == (403, PROBLEM)


def test_an_account_that_is_stopped_is_refused(consumer: Consumer, deployment: Deployment) -> None:
    deactivate_user(deployment.store, consumer.person.user, now=time.time())

    assert consumer.call("GET", "/consumer/account").status_code in (401, 403)  # the API, or the authorizer already
