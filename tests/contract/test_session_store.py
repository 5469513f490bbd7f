"""Sessions, and pending authorization requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.errors import Conflict
from gatepost.model.sessions import PendingRequest, Session
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import RequestKey, SessionKey
from tests.contract.records import GRANT, LOGIN, REQUEST, SESSION, USER
from tests.unit.world import CHALLENGE, NOW


def kept(store: Store) -> PendingRequest | None:
    return store.read(RequestKey("alice-id", "r1"))[0]


def assert_gone(store: Store, request: PendingRequest) -> None:
    with pytest.raises(Conflict) as caught:
        store.take_request(request)
    assert caught.value.field == "request"


@pytest.mark.parametrize("session", [SESSION, replace(SESSION, device="")])
def test_a_session_is_found_until_it_ends(store: Store, session: Session) -> None:
    store.start_session(session)
    assert store.read(SessionKey("alice-id", "s1")) == (session,)

    store.end_session("alice-id", "s1")
    store.end_session("alice-id", "s1")
    assert store.read(SessionKey("alice-id", "s1")) == (None,)


def test_s111_a_session_whose_time_is_over_is_still_found_and_says_so(store: Store) -> None:
    store.start_session(replace(SESSION, expires_at=NOW - 10**6))

    assert store.read(SessionKey("alice-id", "s1")) == (replace(SESSION, expires_at=NOW - 10**6),)


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        replace(REQUEST, state=None),
        replace(REQUEST, response_mode="fragment"),
        replace(REQUEST, state="", redirect_uri_sent=True, code_challenge=CHALLENGE),
    ],
)
def test_s24_a_request_is_taken_as_it_was_kept(store: Store, request_: PendingRequest) -> None:
    store.save_request(request_)

    assert kept(store) == request_
    store.take_request(request_)
    assert kept(store) is None


def test_s108_a_request_is_taken_once(store: Store) -> None:
    store.save_request(REQUEST)
    store.take_request(REQUEST)

    assert_gone(store, REQUEST)


def test_s137_a_request_that_was_granted_can_not_be_refused_any_more(store: Store) -> None:
    store.create_user(USER, LOGIN)
    store.save_request(REQUEST)
    store.approve(GRANT, user=USER, code=None, approval=None, request=REQUEST)

    assert_gone(store, REQUEST)


@pytest.mark.parametrize("session_hash", ["s2", "", "S1", "r1"])
def test_s25_another_session_gets_nothing_and_leaves_the_request(store: Store, session_hash: str) -> None:
    store.save_request(REQUEST)

    assert_gone(store, replace(REQUEST, session_hash=session_hash))
    assert kept(store) == REQUEST


def test_a_request_that_nobody_kept_is_gone(store: Store) -> None:
    assert_gone(store, REQUEST)


def test_s111_a_request_whose_time_is_over_is_still_taken_and_says_so(store: Store) -> None:
    store.save_request(replace(REQUEST, expires_at=1))

    assert kept(store) == replace(REQUEST, expires_at=1)
    store.take_request(REQUEST)


def test_a_request_is_no_session_and_a_session_no_request(store: Store) -> None:
    store.save_request(replace(REQUEST, request_hash="s1"))
    store.start_session(SESSION)

    assert store.read(SessionKey("alice-id", "r1")) == (None,)
    assert store.read(SessionKey("alice-id", "s1")) == (SESSION,)
    store.end_session("alice-id", "s1")
    store.take_request(replace(REQUEST, request_hash="s1"))


def test_all_sessions_of_a_user_are_listed_also_those_that_are_over_and_nothing_else(store: Store) -> None:
    sessions = [replace(SESSION, session_hash=f"s{n}", expires_at=NOW + 10**6 * (n - 1)) for n in range(3)]
    for session in [*sessions, replace(SESSION, user_id="bob-id", session_hash="s9")]:
        store.start_session(session)
    store.save_request(REQUEST)

    found = sorted(store.sessions_of("alice-id"), key=lambda session: session.session_hash)

    assert found == sessions
    assert store.sessions_of("alice") == []


def test_another_users_session_and_request_are_out_of_reach(store: Store) -> None:
    store.start_session(SESSION)
    store.save_request(REQUEST)

    store.end_session("bob-id", "s1")

    assert store.read(SessionKey("bob-id", "s1"), SessionKey("alice-id", "s1")) == (None, SESSION)
    assert_gone(store, replace(REQUEST, user_id="bob-id"))
    assert kept(store) == REQUEST
