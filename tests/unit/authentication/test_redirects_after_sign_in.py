"""Redirects after a sign-in: to an authorization request or a page of this server, and nowhere else (S31, S117)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.authentication.sessions import safe_next
from tests.unit.world import WEB

HOSTILE = [
    "https://evil.example.test",
    "https://evil.example.test/developer/auth?client_id=a",
    "//evil.example.test",
    "//evil.example.test/developer/auth",
    "///evil.example.test",
    "/\\evil.example.test",
    "\\\\evil.example.test",
    "/\t/evil.example.test",
    "\t//evil.example.test",
    "/developer/auth\r\nLocation: https://evil.example.test",
    "/developer/auth?a=b\nc",
    "/developer/auth?a=b c",
    "/developer/auth?a=\x00",
    "/developer/auth?a=é",
    "javascript:alert(1)",
    "data:text/html,x",
    "//user@evil.example.test",
    "https:evil.example.test",
    "http:/developer/auth",
    "//[",
    "//[::1",
    "https://[",
    "developer/auth",
    "/developer/auth/",
    "/developer/auth/../logout",
    "/developer/auth;a",
    "/developer//auth",
    "/Developer/auth",
    "/%64eveloper/auth",
    "/developer/auth#code",
    "/developer/auth?a#b",
    "/developer/auth?a=\\b",
    "/developer/logout",
    "/developer/login",
    "/developer/appsx",
    "/developer/apps/",
    "/developer/apps//evil",
    "/developer/apps/../logout",
    "/developer/apps/a.b",
    "/developer/apps/%2e%2e",
    "/developer/apps?next=/logout",
    "/developer/apps#a",
    "/developer/apps\\evil",
    "/developer/apps\n",
    "/developer/apps/é",
    "//developer/apps",
    "/authorization/token",
    "?a=b",
    "#",
]


@pytest.mark.parametrize("target", [*HOSTILE, None, ""])
def test_s31_anything_but_an_authorization_request_or_a_page_of_this_server_leads_to_the_console(
    target: str | None,
) -> None:
    assert safe_next(target) == "/developer"


@pytest.mark.parametrize(
    "query", ["client_id=a", "client_id=a&state=%0A", "redirect_uri=https://evil.example.test/", "next=//evil", "?", ""]
)
def test_s31_an_authorization_request_goes_on_as_it_was(query: str) -> None:
    assert safe_next(f"/developer/auth?{query}") == f"/developer/auth?{query}"


@pytest.mark.parametrize(
    "page",
    [
        "/developer/apps",
        "/developer/apps/new",
        f"/developer/apps/{WEB}/edit",
        "/developer/grants",
        "/developer/account",
        "/developer/admin",
        "/developer/admin/audit",
        f"/developer/admin/users/{WEB}",
    ],
)
def test_s31_a_page_of_the_console_goes_on_as_it_was(page: str) -> None:
    assert safe_next(page) == page


@given(
    st.one_of(
        st.text(),
        st.sampled_from(HOSTILE),
        st.text().map(lambda text: f"/developer/auth{text}"),
        st.text().map(lambda text: f"/developer/apps{text}"),
    )
)
def test_s117_one_always_stays_on_the_pages_of_this_server(target: str) -> None:
    reached = safe_next(target)

    assert re.fullmatch(r"/developer(/(apps|grants|account|admin)(/[A-Za-z0-9-]+)*|/auth\?.*)?", reached)
    assert reached.isascii()
    assert not set(reached) & set(" \t\r\n\\#")
