"""POST /authorization/token with a code. Checklist C (S39 … S44)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatepost.identifiers import digest
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, assert_error, redeem
from tests.people import CALLBACK, Client, Person, new_client, opens, stops


def test_s39_a_code_used_again_revokes_all_that_it_produced_and_nothing_else(
    deployment: Deployment, client: Client, person: Person
) -> None:
    others = client.tokens(person)
    code = client.code(person)
    tokens = redeem(client, code).json()
    refreshed = client.refresh(tokens["refresh_token"]).json()

    assert_error(redeem(client, code))

    for token in (tokens["access_token"], refreshed["access_token"]):
        assert stops(deployment, token)
    for token in (tokens["refresh_token"], refreshed["refresh_token"]):
        assert_error(client.refresh(token))
    assert opens(deployment, others["access_token"])
    assert client.refresh(others["refresh_token"]).status_code == 200


def test_s40_sixteen_parallel_redemptions_leave_at_most_one_living_token_set(
    deployment: Deployment, client: Client, person: Person
) -> None:
    for _ in range(3):
        code = client.code(person)
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _, code=code: redeem(client, code), range(16)))

        won = [answer for answer in answers if answer.status_code == 200]
        assert len(won) <= 1
        for lost in (answer for answer in answers if answer not in won):
            assert_error(lost)
        living = [a for a in won if client.introspect(a.json()["access_token"]).json()["active"]]
        assert len(living) <= 1


def test_s41_a_code_of_another_app_changes_nothing(
    deployment: Deployment, client: Client, public_client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    fresh, used = client.code(person, **PKCE), client.code(person, **PKCE)
    tokens = redeem(client, used, code_verifier=VERIFIER).json()

    for thief in (other, public_client):
        for code in (fresh, used):
            assert_error(redeem(thief, code, code_verifier=VERIFIER))
    assert_error(redeem(client, used, code_verifier="x" * 43))
    assert_error(redeem(client, used, code_verifier=VERIFIER, redirect_uri="https://evil.test/cb"))
    assert_error(redeem(client, used))

    assert client.introspect(tokens["access_token"]).json()["active"] is True
    assert client.refresh(tokens["refresh_token"]).status_code == 200
    assert redeem(client, fresh, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example.test/cb",
        CALLBACK + "/",
        CALLBACK + " ",
        CALLBACK + "#",
        CALLBACK.upper(),
        CALLBACK.replace("cb", "c%62"),
        CALLBACK + "?",
        "https://client.example.test:443/cb",
    ],
)
def test_s42_the_redirect_uri_must_be_the_one_of_the_request(client: Client, person: Person, redirect_uri: str) -> None:
    code = client.code(person)

    assert_error(redeem(client, code, redirect_uri=redirect_uri))
    assert redeem(client, code).status_code == 200


def test_s42_the_redirect_uri_must_be_repeated_if_the_request_named_one(client: Client, person: Person) -> None:
    code = client.code(person)
    assert_error(client.token(grant_type="authorization_code", code=code))

    unnamed = client.code(person, redirect_uri=None)
    assert client.token(grant_type="authorization_code", code=unnamed).status_code == 200


ALTERED: dict[str, Callable[[str], str]] = {
    "shorter": lambda code: code[:-1],
    "longer": lambda code: code + "A",
    "in the other case": lambda code: code.swapcase(),
    "backwards": lambda code: code[::-1],
    "padded": lambda code: code + "=",
    "with a space": lambda code: code + " ",
    "encoded twice": lambda code: "".join(f"%{ord(each):02x}" for each in code),
    "as a list": lambda code: f"{code},{code}",
    "as JSON": lambda code: f'{{"code": "{code}"}}',
    "its hash": digest,
    "a number": lambda _: "0",
    "not ASCII": lambda _: "\u0441" * 43,
    "long": lambda _: "x" * 15_000,
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_s44_an_altered_code_opens_nothing(client: Client, person: Person, change: Callable[[str], str]) -> None:
    assert_error(redeem(client, change(client.code(person))))


def test_s44_another_kind_of_token_is_no_code(client: Client, person: Person) -> None:
    tokens = client.tokens(person)

    for token in (tokens["access_token"], tokens["refresh_token"], client.secret):
        assert_error(redeem(client, token))
    assert_error(client.token(grant_type="authorization_code", redirect_uri=CALLBACK), 400, "invalid_request")
    for malformed in ("", "a\0b", "a\r\nb", "x" * 30_000):
        assert_error(redeem(client, malformed), 400, "invalid_request")
