"""Requests by POST that are answered by GET."""

from __future__ import annotations

import re

from gatepost.errors import InvalidRequest
from gatepost.http.request import Request
from gatepost.http.response import Response, redirect

_QUERY = re.compile(r"[A-Za-z0-9*._~+%&=-]{0,8000}")  # API Gateway takes 10,240 bytes for a URL and its headers


def as_get(request: Request) -> Response:
    """Redirect a posted form to the same request by GET (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).

    A post from another site comes without the cookies of this one.
    Raises InvalidRequest if the form is too long for a URL, or is not encoded as browsers do it.
    """
    query = request.body.decode("ascii", "replace")
    if not _QUERY.fullmatch(query):
        raise InvalidRequest("the form is too long or not URL-encoded", reason="a post that no URL can hold")
    return redirect(f"{request.path}?{query}" if query else request.path)
