"""Equivalent events of API Gateway have the same effect. Checklist K (S116)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from gatepost.http.request import parse_event
from infra.local.deployment import Deployment
from tests.answers import basic
from tests.browsing import Browser
from tests.people import Client, Person

Event = dict[str, Any]


def event(method: str, path: str, *, query: str = "", body: str | None = None, **parts: Any) -> Event:
    """An event of payload 2.0 with its body and cookies as API Gateway writes them."""
    made: Event = {
        "version": "2.0",
        "routeKey": parts.pop("route", f"{method} {path}"),
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"accept": "text/html,application/json", **parts.pop("headers", {})},
        "requestContext": {
            "stage": "$default",
            "requestId": "r-1",
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
            **parts.pop("context", {}),
        },
        "isBase64Encoded": body is not None,
        **parts,
    }
    if body is not None:
        made["body"] = base64.b64encode(body.encode()).decode()
    return made


def plain(event: Event) -> Event:
    """The body as text."""
    if "body" not in event:
        return event
    return {**event, "body": base64.b64decode(event["body"]).decode(), "isBase64Encoded": False}


def cookies_in_a_header(event: Event) -> Event:
    """The cookies in the place where a browser sends them."""
    cookies = event.get("cookies", [])
    headers = {**event["headers"], **({"cookie": "; ".join(cookies)} if cookies else {})}
    return {**{name: value for name, value in event.items() if name != "cookies"}, "headers": headers}


def below_a_stage(event: Event) -> Event:
    """A path that begins with the name of a stage."""
    context = {**event["requestContext"], "stage": "prod"}
    return {**event, "rawPath": f"/prod{event['rawPath']}", "requestContext": context}


def with_nulls(event: Event) -> Event:
    """Absent members written as null."""
    absent = {"body": None, "cookies": None, "pathParameters": None, "queryStringParameters": None}
    context = {"authorizer": None, **event["requestContext"]}
    return {**absent, **event, "requestContext": context}


SPELLINGS: dict[str, Callable[[Event], Event]] = {
    "as it is": lambda event: event,
    "plain body": plain,
    "cookies in a header": cookies_in_a_header,
    "below a stage": below_a_stage,
    "nulls": with_nulls,
}


@pytest.fixture
def events(signed_in: Browser, client: Client, person: Person) -> dict[str, tuple[str, Event, int, str]]:
    """Name of a request: function, event, expected status, and expected content."""
    form = {"content-type": "application/x-www-form-urlencoded", "authorization": basic(*(client.auth or ("", "")))}
    cookies = ["other=1", *(f"{name}={value}" for name, value in signed_in.cookies.items())]
    token = client.token(grant_type="client_credentials").json()["access_token"]
    path, _, query = client.authorize_path().partition("?")
    who = {"sub": person.user.user_id, "client_id": "x", "scope": "consumer", "grant_id": "x.y"}
    api: dict[str, Any] = {
        "headers": {"content-type": "application/json"},
        "context": {"authorizer": {"lambda": who}},
    }
    app_page = f"/developer/apps/{client.app.client_id}"
    return {
        "token": ("token", event("POST", "/authorization/token", body="grant_type=client_credentials", headers=form),
                  200, "access_token"),
        "no body": ("token", event("POST", "/authorization/token", headers=form), 400, "grant_type is missing"),
        "introspect": ("introspect", event("POST", "/authorization/introspect", body=f"token={token}", headers=form),
                       200, '"active":true'),
        "revoke": ("revoke", event("POST", "/authorization/revoke", body="token=x", headers=form), 200, "{}"),
        "authorize": ("authorize", event("GET", path, query=query, cookies=cookies), 200, "%2Fdeveloper%2Fauth%3F"),
        "consent": ("consent", event("POST", path, body="decision=allow", cookies=cookies, headers=form), 400, "form"),
        "app": ("apps", event("GET", app_page, route="GET /developer/apps/{client_id}", cookies=cookies,
                              pathParameters={"client_id": client.app.client_id}), 200, client.app.name),
        "metadata": ("metadata", event("GET", "/.well-known/oauth-authorization-server"), 200, "issuer"),
        "account": ("consumer", event("GET", "/consumer/account", **api), 200, person.name),
        "bad app": ("consumer", event("POST", "/consumer/app", body="{}", **api), 400, "name"),
    }  # fmt: skip


@pytest.mark.parametrize("written", SPELLINGS.values(), ids=SPELLINGS)
def test_s116_every_handler_answers_the_same_however_the_event_is_written(
    deployment: Deployment,
    events: dict[str, tuple[str, Event, int, str]],
    written: Callable[[Event], Event],
) -> None:
    for name, (function, made, status, said) in events.items():
        answer = deployment.invoke(function, written(made))
        assert answer["statusCode"] == status, f"{name}: {answer}"
        assert said in answer["body"], name
        assert not [each for each in ("/prod", "%2Fprod") if each in answer["body"]], name


@pytest.mark.parametrize("written", [SPELLINGS["as it is"], plain], ids=["base64", "plain"])
@pytest.mark.parametrize(("length", "status"), [(20_000, 200), (20_001, 400)])
def test_s116_a_body_is_measured_once_it_is_decoded(
    deployment: Deployment, client: Client, written: Callable[[Event], Event], length: int, status: int
) -> None:
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "authorization": basic(*(client.auth or ("", ""))),
    }
    body = "grant_type=client_credentials&x=".ljust(length, "x")

    answer = deployment.invoke("token", written(event("POST", "/authorization/token", body=body, headers=headers)))

    assert answer["statusCode"] == status
    assert status == 200 or json.loads(answer["body"])["error_description"] == "the body is too large"


def test_s116_of_cookies_with_one_name_the_first_counts() -> None:
    made = event("GET", "/developer/apps", cookies=["a=1", " b=x=y", "a=2", "", "c"])

    for written in (made, cookies_in_a_header(made)):
        assert [parse_event(written).cookie(name) for name in ("a", "b", "c")] == ["1", "x=y", ""]


def test_s116_an_event_without_anything_is_a_request_without_anything() -> None:
    request = parse_event({})

    assert (request.method, request.path, request.body, request.headers) == ("", "", b"", {})
