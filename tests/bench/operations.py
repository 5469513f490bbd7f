"""The operations that are measured, each with the events of API Gateway for it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.model.records import App
from gatepost.routes import (
    AUTHORIZE,
    DEMO_READ,
    INTROSPECT,
    JWKS,
    METADATA,
    OPENID_LOGOUT,
    REGISTER_APP,
    REVOKE,
    TOKEN,
    USERINFO,
    Route,
)
from infra.local.apigateway import events
from tests.bench.deployed import Deployed, Event
from tests.bench.state import CALLBACK, CHALLENGE, DOCUMENT, OPENID, PASSWORD, VERIFIER


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A measured operation: a function, and the events that it receives in turn."""

    name: str
    function: str
    events: Sequence[Event]
    signs: bool = False  # or verifies: then it is measured with both algorithms


def operations(deployed: Deployed) -> Iterator[Operation]:
    """Every operation."""
    for name, form in _forms(deployed).items():
        yield Operation(name=name, function="token", events=[post(deployed, TOKEN, form)], signs=True)
    query = {
        "response_type": "code",
        "client_id": deployed.app.client_id,
        "redirect_uri": CALLBACK,
        "scope": "read write",
        "state": "af0ifjsldkj",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    browser = {"cookie": f"{SESSION_COOKIE}={deployed.cookie}"}
    asked = _event(AUTHORIZE, query=urlencode(query), headers=browser)
    yield Operation(name="authorize, approval remembered", function="authorize", events=[asked])
    stranger = urlencode({**query, "client_id": DOCUMENT})
    shown = _event(AUTHORIZE, query=stranger, headers=browser)
    yield Operation(name="authorize, document still fresh", function="authorize", events=[shown])
    described = json.dumps({"client_name": "A program", "redirect_uris": [CALLBACK]}).encode()
    registered = _event(REGISTER_APP, body=described, headers={"content-type": "application/json"})
    yield Operation(name="registration", function="register_app", events=[registered])
    about = [_bearer(USERINFO, deployed.token(OPENID)) for _ in range(deployed.tokens)]
    yield Operation(name="userinfo", function="userinfo", events=about)
    bye = urlencode({"id_token_hint": deployed.id_token})
    yield Operation(
        name="sign-out by an app", function="logout", events=[_event(OPENID_LOGOUT, query=bye, headers=browser)]
    )
    held = [_introspected(deployed) for _ in range(deployed.tokens)]
    yield Operation(name="introspect, access token", function="introspect", events=held, signs=True)
    refresh = {"token": deployed.refresh_token}
    yield Operation(
        name="introspect, refresh token", function="introspect", events=[post(deployed, INTROSPECT, refresh)]
    )
    given_back = [post(deployed, REVOKE, {"token": deployed.token()}) for _ in range(deployed.tokens)]
    yield Operation(name="revoke, access token", function="revoke", events=given_back, signs=True)
    yield Operation(name="revoke, refresh token", function="revoke", events=[post(deployed, REVOKE, refresh)])
    calls = [_authorizer(deployed.token()) for _ in range(deployed.tokens)]
    yield Operation(name="authorizer, new token", function="authorizer", events=calls, signs=True)
    yield Operation(name="authorizer, token seen before", function="authorizer", events=calls[:1], signs=True)
    yield Operation(name="JWK Set", function="metadata", events=[_event(JWKS)])
    yield Operation(name="metadata", function="metadata", events=[_event(METADATA)])


def refused(deployed: Deployed) -> Iterator[Operation]:
    """Requests of an app that are refused, and its owner told of."""
    code = {"grant_type": "authorization_code", "code": deployed.code, "code_verifier": VERIFIER}
    elsewhere = post(deployed, TOKEN, {**code, "redirect_uri": f"{CALLBACK}/"})
    yield Operation(name="code exchange, another redirect URI", function="token", events=[elsewhere])
    query = {"response_type": "code", "client_id": deployed.app.client_id, "redirect_uri": f"{CALLBACK}/"}
    asked = _event(AUTHORIZE, query=urlencode(query), headers={"cookie": f"{SESSION_COOKIE}={deployed.cookie}"})
    yield Operation(name="authorize, another redirect URI", function="authorize", events=[asked])
    for name, route in (("introspect", INTROSPECT), ("revoke", REVOKE)):
        guessed = post(deployed, route, {"token": "nonsense"}, secret="wrong")
        yield Operation(name=f"{name}, wrong secret", function=name, events=[guessed])


def _introspected(deployed: Deployed) -> Event:
    return post(deployed, INTROSPECT, {"token": deployed.token()}, deployed.resource_server)


def _forms(deployed: Deployed) -> dict[str, dict[str, str]]:
    code = {"code": deployed.code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return {
        "client_credentials": {"grant_type": "client_credentials", "scope": "read write"},
        "code exchange with PKCE": {"grant_type": "authorization_code", **code},
        "code exchange with an ID token": {"grant_type": "authorization_code", **code, "code": deployed.sign_in_code},
        "refresh": {"grant_type": "refresh_token", "refresh_token": deployed.refresh_token},
        "password, without the hash": {"grant_type": "password", "username": "maria", "password": PASSWORD},
    }


def post(
    deployed: Deployed, route: Route, form: Mapping[str, str], app: App | None = None, *, secret: str = ""
) -> Event:
    """Return the event of a form that the app posts, or another one."""
    client_id = (app or deployed.app).client_id
    basic = base64.b64encode(f"{quote(client_id)}:{quote(secret or deployed.secret)}".encode()).decode()
    headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
    return _event(route, body=urlencode(form).encode(), headers=headers)


def _authorizer(token: str) -> Event:
    request = _request(DEMO_READ, headers=_authorization(token))
    return events.authorizer_event(
        request,
        events.Match(key=DEMO_READ.key),
        api_id="a1b2c3",
        arn="arn:aws:execute-api:eu-central-1:000000000000:a1b2c3/$default/GET/demo/read",
        identity=[f"Bearer {token}", DEMO_READ.key],
    )


def _request(
    route: Route, *, query: str = "", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> events.Request:
    usual = {"host": "id.example.test", "user-agent": "python-requests/2.32.5", "accept": "*/*"}
    return events.Request(
        method=route.method,
        path=route.path,
        query=query,
        headers=tuple({**usual, "accept-encoding": "gzip, deflate", **(headers or {})}.items()),
        body=body,
        source_ip="192.0.2.7",
        protocol="HTTP/1.1",
        request_id="JKJaXmPLvHcESHA=",
        host="id.example.test",
    )


def _event(route: Route, **request: Any) -> Event:
    return events.event(_request(route, **request), events.Match(key=route.key), api_id="a1b2c3", authorizer=None)


def _bearer(route: Route, token: str) -> Event:
    return _event(route, headers=_authorization(token))


def _authorization(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
