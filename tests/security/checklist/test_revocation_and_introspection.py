"""POST /authorization/revoke (RFC 7009) and /authorization/introspect (RFC 7662): S74 … S77, S136, S356, S366."""

import jwt
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


def test_s74_a_revoked_access_token_is_refused_within_the_bound_whatever_the_hint(
    deployment: Deployment, client: Client, person: Person
) -> None:
    hints: tuple[dict[str, str], ...] = ({}, {"token_type_hint": "refresh_token"}, {"token_type_hint": '"'})
    issued = [client.tokens(person) for _ in hints]
    for tokens, hint in zip(issued, hints, strict=True):
        assert opens(deployment, tokens["access_token"], "/demo/read")
        answer = client.revoke(tokens["access_token"], **hint)
        assert (answer.status_code, answer.json()) == (200, {}), hint
        assert answer.headers["Content-Type"] == "application/json"

    for tokens in issued:
        assert not active(client, tokens["access_token"])
        assert stops(deployment, tokens["access_token"], "/demo/read")
        assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_s74_a_revoked_refresh_token_takes_its_access_tokens_along(
    deployment: Deployment, client: Client, person: Person
) -> None:
    first = client.tokens(person)
    second = client.refresh(first["refresh_token"]).json()
    assert client.revoke(second["refresh_token"], token_type_hint="access_token").status_code == 200

    for tokens in (first, second):
        assert not active(client, tokens["access_token"])
        assert stops(deployment, tokens["access_token"])
    assert client.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_s74_s366_a_revoked_token_of_an_app_stays_in_the_feed_until_no_reader_takes_it_any_more(
    deployment: Deployment, client: Client
) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    assert active(client, token)
    client.revoke(token)

    assert not active(client, token)
    assert stops(deployment, token)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert [each.expires_at for each in deployment.store.feed(0) if each.subject == claims["jti"]] == [
        claims["exp"] + LONGEST_LEEWAY
    ]


def test_s74_revoking_twice_or_the_unknown_is_fine_and_nothing_at_all_is_an_error(
    public_client: Client, person: Person
) -> None:
    tokens = public_client.tokens(person)

    for token in (tokens["refresh_token"], tokens["refresh_token"], "unknown", "x" * 9000, "a.b.c"):
        assert public_client.revoke(token).status_code == 200
    for malformed in ("", "x" * 100_000):
        assert_error(public_client.revoke(malformed), 400, "invalid_request")


def test_s75_s77_another_apps_tokens_live_on_and_its_refresh_token_is_described_to_itself_only(
    deployment: Deployment, client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    tokens = client.tokens(person)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert other.revoke(token).status_code == 200
    assert not active(other, tokens["refresh_token"])
    assert active(client, tokens["access_token"])
    found = client.introspect(tokens["refresh_token"]).json()
    assert sorted(found) == ["active", "client_id", "exp", "iat", "scope", "sub"]
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


def test_s77_s136_what_is_no_token_is_inactive_whatever_its_characters(client: Client, person: Person) -> None:
    for token in ("unknown", "a\u00e9b", "....", "eyJhbGciOiJub25lIn0.e30.", "x" * 15_000, client.code(person)):
        assert not active(client, token)
    for token in ("a\0b", "a\r\nb", "\x1b[31m"):
        assert not active(client, token)
        assert (client.revoke(token).status_code, client.revoke(token).json()) == (200, {})
        assert_error(client.introspect(token, auth=None), 401, "invalid_client")
    for malformed in ("", "x" * 100_000):
        assert_error(client.introspect(malformed), 400, "invalid_request")

    # other parameters stay strict
    body = f"client_id={client.app.client_id}&client_secret={client.secret}"
    for route, call in ((INTROSPECT, client.introspect), (REVOKE, client.revoke)):
        assert_error(call("unknown", token_type_hint="a\0b"), 400, "invalid_request")
        for sent in (f"{body}&token=a%00b&token=a%00b", f"{body}&token=%ff"):
            answer = requests.post(client.deployment.base_url + route.path, data=sent, headers=FORM, timeout=30)
            assert_error(answer, 400, "invalid_request")


def test_s77_an_active_access_token_is_described(deployment: Deployment, client: Client, person: Person) -> None:
    resource_server = new_client(deployment, person, grant_types=["client_credentials"])

    found = resource_server.introspect(client.tokens(person)["access_token"]).json()

    assert sorted(found) == ["active", "aud", "client_id", "exp", "iat", "iss", "jti", "scope", "sub", "token_type"]
    assert (found["client_id"], found["sub"], found["scope"]) == (client.app.client_id, person.user.user_id, "read")
    assert found["exp"] - found["iat"] == 3600


def test_s356_the_name_of_a_user_is_told_only_of_tokens_whose_consent_page_announced_it(
    deployment: Deployment, person: Person
) -> None:
    app = new_client(deployment, person, scope=Scope.of("openid", "profile", "read"))
    for scope, told in (("openid read", None), ("openid profile", person.name)):
        token = app.tokens(person, scope=scope)["access_token"]

        assert app.introspect(token).json().get("username") == told
        assert get(deployment, WHOAMI.path, token).json().get("user_name") == told
