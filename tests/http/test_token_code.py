"""POST /authorization/token with a code. Checklist C (S39 … S47)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from gatepost.model import digest, new_secret
from infra.local.deployment import Deployment
from tests.people import CALLBACK, Client, Person, new_client, opens, stops

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PKCE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}


def redeem(client: Client, code: str, **changes: Any) -> requests.Response:
    return client.token(**{"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes})


def assert_refused(answer: requests.Response, *errors: str) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in (errors or ("invalid_grant",))
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_code_brings_an_access_token_and_a_refresh_token(
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


def test_s39_a_code_used_again_revokes_all_that_it_produced_and_nothing_else(
    deployment: Deployment, client: Client, person: Person
) -> None:
    others = client.tokens(person)
    code = client.code(person)
    tokens = redeem(client, code).json()
    refreshed = client.refresh(tokens["refresh_token"]).json()

    assert_refused(redeem(client, code))

    for token in (tokens["access_token"], refreshed["access_token"]):
        assert stops(deployment, token)
    for token in (tokens["refresh_token"], refreshed["refresh_token"]):
        assert_refused(client.refresh(token))
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
            assert_refused(lost)
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
            assert_refused(redeem(thief, code, code_verifier=VERIFIER))
    assert_refused(redeem(client, used, code_verifier="x" * 43))
    assert_refused(redeem(client, used, code_verifier=VERIFIER, redirect_uri="https://evil.test/cb"))

    assert opens(deployment, tokens["access_token"])
    assert redeem(client, fresh, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example.test/cb",
        CALLBACK + "/",
        CALLBACK.upper(),
        CALLBACK + "?",
        "https://client.example.test:443/cb",
    ],
)
def test_s42_the_redirect_uri_must_be_the_one_of_the_request(client: Client, person: Person, redirect_uri: str) -> None:
    code = client.code(person)

    assert_refused(redeem(client, code, redirect_uri=redirect_uri))
    assert redeem(client, code).status_code == 200


def test_s42_the_redirect_uri_must_be_repeated_if_the_request_named_one(client: Client, person: Person) -> None:
    code = client.code(person)
    assert_refused(client.token(grant_type="authorization_code", code=code))

    unnamed = client.code(person, redirect_uri=None)
    assert client.token(grant_type="authorization_code", code=unnamed).status_code == 200


@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + "A", lambda c: c.swapcase(), lambda c: "x" * 5000])
def test_s44_an_altered_code_opens_nothing(client: Client, person: Person, change: Any) -> None:
    assert_refused(redeem(client, change(client.code(person))))


def test_s44_another_kind_of_token_is_no_code(client: Client, person: Person) -> None:
    tokens = client.tokens(person)

    for token in (tokens["access_token"], tokens["refresh_token"], client.secret):
        assert_refused(redeem(client, token))
    assert_refused(client.token(grant_type="authorization_code", redirect_uri=CALLBACK), "invalid_request")
    assert_refused(redeem(client, ""), "invalid_request")


@pytest.mark.parametrize("verifier", ["x" * 43, "x" * 42, "x" * 129, "ü" * 43, VERIFIER + "=", VERIFIER.upper(), ""])
def test_s46_a_wrong_verifier_is_refused_as_a_wrong_code_is(
    client: Client, public_client: Client, person: Person, verifier: str
) -> None:
    for asking in (client, public_client):
        code = asking.code(person, **PKCE)
        answer = redeem(asking, code, code_verifier=verifier)
        assert_refused(answer)
        assert answer.json() == redeem(asking, "no-such-code", code_verifier=VERIFIER).json()
        assert_refused(redeem(asking, code))  # missing
        assert_refused(redeem(asking, code, code_verifier=PKCE["code_challenge"]))
        assert redeem(asking, code, code_verifier=VERIFIER).status_code == 200


def test_s47_a_verifier_without_a_challenge_is_refused(client: Client, person: Person) -> None:
    code = client.code(person)

    assert_refused(redeem(client, code, code_verifier=VERIFIER))


def test_s47_plain_cannot_be_chosen_at_the_token_endpoint(client: Client, person: Person) -> None:
    code = client.code(person, **PKCE)

    assert_refused(redeem(client, code, code_verifier=PKCE["code_challenge"], code_challenge_method="plain"))


def test_s60_an_app_without_the_grant_may_not_use_it(deployment: Deployment, client: Client, person: Person) -> None:
    code = client.code(person)
    other = new_client(deployment, person, grant_types=["client_credentials"])

    assert_refused(redeem(other, code), "unauthorized_client")


def test_an_app_without_refresh_tokens_gets_none(deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, grant_types=["authorization_code"])
    verifier = new_secret()
    code = client.code(person, code_challenge=digest(verifier), code_challenge_method="S256")

    assert "refresh_token" not in redeem(client, code, code_verifier=verifier).json()
