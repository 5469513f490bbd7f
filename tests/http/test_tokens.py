"""POST /authorization/token, /revoke and /introspect, and whoami behind the authorizer. Checklist C to H, J."""

from __future__ import annotations

import time

from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.routes import WHOAMI
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, assert_error, redeem
from tests.people import Client, Person, get, new_client, opens, stops


def test_s127_a_code_brings_an_access_token_and_a_refresh_token_and_whoami_says_whose(
    deployment: Deployment, client: Client, person: Person
) -> None:
    answer = redeem(client, client.code(person, scope="read write", **PKCE), code_verifier=VERIFIER)

    members = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert sorted(members) == ["access_token", "expires_in", "refresh_token", "scope", "token_type"]
    assert (members["token_type"], members["expires_in"], members["scope"]) == ("Bearer", 3600, "read write")
    assert opens(deployment, members["access_token"], "/demo/write")
    assert get(deployment, WHOAMI.path, members["access_token"]).json() == {  # nothing of a role
        "sub": person.user.user_id,
        "client_id": client.app.client_id,
        "scope": "read write",
    }


def test_the_users_own_scope_bounds_every_grant(deployment: Deployment, client: Client, person: Person) -> None:
    deployment.store.set_user_rights(person.user.user_id, scope=Scope.of("write"))
    ask = {"grant_type": "password", "username": person.name, "password": person.password}

    assert client.token(**ask, scope="read write").json()["scope"] == "write"
    assert_error(client.token(**ask, scope="read"), 400, "invalid_scope")
    assert client.tokens(person, scope="read write")["scope"] == "write"


def test_an_honest_retry_gets_the_same_successor_and_signs_nobody_out(client: Client, person: Person) -> None:
    first = client.tokens(person)["refresh_token"]

    second, again = (client.refresh(first).json()["refresh_token"] for _ in range(2))

    assert again == second
    assert client.refresh(second).status_code == 200


def test_an_app_that_was_deactivated_and_activated_again_keeps_none_of_its_grants(
    deployment: Deployment, client: Client, person: Person
) -> None:
    other, tokens = new_client(deployment, person), client.tokens(person)
    own = client.token(grant_type="client_credentials").json()["access_token"]
    deactivate_app(deployment.store, client.app, reason="a test", now=time.time())
    assert_error(client.refresh(tokens["refresh_token"]), 401, "invalid_client")
    for token in (tokens["access_token"], own):
        answer = other.introspect(token)
        assert (answer.status_code, answer.json()) == (200, {"active": False})
        assert answer.headers["Cache-Control"] == "no-store"
        assert stops(deployment, token)
    (app,) = deployment.store.read(AppKey(client.app.client_id))
    assert app is not None
    activate_app(deployment.store, app, now=time.time())

    assert_error(client.refresh(tokens["refresh_token"]))
    assert not opens(deployment, tokens["access_token"])
    assert client.token(grant_type="client_credentials").status_code == 200
