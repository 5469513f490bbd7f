"""The cookie that keeps where a visitor came from while they wait for a mail."""

from __future__ import annotations

import pytest

from gatepost.console.mailed_returns import RETURN_COOKIE, remembered_target, remembering
from gatepost.http.request import parse_event

REQUEST = "/developer/auth?client_id=a&redirect_uri=https%3A%2F%2Fa.example.test%2Fcb&scope=read,write&state=%3B%22;"


def returned(cookie: str) -> str:
    """Where a browser with this cookie goes on."""
    return remembered_target(parse_event({"cookies": [f"{RETURN_COOKIE}={cookie}"]}))


@pytest.mark.parametrize(
    "target",
    [
        *("", "/developer", "/developer/apps", "/developer/authx?a=b", "https://evil.example.test/developer/auth?a=b"),
        f"/developer/auth?state={'x' * 3000}",
    ],
)
def test_only_an_authorization_request_that_a_cookie_can_hold_is_remembered(target: str) -> None:
    assert remembering(target).startswith(f"{RETURN_COOKIE}=; Max-Age=0;")


def test_an_authorization_request_comes_back_as_it_was() -> None:
    cookie, _, attributes = remembering(REQUEST).partition("; ")

    assert returned(cookie.partition("=")[2]) == REQUEST
    assert attributes == "Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    "cookie",
    ["", "//evil.example.test", "https://evil.example.test/", "/developer/auth?a#b", "%2F%2Fevil.example.test"],
)
def test_a_planted_cookie_leads_nowhere_else(cookie: str) -> None:
    assert returned(cookie) == "/developer"
