"""Methods that a path takes, and paths that are missed (S97, S374)."""

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
    WHOAMI,
)
from infra.local.deployment import Deployment
from tests.answers import FORM, redeem
from tests.browsing import Browser
from tests.people import CALLBACK, Client, Person


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_s97_only_post_reaches_the_endpoints_of_apps(
    deployment: Deployment, client: Client, person: Person, method: str
) -> None:
    code = client.code(person)
    token = client.token(grant_type="client_credentials").json()["access_token"]
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "token": token}

    for route in (TOKEN, REVOKE, INTROSPECT):
        for body, query in ((asked, {}), ({}, asked)):
            answer = requests.request(
                method,
                deployment.base_url + route.path,
                data=body,
                params=query,
                auth=client.auth,
                headers=FORM,
                timeout=30,
            )
            assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")

    assert client.introspect(token).json()["active"] is True
    assert redeem(client, code).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", TOKEN.path, "OPTIONS, POST"),
        ("DELETE", LOGIN.path, "GET, HEAD, OPTIONS, POST"),
        ("PATCH", "/consumer/app/x", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("HEAD", AUTHORIZE.path, "GET, OPTIONS, POST"),
    ],
)
def test_s374_a_method_that_a_path_does_not_take_is_405_with_those_that_it_does(
    deployment: Deployment, method: str, path: str, allow: str
) -> None:
    answer = requests.request(method, deployment.base_url + path, timeout=30)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
    asked = requests.options(deployment.base_url + path, timeout=30)
    assert (asked.status_code, asked.headers.get("Allow", allow)) == (204, allow)


@pytest.mark.parametrize(
    "path",
    [METADATA.path, JWKS.path, LOGIN_PAGE.path, API_DOCUMENT.path, "/", APPS_PAGE.path, "/developer/apps/nobody"],
)
def test_s374_head_is_get_without_the_content(signed_in: Browser, path: str) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
    got, head = (
        requests.request(
            method, signed_in.base_url + path, headers={"Cookie": cookies}, allow_redirects=False, timeout=30
        )
        for method in ("GET", "HEAD")
    )
    assert (head.status_code, head.content) == (got.status_code, b"")
    changing = {"date", "apigw-requestid", "set-cookie", "content-length", "content-security-policy"}
    assert {n: v for n, v in head.headers.items() if n.lower() not in changing} == {
        n: v for n, v in got.headers.items() if n.lower() not in changing
    }


def test_s374_a_protected_route_opens_to_head_as_to_get(deployment: Deployment, client: Client, person: Person) -> None:
    tokens = {scope: client.tokens(person, scope=scope)["access_token"] for scope in ("read", "write")}

    for path, scope, status in (
        ("/demo/read", "read", 200),
        ("/demo/read", "write", 403),
        (WHOAMI.path, "read", 200),
        (USERINFO.path, "read", 403),
    ):
        answer = requests.head(
            deployment.base_url + path, headers={"Authorization": f"Bearer {tokens[scope]}"}, timeout=30
        )
        assert answer.status_code == status, (path, scope)
    assert requests.head(deployment.base_url + WHOAMI.path, timeout=30).status_code == 401


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/authorization/token/", TOKEN.path),
        ("//Developer", HOME.path),
        ("/authorization/register/x/", REGISTERED_APP.path),
    ],
)
def test_s374_a_path_that_is_missed_by_a_slash_or_a_capital_is_named(
    deployment: Deployment, path: str, meant: str
) -> None:
    for method in ("GET", "POST"):
        said = requests.request(method, deployment.base_url + path, timeout=30)
        assert (said.status_code, said.json()) == (
            404,
            {"error": "not_found", "error_description": f"nothing is at this address; perhaps you meant {meant}"},
        )
    page = requests.get(deployment.base_url + path, headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 404
    assert f"<code>{meant}</code>" in page.text


def test_s374_a_browser_is_shown_what_an_address_takes(deployment: Deployment) -> None:
    page = requests.get(deployment.base_url + TOKEN.path, headers={"Accept": "text/html"}, timeout=30)

    assert (page.status_code, page.headers["Allow"]) == (405, "OPTIONS, POST")
    assert "It accepts POST requests.\nOnly programs and forms send those." in page.text
