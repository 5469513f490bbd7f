"""Requests: API Gateway events (payload 2.0) as a typed object."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from gatepost.errors import (
    InvalidRequest,
)
from gatepost.oauth.parameters import Parameters

Event = dict[str, Any]
FORM = "application/x-www-form-urlencoded"
_BLANKS = " \t"  # HTTP's whitespace (RFC 9110 §5.6.3); `str.strip` alone removes all Unicode whitespace
LONGEST_BODY = 20_000  # bytes: enough for any token request


class _Parts(NamedTuple):
    method: str
    path: str
    route_key: str  # the route matched by API Gateway, "GET /demo/read"
    path_parameters: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    cookies: Sequence[str]  # `name=value`, as received
    body: bytes
    source_ip: str
    request_id: str
    authorizer: Mapping[str, Any]
    now: float
    arrived_at: float  # by API Gateway's clock, or by this container's if that is behind: this time has surely passed


class Request(_Parts):  # no slots: `_form` is kept in the instance
    """A request. Header names are lower case; `query` keeps duplicates and their order."""

    def query(self) -> Parameters:
        """Return the parameters of the query string."""
        return Parameters(self.raw_query)

    def form(self) -> Parameters:
        """Return the parameters of a form body. Raises InvalidRequest for a wrong media type or an oversized body."""
        return self._form

    @cached_property
    def _form(self) -> Parameters:
        media_type = self.headers.get("content-type", "").partition(";")[0].strip(_BLANKS).lower()
        if media_type == "application/json" or self.body[:1] == b"{":
            raise InvalidRequest(f"the body must be {FORM}, not JSON")
        if media_type != FORM:
            raise InvalidRequest(f"the body must be {FORM}")
        if len(self.body) > LONGEST_BODY:
            raise InvalidRequest("the body is too large")
        try:
            return Parameters(self.body.decode("ascii"))
        except UnicodeDecodeError:
            raise InvalidRequest("the body must be percent-encoded") from None

    def cookie(self, name: str) -> str | None:
        """Return the value of a cookie, the first if several have the name.

        Raises InvalidRequest if a `__Host-` cookie is sent twice: this host set one, so another was planted.
        """
        pairs = (cookie.partition("=") for cookie in self.cookies)
        values = [value for each, _, value in pairs if each.strip(_BLANKS) == name]
        if len(values) > 1 and name.startswith("__Host-"):
            raise InvalidRequest("the browser sent a cookie of this server twice", reason="a cookie comes twice")
        return values[0] if values else None


def parse_event(event: Event) -> Request:
    """Return the request of a payload 2.0 event; any of its parts may be absent or null."""
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    headers = event.get("headers") or {}
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    cookies = ";".join(event.get("cookies") or [headers.get("cookie", "")])
    now = time.time()
    return Request(
        method=http.get("method", ""),
        path=(event.get("rawPath") or "").removeprefix(f"/{context.get('stage')}"),  # $default is not part of a path
        route_key=event.get("routeKey", ""),
        path_parameters=event.get("pathParameters") or {},
        raw_query=event.get("rawQueryString", ""),
        headers=headers,
        cookies=cookies.split(";"),
        body=raw,
        source_ip=http.get("sourceIp", ""),
        request_id=context.get("requestId", ""),
        authorizer=(context.get("authorizer") or {}).get("lambda") or {},
        now=now,
        arrived_at=min(now, (context.get("timeEpoch") or now * 1000) / 1000),
    )
