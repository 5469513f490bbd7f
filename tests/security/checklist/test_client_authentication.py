"""Client authentication, and the grants besides codes (S50 … S63)."""

import http.client
import json
from urllib.parse import quote_plus, urlsplit

import requests

from gatepost.identifiers import digest
from gatepost.routes import TOKEN, WHOAMI
from infra.local.deployment import Deployment
from tests.answers import FORM, assert_error, basic, post_form, redeem
from tests.people import CALLBACK, Client, Person, get, new_client

OWN = "grant_type=client_credentials"


def test_s50_s51_basic_in_any_spelling_or_body_credentials_work_and_both_at_once_do_not(
    deployment: Deployment, client: Client, public_client: Client
) -> None:
    key, secret = client.app.client_id, client.secret
    encoded = "".join(f"%{byte:02x}" for byte in secret.encode())
    header, in_body = basic(key, secret), f"{OWN}&client_id={key}&client_secret={quote_plus(secret)}"

    for sent in (header, header.replace("Basic", "basic"), basic(key, encoded)):
        assert post_form(deployment, OWN, Authorization=sent).status_code == 200
    assert post_form(deployment, in_body).status_code == 200
    assert post_form(deployment, f"{OWN}&client_id={key}", Authorization=header).status_code == 200
    for body in (in_body, f"{OWN}&client_id={public_client.app.client_id}"):
        assert_error(post_form(deployment, body, Authorization=header), 400, "invalid_request")


def test_s52_a_wrong_secret_and_an_unknown_app_are_the_same_401_and_use_no_code_up(
    client: Client, person: Person
) -> None:
    key, secret = client.app.client_id, client.secret
    ask = {"grant_type": "authorization_code", "code": client.code(person), "redirect_uri": CALLBACK}

    bodies = set()
    for wrong in ("wrong", "", secret + "x", secret.swapcase(), secret + "\0", digest(secret), "x" * 1000):
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


def test_s53_a_malformed_authorization_header_is_refused_and_the_body_not_tried(
    deployment: Deployment, client: Client
) -> None:
    body = f"{OWN}&client_id={client.app.client_id}&client_secret={client.secret}"
    genuine = basic(client.app.client_id, client.secret)

    for header in ("", "Basic", "Basic QQ", "Bearer abc", genuine[:-2], "Basic\u00a0YTpi", f"{genuine}, {genuine}"):
        answer = post_form(deployment, body, Authorization=header.encode("latin-1"))  # type: ignore[arg-type]
        assert_error(answer, 401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_s53_of_two_headers_neither_counts(deployment: Deployment, client: Client) -> None:
    genuine, other = basic(client.app.client_id, client.secret), basic("a", "b")
    for first, second in ((genuine, other), (other, genuine), (genuine, genuine)):
        connection = http.client.HTTPConnection(urlsplit(deployment.base_url).netloc, timeout=30)
        connection.putrequest("POST", TOKEN.path)
        for name, value in {**FORM, "Content-Length": str(len(OWN))}.items():
            connection.putheader(name, value)
        connection.putheader("Authorization", first)
        connection.putheader("Authorization", second)
        connection.endheaders(OWN.encode())
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]) == (401, "invalid_client")
        connection.close()


def test_s55_nothing_is_read_from_the_query(deployment: Deployment, client: Client) -> None:
    query = f"{OWN}&client_id={client.app.client_id}&client_secret={client.secret}"

    for body in ("", OWN):
        answer = requests.post(f"{deployment.base_url}{TOKEN.path}?{query}", data=body, headers=FORM, timeout=30)
        assert_error(answer, 401, "invalid_client")


def test_s56_s57_an_app_with_a_secret_shows_it_and_a_public_one_names_itself_alone(
    client: Client, public_client: Client, person: Person
) -> None:
    for app, wrong in (
        (client, ({}, {"client_secret": ""}, {"client_secret": "null"})),
        (public_client, ({"client_secret": "made up"},)),
    ):
        ask = {"grant_type": "refresh_token", "refresh_token": app.tokens(person)["refresh_token"]}
        for shown in wrong:
            assert_error(app.token(auth=None, client_id=app.app.client_id, **shown, **ask), 401, "invalid_client")
        for auth in ((app.app.client_id, "made up"), None):
            assert_error(app.token(auth=auth, **ask), 401, "invalid_client")
        assert app.token(**ask).status_code == 200


def test_s60_s61_an_app_uses_the_grants_that_it_has_of_those_that_there_are(
    deployment: Deployment, client: Client, person: Person
) -> None:
    code = client.code(person)
    machine = new_client(deployment, person, grant_types=["client_credentials"])
    web = new_client(deployment, person, grant_types=["authorization_code"])

    assert_error(redeem(machine, code), 400, "unauthorized_client")
    for ask in (
        {"grant_type": "password", "username": person.name, "password": person.password},
        {"grant_type": "client_credentials"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
    ):
        assert_error(web.token(**ask), 400, "unauthorized_client")
    for grant_type, error in (
        ("", "invalid_request"),
        ("implicit", "unsupported_grant_type"),
        ("Password", "unsupported_grant_type"),
        ("pass\0word", "invalid_request"),
    ):
        assert_error(client.token(grant_type=grant_type), 400, error)


def test_s62_client_credentials_are_for_the_app_itself(
    deployment: Deployment, client: Client, public_client: Client
) -> None:
    answer = client.token(grant_type="client_credentials", scope="read,write").json()

    assert sorted(answer) == ["access_token", "expires_in", "scope", "token_type"]
    key = client.app.client_id
    who = get(deployment, WHOAMI.path, answer["access_token"]).json()
    assert who == {"sub": key, "client_id": key, "scope": "read write"}
    assert_error(client.token(grant_type="client_credentials", scope="consumer"), 400, "invalid_scope")
    assert_error(client.token(auth=None, client_id=key, grant_type="client_credentials"), 401, "invalid_client")
    assert_error(public_client.token(grant_type="client_credentials"), 400, "unauthorized_client")


def test_s63_the_password_grant_brings_tokens_for_the_user_and_tells_no_names(
    deployment: Deployment, client: Client, person: Person
) -> None:
    ask = {"grant_type": "password", "username": person.name, "password": person.password}
    tokens = client.token(**ask, scope="read write").json()

    assert get(deployment, WHOAMI.path, tokens["access_token"]).json()["sub"] == person.user.user_id
    assert client.refresh(tokens["refresh_token"]).status_code == 200
    assert_error(client.token(auth=None, client_id=client.app.client_id, **ask), 401, "invalid_client")
    wrong, unknown = ({**ask, "password": person.password.upper()}, {**ask, "username": "nobody-here-1"})
    refused = [client.token(**each) for each in (wrong, unknown, {**ask, "username": "x" * 3000})]
    for each in refused:
        assert_error(each)
        assert each.text == refused[0].text
    for malformed in ({"username": "x"}, {"password": "x"}, {"username": "a\0b", "password": "x"}):
        assert_error(client.token(grant_type="password", **malformed), 400, "invalid_request")
