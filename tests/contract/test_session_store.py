"""Sessions, pending authorization requests, and the apps that sessions signed in to."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.model.sessions import PendingRequest, Session, SignedInto
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import RequestKey, SessionKey, SignedIntoKey
from tests.contract.records import APP, GRANT, LOGIN, REQUEST, SESSION, SIGNED_INTO, USER
from tests.unit.world import CHALLENGE, NOW


def kept(store: Store) -> PendingRequest | None:
    return store.read(RequestKey("alice-id", "r1"))[0]


@pytest.mark.parametrize("session", [SESSION, SESSION._replace(device=""), SESSION._replace(expires_at=NOW - 10**6)])
def test_s111_a_session_is_found_until_it_is_ended(store: Store, session: Session) -> None:
    store.start_session(session)
    assert store.read(SessionKey("alice-id", "s1")) == (session,)

    store.end_session("alice-id", "s1")
    store.end_session("alice-id", "s1")
    assert store.read(SessionKey("alice-id", "s1")) == (None,)


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        REQUEST._replace(state=None),
        REQUEST._replace(response_mode="fragment"),
        REQUEST._replace(expires_at=1),  # it says so itself
        REQUEST._replace(state="", redirect_uri_sent=True, code_challenge=CHALLENGE),
    ],
)
def test_s24_s111_a_request_is_taken_as_it_was_kept(store: Store, request_: PendingRequest) -> None:
    store.save_request(request_)

    assert kept(store) == request_
    store.take_request(request_)
    assert kept(store) is None


def test_a_request_is_no_session_and_a_session_no_request(store: Store) -> None:
    store.save_request(REQUEST._replace(request_hash="s1"))
    store.start_session(SESSION)

    assert store.read(SessionKey("alice-id", "r1")) == (None,)
    assert store.read(SessionKey("alice-id", "s1")) == (SESSION,)
    store.end_session("alice-id", "s1")
    store.take_request(REQUEST._replace(request_hash="s1"))


def test_the_use_of_a_session_is_noted_and_does_not_bring_it_back(store: Store) -> None:
    store.touch_session(SESSION, now=NOW + 5)
    assert store.read(SessionKey("alice-id", "s1")) == (None,)
    store.start_session(SESSION)

    store.touch_session(SESSION, now=NOW + 5)

    assert store.read(SessionKey("alice-id", "s1")) == (SESSION._replace(last_used_at=NOW + 5),)


def test_all_sessions_of_a_user_are_listed_also_those_that_are_over_and_nothing_else(store: Store) -> None:
    sessions = [SESSION._replace(session_hash=f"s{n}", expires_at=NOW + 10**6 * (n - 1)) for n in range(3)]
    for session in [*sessions, SESSION._replace(user_id="bob-id", session_hash="s9")]:
        store.start_session(session)
    store.save_request(REQUEST)

    found = sorted(store.sessions_of("alice-id"), key=lambda session: session.session_hash)

    assert found == sessions
    assert store.sessions_of("alice") == []


# The apps that sessions signed in to


@pytest.fixture(autouse=True)
def alice(store: Store) -> None:
    store.create_user(USER, LOGIN)


def approve(store: Store, signed_into: SignedInto | None, *, number: int = 1, **more: Any) -> None:
    """Approve an app in the session of alice."""
    store.start_session(SESSION)
    grant = GRANT._replace(grant_id=f"alice-id.g{number}")
    store.approve(grant, user=USER, code=None, approval=None, signed_into=signed_into, **more)


def test_a_sign_in_is_recorded_with_its_grant(store: Store) -> None:
    approve(store, None, number=2)  # a grant without an ID token records none
    assert store.sign_ins_of("alice-id") == ([SESSION], [])

    approve(store, SIGNED_INTO)

    assert store.read(SignedIntoKey("alice-id", "sid-1", APP.client_id)) == (SIGNED_INTO,)
    assert store.sign_ins_of("alice-id") == ([SESSION], [SIGNED_INTO])


def test_a_second_sign_in_to_the_app_keeps_the_time_of_the_first(store: Store) -> None:
    approve(store, SIGNED_INTO)
    later = SIGNED_INTO._replace(first_at=NOW + 9, last_at=NOW + 9, ends_at=NOW + 500)
    approve(store, later, number=2)

    assert store.sign_ins_of("alice-id")[1] == [later._replace(first_at=NOW)]


def test_sign_ins_are_those_of_one_user_and_of_all_sessions_and_apps(store: Store) -> None:
    expected = [
        SIGNED_INTO._replace(session_id=sid, client_id=client_id) for sid in ("sid-1", "sid-2") for client_id in "ab"
    ]
    for number, each in enumerate(expected):
        approve(store, each, number=number)
    store.save_request(REQUEST)

    sessions, found = store.sign_ins_of("alice-id")

    assert (sessions, sorted(found, key=lambda each: (each.session_id, each.client_id))) == ([SESSION], expected)
    assert store.sign_ins_of("alice") == ([], [])
    assert store.sessions_of("alice-id") == [SESSION]


def test_a_session_that_began_at_the_cutoff_signs_in_and_takes_its_request(store: Store) -> None:
    store.void_sessions("alice-id", sessions_valid_from=SESSION.created_at)
    store.save_request(REQUEST)

    approve(store, SIGNED_INTO, request=REQUEST, session=SESSION)

    assert (kept(store), store.sign_ins_of("alice-id")) == (None, ([SESSION], [SIGNED_INTO]))


def test_ending_a_session_returns_it_once_and_leaves_its_sign_ins(store: Store) -> None:
    approve(store, SIGNED_INTO)

    assert store.end_session("alice-id", "s1") == SESSION
    assert store.end_session("alice-id", "s1") is None
    assert store.sign_ins_of("alice-id") == ([], [SIGNED_INTO])


def test_every_session_of_a_user_is_removed_and_no_other(store: Store) -> None:
    others = SESSION._replace(user_id="bob-id")
    for session in (SESSION._replace(session_hash="s2"), others):
        store.start_session(session)
    approve(store, SIGNED_INTO)

    store.remove_sessions("alice-id")

    assert store.sign_ins_of("alice-id") == ([], [SIGNED_INTO])
    assert store.sessions_of("bob-id") == [others]


def test_sign_ins_are_forgotten_one_by_one_or_all(store: Store) -> None:
    others = [SIGNED_INTO._replace(client_id=client_id) for client_id in "abc"]
    for number, each in enumerate([SIGNED_INTO, *others]):
        approve(store, each, number=number)

    store.forget_sign_in(SIGNED_INTO)
    assert sorted(store.sign_ins_of("alice-id")[1], key=lambda each: each.client_id) == others
    store.forget_sign_ins("alice-id")

    assert store.sign_ins_of("alice-id") == ([SESSION], [])


def test_sign_ins_are_kept_until_the_end_of_the_session_that_takes_the_place(store: Store) -> None:
    other = SIGNED_INTO._replace(session_id="sid-10")
    approve(store, SIGNED_INTO)
    approve(store, other, number=2)

    store.keep_sign_ins("alice-id", "sid-1", ends_at=NOW + 999)

    _, found = store.sign_ins_of("alice-id")
    assert sorted(found, key=lambda each: each.session_id) == [SIGNED_INTO._replace(ends_at=NOW + 999), other]
