"""Responses: JSON, pages and redirects, and their serialization for API Gateway (payload 2.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import NamedTuple

from gatepost.compact_json import compact
from gatepost.errors import OAuthError
from gatepost.http.request import Event

PROBLEM = "application/problem+json"
SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


class Response(NamedTuple):
    """An HTTP response. `facts` are for the log line, `notices` for the owner of the app."""

    status: int
    body: str = ""
    is_base64: bool = False  # the body is the base64 of what is sent
    headers: Mapping[str, str] = MappingProxyType({})
    cookies: Sequence[str] = ()
    facts: Mapping[str, object] = MappingProxyType({})
    notices: Sequence[OAuthError] = ()


def json_response(
    status: int,
    document: object,
    *,
    headers: Mapping[str, str] | None = None,
    facts: Mapping[str, object] | None = None,
) -> Response:
    """Return a JSON response that must not be cached."""
    body = compact(document)
    headers = {"Content-Type": "application/json", **SAFE, **(headers or {})}
    return Response(status=status, body=body, headers=headers, facts=facts or {})


def problem_response(
    status: int,
    description: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Response:
    """Return an error as problem details (RFC 9457), with more members."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": f"{description[:1].upper()}{description[1:].rstrip('.')}.",
        **members,
    }
    return json_response(status, document, headers={"Content-Type": PROBLEM, **(headers or {})})


def token_response(token: str, facts: Mapping[str, object]) -> Response:
    """Return a response that is a JWT, which must not be cached."""
    return Response(status=200, body=token, headers={"Content-Type": "application/jwt", **SAFE}, facts=facts)


def redirect(location: str, *, cookies: Sequence[str] = (), facts: Mapping[str, object] | None = None) -> Response:
    """Redirect the browser with a GET (RFC 9700 §4.12)."""
    return Response(status=303, headers={"Location": location, **SAFE}, cookies=cookies, facts=facts or {})


def html_response(status: int, html: str, content_security_policy: str, *, cookies: Sequence[str] = ()) -> Response:
    """Return a page that can't be framed or cached, with the given content security policy."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": content_security_policy,
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        **SAFE,
    }
    return Response(status=status, body=html, headers=headers, cookies=cookies)


def written_response(response: Response, *, headers: Mapping[str, str]) -> Event:
    """Return the response with some more `headers` in payload 2.0 format."""
    event: Event = {"statusCode": response.status, "headers": {**response.headers, **headers}, "body": response.body}
    if response.is_base64:
        event["isBase64Encoded"] = True
    if response.cookies:
        event["cookies"] = list(response.cookies)
    return event
