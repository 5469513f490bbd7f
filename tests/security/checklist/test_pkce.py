"""Challenges and verifiers (RFC 7636). Checklist C (S45 … S49)."""

import pytest

from infra.local.deployment import Deployment
from tests.answers import CHALLENGE, PKCE, VERIFIER, assert_error, assert_sent_back, redeem
from tests.browsing import Browser, answer_of
from tests.people import Client, Person


@pytest.fixture(params=["client", "public_client"])
def any_client(request: pytest.FixtureRequest) -> Client:
    """A confidential and a public app."""
    client: Client = request.getfixturevalue(request.param)
    return client


def test_s45_a_public_app_needs_a_code_challenge(
    signed_in: Browser, deployment: Deployment, public_client: Client
) -> None:
    assert_sent_back(signed_in.get(public_client.authorize_path()), "invalid_request", issuer=deployment.base_url)


@pytest.mark.parametrize("method", ["plain", "PLAIN", "none", "S512", "s256", "S256 ", "", None])
def test_s48_only_s256_is_a_challenge_method(
    signed_in: Browser, deployment: Deployment, any_client: Client, method: str | None
) -> None:
    path = any_client.authorize_path(code_challenge=CHALLENGE, code_challenge_method=method)

    assert_sent_back(signed_in.get(path), "invalid_request", issuer=deployment.base_url)


@pytest.mark.parametrize(
    "challenge",
    [
        "x" * 42,
        "x" * 44,
        "x" * 129,
        "+" * 43,
        "/" * 43,
        "~" * 43,
        "x" * 42 + "=",
        "x" * 43 + "=",
        "x" * 42 + "\0",
        "x" * 42 + "\u00e9",
        " " + "x" * 43,
        "",
        None,
    ],
)
def test_s49_a_malformed_challenge_is_refused(
    signed_in: Browser, deployment: Deployment, any_client: Client, challenge: str | None
) -> None:
    path = any_client.authorize_path(code_challenge=challenge, code_challenge_method="S256")

    assert_sent_back(signed_in.get(path), "invalid_request", issuer=deployment.base_url)


WRONG_VERIFIERS = [
    (None, "invalid_grant"),
    ("", "invalid_grant"),
    ("x" * 43, "invalid_grant"),
    ("x" * 42, "invalid_grant"),
    ("x" * 129, "invalid_grant"),
    ("+" * 43, "invalid_grant"),
    ("/" * 43, "invalid_grant"),
    ("\u00fc" * 43, "invalid_grant"),
    (" " * 43, "invalid_grant"),
    (VERIFIER + "=", "invalid_grant"),
    (VERIFIER + " ", "invalid_grant"),
    (VERIFIER[:-1], "invalid_grant"),
    (VERIFIER.upper(), "invalid_grant"),
    (VERIFIER.swapcase(), "invalid_grant"),
    (CHALLENGE, "invalid_grant"),
    ("x" * 43 + "\0", "invalid_request"),
]


def test_s46_a_wrong_verifier_is_refused_as_a_wrong_code_is(any_client: Client, person: Person) -> None:
    code = any_client.code(person, **PKCE)
    wrong_code = redeem(any_client, "no-such-code", code_verifier=VERIFIER).json()

    for verifier, error in WRONG_VERIFIERS:
        answer = redeem(any_client, code, **({} if verifier is None else {"code_verifier": verifier}))
        assert_error(answer, 400, error)
        assert error != "invalid_grant" or answer.json() == wrong_code
    assert redeem(any_client, code, code_verifier=VERIFIER).status_code == 200


def test_s47_a_verifier_without_a_challenge_is_refused(client: Client, person: Person) -> None:
    code = client.code(person)

    assert_error(redeem(client, code, code_verifier=VERIFIER))


def test_s47_plain_cannot_be_chosen_at_the_token_endpoint(any_client: Client, person: Person) -> None:
    code = any_client.code(person, **PKCE)

    assert_error(redeem(any_client, code, code_verifier=CHALLENGE, code_challenge_method="plain"))
    assert_error(redeem(any_client, code, code_verifier=CHALLENGE, code_challenge=CHALLENGE))


def test_s47_a_challenge_cannot_be_left_out_by_sending_it_twice(signed_in: Browser, client: Client) -> None:
    path = client.authorize_path(**PKCE)

    assert answer_of(signed_in.get(f"{path}&code_challenge=&code_challenge_method="))["error"] == "invalid_request"
