"""POST /authorization/token with a refresh token. Checklist F (S66 … S73)."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatepost.accounts.removal import deactivate_user, end_grants
from gatepost.routes import ACCOUNT_PAGE, CHANGE_PASSWORD, GRANTS_PAGE, REVOKE_GRANT
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.browsing import Browser, post
from tests.people import Client, Person, new_client, new_person, opens, stops


def test_s66_a_public_app_gets_a_new_access_token_and_a_new_refresh_token(
    deployment: Deployment, public_client: Client, person: Person
) -> None:
    tokens = public_client.tokens(person)

    fresh = public_client.refresh(tokens["refresh_token"]).json()

    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert fresh["access_token"] != tokens["access_token"]
    assert opens(deployment, fresh["access_token"])


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
    for _ in range(3):
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _, token=token: client.refresh(token), range(16)))

        assert [answer.status_code for answer in answers] == [200] * 16
        (token,) = {answer.json()["refresh_token"] for answer in answers}
    assert client.refresh(token).status_code == 200


def test_s69_a_wider_scope_is_refused_and_a_narrower_one_can_be_widened_again(client: Client, person: Person) -> None:
    token = client.tokens(person, scope="read")["refresh_token"]
    for scope in ("read write", "consumer", "unknown", 'read"'):
        assert_error(client.refresh(token, scope=scope), 400, "invalid_scope")
    assert client.refresh(token).json()["scope"] == "read"

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
    third = client.refresh(second).json()

    for thief in (other, public_client):
        for token in (first, second, third["refresh_token"]):
            assert_error(thief.refresh(token))

    assert client.introspect(third["access_token"]).json()["active"] is True
    assert client.refresh(third["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("", "invalid_request"),
        ("a\0b", "invalid_request"),
        ("x" * 100_000, "invalid_request"),
        ("x" * 15_000, "invalid_grant"),
        ("a.b.1.c", "invalid_grant"),
        ("....", "invalid_grant"),
        ("\u00e9", "invalid_grant"),
        ("eyJhbGciOiJub25lIn0.e30.", "invalid_grant"),
        ("eyJhbGciOiJub25lIn0.eyJzY29wZSI6InJlYWQifQ.", "invalid_grant"),
    ],
)
def test_s71_anything_else_is_no_refresh_token(client: Client, token: str, error: str) -> None:
    assert_error(client.refresh(token), 400, error)


def test_s71_another_token_or_an_altered_refresh_token_is_none(client: Client, person: Person) -> None:
    tokens = client.tokens(person)
    refresh_token = tokens["refresh_token"]
    user, grant, generation, mac = refresh_token.split(".")
    assert generation == "1"

    for token in (
        tokens["access_token"],
        client.code(person),
        client.secret,
        refresh_token[:-1],
        refresh_token + "A",
        refresh_token + "=",
        refresh_token.swapcase(),
        f"{user}.{grant}.2.{mac}",
        f"{user}.{grant}.01.{mac}",
        f"{user}.{grant}.\u0661.{mac}",
        f"{user}.{grant}.0.{mac}",
        f"{user}.{grant}.1.",
    ):
        assert_error(client.refresh(token))
    assert client.refresh(refresh_token).status_code == 200


def test_s73_a_revoked_refresh_token_is_refused(client: Client, person: Person) -> None:
    token = client.tokens(person)["refresh_token"]
    client.revoke(token)

    assert_error(client.refresh(token))


def test_s73_after_the_user_ended_all_grants_nothing_is_refreshed(
    deployment: Deployment, client: Client, person: Person
) -> None:
    token = client.tokens(person)["refresh_token"]
    end_grants(deployment.store, person.user, now=time.time())

    assert_error(client.refresh(token))


def test_s73_a_deactivated_account_refreshes_nothing(deployment: Deployment, client: Client) -> None:
    user = new_person(deployment)
    tokens = client.tokens(user)
    deactivate_user(deployment.store, user.user, now=time.time())

    assert_error(client.refresh(tokens["refresh_token"]))
    assert stops(deployment, tokens["access_token"])


def test_s73_a_consent_that_was_withdrawn_refreshes_nothing(signed_in: Browser, client: Client, person: Person) -> None:
    token = client.tokens(person)["refresh_token"]

    post(signed_in, GRANTS_PAGE.path, REVOKE_GRANT.at(client_id=client.app.client_id))

    assert_error(client.refresh(token))


def test_s73_a_new_password_ends_every_grant_if_its_owner_says_so(
    signed_in: Browser, client: Client, person: Person
) -> None:
    token = client.tokens(person)["refresh_token"]
    asked: list[tuple[dict[str, str], bool]] = [({}, True), ({"end_grants": "on"}, False)]
    for typed, alive in asked:
        answer = post(
            signed_in,
            ACCOUNT_PAGE.path,
            CHANGE_PASSWORD.path,
            current_password=person.password,
            new_password=person.password,
            **typed,
        )
        assert "password_changed" in answer.headers["Location"]
        refreshed = client.refresh(token)
        assert (refreshed.status_code == 200) is alive
        token = refreshed.json().get("refresh_token", token)
    assert_error(client.refresh(token))
