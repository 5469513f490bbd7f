"""Requests that no route takes: the methods of their path, or the path that was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus

from gatepost.http.request import Request
from gatepost.http.response import SAFE, Response, json_response, problem_response
from gatepost.routes import API_REFERENCE, HEADS, ROUTES, UNKNOWN, UNKNOWN_AT_ROOT, UNKNOWN_BY_GET

# Without the demo's: no function knows whether they are deployed.
_UNKNOWN = (UNKNOWN, UNKNOWN_AT_ROOT, UNKNOWN_BY_GET)
_KNOWN = tuple(route for route in (*ROUTES, *HEADS) if route not in _UNKNOWN and not route.demo)
_OPTIONS = "OPTIONS"  # at every path


def methods_at(path: str) -> tuple[str, ...]:
    """Return the methods that have a route at a path, sorted; none if nothing is there."""
    return tuple(sorted({route.method for route in _KNOWN if _fits(route.path, path)}))


def meant_path(path: str) -> str:
    """Return the route's path that `path` differs from in slashes or letter case alone; "" if there is none.

    Parameters stand in it as `{client_id}`: nothing of the request comes back.
    """
    plain = re.sub("/+", "/", path).rstrip("/")
    spellings = (each for each in (plain, plain.lower()) if each != path)
    return next((route.path for each in spellings for route in _KNOWN if _fits(route.path, each)), "")


def no_route(request: Request) -> Response:
    """Respond to a program: 405 with `Allow` at a path of other methods (RFC 9110 §15.5.6), else 404.

    OPTIONS is answered with the methods of the path (RFC 9110 §9.3.7), and allows no origin anything.
    """
    methods = methods_at(request.path)
    if not methods:
        meant = meant_path(request.path)
        return _refusal(request, 404, f"nothing is at this address{f'; perhaps you meant {meant}' if meant else ''}")
    if request.method == _OPTIONS:
        return Response(status=204, headers={**SAFE, **allow_header(methods)})
    return _refusal(request, 405, f"this address takes {' and '.join(methods)}", allow_header(methods))


def allow_header(methods: Iterable[str]) -> dict[str, str]:
    """Return the header that names the methods of a path (RFC 9110 §10.2.1)."""
    return {"Allow": ", ".join(sorted((*methods, _OPTIONS)))}


def _refusal(request: Request, status: int, description: str, headers: dict[str, str] | None = None) -> Response:
    if f"{request.path}/".startswith(f"{API_REFERENCE.path}/"):
        return problem_response(status, description, headers=headers)
    code = HTTPStatus(status).name.lower()  # not_found, method_not_allowed
    return json_response(status, {"error": code, "error_description": description}, headers=headers)


def _fits(template: str, path: str) -> bool:
    wanted, found = template.split("/"), path.split("/")
    return len(wanted) == len(found) and all(
        one == other or (one.startswith("{") and other) for one, other in zip(wanted, found, strict=True)
    )
