"""A deployment with `app_cache_seconds`: what a container keeps, and for how long (S58)."""

import time
from collections.abc import Callable, Iterator

import pytest

from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.registration import add_secret, end_secret
from gatepost.stores.record_keys import AppKey
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.people import Client, Person, new_client, new_person, stops

SECONDS = 4
CALLS: list[AwsCall] = []


@pytest.fixture(scope="module")
def keeping() -> Iterator[Deployment]:
    overrides = {**TEST_SETTINGS, "app_cache_seconds": SECONDS}
    with Deployment(overrides=overrides, on_call=CALLS.append) as deployed:
        yield deployed
        assert [line for line in deployed.logs if "AccessDenied" in line] == [], "a role refused a request"


@pytest.fixture
def someone(keeping: Deployment) -> Person:
    return new_person(keeping)


@pytest.fixture
def app(keeping: Deployment, someone: Person) -> Client:
    """An app whose use is noted: the next request of a container reads and keeps it."""
    made = new_client(keeping, someone)
    assert own_token(made)
    return made


def own_token(app: Client) -> str:
    answer = app.token(grant_type="client_credentials")
    return str(answer.json()["access_token"]) if answer.status_code == 200 else ""


def reads_of_apps(request: Callable[[], object]) -> int:
    before = len(CALLS)
    request()
    return sum("Get" in call.action and "client_id" in call.attributes for call in CALLS[before:])


def test_the_second_request_of_an_app_reads_it_no_more_and_its_codes_and_grants_are_read(
    app: Client, someone: Person
) -> None:
    assert reads_of_apps(lambda: own_token(app)) == 1
    assert reads_of_apps(lambda: own_token(app)) == 0
    tokens = app.tokens(someone)
    tokens = app.refresh(tokens["refresh_token"]).json()
    assert app.introspect(tokens["access_token"]).json()["active"]
    assert app.introspect(tokens["refresh_token"]).json()["active"]
    assert app.token(grant_type="password", username=someone.name, password=someone.password).status_code == 200


def test_s58_an_ended_secret_and_a_deactivated_app_are_denied_when_the_seconds_are_over(
    keeping: Deployment, app: Client, someone: Person
) -> None:
    stopped = new_client(keeping, someone)
    for each in (app, stopped):
        assert own_token(each)
    began = time.monotonic()
    for each in (app, stopped):
        own_token(each)
    (stored,) = keeping.store.read(AppKey(app.app.client_id))
    assert stored is not None
    with_both, new = add_secret(keeping.store, stored, now=time.time())
    end_secret(keeping.store, with_both, with_both.secrets[0].secret_id)
    kept = own_token(app)
    assert kept or time.monotonic() - began > SECONDS
    assert app.token(auth=(app.app.client_id, new), grant_type="client_credentials").status_code == 200

    time.sleep(1.1)  # so that a token that is dated now would be later than the cutoff
    deactivate_app(keeping.store, stopped.app, reason="a test", now=time.time())
    time.sleep(1.1)
    late = own_token(stopped)  # it is still issued, and opens nothing
    assert late or time.monotonic() - began > SECONDS
    assert stops(keeping, late)

    time.sleep(max(0.0, began + SECONDS + 0.1 - time.monotonic()))
    assert not own_token(app)
    assert not own_token(stopped)
    assert app.token(auth=(app.app.client_id, new), grant_type="client_credentials").status_code == 200
