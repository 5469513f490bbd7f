"""Apps are told of the sessions that ended, each at least once, and of no other."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.model.logout import LogoutNotice, SessionEnd
from gatepost.model.records import DOCUMENTS, REGISTERED, App
from gatepost.model.sessions import Session, SignedInto
from gatepost.oidc.logout_notices import announce_to_apps, owed
from gatepost.stores.ports.logouts import LogoutQueues
from tests.unit.oidc.logouts import NOTICE, URI, Queue, prepared
from tests.unit.world import ALICE, NOW, OTHER, WEB, World

ENDED = SessionEnd(user_id=ALICE.user_id, at=NOW, session_hash="s1")
EVERY = SessionEnd(user_id=ALICE.user_id, at=NOW)


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture(autouse=True)
def told(world: World) -> App:
    return world.add_app(world.web._replace(backchannel_logout_uri=URI))


def session(number: int = 1, **changes: Any) -> Session:
    known: dict[str, Any] = {"user_id": ALICE.user_id, "created_at": NOW - 9, "expires_at": NOW + 99}
    return Session(session_hash=f"s{number}", **{**known, "sid": f"sid-{number}", **changes})


def signs_in(world: World, sid: str = "sid-1", client_id: str = WEB, **changes: Any) -> SignedInto:
    known: dict[str, Any] = {"user_id": ALICE.user_id, "first_at": NOW, "last_at": NOW, "ends_at": NOW + 99}
    signed_into = SignedInto(session_id=sid, client_id=client_id, **{**known, **changes})
    answer = world.redeem(world.code())
    grant = world.grant(answer)._replace(grant_id=f"{ALICE.user_id}.{sid}{client_id}")
    world.store.approve(grant, user=ALICE, code=None, approval=None, signed_into=signed_into)
    return signed_into


def announce(world: World, queue: Queue, end: SessionEnd, now: float = NOW + 1) -> None:
    """Announce an end by the queue of those that are vouched for; the other one takes nothing."""
    announce_to_apps(world.server, LogoutQueues(queue, Queue(room=0)), end, now)


def left(world: World) -> list[SignedInto]:
    return list(world.store.sign_ins_of(ALICE.user_id)[1])


def test_apps_of_a_session_that_ended_get_a_notice_and_the_sign_ins_are_removed(world: World, queue: Queue) -> None:
    signs_in(world)
    signs_in(world, "sid-7")  # whose end nothing announced

    announce(world, queue, ENDED)

    assert queue.sent == [(NOTICE, 0), (NOTICE._replace(session_id="sid-7"), 0)]
    assert left(world) == []


@pytest.mark.parametrize("sid", ["sid-2", "sid-1"])
def test_apps_of_a_session_that_stands_or_took_the_place_get_none(world: World, queue: Queue, sid: str) -> None:
    world.store.start_session(session(2, sid=sid))
    standing = signs_in(world, sid)

    announce(world, queue, ENDED)

    assert queue.sent == []
    assert left(world) == [standing]


@pytest.mark.parametrize("end", [ENDED, EVERY, EVERY._replace(valid_from=NOW)])
def test_an_end_that_has_not_happened_yet_is_announced_once_more(world: World, queue: Queue, end: SessionEnd) -> None:
    world.store.start_session(session())
    standing = signs_in(world)

    announce(world, queue, end, NOW + 59)
    assert queue.sent == [(end, 5)]
    announce(world, queue, end, NOW + 60)

    assert queue.sent == [(end, 5)]
    assert left(world) == [standing]


def test_a_cutoff_ends_sessions_whose_records_are_still_there(world: World, queue: Queue) -> None:
    world.store.start_session(session())
    world.store.start_session(session(2, created_at=NOW + 1))
    signs_in(world)
    standing = signs_in(world, "sid-2")
    world.store.void_sessions(ALICE.user_id, sessions_valid_from=NOW)

    announce(world, queue, EVERY._replace(valid_from=NOW))

    assert queue.sent == [(NOTICE, 0)]
    assert left(world) == [standing]


@pytest.mark.parametrize("user_id", [ALICE.user_id, "gone"])
@pytest.mark.parametrize("end", [ENDED, EVERY, EVERY._replace(valid_from=NOW + 99)])
def test_no_session_of_a_deactivated_account_stands(world: World, queue: Queue, end: SessionEnd, user_id: str) -> None:
    world.store.start_session(session(user_id=user_id))
    signs_in(world, user_id=user_id)
    world.store.set_user_status(ALICE.user_id, "deactivated")

    announce(world, queue, end._replace(user_id=user_id))

    assert queue.sent == [(NOTICE._replace(user_id=user_id), 0)]


def test_a_session_that_merely_expired_is_no_logout(world: World, queue: Queue) -> None:
    expired = signs_in(world, ends_at=NOW + 1)

    announce(world, queue, ENDED)

    assert queue.sent == []
    assert left(world) == [expired]  # until DynamoDB removes it


@pytest.mark.parametrize(
    "changes", [{"backchannel_logout_uri": ""}, {"status": "deactivated"}, {"owner_stopped": True}]
)
def test_s343_a_stopped_app_is_told_nothing(world: World, queue: Queue, told: App, changes: dict[str, Any]) -> None:
    signs_in(world)
    world.add_app(told._replace(**changes))

    announce(world, queue, ENDED)

    assert queue.sent == []
    assert prepared(world, NOW + 1) is None
    assert left(world) == []


def test_an_app_that_is_deleted_is_told_nothing(world: World, queue: Queue) -> None:
    signs_in(world, client_id="gone")

    announce(world, queue, ENDED)

    assert (queue.sent, left(world)) == ([], [])
    assert prepared(world, NOW + 1, NOTICE._replace(client_id="gone")) is None


def test_s340_a_sign_in_stays_until_its_notice_is_in_the_queue(world: World) -> None:
    world.add_app(world.other._replace(backchannel_logout_uri=URI))
    signs_in(world)
    signs_in(world, client_id=OTHER)
    queue = Queue(room=1)

    with pytest.raises(TemporarilyUnavailable):
        announce(world, queue, ENDED)
    assert len(left(world)) == 1
    queue.room = 9
    announce(world, queue, ENDED)

    assert {message.client_id for message, _ in queue.sent if isinstance(message, LogoutNotice)} == {WEB, OTHER}
    assert left(world) == []


@pytest.mark.parametrize("owner", [DOCUMENTS, REGISTERED])
def test_s363_a_strangers_notice_is_never_among_the_first(world: World, queue: Queue, told: App, owner: str) -> None:
    world.add_app(told._replace(owner=owner))
    signs_in(world)

    announce_to_apps(world.server, LogoutQueues(Queue(room=0), queue), ENDED, NOW + 1)

    assert queue.sent == [(NOTICE, 0)]
    assert left(world) == []


def test_a_logout_is_owed_for_sessions_that_ended_before_their_time(world: World) -> None:
    sign_ins = [signs_in(world)]

    assert owed(ALICE, [], sign_ins, NOW)
    assert owed(None, [session()], sign_ins, NOW)
    assert not owed(ALICE, [session()], sign_ins, NOW)
    assert not owed(ALICE, [], sign_ins, NOW + 99)
    assert not owed(ALICE, [], [], NOW)
