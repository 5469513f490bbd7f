"""The form of a request, headers, repeated parameters, and methods (S94 … S102, S374)."""

import pytest
import requests

from gatepost.routes import (
    API_DOCUMENT,
    APPS_PAGE,
    AUTHORIZE,
    HOME,
    INTROSPECT,
    JWKS,
    LOGIN,
    LOGIN_PAGE,
    METADATA,
    REGISTERED_APP,
    REVOKE,
    TOKEN,
    USERINFO,
)
from infra.local.deployment import Deployment
from tests.answers import FORM, PKCE, VERIFIER, assert_error, basic, post_form, redeem
from tests.browsing import Browser
from tests.people import CALLBACK, Client, Person

POSTED = (TOKEN, REVOKE, INTROSPECT)


def test_s94_a_body_of_another_type_is_refused(deployment: Deployment, client: Client) -> None:
    for content_type, body in (
        ("application/json", '{"grant_type": "client_credentials", "token": "x"}'),
        ("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nx\r\n--x--'),
        ("", "grant_type=client_credentials&token=x"),
    ):
        for route in POSTED:
            url, headers = deployment.base_url + route.path, {"Content-Type": content_type}
            answer = requests.post(url, data=body, auth=client.auth, headers=headers, timeout=30)
            assert_error(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"grant_type=client_credentials&x=\xff", "invalid_request"),
        (b"grant_type=client_credentials&scope=%00", "invalid_request"),
        (b"grant_type=client_credentials&scope=%zz", "invalid_scope"),
        (b"grant_type=client_credentials;scope=read", "unsupported_grant_type"),
        (b"grant_type[]=client_credentials", "invalid_request"),
        (b"\xef\xbb\xbfgrant_type=client_credentials", "invalid_request"),
        (b"", "invalid_request"),
    ],
)
def test_s96_a_malformed_body_is_an_error_of_the_client(
    deployment: Deployment, client: Client, body: bytes, error: str
) -> None:
    assert_error(post_form(deployment, body, Authorization=basic(client.app.client_id, client.secret)), 400, error)


def test_s99_answers_of_tokens_are_json_new_each_time_and_kept_by_nobody(client: Client, person: Person) -> None:
    tokens = redeem(client, client.code(person, **PKCE), code_verifier=VERIFIER)
    refreshed = client.refresh(tokens.json()["refresh_token"])
    own = client.token(grant_type="client_credentials")
    issued = [*tokens.json().values(), *refreshed.json().values(), *own.json().values(), client.code(person)]
    values = [value for value in issued if len(str(value)) > 20]
    assert len(values) == len(set(values)) == 6  # no value is issued twice
    token = own.json()["access_token"]
    for answer in (tokens, refreshed, own, client.introspect(token), client.introspect("x"), client.revoke(token)):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers


def test_s102_a_parameter_sent_twice_is_an_invalid_request(
    deployment: Deployment, client: Client, person: Person
) -> None:
    own, ask = {"Authorization": basic(client.app.client_id, client.secret)}, "grant_type=client_credentials"
    for name in ("grant_type", "client_id", "scope", "refresh_token", "password"):
        sent = {"grant_type": "client_credentials", "client_id": client.app.client_id}.get(name, "read")
        answer = post_form(deployment, f"{ask}&client_id={client.app.client_id}&{name}={sent}&{name}={sent}", **own)
        assert_error(answer, 400, "invalid_request")
    secret = f"client_secret={client.secret}"
    twice = post_form(deployment, f"{ask}&client_id={client.app.client_id}&{secret}&{secret}")
    assert_error(twice, 400, "invalid_request")
    for route in (REVOKE, INTROSPECT):
        url, body = deployment.base_url + route.path, "token=x&token_type_hint=x&token=x"
        answer = requests.post(url, data=body, headers=FORM, auth=client.auth, timeout=30)
        assert_error(answer, 400, "invalid_request")

    # and a comma joins nothing
    assert_error(client.token(grant_type="client_credentials,client_credentials"), 400, "unsupported_grant_type")
    code = client.code(person)
    assert_error(redeem(client, f"{code},{code}"))
    assert redeem(client, code).status_code == 200


def test_s97_only_post_reaches_the_endpoints_of_apps(deployment: Deployment, client: Client, person: Person) -> None:
    code = client.code(person)
    token = client.token(grant_type="client_credentials").json()["access_token"]
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "token": token}

    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
        for route in POSTED:
            sent = {"params": asked} if method == "GET" else {"data": asked}
            url = deployment.base_url + route.path
            answer = requests.request(method, url, auth=client.auth, headers=FORM, timeout=30, **sent)  # type: ignore[arg-type]
            assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")

    assert client.introspect(token).json()["active"] is True
    assert redeem(client, code).status_code == 200


def test_s374_a_method_that_a_path_does_not_take_is_405_with_those_that_it_does(deployment: Deployment) -> None:
    for method, path, allow in (
        ("DELETE", LOGIN.path, "GET, HEAD, OPTIONS, POST"),
        ("PATCH", "/consumer/app/x", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("HEAD", AUTHORIZE.path, "GET, OPTIONS, POST"),
    ):
        answer = requests.request(method, deployment.base_url + path, timeout=30)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
        asked = requests.options(deployment.base_url + path, timeout=30)
        assert (asked.status_code, asked.headers.get("Allow", allow)) == (204, allow)

    page = requests.get(deployment.base_url + TOKEN.path, headers={"Accept": "text/html"}, timeout=30)
    assert (page.status_code, page.headers["Allow"]) == (405, "OPTIONS, POST")
    assert "It accepts POST requests.\nOnly programs and forms send those." in page.text


CHANGING = {"date", "apigw-requestid", "set-cookie", "content-length", "content-security-policy"}


def test_s374_head_is_get_without_the_content(signed_in: Browser, client: Client, person: Person) -> None:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())}
    for path in (METADATA.path, JWKS.path, LOGIN_PAGE.path, API_DOCUMENT.path, "/", APPS_PAGE.path):
        got, head = (
            requests.request(method, signed_in.base_url + path, headers=headers, allow_redirects=False, timeout=30)
            for method in ("GET", "HEAD")
        )
        assert (head.status_code, head.content) == (got.status_code, b"")
        said, without = ({n: v for n, v in each.headers.items() if n.lower() not in CHANGING} for each in (got, head))
        assert without == said

    token = client.tokens(person, scope="read")["access_token"]
    for path, status in (("/demo/read", 200), ("/demo/write", 403), (USERINFO.path, 403)):
        bearer = {"Authorization": f"Bearer {token}"}
        assert requests.head(signed_in.base_url + path, headers=bearer, timeout=30).status_code == status, path


def test_s374_a_path_that_is_missed_by_a_slash_or_a_capital_is_named(deployment: Deployment) -> None:
    for path, meant in (
        ("/authorization/token/", TOKEN.path),
        ("//Developer", HOME.path),
        ("/authorization/register/x/", REGISTERED_APP.path),
    ):
        said = requests.post(deployment.base_url + path, timeout=30)
        assert (said.status_code, said.json()) == (
            404,
            {"error": "not_found", "error_description": f"nothing is at this address; perhaps you meant {meant}"},
        )
        page = requests.get(deployment.base_url + path, headers={"Accept": "text/html"}, timeout=30)
        assert (page.status_code, f"<code>{meant}</code>" in page.text) == (404, True)
