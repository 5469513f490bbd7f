"""POST /authorization/token: password, client_credentials, and what holds for every grant. Checklist D, E, J."""

import base64
from typing import Any
from urllib.parse import quote_plus

import pytest
import requests

from gatepost.routes import TOKEN
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.people import CALLBACK, Client, Person, get, new_client, opens

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def assert_error(answer: requests.Response, status: int, *errors: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] in errors
    assert sorted(answer.json()) == ["error", "error_description"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


def post(deployment: Deployment, body: str | bytes, **headers: str) -> requests.Response:
    return requests.post(deployment.base_url + TOKEN.path, data=body, headers={**FORM, **headers}, timeout=30)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


# --- client authentication


def test_s50_basic_in_any_spelling_and_body_credentials_work(deployment: Deployment, client: Client) -> None:
    key, secret = client.app.client_id, client.secret
    encoded = "".join(f"%{byte:02x}" for byte in secret.encode())
    for header in (basic(key, secret), basic(key, secret).replace("Basic", "basic"), basic(key, encoded)):
        assert post(deployment, "grant_type=client_credentials", Authorization=header).status_code == 200
    body = f"grant_type=client_credentials&client_id={key}&client_secret={quote_plus(secret)}"
    assert post(deployment, body).status_code == 200


def test_s51_two_methods_at_once_are_refused_and_the_same_client_id_twice_is_fine(
    deployment: Deployment, client: Client, public_client: Client
) -> None:
    key, secret = client.app.client_id, client.secret
    header, body = basic(key, secret), "grant_type=client_credentials"

    both = post(deployment, f"{body}&client_id={key}&client_secret={secret}", Authorization=header)
    assert_error(both, 400, "invalid_request")
    other = post(deployment, f"{body}&client_id={public_client.app.client_id}", Authorization=header)
    assert_error(other, 400, "invalid_request")
    assert post(deployment, f"{body}&client_id={key}", Authorization=header).status_code == 200


def test_s52_a_wrong_secret_and_an_unknown_app_are_the_same_401_and_use_no_code_up(
    client: Client, person: Person
) -> None:
    key, secret = client.app.client_id, client.secret
    code = client.code(person)
    ask = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}

    bodies = set()
    for wrong in ("wrong", secret[:20], secret + "x", secret.swapcase(), "x" * 1000):
        answer = client.token(auth=(key, wrong), **ask)
        assert_error(answer, 401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
        bodies.add(answer.text)
    for nobody in ("nobody", "00000000-0000-4000-8000-000000000000"):
        bodies.add(client.token(auth=(nobody, secret), **ask).text)
    in_body = client.token(auth=None, client_id=key, client_secret="wrong", **ask)
    assert_error(in_body, 401, "invalid_client")
    assert "WWW-Authenticate" not in in_body.headers
    assert len(bodies | {in_body.text}) == 1
    assert client.token(**ask).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic QQ",
        "Basic " + base64.b64encode(b"no-colon").decode(),
        "Basic " + base64.b64encode(b":secret").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"%ff:x").decode(),
        "Basic " + base64.b64encode(b"a\0b:x").decode(),
        "Bearer abc",
        "Digest username=x",
        "abc",
        "Basic " + "A" * 5000,
        "Basic YTpi, Basic YTpi",
        "Basic YTpi YTpi",
        "BasicYTpi",
        "Basic\u00a0YTpi",
    ],
)
def test_s53_a_malformed_authorization_header_is_refused(deployment: Deployment, header: str) -> None:
    answer = post(deployment, "grant_type=client_credentials", Authorization=header.encode("latin-1"))  # type: ignore[arg-type]

    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_client", "invalid_request")


def test_s55_nothing_is_read_from_the_query(deployment: Deployment, client: Client) -> None:
    query = f"grant_type=client_credentials&client_id={client.app.client_id}&client_secret={client.secret}"
    url = f"{deployment.base_url}{TOKEN.path}?{query}"

    assert_error(requests.post(url, data="", headers=FORM, timeout=30), 401, "invalid_client")
    half = requests.post(url, data="grant_type=client_credentials", headers=FORM, timeout=30)
    assert_error(half, 401, "invalid_client")


@pytest.mark.parametrize("secret", [None, "", "null", "None"])
def test_s56_a_confidential_app_must_show_its_secret(client: Client, person: Person, secret: str | None) -> None:
    token = client.tokens(person)["refresh_token"]
    credentials = {"client_id": client.app.client_id} | ({} if secret is None else {"client_secret": secret})

    answer = client.token(auth=None, grant_type="refresh_token", refresh_token=token, **credentials)

    assert_error(answer, 401, "invalid_client")
    assert client.refresh(token).status_code == 200


def test_s57_a_public_app_has_no_secret_and_needs_its_client_id(public_client: Client, person: Person) -> None:
    token = public_client.tokens(person)["refresh_token"]
    ask = {"grant_type": "refresh_token", "refresh_token": token}
    key = public_client.app.client_id

    assert_error(public_client.token(auth=None, client_id=key, client_secret="made up", **ask), 401, "invalid_client")
    assert_error(public_client.token(auth=(key, "made up"), **ask), 401, "invalid_client")
    assert_error(public_client.token(auth=None, **ask), 401, "invalid_client")
    assert public_client.token(auth=None, client_id=key, **ask).status_code == 200


def test_s59_a_secret_has_256_bits(client: Client) -> None:
    assert len(base64.urlsafe_b64decode(client.secret + "=")) == 32


# --- grants


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
    assert_error(public_client.token(grant_type="client_credentials"), 400, "unauthorized_client")


def test_s63_the_password_grant_brings_tokens_for_the_user(
    deployment: Deployment, client: Client, person: Person
) -> None:
    ask = {"grant_type": "password", "username": person.name, "password": person.password}

    tokens = client.token(**ask, scope="read write").json()

    assert get(deployment, "/authorization/whoami", tokens["access_token"]).json()["user_name"] == person.name
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


def test_the_users_own_scope_bounds_every_grant(deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, scope=Scope.of("read", "write"))
    accounts = deployment.client("dynamodb")
    accounts.update_item(
        TableName=deployment.tables["accounts"],
        Key={"pk": {"S": person.user.user_id}, "sk": {"S": "account"}},
        UpdateExpression="SET #s = :scope",
        ExpressionAttributeNames={"#s": "scope"},
        ExpressionAttributeValues={":scope": {"S": "write"}},
    )
    ask = {"grant_type": "password", "username": person.name, "password": person.password}

    assert client.token(**ask, scope="read write").json()["scope"] == "write"
    assert_error(client.token(**ask, scope="read"), 400, "invalid_scope")
    assert client.tokens(person, scope="read write")["scope"] == "write"


# --- the form of a request


def test_s94_a_body_of_another_type_is_refused(deployment: Deployment, client: Client) -> None:
    header = basic(client.app.client_id, client.secret)
    body = "grant_type=client_credentials"
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x", "application/xml", ""):
        answer = post(deployment, body, Authorization=header, **{"Content-Type": content_type})
        assert_error(answer, 400, "invalid_request")
    for content_type in ("application/x-www-form-urlencoded; charset=utf-8", "APPLICATION/X-WWW-FORM-URLENCODED"):
        answer = post(deployment, body, Authorization=header, **{"Content-Type": content_type})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type=client_credentials&x=\xff",
        b"grant_type=client_credentials&x=%ff",
        b"grant_type=client_credentials&x=%C0%80",
        b"grant_type=client_credentials&x=%ED%A0%80",
        b"grant_type=client_credentials&scope=%00",
        b"grant_type=client_credentials;scope=read",
        b"grant_type[]=client_credentials",
        b"\xef\xbb\xbfgrant_type=client_credentials",
        b"",
    ],
)
def test_s96_a_malformed_body_is_an_invalid_request(deployment: Deployment, client: Client, body: bytes) -> None:
    answer = post(deployment, body, Authorization=basic(client.app.client_id, client.secret))

    assert_error(answer, 400, "invalid_request", "unsupported_grant_type")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_s97_only_post_reaches_the_token_endpoint(deployment: Deployment, client: Client, method: str) -> None:
    answer = requests.request(
        method,
        deployment.base_url + TOKEN.path,
        data={"grant_type": "client_credentials"},
        auth=client.auth,
        timeout=30,
    )

    assert answer.status_code == 404


def test_s99_no_value_is_issued_twice(client: Client, person: Person) -> None:
    values: list[str] = []
    for _ in range(6):
        values.append(client.code(person))
        values += [value for name, value in client.tokens(person).items() if name.endswith("token")]

    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= 22


def test_s100_a_foreign_origin_gets_no_cors_headers(deployment: Deployment, client: Client) -> None:
    for origin in ("https://evil.test", "null"):
        answer = requests.post(
            deployment.base_url + TOKEN.path,
            data={"grant_type": "client_credentials"},
            auth=client.auth,
            headers={"Origin": origin},
            timeout=30,
        )
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "scope", "client_id", "resource"])
def test_s102_a_parameter_sent_twice_is_an_invalid_request(deployment: Deployment, client: Client, name: str) -> None:
    values: dict[str, Any] = {"grant_type": "client_credentials", "client_id": client.app.client_id}
    pairs = [*values.items(), (name, "x"), (name, "x")]
    body = "&".join(f"{key}={value}" for key, value in pairs)

    answer = post(deployment, body, Authorization=basic(client.app.client_id, client.secret))

    assert_error(answer, 400, "invalid_request")


def test_s98_the_issuer_never_comes_from_a_header(deployment: Deployment, client: Client) -> None:
    forged = {
        "Host": "evil.example.test",
        "X-Forwarded-Host": "evil.example.test",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example.test",
        "X-Original-URL": "/evil",
    }
    answer = requests.post(
        deployment.base_url + TOKEN.path,
        data={"grant_type": "client_credentials"},
        auth=client.auth,
        headers=forged,
        timeout=30,
    )

    assert opens(deployment, answer.json()["access_token"])
    metadata = get(deployment, "/.well-known/oauth-authorization-server", None)
    assert metadata.json()["issuer"] == deployment.base_url
