"""POST /authorization/token with a refresh token. Checklist F (S66 … S73)."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from gatepost.accounts import deactivate_user, end_grants
from gatepost.apps import activate_app, deactivate_app
from gatepost.stores.keys import AppKey
from infra.local.deployment import Deployment
from tests.people import Client, Person, new_client, opens, stops


def assert_refused(answer: requests.Response, error: str = "invalid_grant") -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == error


def test_s66_a_public_app_gets_a_new_access_token_and_a_new_refresh_token(
    deployment: Deployment, public_client: Client, person: Person
) -> None:
    tokens = public_client.tokens(person)

    fresh = public_client.refresh(tokens["refresh_token"]).json()

    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert fresh["access_token"] != tokens["access_token"]
    assert opens(deployment, fresh["access_token"])


def test_an_honest_retry_gets_the_same_successor_and_signs_nobody_out(client: Client, person: Person) -> None:
    first = client.tokens(person)["refresh_token"]

    second = client.refresh(first).json()["refresh_token"]
    again = client.refresh(first).json()["refresh_token"]

    assert again == second
    assert client.refresh(second).status_code == 200


def test_s67_a_refresh_token_two_generations_old_ends_the_family_and_nothing_else(
    deployment: Deployment, client: Client, person: Person
) -> None:
    others = client.tokens(person)
    first = client.tokens(person)["refresh_token"]
    second = client.refresh(first).json()["refresh_token"]
    third = client.refresh(second).json()

    assert_refused(client.refresh(first))

    assert_refused(client.refresh(third["refresh_token"]))
    assert stops(deployment, third["access_token"])
    assert client.refresh(others["refresh_token"]).status_code == 200
    assert opens(deployment, others["access_token"])


def test_s68_sixteen_parallel_refreshes_leave_one_chain_and_sign_nobody_out(client: Client, person: Person) -> None:
    token = client.tokens(person)["refresh_token"]
    for _ in range(3):
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _, token=token: client.refresh(token), range(16)))

        assert [answer.status_code for answer in answers] == [200] * 16
        (token,) = {answer.json()["refresh_token"] for answer in answers}
    assert client.refresh(token).status_code == 200


def test_s69_a_wider_scope_is_refused_and_a_narrower_one_can_be_widened_again(client: Client, person: Person) -> None:
    token = client.tokens(person, scope="read")["refresh_token"]
    for scope in ("read write", "consumer", "unknown", 'read"'):
        assert_refused(client.refresh(token, scope=scope), "invalid_scope")

    both = client.tokens(person, scope="read write")["refresh_token"]
    narrow = client.refresh(both, scope="read").json()
    full = client.refresh(narrow["refresh_token"]).json()

    assert (narrow["scope"], full["scope"]) == ("read", "read write")


def test_s70_another_apps_refresh_token_changes_nothing(
    deployment: Deployment, client: Client, public_client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    first = client.tokens(person)["refresh_token"]
    second = client.refresh(first).json()["refresh_token"]

    for thief in (other, public_client):
        for token in (first, second):
            assert_refused(thief.refresh(token))

    assert client.refresh(second).status_code == 200


@pytest.mark.parametrize("token", ["", "a\0b", "x" * 15000, "a.b.1.c", "eyJhbGciOiJub25lIn0.e30."])
def test_s71_anything_else_is_no_refresh_token(client: Client, token: str) -> None:
    answer = client.refresh(token)

    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_request")


def test_s71_an_access_token_or_a_cut_or_advanced_refresh_token_is_none(client: Client, person: Person) -> None:
    tokens = client.tokens(person)
    user, grant, _, mac = tokens["refresh_token"].split(".")

    for token in (tokens["access_token"], tokens["refresh_token"][:-1], f"{user}.{grant}.2.{mac}"):
        assert_refused(client.refresh(token))
    assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_s73_a_revoked_refresh_token_is_refused(client: Client, person: Person) -> None:
    token = client.tokens(person)["refresh_token"]
    client.revoke(token)

    assert_refused(client.refresh(token))


def test_s73_after_the_user_ended_all_grants_nothing_is_refreshed(
    deployment: Deployment, client: Client, person: Person
) -> None:
    token = client.tokens(person)["refresh_token"]
    end_grants(deployment.store, person.user, now=time.time())

    assert_refused(client.refresh(token))


def test_s73_a_deactivated_account_refreshes_nothing(deployment: Deployment, client: Client, person: Person) -> None:
    tokens = client.tokens(person)
    deactivate_user(deployment.store, person.user, now=time.time())

    assert_refused(client.refresh(tokens["refresh_token"]))
    assert stops(deployment, tokens["access_token"])


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
    assert_refused(client.refresh(tokens["refresh_token"]))
    assert stops(deployment, tokens["access_token"])
    assert client.token(grant_type="client_credentials").status_code == 200
