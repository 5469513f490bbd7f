"""Sessions, and the CSRF tokens of forms (S22, S23)."""

from __future__ import annotations

import pytest

from gatepost.authentication.sessions import (
    SESSION_COOKIE,
    VISITOR_COOKIE,
    check_form_token,
    current_user,
    device_of,
    form_token,
    last_use,
    note_use,
    session_key,
    start_session,
    well_formed_visitor,
)
from gatepost.errors import InvalidRequest, TemporarilyUnavailable
from gatepost.identifiers import digest, new_id, new_secret
from gatepost.model.records import User
from gatepost.model.sessions import Session
from gatepost.stores.record_keys import SessionKey
from tests.fakes import MemoryStore
from tests.unit.world import NOW, SETTINGS

COOKIE, OTHER_COOKIE = new_secret(), new_secret()
USER_ID = "5c8b1c9e-21a6-4a44-8d4e-0c1d2e3f4a5b"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"


def test_s28_the_cookies_belong_to_this_host_only() -> None:
    assert (SESSION_COOKIE, VISITOR_COOKIE) == ("__Host-gatepost-session", "__Host-gatepost-visitor")


def test_s105_a_session_is_kept_under_the_hash_of_its_cookie() -> None:
    store = MemoryStore()

    cookie = start_session(store, SETTINGS, USER_ID, user_agent=CHROME, source_ip="192.0.2.9", now=NOW + 0.9)

    user_id, _, secret = cookie.partition(".")
    assert (user_id, len(secret)) == (USER_ID, 43)
    assert session_key(cookie) == SessionKey(USER_ID, digest(cookie))
    other = session_key(new_id() + cookie[len(USER_ID) :])  # another user named in the cookie
    assert other is not None
    assert store.read(other) == (None,)
    assert device_of(cookie) == cookie
    (session,) = store.read(SessionKey(USER_ID, digest(cookie)))
    assert session == Session(
        session_hash=digest(cookie),
        user_id=USER_ID,
        created_at=NOW,
        expires_at=NOW + 43200,
        device="Chrome on Linux",
        signed_in_at=NOW + 0.9,
        source_ip="192.0.2.9",
    )


def test_the_last_use_of_a_session_is_written_once_an_hour_and_does_not_make_an_ended_one_again() -> None:
    store = MemoryStore()
    start_session(store, SETTINGS, USER_ID, user_agent="", source_ip="", now=NOW)

    def used(now: float) -> int:
        note_use(store, store.sessions_of(USER_ID)[0], now=now)
        return last_use(store.sessions_of(USER_ID)[0])

    times = [used(NOW + later) for later in (0, 3599.9, 3600, 7199, 7200.5)]
    assert times == [NOW, NOW, NOW + 3600, NOW + 3600, NOW + 7200]
    (session,) = store.sessions_of(USER_ID)
    store.end_session(USER_ID, session.session_hash)
    note_use(store, session, now=NOW + 99999)
    assert store.sessions_of(USER_ID) == []


def test_no_page_fails_because_a_use_can_not_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(MemoryStore):
        def touch_session(self, session: Session, *, now: int) -> None:
            raise TemporarilyUnavailable("try again", reason="a test")

    note_use(Broken(), SESSION._replace(created_at=NOW), now=NOW + 3600)

    assert "session.use_not_noted" in capsys.readouterr().out


USER = User(user_id=USER_ID, user_name="alice", status="active", created_at=NOW - 99)
SESSION = Session(session_hash="h", user_id=USER_ID, created_at=NOW, expires_at=NOW + 10)


def test_s111_a_session_that_is_over_or_of_an_account_that_is_gone_stopped_or_signed_out_is_nobody() -> None:
    assert current_user(SESSION, USER, NOW + 9.9) is USER
    assert current_user(SESSION, USER._replace(sessions_valid_from=NOW), NOW) is not None
    over = [(SESSION, USER, NOW + 10), (None, USER, NOW), (SESSION, None, NOW)]
    changed = ({"status": "pending"}, {"status": "deactivated"}, {"sessions_valid_from": NOW + 1})
    for session, user, now in [*over, *((SESSION, USER._replace(**each), NOW) for each in changed)]:
        assert current_user(session, user, now) is None


@pytest.mark.parametrize(
    "cookie",
    [
        None,
        *("", COOKIE, f".{COOKIE}", f"{USER_ID}.", f"{USER_ID}{COOKIE}", f"{USER_ID}#{COOKIE}"),
        *(f"{USER_ID}.{other}" for other in (COOKIE[:-1], COOKIE + "A", COOKIE + "\n", COOKIE[:-1] + "=", "é" * 43)),
        *(f"{other}.{COOKIE}" for other in (USER_ID.upper(), f"{USER_ID}.{USER_ID}", f" {USER_ID}", "alice-id")),
        *(f"{other}.{COOKIE}" for other in ("x" * 36, "٣" * 8 + USER_ID[8:])),
    ],
    ids=lambda _: "random",
)
def test_a_cookie_that_this_server_can_not_have_set_is_looked_for_nowhere(cookie: str | None) -> None:
    assert session_key(cookie) is None
    assert device_of(cookie) == ""


def test_a_visitor_that_this_server_can_not_have_named_is_none() -> None:
    assert well_formed_visitor(COOKIE) == COOKIE
    for text in (None, "", COOKIE[:-1], COOKIE + "A", COOKIE[:-1] + "=", COOKIE + "\n", "é" * 43):
        assert well_formed_visitor(text) is None


def test_s23_the_form_of_a_browser_is_accepted_from_that_browser() -> None:
    check_form_token(COOKIE, form_token(COOKIE))
    assert form_token(COOKIE) not in (COOKIE, digest(COOKIE))


@pytest.mark.parametrize(
    ("cookie", "presented"),
    [
        *((COOKIE, other) for other in (form_token(OTHER_COOKIE), COOKIE, digest(COOKIE), "", "é", None)),
        *((None, form_token(COOKIE)), (None, None), (None, form_token("None"))),
    ],
    ids=lambda _: "random",
)
def test_s22_s23_the_form_of_another_browser_or_none_is_refused(cookie: str | None, presented: str | None) -> None:
    with pytest.raises(InvalidRequest, match="this form is no longer valid"):
        check_form_token(cookie, presented)
