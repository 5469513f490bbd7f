"""Events of API Gateway (payload 2.0) as requests, responses for it, and the only renderer of errors."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from gatepost.errors import (
    AnswerError,
    Conflict,
    InvalidClient,
    InvalidRequest,
    OAuthError,
    ServerError,
)
from gatepost.oauth.parameters import Parameters
from gatepost.observability.log import note

Event = dict[str, Any]
_written = json.JSONEncoder(separators=(",", ":")).encode
Answer = TypeVar("Answer")
FORM = "application/x-www-form-urlencoded"
_BLANKS = " \t"  # all that HTTP knows (RFC 9110 §5.6.3); `str.strip` alone takes away what Unicode knows as well
LONGEST_BODY = 20_000  # bytes: a token request has no use for more
SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. Header names are lower case; `query` keeps duplicates and their order."""

    method: str
    path: str
    route_key: str  # the route that API Gateway chose, "GET /demo/read"
    path_parameters: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    cookies: Sequence[str]  # `name=value`, as they came
    body: bytes
    source_ip: str
    request_id: str
    authorizer: Mapping[str, Any]
    now: float

    def query(self) -> Parameters:
        """The parameters of the query string."""
        return Parameters(self.raw_query)

    def form(self) -> Parameters:
        """The parameters of a form body. Raises InvalidRequest for another type, or for one that is too large."""
        media_type = self.headers.get("content-type", "").partition(";")[0].strip(_BLANKS).lower()
        if media_type != FORM:
            raise InvalidRequest(f"the body must be {FORM}")
        if len(self.body) > LONGEST_BODY:
            raise InvalidRequest("the body is too large")
        try:
            return Parameters(self.body.decode("ascii"))
        except UnicodeDecodeError:
            raise InvalidRequest("the body must be percent-encoded") from None

    def cookie(self, name: str) -> str | None:
        """The value of a cookie, the first where several have the name.

        Raises InvalidRequest if a `__Host-` cookie comes twice: this host set one, another must be planted.
        """
        pairs = (cookie.partition("=") for cookie in self.cookies)
        values = [value for each, _, value in pairs if each.strip(_BLANKS) == name]
        if len(values) > 1 and name.startswith("__Host-"):
            raise InvalidRequest("the browser sent a cookie of this server twice", reason="a cookie comes twice")
        return values[0] if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes back. `facts` are for the log line."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


Handler = Callable[[Request], Response]
Renderer = Callable[[OAuthError, Request], Response]


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


def render_json(error: OAuthError, request: Request) -> Response:
    """An error as RFC 6749 §5.2 has it."""
    headers = {}
    if isinstance(error, InvalidClient) and error.challenge:
        headers["WWW-Authenticate"] = 'Basic realm="gatepost", charset="UTF-8"'
    document = {"error": error.code, "error_description": error.description}
    return json_response(error.status, document, headers=headers)


def endpoint(name: str, render: Renderer = render_json) -> Callable[[Handler], Callable[[Event, object], Event]]:
    """Make a handler of `Request` the handler of a Lambda, with one log line a request and no unrendered error."""

    def decorate(handler: Handler) -> Callable[[Event, object], Event]:
        def lambda_handler(event: Event, context: object) -> Event:
            request = parse_event(event)
            started = time.perf_counter()
            facts: dict[str, object] = {"endpoint": name, "method": request.method, "request_id": request.request_id}
            try:
                response = handler(request)
                facts |= response.facts
            except OAuthError as error:
                response = _with_retry_after(render(error, request), error)
                facts |= {"error": error.code, "reason": error.reason, **error.facts}
            except AnswerError as answer:
                response = redirect(answer.location)
                facts |= {"error": answer.error.code, "reason": answer.error.reason, **answer.error.facts}
            except Exception as error:  # noqa: BLE001 — the last stop before the client
                response = render(ServerError("something went wrong"), request)
                # the type and the place, not the text: a text may quote what the client sent
                facts |= {"error": "server_error", "reason": type(error).__name__, "at": _place(error)}
            facts |= {"status": response.status, "ms": round((time.perf_counter() - started) * 1000, 1)}
            note(f"{name}.answered", facts, failed=response.status >= 500)
            return written_response(response)

        return lambda_handler

    return decorate


class Failed(Exception):
    """A function that answers nobody did not do its work: the kind and the place of the error, never its text."""


def quietly(handler: Callable[[Event, object], Answer]) -> Callable[[Event, object], Answer]:
    """Make the errors of a handler without a client fit for a log, where Lambda's runtime writes their texts.

    Errors of ours and sentences of the handler itself say what was meant to be said; any other text may quote a key.
    """

    def lambda_handler(event: Event, context: object) -> Answer:
        try:
            return handler(event, context)
        except (OAuthError, Conflict):
            raise
        except Exception as error:
            place = _place(error)
            if place.startswith(f"{handler.__module__}:"):
                raise
            failure = f"{type(error).__name__} at {place}"
        raise Failed(failure)

    return lambda_handler


def parse_event(event: Event) -> Request:
    """The request of a payload 2.0 event, however it is written: any of its parts may be absent or null."""
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    headers = event.get("headers") or {}
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    cookies = ";".join(event.get("cookies") or [headers.get("cookie", "")])
    return Request(
        method=http.get("method", ""),
        path=(event.get("rawPath") or "").removeprefix(f"/{context.get('stage')}"),  # $default is no part of a path
        route_key=event.get("routeKey", ""),
        path_parameters=event.get("pathParameters") or {},
        raw_query=event.get("rawQueryString", ""),
        headers=headers,
        cookies=cookies.split(";"),
        body=raw,
        source_ip=http.get("sourceIp", ""),
        request_id=context.get("requestId", ""),
        authorizer=(context.get("authorizer") or {}).get("lambda") or {},
        now=time.time(),
    )


def written_response(response: Response) -> Event:
    """The response as payload 2.0 has it."""
    event: Event = {"statusCode": response.status, "headers": dict(response.headers), "body": response.body}
    if response.cookies:
        event["cookies"] = list(response.cookies)
    return event


def _with_retry_after(response: Response, error: OAuthError) -> Response:
    """Say when to come back where coming back helps (RFC 9110 §10.2.3)."""
    if not error.retry_after:
        return response
    return replace(response, headers={**response.headers, "Retry-After": str(error.retry_after)})


def _place(error: BaseException) -> str:
    """Where an unexpected error was raised, `module:line`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
