"""`app_cache_seconds`: what a container keeps, and for how long (S58)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.owner_changes import add_secret, end_secret
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.http.deployed import CACHE_SECONDS, CALLS
from tests.people import Client, Person, new_client, new_person


@pytest.fixture
def someone(extended: Deployment) -> Person:
    return new_person(extended)


def own_token(app: Client) -> str:
    answer = app.token(grant_type="client_credentials")
    return str(answer.json()["access_token"]) if answer.status_code == 200 else ""


def reads_of_apps(request: Callable[[], object]) -> int:
    before = len(CALLS)
    request()
    return sum("Get" in call.action and "client_id" in call.attributes for call in CALLS[before:])


def test_the_second_request_of_an_app_reads_it_no_more_and_its_codes_and_grants_are_read(
    extended: Deployment, someone: Person
) -> None:
    app = new_client(extended, someone)
    assert own_token(app)  # its use is noted: the next request of a container reads and keeps it
    assert [reads_of_apps(lambda: own_token(app)) for _ in range(2)] == [1, 0]
    tokens = app.tokens(someone)
    tokens = app.refresh(tokens["refresh_token"]).json()
    assert app.introspect(tokens["access_token"]).json()["active"]
    assert app.introspect(tokens["refresh_token"]).json()["active"]
    assert app.token(grant_type="password", username=someone.name, password=someone.password).status_code == 200


def test_s58_an_ended_secret_and_a_deactivated_app_are_denied_when_the_seconds_are_over(
    extended: Deployment, someone: Person
) -> None:
    app, stopped, asking = (new_client(extended, someone) for _ in range(3))
    for each in (app, stopped):
        assert own_token(each)
    began = time.monotonic()
    for each in (app, stopped):
        own_token(each)
    (stored,) = extended.store.read(AppKey(app.app.client_id))
    assert stored is not None
    with_both, new = add_secret(extended.store, stored, now=time.time())
    end_secret(extended.store, with_both, with_both.secrets[0].secret_id)
    kept = own_token(app)
    assert kept or time.monotonic() - began > CACHE_SECONDS
    assert app.token(auth=(app.app.client_id, new), grant_type="client_credentials").status_code == 200

    time.sleep(1.1)  # so that a token that is dated now would be later than the cutoff
    deactivate_app(extended.store, stopped.app, reason="a test", now=time.time())
    time.sleep(1.1)
    late = own_token(stopped)  # it is still issued, and opens nothing
    assert late or time.monotonic() - began > CACHE_SECONDS
    assert not late or asking.introspect(late).json() == {"active": False}

    time.sleep(max(0.0, began + CACHE_SECONDS + 0.1 - time.monotonic()))
    assert not own_token(app)
    assert not own_token(stopped)
    assert app.token(auth=(app.app.client_id, new), grant_type="client_credentials").status_code == 200
