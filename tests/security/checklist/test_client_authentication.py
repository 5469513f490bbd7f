"""Client authentication. Checklist D (S50 … S59)."""

import base64
import http.client
import json
from urllib.parse import quote_plus, urlsplit

import pytest
import requests

from gatepost.identifiers import digest
from gatepost.routes import TOKEN
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import FORM, assert_error, basic, post_form
from tests.http.consumer import Consumer
from tests.people import CALLBACK, Client, Person


def test_s50_basic_in_any_spelling_and_body_credentials_work(deployment: Deployment, client: Client) -> None:
    key, secret = client.app.client_id, client.secret
    encoded = "".join(f"%{byte:02x}" for byte in secret.encode())
    for header in (basic(key, secret), basic(key, secret).replace("Basic", "basic"), basic(key, encoded)):
        assert post_form(deployment, "grant_type=client_credentials", Authorization=header).status_code == 200
    body = f"grant_type=client_credentials&client_id={key}&client_secret={quote_plus(secret)}"
    assert post_form(deployment, body).status_code == 200


def test_s51_two_methods_at_once_are_refused_and_the_same_client_id_twice_is_fine(
    deployment: Deployment, client: Client, public_client: Client
) -> None:
    key, secret = client.app.client_id, client.secret
    header, body = basic(key, secret), "grant_type=client_credentials"

    both = post_form(deployment, f"{body}&client_id={key}&client_secret={secret}", Authorization=header)
    assert_error(both, 400, "invalid_request")
    other = post_form(deployment, f"{body}&client_id={public_client.app.client_id}", Authorization=header)
    assert_error(other, 400, "invalid_request")
    assert post_form(deployment, f"{body}&client_id={key}", Authorization=header).status_code == 200


def test_s52_a_wrong_secret_and_an_unknown_app_are_the_same_401_and_use_no_code_up(
    client: Client, person: Person
) -> None:
    key, secret = client.app.client_id, client.secret
    code = client.code(person)
    ask = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}

    bodies = set()
    for wrong in ("wrong", "", secret[:20], secret + "x", secret.swapcase(), secret + "\0", digest(secret), "x" * 1000):
        answer = client.token(auth=(key, wrong), **ask)
        assert_error(answer, 401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
        bodies.add(answer.text)
    for nobody in ("nobody", "a\0b", "00000000-0000-4000-8000-000000000000"):
        bodies.add(client.token(auth=(nobody, secret), **ask).text)
    assert_error(client.token(auth=(key, "x" * 6000), **ask), 401, "invalid_client")
    in_body = client.token(auth=None, client_id=key, client_secret="wrong", **ask)
    assert_error(in_body, 401, "invalid_client")
    assert "WWW-Authenticate" not in in_body.headers
    assert len(bodies | {in_body.text}) == 1
    assert client.token(**ask).status_code == 200


def encoded(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic QQ",
        "Basic =",
        encoded(b"no-colon"),
        encoded(b":secret"),
        encoded(b":"),
        encoded(b"\xff\xfe:x"),
        encoded(b"%ff:x"),
        "Bearer abc",
        "Digest username=x",
        "abc",
        "Basic " + "A" * 5000,
        "Basic YTpi, Basic YTpi",
        "Basic YTpi YTpi",
        "BasicYTpi",
        "Basic\u00a0YTpi",
        "Basic YTp-",
    ],
)
def test_s53_a_malformed_authorization_header_is_refused_and_the_body_not_tried(
    deployment: Deployment, client: Client, header: str
) -> None:
    body = f"grant_type=client_credentials&client_id={client.app.client_id}&client_secret={client.secret}"

    for sent in ("grant_type=client_credentials", body):
        answer = post_form(deployment, sent, Authorization=header.encode("latin-1"))  # type: ignore[arg-type]
        assert_error(answer, 401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_s53_of_two_headers_neither_counts(deployment: Deployment, client: Client) -> None:
    genuine, other = basic(client.app.client_id, client.secret), encoded(b"a:b")
    for first, second in ((genuine, other), (other, genuine), (genuine, genuine)):
        connection = http.client.HTTPConnection(urlsplit(deployment.base_url).netloc, timeout=30)
        connection.putrequest("POST", TOKEN.path)
        body = b"grant_type=client_credentials"
        for name, value in {**FORM, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.putheader("Authorization", first)
        connection.putheader("Authorization", second)
        connection.endheaders(body)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]) == (401, "invalid_client")
        connection.close()


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


def test_s58_an_ended_secret_is_refused_at_once_also_by_warm_functions(deployment: Deployment, person: Person) -> None:
    consumer = Consumer(deployment, person)
    made = consumer.created(grant_types=["client_credentials"]).json()
    (app,) = deployment.store.read(AppKey(made["client_id"]))
    assert app is not None
    old = Client(deployment=deployment, app=app, secret=made["client_secret"])
    ask = {"grant_type": "client_credentials"}
    assert old.token(**ask).status_code == 200

    path = f"/consumer/app/{app.client_id}/secret"
    new = (app.client_id, consumer.call("POST", path).json()["client_secret"])
    assert old.token(**ask).status_code == old.token(auth=new, **ask).status_code == 200
    assert consumer.call("DELETE", f"{path}/{made['secrets'][0]['secret_id']}").status_code == 204

    assert_error(old.token(**ask), 401, "invalid_client")
    assert old.token(auth=new, **ask).status_code == 200


def test_s59_a_secret_has_256_bits(client: Client) -> None:
    assert len(base64.urlsafe_b64decode(client.secret + "=")) == 32
