"""The entry point of a function: one log line per request, and the only renderer of errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from gatepost.errors import (
    AnswerError,
    Conflict,
    InvalidClient,
    OAuthError,
    ServerError,
    StepRefused,
)
from gatepost.http.cross_origin import READABLE_ANYWHERE
from gatepost.http.request import Event, Request, parse_event
from gatepost.http.response import Response, json_response, redirect, written_response
from gatepost.observability.log import note
from gatepost.routes import GET, ROUTES, key_of_get

Answer = TypeVar("Answer")


Handler = Callable[[Request], Response]
Renderer = Callable[[OAuthError, Request], Response]
_ANY_ORIGIN = frozenset(route.key for route in ROUTES if route.any_origin)
Answered = Callable[[AnswerError], Response]
Refused = Callable[[str, OAuthError, float], None]
_SLOW = 1.0  # seconds; a request that took longer has no time left for one more call


def render_json(error: OAuthError, request: Request, *, description: str = "") -> Response:
    """Render an error as JSON (RFC 6749 §5.2), with another `description` if there is one."""
    headers = {}
    if isinstance(error, InvalidClient) and error.challenge:
        headers["WWW-Authenticate"] = 'Basic realm="gatepost", charset="UTF-8"'
    code = {"error": error.code} if error.code else {}  # RFC 6750 §3.1 has none for a request without a token
    return json_response(error.status, {**code, "error_description": description or error.description}, headers=headers)


def endpoint(
    name: str,
    render: Renderer = render_json,
    *,
    unreadable: Callable[[Request], bool] = lambda request: False,
    refused: Refused | None = None,
    answered: Answered = lambda answer: redirect(answer.location),
) -> Callable[[Handler], Callable[[Event, object], Event]]:
    """Turn a handler of `Request` into a Lambda handler that logs one line per request and renders every error.

    Scripts of any origin may read what a route with `any_origin` responds, unless the request is `unreadable`.
    `refused` is called with the endpoint, the error and the time of the request, once the response is made, and so for
    each of its `notices`; whatever it raises is logged, and the response stays. `answered` renders an error that an app
    receives.
    """

    def decorate(handler: Handler) -> Callable[[Event, object], Event]:
        def lambda_handler(event: Event, context: object) -> Event:
            sent = parse_event(event)
            request = _as_get(sent)
            started = time.perf_counter()
            facts: dict[str, object] = {"endpoint": name, "method": sent.method, "request_id": sent.request_id}
            failure: OAuthError | None = None
            try:
                response = handler(request)
                facts |= response.facts
            except OAuthError as error:
                response, failure = _with_retry_after(render(error, request), error), error
            except AnswerError as answer:
                response, failure = answered(answer), answer.error
            except Exception as error:  # noqa: BLE001 — the last stop before the client
                response = render(ServerError("something went wrong"), request)
                # the type and the location, not the message, which may quote what the client sent
                facts |= {"error": "server_error", "reason": type(error).__name__, "at": _place(error)}
            if failure is not None:
                facts |= facts_of(failure)
            for each in response.notices if failure is None else (failure,):
                if refused is not None and time.perf_counter() - started < _SLOW:
                    tell(refused, name, each, request.now)
            facts |= {"status": response.status, "ms": round((time.perf_counter() - started) * 1000, 1)}
            note(f"{name}.answered", facts, failed=response.status >= 500)
            shared = request.route_key in _ANY_ORIGIN and not unreadable(request)
            return written_response(response, headers=READABLE_ANYWHERE if shared else {})

        return lambda_handler

    return decorate


def _as_get(request: Request) -> Request:
    """Return a request at a HEAD route as one by GET; the front sends none of the content (RFC 9110 §9.3.2)."""
    key = key_of_get(request.route_key)
    return request if key == request.route_key else request._replace(method=GET, route_key=key)


def facts_of(error: OAuthError) -> dict[str, object]:
    """Return an error's facts for the log."""
    known = {"client_id": error.client_id, "detail": error.detail}
    return {"error": error.code, "reason": error.reason, **{k: v for k, v in known.items() if v}, **error.facts}


def tell(refused: Refused, name: str, error: OAuthError, now: float) -> None:
    """Call `refused`, and log whatever it raises."""
    try:
        refused(name, error, now)
    except Exception as failure:  # noqa: BLE001 — the response is made, and nothing may change it
        reason = failure.reason if isinstance(failure, OAuthError) else type(failure).__name__
        note("problem.not_noted", {"endpoint": name, "client_id": error.client_id, "reason": reason}, failed=True)


class Failed(Exception):
    """A function without a client failed: the type and location of the error, never its message."""


def quietly(handler: Callable[[Event, object], Answer]) -> Callable[[Event, object], Answer]:
    """Re-raise unexpected errors without their message, which may hold secrets.

    Our own errors and those raised by the handler itself keep theirs. For functions without a client, whose errors
    Lambda's runtime logs.
    """

    def lambda_handler(event: Event, context: object) -> Answer:
        try:
            return handler(event, context)
        except (OAuthError, Conflict, StepRefused):
            raise
        except Exception as error:
            place = _place(error)
            if place.startswith(f"{handler.__module__}:"):
                raise
            failure = f"{type(error).__name__} at {place}"
        raise Failed(failure)

    return lambda_handler


def _with_retry_after(response: Response, error: OAuthError) -> Response:
    """Add `Retry-After` if a retry may help (RFC 9110 §10.2.3)."""
    if not error.retry_after:
        return response
    return response._replace(headers={**response.headers, "Retry-After": str(error.retry_after)})


def _place(error: BaseException) -> str:
    """Return the location of an unexpected error, `module:line`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
