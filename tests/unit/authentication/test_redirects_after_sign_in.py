"""Redirects after a sign-in: to an authorization request or a page of this server, and nowhere else (S31, S117)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.authentication.sessions import safe_next
from tests.unit.world import WEB

EVIL = "evil.example.test"
HOSTILE = [
    *(f"https://{EVIL}", f"https://{EVIL}/developer/auth?client_id=a", f"//{EVIL}", f"//{EVIL}/developer/auth"),
    *(f"///{EVIL}", f"/\\{EVIL}", f"\\\\{EVIL}", f"/\t/{EVIL}", f"\t//{EVIL}", f"//user@{EVIL}", f"https:{EVIL}"),
    *("javascript:alert(1)", "data:text/html,x", "http:/developer/auth", "//[", "//[::1", "https://[", "?a=b", "#"),
    *(f"/developer/auth{end}" for end in ("/", "/../logout", ";a", "#code", "?a#b", "?a=\\b", "?a=b\nc", "?a=b c")),
    *("/developer/auth?a=\x00", "/developer/auth?a=é", f"/developer/auth\r\nLocation: https://{EVIL}"),
    *("developer/auth", "/developer//auth", "/Developer/auth", "/%64eveloper/auth", "//developer/apps"),
    *("/developer/logout", "/developer/login", "/authorization/token"),
    *(f"/developer/apps{end}" for end in ("x", "/", "//evil", "/../logout", "/a.b", "/%2e%2e", "?next=/logout", "#a")),
    *("/developer/apps\\evil", "/developer/apps\n", "/developer/apps/é"),
]


@pytest.mark.parametrize("target", [*HOSTILE, None, ""])
def test_s31_anything_but_a_request_or_a_page_of_this_server_leads_to_the_console(target: str | None) -> None:
    assert safe_next(target) == "/developer"


@pytest.mark.parametrize(
    "query", ["client_id=a", "client_id=a&state=%0A", "redirect_uri=https://evil.example.test/", "next=//evil", "?", ""]
)
def test_s31_an_authorization_request_goes_on_as_it_was(query: str) -> None:
    assert safe_next(f"/developer/auth?{query}") == f"/developer/auth?{query}"


@pytest.mark.parametrize(
    "page",
    [
        *("/developer/apps", "/developer/apps/new", f"/developer/apps/{WEB}/edit", "/developer/grants"),
        *("/developer/account", "/developer/admin", "/developer/admin/audit", f"/developer/admin/users/{WEB}"),
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
