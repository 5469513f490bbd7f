"""Responses: JSON, pages and redirects, and how API Gateway (payload 2.0) reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatepost.http.request import Event

_written = json.JSONEncoder(separators=(",", ":")).encode
SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes back. `facts` are for the log line."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


def json_response(
    status: int,
    document: object,
    *,
    headers: Mapping[str, str] | None = None,
    facts: Mapping[str, object] | None = None,
) -> Response:
    """A JSON answer that nothing may keep."""
    body = _written(document)
    headers = {"Content-Type": "application/json", **SAFE, **(headers or {})}
    return Response(status=status, body=body, headers=headers, facts=facts or {})


def redirect(location: str, *, cookies: Sequence[str] = (), facts: Mapping[str, object] | None = None) -> Response:
    """Send the browser on with a GET (RFC 9700 §4.12)."""
    return Response(status=303, headers={"Location": location, **SAFE}, cookies=cookies, facts=facts or {})


def html_response(status: int, html: str, content_security_policy: str, *, cookies: Sequence[str] = ()) -> Response:
    """A page that may not be framed, kept, or given scripts."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": content_security_policy,
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        **SAFE,
    }
    return Response(status=status, body=html, headers=headers, cookies=cookies)


def written_response(response: Response) -> Event:
    """The response as payload 2.0 has it."""
    event: Event = {"statusCode": response.status, "headers": dict(response.headers), "body": response.body}
    if response.cookies:
        event["cookies"] = list(response.cookies)
    return event
