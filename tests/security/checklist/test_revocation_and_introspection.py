"""POST /authorization/revoke (RFC 7009) and /authorization/introspect (RFC 7662). Checklist G (S74 … S77)."""

import jwt
import pytest
import requests

from gatepost.routes import INTROSPECT, REVOKE, WHOAMI
from gatepost.scope import Scope
from gatepost.settings import LONGEST_LEEWAY
from infra.local.deployment import Deployment
from tests.answers import FORM, assert_error
from tests.people import Client, Person, get, new_client, opens, stops


def active(client: Client, token: str) -> bool:
    answer = client.introspect(token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.json()["active"]
    assert found in (True, False)
    if not found:
        assert answer.json() == {"active": False}
    return bool(found)


HINTS: list[dict[str, str]] = [
    {},
    {"token_type_hint": "access_token"},
    {"token_type_hint": "refresh_token"},
    {"token_type_hint": "unknown"},
    {"token_type_hint": '"'},
]


def test_s74_a_revoked_access_token_is_refused_within_the_bound(
    deployment: Deployment, client: Client, person: Person
) -> None:
    issued = [client.tokens(person) for _ in HINTS]
    for tokens, hint in zip(issued, HINTS, strict=True):
        assert opens(deployment, tokens["access_token"], "/demo/read")
        answer = client.revoke(tokens["access_token"], **hint)
        assert (answer.status_code, answer.json()) == (200, {}), hint
        assert answer.headers["Content-Type"] == "application/json"

    for tokens, hint in zip(issued, HINTS, strict=True):
        assert not active(client, tokens["access_token"]), hint
        assert stops(deployment, tokens["access_token"], "/demo/read"), hint
        assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_s74_a_revoked_refresh_token_takes_its_access_tokens_along(
    deployment: Deployment, client: Client, person: Person
) -> None:
    issued = [client.tokens(person) for _ in HINTS]
    refreshed = [client.refresh(tokens["refresh_token"]).json() for tokens in issued]
    for tokens, hint in zip(refreshed, HINTS, strict=True):
        assert client.revoke(tokens["refresh_token"], **hint).status_code == 200, hint

    for tokens in (*issued, *refreshed):
        assert not active(client, tokens["access_token"])
        assert stops(deployment, tokens["access_token"])
    for tokens in refreshed:
        assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_s74_a_client_credentials_token_can_be_revoked_too(deployment: Deployment, client: Client) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    assert active(client, token)

    client.revoke(token)

    assert not active(client, token)
    assert stops(deployment, token)


def test_s366_a_revoked_access_token_stays_in_the_feed_until_no_reader_takes_it_any_more(
    deployment: Deployment, client: Client
) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    client.revoke(token)

    claims = jwt.decode(token, options={"verify_signature": False})
    assert [each.expires_at for each in deployment.store.feed(0) if each.subject == claims["jti"]] == [
        claims["exp"] + LONGEST_LEEWAY
    ]


def test_s74_revoking_twice_or_the_unknown_is_fine_and_nothing_at_all_is_an_error(
    client: Client, public_client: Client, person: Person
) -> None:
    tokens = public_client.tokens(person)

    for token in (tokens["refresh_token"], tokens["refresh_token"], "unknown", "x" * 9000, "a.b.c"):
        assert public_client.revoke(token).status_code == 200
    for malformed in ("", "x" * 100_000):
        assert_error(client.revoke(malformed), 400, "invalid_request")


def test_s75_another_apps_tokens_live_on(deployment: Deployment, client: Client, person: Person) -> None:
    other = new_client(deployment, person)
    tokens = client.tokens(person)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert other.revoke(token).status_code == 200

    assert active(client, tokens["access_token"])
    assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_s75_s76_who_does_not_authenticate_is_refused(
    deployment: Deployment, client: Client, public_client: Client, person: Person
) -> None:
    token = client.tokens(person)["access_token"]
    for path in (REVOKE.path, INTROSPECT.path):
        url = deployment.base_url + path
        for options in (
            {"data": {"token": token}},
            {"data": {"token": token}, "auth": (client.app.client_id, "wrong")},
            {"data": {"token": token, "client_id": client.app.client_id}},
            {"data": {"token": token}, "headers": {"Authorization": f"Bearer {token}"}},
        ):
            answer = requests.post(url, timeout=30, **options)
            assert_error(answer, 401, "invalid_client")
    assert_error(public_client.introspect(token), 401, "invalid_client")
    assert active(client, token)


@pytest.mark.parametrize(
    "token",
    [
        "unknown",
        "a\u00e9b",
        "..",
        "....",
        "eyJhbGciOiJub25lIn0.e30.",
        "eyJhbGciOiJub25lIn0.eyJhY3RpdmUiOnRydWV9.",
        "x" * 15_000,
    ],
)
def test_s77_what_is_no_token_is_just_inactive(client: Client, token: str) -> None:
    assert not active(client, token)


@pytest.mark.parametrize("token", ["", "x" * 100_000])
def test_s77_a_malformed_question_is_an_error_without_an_answer(client: Client, token: str) -> None:
    assert_error(client.introspect(token), 400, "invalid_request")


@pytest.mark.parametrize("token", ["a\0b", "\0", "a\r\nb", "\x7f", "a\tb", "\x1b[31m"])
def test_s136_a_token_of_any_characters_is_an_unknown_one(client: Client, token: str) -> None:
    assert not active(client, token)
    assert (client.revoke(token).status_code, client.revoke(token).json()) == (200, {})
    assert_error(client.introspect(token, auth=None), 401, "invalid_client")


@pytest.mark.parametrize("call", ["introspect", "revoke"])
def test_s136_other_parameters_stay_strict(client: Client, call: str) -> None:
    for other in ({"token_type_hint": "a\0b"}, {"client_id": "a\0b"}, {"a\0b": "c\0d"}):
        assert_error(getattr(client, call)("unknown", **other), 400, "invalid_request")
    body = f"client_id={client.app.client_id}&client_secret={client.secret}"
    url = client.deployment.base_url + {"introspect": INTROSPECT, "revoke": REVOKE}[call].path
    for twice in (f"{body}&token=a%00b&token=a%00b", f"{body}&token=%ff"):
        answer = requests.post(url, data=twice, headers=FORM, timeout=30)
        assert_error(answer, 400, "invalid_request")


def test_s77_a_code_is_no_token(client: Client, person: Person) -> None:
    assert not active(client, client.code(person))


def test_s77_an_active_access_token_is_described(deployment: Deployment, client: Client, person: Person) -> None:
    resource_server = new_client(deployment, person, grant_types=["client_credentials"])
    tokens = client.tokens(person)

    found = resource_server.introspect(tokens["access_token"]).json()

    assert sorted(found) == sorted(
        ["active", "aud", "client_id", "exp", "iat", "iss", "jti", "scope", "sub", "token_type"]
    )
    assert found["client_id"] == client.app.client_id
    assert found["sub"] == person.user.user_id
    assert found["scope"] == "read"
    assert found["exp"] - found["iat"] == 3600


def test_s356_the_name_of_a_user_is_told_only_of_tokens_whose_consent_page_announced_it(
    deployment: Deployment, person: Person
) -> None:
    app = new_client(deployment, person, scope=Scope.of("openid", "profile", "read"))
    for scope, told in (("read", None), ("openid read", None), ("openid profile", person.name)):
        token = app.tokens(person, scope=scope)["access_token"]

        assert app.introspect(token).json().get("username") == told
        assert get(deployment, WHOAMI.path, token).json().get("user_name") == told


def test_s77_a_refresh_token_is_described_to_its_own_app_only(
    deployment: Deployment, client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    token = client.tokens(person)["refresh_token"]

    found = client.introspect(token).json()

    assert sorted(found) == ["active", "client_id", "exp", "iat", "scope", "sub"]
    assert not active(other, token)
