"""Requests as API Gateway hands them over, and a summary of the responses."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from urllib3.filepost import encode_multipart_formdata

from gatepost.authentication.sessions import SESSION_COOKIE, VISITOR_COOKIE, form_token
from gatepost.model.records import User
from gatepost.routes import DEMO_READ, Route
from tests.security.faults.world import ALICE, COOKIES, VISITOR, Answer, Event
from tests.unit.world import SECRET, WEB


def event(
    route: Route,
    *,
    at: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    form: Mapping[str, Any] | None = None,
    file: bytes | None = None,
    document: object = None,
    headers: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    token: Mapping[str, str] | None = None,
) -> Event:
    """A request as API Gateway hands it over; `token` is what its authorizer found."""
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    body = ""
    if form is not None and file is not None:
        parts = {**form, "file": ("a.png", file.decode(), "image/png")}
        encoded, sent["content-type"] = encode_multipart_formdata(parts, boundary="b")
        body = encoded.decode()
    elif form is not None:
        sent["content-type"], body = "application/x-www-form-urlencoded", urlencode(form, doseq=True)
    elif document is not None:
        sent["content-type"], body = "application/json", json.dumps(document)
    made: Event = {
        "routeKey": route.key,
        "rawQueryString": urlencode(query or {}, doseq=True),
        "headers": sent,
        "cookies": [f"{name}={value}" for name, value in (cookies or {}).items()],
        "pathParameters": dict(at or {}),
        "body": body,
        "requestContext": {
            "requestId": "request-1",
            "http": {"method": route.method, "path": route.at(**(at or {})), "sourceIp": "192.0.2.7"},
        },
    }
    if token is not None:
        made["requestContext"]["authorizer"] = {"lambda": dict(token)}
    return made


def page(route: Route, user: User = ALICE, /, *, form: Mapping[str, Any] | None = None, **options: Any) -> Event:
    """Return a request of a user's browser; a form carries its token."""
    cookie = COOKIES[user.user_id]
    if route.method == "POST":
        form = {"form_token": form_token(cookie), **(form or {})}
    return event(route, form=form, cookies={SESSION_COOKIE: cookie}, **options)


def visitor(route: Route, *, form: Mapping[str, Any] | None = None, **options: Any) -> Event:
    """A request of a browser that is not signed in."""
    if route.method == "POST":
        form = {"form_token": form_token(VISITOR), **(form or {})}
    return event(route, form=form, cookies={VISITOR_COOKIE: VISITOR}, **options)


def by_web(route: Route, secret: str = SECRET, /, **form: str) -> Event:
    """A request of the web app, which proves itself."""
    basic = b64encode(f"{WEB}:{secret}".encode()).decode()
    return event(route, form=form, headers={"Authorization": f"Basic {basic}"})


def bearing(token: str, route: Route = DEMO_READ) -> Event:
    """A request with a token."""
    return event(route, headers={"Authorization": f"Bearer {token}"})


def told(answer: Answer) -> str:
    """Return a summary of a response: `303 code`, `400 invalid_grant`, `303 /developer/login`, `403 denied`."""
    if "batchItemFailures" in answer:
        return "again" if answer["batchItemFailures"] else "told"
    if "isAuthorized" in answer:
        return "allowed" if answer["isAuthorized"] else "denied"
    status, headers = answer["statusCode"], answer["headers"]
    if status == 303:
        url = urlsplit(headers["Location"])
        members = parse_qs(url.query) | parse_qs(url.fragment)
        if "iss" in members:
            return f"303 {_member(members)}"
        ends = any(cookie.startswith(f"{SESSION_COOKIE}=;") for cookie in answer.get("cookies", []))
        return f"303 {url.path}{', signed out' if ends else ''}" + (
            f" {members['done'][0]}" if "done" in members else ""
        )
    if headers.get("Content-Type", "").endswith("json") and status >= 400:
        document = json.loads(answer["body"])
        return f"{status} {document.get('error', document.get('title'))}"
    return str(status)


def _member(members: Mapping[str, list[str]]) -> str:
    if "error" in members:
        return members["error"][0]
    return "code" if "code" in members else "token"
