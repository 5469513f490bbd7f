"""Events of API Gateway, and the ways in which it may write one and the same."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]


def event(method: str, path: str, *, query: str = "", body: str | bytes | None = None, **parts: Any) -> Event:
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
        made["body"] = base64.b64encode(body.encode() if isinstance(body, str) else body).decode()
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
    "plain body": plain,
    "cookies in a header": cookies_in_a_header,
    "below a stage": below_a_stage,
    "nulls": with_nulls,
}


def respelled(event: Event) -> Event:
    """The same in all of these ways at once."""
    for written in SPELLINGS.values():
        event = written(event)
    return event
