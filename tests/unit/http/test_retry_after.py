"""503 and 429 have Retry-After in every format (RFC 9110 §10.2.3, RFC 6585 §4)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.errors import InvalidGrant, OAuthError, ServerError, TemporarilyUnavailable, TooManyAttempts
from gatepost.http.entry_point import Renderer, endpoint, render_json
from gatepost.http.request import Event, Request
from gatepost.http.response import Response, html_response


def as_page(error: OAuthError, request: Request) -> Response:
    return html_response(error.status, "", "")


def headers(error: Exception, render: Renderer) -> dict[str, Any]:
    @endpoint("test", render)
    def handler(request: Request) -> Response:
        raise error

    event: Event = {}
    found: dict[str, Any] = handler(event, None)["headers"]
    return found


@pytest.mark.parametrize("render", [render_json, as_page])
def test_s106_an_error_that_passes_says_when_to_come_back(render: Renderer) -> None:
    assert headers(TemporarilyUnavailable("try again"), render)["Retry-After"] == "2"
    assert headers(TooManyAttempts(17), render)["Retry-After"] == "17"


@pytest.mark.parametrize("render", [render_json, as_page])
@pytest.mark.parametrize("error", [InvalidGrant("no"), ServerError("no"), ValueError("no")])
def test_an_error_that_stays_does_not(error: Exception, render: Renderer) -> None:
    assert "Retry-After" not in headers(error, render)
