"""The other grants. Checklist E (S60 … S65)."""

from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest

from infra.local.deployment import Deployment
from tests.answers import assert_error, assert_page, redeem
from tests.browsing import Browser
from tests.http.consumer import WEATHER, Consumer
from tests.people import Client, Person, get, new_client, opens


def test_s60_an_app_without_the_grant_may_not_use_it(deployment: Deployment, client: Client, person: Person) -> None:
    code = client.code(person)
    other = new_client(deployment, person, grant_types=["client_credentials"])

    assert_error(redeem(other, code), 400, "unauthorized_client")


def test_s60_an_app_without_a_grant_may_not_use_it(deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, grant_types=["authorization_code"])

    for ask in (
        {"grant_type": "password", "username": person.name, "password": person.password},
        {"grant_type": "client_credentials"},
        {"grant_type": "refresh_token", "refresh_token": client.tokens(person).get("refresh_token", "x")},
    ):
        assert_error(client.token(**ask), 400, "unauthorized_client")


@pytest.mark.parametrize(
    ("grant_type", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("implicit", "unsupported_grant_type"),
        ("Password", "unsupported_grant_type"),
        ("password ", "unsupported_grant_type"),
        ("pass\0word", "invalid_request"),
        ("__proto__", "unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type"),
    ],
)
def test_s61_an_unknown_grant_type_is_refused(client: Client, grant_type: str | None, error: str) -> None:
    assert_error(client.token(**({} if grant_type is None else {"grant_type": grant_type})), 400, error)


def test_s62_client_credentials_are_for_the_app_itself(
    deployment: Deployment, client: Client, public_client: Client, person: Person
) -> None:
    answer = client.token(grant_type="client_credentials", scope="read,write").json()

    assert sorted(answer) == ["access_token", "expires_in", "scope", "token_type"]
    who = get(deployment, "/authorization/whoami", answer["access_token"]).json()
    key = client.app.client_id
    assert who == {"sub": key, "client_id": key, "scope": "read write"}
    for scope in ("consumer", "unknown", 'read"'):
        assert_error(client.token(grant_type="client_credentials", scope=scope), 400, "invalid_scope")
    assert_error(client.token(grant_type="client_credentials", scope="read\0"), 400, "invalid_request")
    assert_error(client.token(auth=None, client_id=key, grant_type="client_credentials"), 401, "invalid_client")
    assert_error(public_client.token(grant_type="client_credentials"), 400, "unauthorized_client")


def test_s63_the_password_grant_brings_tokens_for_the_user(
    deployment: Deployment, client: Client, person: Person
) -> None:
    ask = {"grant_type": "password", "username": person.name, "password": person.password}

    tokens = client.token(**ask, scope="read write").json()

    assert get(deployment, "/authorization/whoami", tokens["access_token"]).json()["sub"] == person.user.user_id
    assert client.refresh(tokens["refresh_token"]).status_code == 200
    assert client.token(**ask).json()["scope"] == "read"
    assert_error(client.token(auth=None, client_id=client.app.client_id, **ask), 401, "invalid_client")


def test_s63_a_wrong_password_and_an_unknown_user_have_the_same_body(client: Client, person: Person) -> None:
    wrong = client.token(grant_type="password", username=person.name, password=person.password.upper())
    unknown = client.token(grant_type="password", username="nobody-here-1", password=person.password)
    strange = client.token(grant_type="password", username="x" * 3000, password="y" * 3000)

    assert_error(wrong, 400, "invalid_grant")
    assert wrong.text == unknown.text == strange.text


@pytest.mark.parametrize(
    "parameters",
    [
        {"username": "x"},
        {"password": "x"},
        {"username": "a\0b", "password": "x"},
        {"username": "x", "password": "y" * 100_000},
    ],
)
def test_s63_a_malformed_password_request_is_an_invalid_request(client: Client, parameters: dict[str, str]) -> None:
    assert_error(client.token(grant_type="password", **parameters), 400, "invalid_request")


def test_s64_implicit_answers_and_errors_travel_in_the_fragment(
    signed_in: Browser, deployment: Deployment, client: Client
) -> None:
    answer = signed_in.decide(signed_in.get(client.authorize_path(response_type="token")), "allow")

    location = urlsplit(answer.headers["Location"])
    members = dict(parse_qsl(location.fragment))
    assert location.query == ""
    assert answer.headers["Cache-Control"] == "no-store"
    assert members["token_type"] == "Bearer"
    assert (members["expires_in"], members["scope"], members["state"]) == ("600", "read", "s-1")
    assert members["iss"] == deployment.base_url
    assert "refresh_token" not in members
    assert opens(deployment, members["access_token"], "/demo/read")

    refused = urlsplit(signed_in.get(client.authorize_path(response_type="token", scope="admin")).headers["Location"])
    assert (refused.query, dict(parse_qsl(refused.fragment))["error"]) == ("", "invalid_scope")
    assert_page(signed_in.get(client.authorize_path(response_type="token", redirect_uri="https://evil.test/")))


def test_s65_an_app_can_not_choose_an_id_that_is_somebodys(deployment: Deployment, person: Person) -> None:
    consumer = Consumer(deployment, person)
    for wanted in (person.name, person.user.user_id):
        refused = consumer.call("POST", "/consumer/app", json={**WEATHER, "client_id": wanted})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "client_id")

    made = consumer.created().json()

    assert UUID(made["client_id"]).version == 4
    assert made["client_id"] not in (person.name, person.user.user_id)
