"""Responses that scripts of other origins may read (S100, S210 … S212)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from gatepost.grants import GRANTS
from gatepost.routes import (
    API_ACCOUNT,
    API_DOCUMENT,
    APPS_PAGE,
    AUTHORIZE,
    CHANGE_REGISTERED_APP,
    CONSENT,
    DELETE_REGISTERED_APP,
    DEMO_NOTES,
    DEMO_READ,
    DEMO_WRITE,
    INTROSPECT,
    JWKS,
    LOGIN,
    METADATA,
    OPENID_METADATA,
    POST_USERINFO,
    PREFLIGHTS,
    REGISTER_APP,
    REGISTERED_APP,
    REVOKE,
    ROUTES,
    TOKEN,
    USERINFO,
    WHOAMI,
    Route,
)
from infra.local.deployment import Deployment
from tests.answers import post_form
from tests.browsing import Browser
from tests.people import Client, Person, new_client, new_person
from tests.security.conftest import NAMED_ORIGIN as OWN

ORIGINS = ["https://evil.test", "null", "http://localhost"]
ANY_ORIGIN = {
    TOKEN,
    REVOKE,
    METADATA,
    OPENID_METADATA,
    JWKS,
    WHOAMI,
    USERINFO,
    POST_USERINFO,
    REGISTER_APP,
    REGISTERED_APP,
    CHANGE_REGISTERED_APP,
    DELETE_REGISTERED_APP,
    DEMO_READ,
    DEMO_WRITE,
    DEMO_NOTES,
}
BODIES_THAT_GUESS = [
    "grant_type=password&username=x&password=x",
    "grant_type=client_credentials",
    "grant%5Ftype=passwor%64&username=x&password=x",
    "grant_type=authorization_code&grant_type=password",
    "grant_type=password&grant_type=authorization_code&username=x&password=x",
    "grant_type=password",
]


def cors(answer: requests.Response) -> dict[str, str]:
    """The CORS headers of a response, without their common prefix."""
    prefix = "access-control-"
    return {k.lower()[len(prefix) :]: v for k, v in answer.headers.items() if k.lower().startswith(prefix)}


def preflight(deployment: Deployment, route: Route, origin: str) -> requests.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": route.method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return requests.options(deployment.base_url + route.path, headers=headers, timeout=30)


def called(deployment: Deployment, route: Route, origin: str, **headers: str) -> requests.Response:
    url = deployment.base_url + route.path
    return requests.request(route.method, url, headers={"Origin": origin, **headers}, timeout=30, allow_redirects=False)


@pytest.mark.parametrize("origin", ORIGINS)
def test_s100_no_other_origin_may_read_a_page_an_introspection_or_the_consumer_api(
    deployment: Deployment, signed_in: Browser, client: Client, origin: str
) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
    for route in (INTROSPECT, AUTHORIZE, CONSENT, LOGIN, APPS_PAGE, API_ACCOUNT, API_DOCUMENT):
        assert cors(called(deployment, route, origin, Cookie=cookies)) == {}
        assert cors(called(deployment, route, origin, Authorization=f"Bearer {token}")) == {}
        asked = preflight(deployment, route, origin)
        assert (asked.status_code, cors(asked), route.method in asked.headers["Allow"]) == (204, {}, True)


def test_s210_the_routes_for_any_origin_are_these_and_none_is_a_page_or_introspects() -> None:
    assert {route for route in ROUTES if route.any_origin} == ANY_ORIGIN
    assert [(each.method, each.path, each.function) for each in PREFLIGHTS] == [
        ("OPTIONS", path, "metadata") for path in dict.fromkeys(route.path for route in ROUTES if route.any_origin)
    ]


@pytest.mark.parametrize("origin", ORIGINS)
def test_s210_a_script_of_any_origin_may_read_them_and_may_send_no_cookie(
    deployment: Deployment, client: Client, person: Person, origin: str
) -> None:
    token = client.tokens(person)["access_token"]
    for route in (TOKEN, REVOKE, METADATA, OPENID_METADATA, JWKS, WHOAMI, USERINFO, DEMO_READ):
        answer = called(deployment, route, origin, Authorization=f"Bearer {token}")
        assert cors(answer) == {
            "allow-origin": "*",
            "expose-headers": "WWW-Authenticate, DPoP-Nonce, Retry-After",
        }
        assert cors(preflight(deployment, route, origin)) == {
            "allow-origin": "*",
            "allow-methods": "*",
            "allow-headers": "*, Authorization",
            "max-age": "7200",
        }
        assert preflight(deployment, route, origin).status_code == 204


def test_s210_no_cookie_changes_what_any_origin_may_read(deployment: Deployment, signed_in: Browser) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
    for route in ANY_ORIGIN:
        with_cookies = called(deployment, route, OWN, Cookie=cookies)
        without = called(deployment, route, OWN)
        assert (with_cookies.status_code, with_cookies.content) == (without.status_code, without.content)
        assert "Set-Cookie" not in with_cookies.headers


@pytest.mark.parametrize("body", BODIES_THAT_GUESS)
def test_s211_no_other_origin_may_read_what_a_guess_brings(deployment: Deployment, body: str) -> None:
    answer = post_form(deployment, body, Origin="https://evil.test")

    assert answer.status_code >= 400
    assert cors(answer) == {}


def test_s211_nor_that_a_guess_was_right_or_is_slowed(client: Client, person: Person) -> None:
    right = client.token(grant_type="password", username=person.name, password=person.password)
    slowed = [client.token(grant_type="password", username=person.name, password="x") for _ in range(8)][-1]
    machine = client.token(grant_type="client_credentials")
    wrong = client.token(auth=(client.app.client_id, "wrong"), grant_type="client_credentials")

    assert [each.status_code for each in (right, slowed, machine, wrong)] == [200, 429, 200, 401]
    assert [cors(each) for each in (right, slowed, machine, wrong)] == [{}] * 4


def test_s211_a_grant_is_for_browsers_only_where_that_is_said(deployment: Deployment) -> None:
    readable = {name for name in GRANTS if cors(post_form(deployment, f"grant_type={name}", Origin=OWN))}

    assert readable == {"authorization_code", "refresh_token"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("grant_type=authorization_code&client_id=x&code=x", {}),
        ("grant_type=refresh_token&client_id=x&refresh_token=x", {}),
        ("grant_type=unknown", {}),
        ("grant_type=Password&username=x&password=x", {}),
        ("grant_type=", {}),
        ("", {}),
        ("%ff", {}),
        ('{"grant_type": "password"}', {"Content-Type": "application/json"}),
    ],
)
def test_the_mistakes_of_an_app_in_a_browser_are_readable(
    deployment: Deployment, body: str, headers: dict[str, str]
) -> None:
    answer = post_form(deployment, body, Origin=OWN, **headers)

    assert answer.status_code in (400, 401)
    assert cors(answer)["allow-origin"] == "*"


def test_s211_nor_where_api_gateway_encodes_the_body(deployment: Deployment) -> None:
    http = {"method": "POST", "path": TOKEN.path, "sourceIp": "192.0.2.1"}
    said: dict[str, Any] = deployment.invoke(
        "token",
        {
            "routeKey": TOKEN.key,
            "rawPath": TOKEN.path,
            "headers": {"content-type": "application/x-www-form-urlencoded"},
            "requestContext": {"http": http},
            "body": base64.b64encode(b"grant_type=password&username=x&password=x").decode(),
            "isBase64Encoded": True,
        },
    )

    assert said["statusCode"] == 401
    assert not [name for name in said["headers"] if name.startswith("Access-Control-")]


def test_s212_with_origins_named_no_other_one_may_read_anything(mailing: Deployment) -> None:
    person = new_person(mailing)
    token = new_client(mailing, person).tokens(person)["access_token"]
    for origin in ORIGINS:
        for route in ROUTES:
            at = route._replace(
                path=route.at(
                    **dict.fromkeys(("client_id", "secret_id", "user_id", "session_id", "name", "page+"), "x")
                )
            )
            assert cors(called(mailing, at, origin, Authorization=f"Bearer {token}")) == {}, route.key
            assert cors(preflight(mailing, at, origin)) == {}, route.key


def test_s212_the_named_origin_may_read_all_and_send_no_cookie(mailing: Deployment) -> None:
    person = new_person(mailing)
    token = new_client(mailing, person).tokens(person)["access_token"]
    for route in (TOKEN, METADATA, WHOAMI, APPS_PAGE, INTROSPECT):
        answer = called(mailing, route, OWN, Authorization=f"Bearer {token}")
        assert cors(answer) == {"allow-origin": OWN, "expose-headers": "dpop-nonce,etag,retry-after,www-authenticate"}
        assert cors(preflight(mailing, route, OWN))["allow-origin"] == OWN
