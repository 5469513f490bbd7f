"""POST /authorization/token with a refresh token (S66 … S73)."""

import time
from concurrent.futures import ThreadPoolExecutor

from gatepost.accounts.removal import deactivate_user, end_grants
from gatepost.routes import GRANTS_PAGE, REVOKE_GRANT
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.browsing import Browser, post
from tests.people import Client, Person, new_client, new_person, opens, stops


def test_s66_s69_a_public_app_gets_new_tokens_for_as_much_as_was_granted_or_less(
    deployment: Deployment, public_client: Client, person: Person
) -> None:
    tokens = public_client.tokens(person, scope="read")
    fresh = public_client.refresh(tokens["refresh_token"]).json()
    for name in ("refresh_token", "access_token"):
        assert fresh[name] != tokens[name]
    assert opens(deployment, fresh["access_token"])
    for scope in ("read write", "consumer", 'read"'):
        assert_error(public_client.refresh(fresh["refresh_token"], scope=scope), 400, "invalid_scope")

    both = public_client.tokens(person, scope="read write")["refresh_token"]
    narrow = public_client.refresh(both, scope="read").json()
    full = public_client.refresh(narrow["refresh_token"]).json()
    assert (narrow["scope"], full["scope"]) == ("read", "read write")


def test_s67_a_refresh_token_two_generations_old_ends_the_family_and_nothing_else(
    deployment: Deployment, client: Client, person: Person
) -> None:
    others = client.tokens(person)
    first = client.tokens(person)["refresh_token"]
    second = client.refresh(first).json()["refresh_token"]
    third = client.refresh(second).json()

    assert_error(client.refresh(first))

    assert_error(client.refresh(third["refresh_token"]))
    assert stops(deployment, third["access_token"])
    assert client.refresh(others["refresh_token"]).status_code == 200
    assert opens(deployment, others["access_token"])


def test_s68_sixteen_parallel_refreshes_leave_one_chain_and_sign_nobody_out(client: Client, person: Person) -> None:
    token = client.tokens(person)["refresh_token"]
    for _ in range(2):
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _, token=token: client.refresh(token), range(16)))

        assert [answer.status_code for answer in answers] == [200] * 16
        (token,) = {answer.json()["refresh_token"] for answer in answers}
    assert client.refresh(token).status_code == 200


def test_s70_another_apps_refresh_token_changes_nothing(
    deployment: Deployment, client: Client, public_client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    first = client.tokens(person)["refresh_token"]
    second = client.refresh(first).json()["refresh_token"]
    third = client.refresh(second).json()

    for thief in (other, public_client):
        for token in (first, second, third["refresh_token"]):
            assert_error(thief.refresh(token))

    assert client.introspect(third["access_token"]).json()["active"] is True
    assert client.refresh(third["refresh_token"]).status_code == 200


def test_s71_anything_else_is_no_refresh_token(client: Client, person: Person) -> None:
    tokens = client.tokens(person)
    genuine = tokens["refresh_token"]
    user, grant, generation, mac = genuine.split(".")
    assert generation == "1"

    for token in (
        *(tokens["access_token"], client.code(person), client.secret),
        *(genuine[:-1], f"{genuine}=", genuine.swapcase()),
        *(f"{user}.{grant}.{number}.{mac}" for number in ("2", "01", "\u0661", "0")),
        *("x" * 15_000, "....", "\u00e9", "eyJhbGciOiJub25lIn0.e30."),
    ):
        assert_error(client.refresh(token))
    for token in ("", "a\0b", "x" * 100_000):
        assert_error(client.refresh(token), 400, "invalid_request")
    assert client.refresh(genuine).status_code == 200


def test_s73_what_was_revoked_or_ended_refreshes_nothing(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    revoked, ended = (client.tokens(each)["refresh_token"] for each in (person, new_person(deployment)))
    stopped, leaver = new_person(deployment), new_person(deployment)
    tokens, last = client.tokens(stopped), client.tokens(leaver)["refresh_token"]

    client.revoke(ended)
    end_grants(deployment.store, leaver.user, now=time.time())
    deactivate_user(deployment.store, stopped.user, now=time.time())
    post(signed_in, GRANTS_PAGE.path, REVOKE_GRANT.at(client_id=client.app.client_id))

    for token in (revoked, ended, last, tokens["refresh_token"]):
        assert_error(client.refresh(token))
    assert stops(deployment, tokens["access_token"])
