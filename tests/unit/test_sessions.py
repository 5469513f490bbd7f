"""Sessions, the proof that a form carries (S22, S23), and where one goes after signing in (S31)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidRequest
from gatepost.model import Session, digest, new_secret
from gatepost.sessions import (
    SESSION_COOKIE,
    VISITOR_COOKIE,
    check_form_token,
    form_token,
    living,
    safe_next,
    start_session,
    well_formed,
)
from gatepost.stores.memory import MemoryStore
from gatepost.stores.ports import SessionKey
from tests.unit.world import NOW, SETTINGS

COOKIE, OTHER_COOKIE = new_secret(), new_secret()
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
    "/developer/logout",
    "/authorization/token",
    "?a=b",
    "#",
]


@pytest.mark.parametrize("target", [*HOSTILE, None, ""])
def test_s31_anything_but_an_authorization_request_of_this_server_leads_to_the_console(target: str | None) -> None:
    assert safe_next(target) == "/developer"


@pytest.mark.parametrize(
    "query", ["client_id=a", "client_id=a&state=%0A", "redirect_uri=https://evil.example.test/", "next=//evil", "?", ""]
)
def test_s31_an_authorization_request_goes_on_as_it_was(query: str) -> None:
    assert safe_next(f"/developer/auth?{query}") == f"/developer/auth?{query}"


@given(st.one_of(st.text(), st.sampled_from(HOSTILE), st.text().map(lambda text: f"/developer/auth{text}")))
def test_s117_one_always_stays_on_the_pages_of_this_server(target: str) -> None:
    reached = safe_next(target)

    assert reached == "/developer" or reached.startswith("/developer/auth?")
    assert reached.isascii()
    assert not set(reached) & set(" \t\r\n\\#")


def test_s28_the_cookies_belong_to_this_host_only() -> None:
    assert SESSION_COOKIE == "__Host-gatepost-session"
    assert VISITOR_COOKIE == "__Host-gatepost-visitor"


def test_s105_a_session_is_kept_under_the_hash_of_its_cookie() -> None:
    store = MemoryStore()

    cookie = start_session(store, SETTINGS, "alice-id", device="x" * 300, now=NOW + 0.9)

    assert len(cookie) == 43
    (session,) = store.read(SessionKey(digest(cookie)))
    assert session == Session(
        session_hash=digest(cookie),
        user_id="alice-id",
        created_at=NOW,
        expires_at=NOW + 43200,
        device="x" * 200,
    )


def test_s111_a_session_that_is_over_is_nobody() -> None:
    session = Session(session_hash="h", user_id="alice-id", created_at=NOW, expires_at=NOW + 10)

    assert living(session, NOW + 9.9) == session
    assert living(session, NOW + 10) is None
    assert living(None, NOW) is None


def test_a_cookie_that_this_server_can_not_have_set_is_none() -> None:
    assert well_formed(COOKIE) == COOKIE
    for text in (None, "", COOKIE[:-1], COOKIE + "A", COOKIE[:-1] + "=", COOKIE + "\n", "é" * 43):
        assert well_formed(text) is None


def test_s23_the_form_of_a_browser_is_accepted_from_that_browser() -> None:
    check_form_token(COOKIE, form_token(COOKIE))


@pytest.mark.parametrize(
    ("cookie", "presented"),
    [
        (COOKIE, form_token(OTHER_COOKIE)),
        (COOKIE, COOKIE),
        (COOKIE, digest(COOKIE)),
        (COOKIE, ""),
        (COOKIE, "é"),
        (COOKIE, None),
        (None, form_token(COOKIE)),
        (None, None),
    ],
)
def test_s22_s23_the_form_of_another_browser_or_none_is_refused(cookie: str | None, presented: str | None) -> None:
    with pytest.raises(InvalidRequest, match="this form is no longer valid"):
        check_form_token(cookie, presented)


def test_the_proof_of_a_form_does_not_tell_the_cookie_or_its_hash() -> None:
    assert form_token(COOKIE) not in (COOKIE, digest(COOKIE))
