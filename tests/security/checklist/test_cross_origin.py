"""Responses that scripts of other origins may read (S100, S210 … S212)."""

from __future__ import annotations

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
from tests.answers import FORM, post_form
from tests.browsing import Browser
from tests.people import Client, Person, new_client, new_person
from tests.security.conftest import NAMED_ORIGIN as OWN
from tests.unit.http.events import event

EVIL = "https://evil.test"
ANY_ORIGIN = {
    *(TOKEN, REVOKE, METADATA, OPENID_METADATA, JWKS, WHOAMI, USERINFO, POST_USERINFO),
    *(REGISTER_APP, REGISTERED_APP, CHANGE_REGISTERED_APP, DELETE_REGISTERED_APP, DEMO_READ, DEMO_WRITE, DEMO_NOTES),
}
IDS = ("client_id", "digest", "secret_id", "user_id", "session_id", "name", "page+")


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


@pytest.mark.parametrize("origin", [EVIL, "null"])
def test_s100_s210_of_all_origins_scripts_may_read_what_is_for_any_and_may_send_no_cookie(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person, origin: str
) -> None:
    token = f"Bearer {client.tokens(person)['access_token']}"
    cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
    for route in (INTROSPECT, AUTHORIZE, CONSENT, LOGIN, APPS_PAGE, API_ACCOUNT, API_DOCUMENT):
        assert cors(called(deployment, route, origin, Cookie=cookies, Authorization=token)) == {}
        asked = preflight(deployment, route, origin)
        assert (asked.status_code, cors(asked), route.method in asked.headers["Allow"]) == (204, {}, True)
    for route in (TOKEN, REVOKE, METADATA, OPENID_METADATA, JWKS, WHOAMI, USERINFO, DEMO_READ):
        answer, asked = called(deployment, route, origin, Authorization=token), preflight(deployment, route, origin)
        assert cors(answer) == {"allow-origin": "*", "expose-headers": "WWW-Authenticate, DPoP-Nonce, Retry-After"}
        assert cors(asked) == {
            "allow-origin": "*",
            "allow-methods": "*",
            "allow-headers": "*, Authorization",
            "max-age": "7200",
        }
        assert asked.status_code == 204


def test_s210_the_routes_for_any_origin_are_these_and_none_is_a_page_or_introspects() -> None:
    assert {route for route in ROUTES if route.any_origin} == ANY_ORIGIN
    assert [(each.method, each.path, each.function) for each in PREFLIGHTS] == [
        ("OPTIONS", path, "metadata") for path in dict.fromkeys(route.path for route in ROUTES if route.any_origin)
    ]


def test_s210_no_cookie_changes_what_any_origin_may_read(deployment: Deployment, signed_in: Browser) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
    for route in ANY_ORIGIN:
        with_cookies = called(deployment, route, OWN, Cookie=cookies)
        without = called(deployment, route, OWN)
        assert (with_cookies.status_code, with_cookies.content) == (without.status_code, without.content)
        assert "Set-Cookie" not in with_cookies.headers


@pytest.mark.parametrize(
    "body",
    [
        "grant_type=password&username=x&password=x",
        "grant_type=client_credentials",
        "grant%5Ftype=passwor%64&username=x&password=x",
        "grant_type=authorization_code&grant_type=password",
        "grant_type=password&grant_type=authorization_code&username=x&password=x",
        "grant_type=password",
    ],
)
def test_s211_no_other_origin_may_read_what_a_guess_brings(deployment: Deployment, body: str) -> None:
    answer = post_form(deployment, body, Origin=EVIL)

    assert answer.status_code >= 400
    assert cors(answer) == {}
    headers = {name.lower(): value for name, value in FORM.items()}
    said: dict[str, Any] = deployment.invoke("token", event("POST", TOKEN.path, body=body, headers=headers))
    assert not [name for name in said["headers"] if name.startswith("Access-Control-")]


def test_s211_nor_that_a_guess_was_right_or_is_slowed(client: Client, person: Person) -> None:
    right = client.token(grant_type="password", username=person.name, password=person.password)
    slowed = [client.token(grant_type="password", username=person.name, password="x") for _ in range(8)]
    machine = client.token(grant_type="client_credentials")
    wrong = client.token(auth=(client.app.client_id, "wrong"), grant_type="client_credentials")

    assert [each.status_code for each in (right, machine, wrong)] == [200, 200, 401]
    assert 429 in {each.status_code for each in slowed}
    assert [cors(each) for each in (right, *slowed, machine, wrong)] == [{}] * 11


def test_s211_a_grant_is_for_browsers_only_where_that_is_said_and_its_mistakes_are_readable(
    deployment: Deployment,
) -> None:
    readable = {name for name in GRANTS if cors(post_form(deployment, f"grant_type={name}", Origin=OWN))}
    assert readable == {"authorization_code", "refresh_token"}
    for body in ("grant_type=refresh_token&client_id=x&refresh_token=x", "grant_type=Password&username=x", "", "%ff"):
        answer = post_form(deployment, body, Origin=OWN)
        assert answer.status_code in (400, 401)
        assert cors(answer)["allow-origin"] == "*"


def test_s212_with_origins_named_no_other_one_may_read_anything(full: Deployment) -> None:
    person = new_person(full)
    token = f"Bearer {new_client(full, person).tokens(person)['access_token']}"
    for route in ROUTES:
        at = route._replace(path=route.at(**dict.fromkeys(IDS, "x")))
        assert cors(called(full, at, EVIL, Authorization=token)) == {}, route.key
        assert cors(preflight(full, at, EVIL)) == {}, route.key
    for origin in ("null", "http://localhost", f"{OWN}.evil.test"):
        assert cors(called(full, TOKEN, origin)) == cors(preflight(full, TOKEN, origin)) == {}

    # the named one may read all, and send no cookie
    for route in (TOKEN, METADATA, WHOAMI, APPS_PAGE, INTROSPECT):
        answer = called(full, route, OWN, Authorization=token)
        assert cors(answer) == {"allow-origin": OWN, "expose-headers": "dpop-nonce,etag,retry-after,www-authenticate"}
        assert cors(preflight(full, route, OWN))["allow-origin"] == OWN
