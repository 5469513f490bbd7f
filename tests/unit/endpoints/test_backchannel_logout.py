"""Apps are told of the sessions that ended, each at least once, and of no other."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from gatepost.endpoints.backchannel_logout import announce_to_apps, owed, tell_app
from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused, Outbound
from gatepost.model.logout import LogoutNotice, Message, SessionEnd
from gatepost.model.records import App
from gatepost.model.sessions import Session, SignedInto
from tests.unit.world import ALICE, NOW, OTHER, WEB, World

URI = "https://client.example.test/logout"
ENDED = SessionEnd(user_id=ALICE.user_id, at=NOW, session_hash="s1")
EVERY = SessionEnd(user_id=ALICE.user_id, at=NOW)
NOTICE = LogoutNotice(user_id=ALICE.user_id, session_id="sid-1", client_id=WEB)


@dataclass
class Queue:
    """A queue that keeps what was sent, with its delay; it takes `room` messages."""

    sent: list[tuple[Message, int]] = field(default_factory=list)
    room: int = 99

    def send(self, message: Message, *, delay: int = 0) -> None:
        if len(self.sent) == self.room:
            raise TemporarilyUnavailable("try again")
        self.sent.append((message, delay))


@dataclass
class Answering:
    """Other people's servers, which answer with a status or an error."""

    answer: int | Exception = 200
    requests: list[Outbound] = field(default_factory=list)

    def fetch(self, outbound: Outbound) -> Fetched:
        self.requests.append(outbound)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Fetched(status=self.answer, content_type="", cache_control="", body="")


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture(autouse=True)
def told(world: World) -> App:
    return world.add_app(replace(world.web, backchannel_logout_uri=URI))


def session(number: int = 1, **changes: Any) -> Session:
    known = Session(
        session_hash=f"s{number}",
        user_id=ALICE.user_id,
        created_at=NOW - 9,
        expires_at=NOW + 99,
        sid=f"sid-{number}",
    )
    return replace(known, **changes)


def signs_in(world: World, sid: str = "sid-1", client_id: str = WEB, **changes: Any) -> SignedInto:
    known = SignedInto(
        user_id=ALICE.user_id, session_id=sid, client_id=client_id, first_at=NOW, last_at=NOW, ends_at=NOW + 99
    )
    signed_into = replace(known, **changes)
    answer = world.redeem(world.code())
    grant = replace(world.grant(answer), grant_id=f"{ALICE.user_id}.{sid}{client_id}")
    world.store.approve(grant, user=ALICE, code=None, approval=None, signed_into=signed_into)
    return signed_into


def left(world: World) -> list[SignedInto]:
    return list(world.store.sign_ins_of(ALICE.user_id)[1])


def test_apps_of_a_session_that_ended_get_a_notice_and_the_sign_ins_are_removed(world: World, queue: Queue) -> None:
    signs_in(world)

    announce_to_apps(world.server, queue, ENDED, NOW + 1)

    assert queue.sent == [(NOTICE, 0)]
    assert left(world) == []


def test_apps_of_a_session_that_stands_get_none(world: World, queue: Queue) -> None:
    world.store.start_session(session(2))
    standing = signs_in(world, "sid-2")

    announce_to_apps(world.server, queue, ENDED, NOW + 1)

    assert queue.sent == []
    assert left(world) == [standing]


def test_what_nothing_announced_is_told_by_the_next_message(world: World, queue: Queue) -> None:
    signs_in(world, "sid-7")

    announce_to_apps(world.server, queue, ENDED, NOW + 1)

    assert queue.sent == [(replace(NOTICE, session_id="sid-7"), 0)]


@pytest.mark.parametrize("end", [ENDED, EVERY, replace(EVERY, valid_from=NOW)])
def test_an_end_that_has_not_happened_yet_is_announced_once_more(world: World, queue: Queue, end: SessionEnd) -> None:
    world.store.start_session(session())
    standing = signs_in(world)

    announce_to_apps(world.server, queue, end, NOW + 59)
    announce_to_apps(world.server, queue, end, NOW + 60)

    assert queue.sent == [(end, 5)]
    assert left(world) == [standing]


def test_another_session_that_stands_does_not_delay_an_end(world: World, queue: Queue) -> None:
    world.store.start_session(session(2))

    announce_to_apps(world.server, queue, ENDED, NOW + 1)

    assert queue.sent == []


def test_a_session_that_took_the_place_of_the_ended_one_keeps_its_apps(world: World, queue: Queue) -> None:
    world.store.start_session(session(2, sid="sid-1"))
    standing = signs_in(world)

    announce_to_apps(world.server, queue, ENDED, NOW + 1)

    assert queue.sent == []
    assert left(world) == [standing]


def test_a_cutoff_ends_sessions_whose_records_are_still_there(world: World, queue: Queue) -> None:
    world.store.start_session(session())
    world.store.start_session(session(2, created_at=NOW + 1))
    signs_in(world)
    standing = signs_in(world, "sid-2")
    world.store.void_sessions(ALICE.user_id, sessions_valid_from=NOW)

    announce_to_apps(world.server, queue, replace(EVERY, valid_from=NOW), NOW + 1)

    assert queue.sent == [(NOTICE, 0)]
    assert left(world) == [standing]


@pytest.mark.parametrize("end", [ENDED, EVERY, replace(EVERY, valid_from=NOW + 99)])
def test_no_session_of_an_account_that_is_deactivated_stands(world: World, queue: Queue, end: SessionEnd) -> None:
    world.store.start_session(session())
    signs_in(world)
    world.store.set_user_status(ALICE.user_id, "deactivated")

    announce_to_apps(world.server, queue, end, NOW + 1)

    assert queue.sent == [(NOTICE, 0)]


def test_a_session_that_merely_expired_is_no_logout(world: World, queue: Queue) -> None:
    expired = signs_in(world, ends_at=NOW + 1)

    announce_to_apps(world.server, queue, ENDED, NOW + 1)

    assert queue.sent == []
    assert left(world) == [expired]  # until DynamoDB removes it


@pytest.mark.parametrize(
    "changes", [{"backchannel_logout_uri": ""}, {"status": "deactivated"}, {"owner_stopped": True}]
)
def test_s343_an_app_without_a_url_or_that_does_not_work_is_told_nothing(
    world: World, queue: Queue, told: App, changes: dict[str, Any]
) -> None:
    signs_in(world)
    world.add_app(replace(told, **changes))
    fetcher = Answering()

    announce_to_apps(world.server, queue, ENDED, NOW + 1)
    tell_app(world.server, fetcher, NOTICE, NOW + 1)

    assert queue.sent == []
    assert fetcher.requests == []
    assert left(world) == []


def test_an_app_that_is_deleted_is_told_nothing(world: World, queue: Queue) -> None:
    signs_in(world, client_id="gone")
    fetcher = Answering()

    announce_to_apps(world.server, queue, ENDED, NOW + 1)
    tell_app(world.server, fetcher, replace(NOTICE, client_id="gone"), NOW + 1)

    assert (queue.sent, fetcher.requests, left(world)) == ([], [], [])


def test_s340_a_sign_in_stays_until_its_notice_is_in_the_queue(world: World) -> None:
    world.add_app(replace(world.other, backchannel_logout_uri=URI))
    signs_in(world)
    signs_in(world, client_id=OTHER)
    queue = Queue(room=1)

    with pytest.raises(TemporarilyUnavailable):
        announce_to_apps(world.server, queue, ENDED, NOW + 1)
    assert len(left(world)) == 1
    queue.room = 9
    announce_to_apps(world.server, queue, ENDED, NOW + 1)

    assert {message.client_id for message, _ in queue.sent if isinstance(message, LogoutNotice)} == {WEB, OTHER}
    assert left(world) == []


def test_the_app_is_sent_the_logout_token_in_a_form(world: World) -> None:
    fetcher = Answering(204)

    tell_app(world.server, fetcher, NOTICE, NOW)

    (request,) = fetcher.requests
    assert replace(request, body="") == Outbound(
        method="POST", url=URI, content_type="application/x-www-form-urlencoded"
    )
    (token,) = parse_qs(request.body, strict_parsing=True)["logout_token"]
    claims = json.loads(from_base64url(token.split(".")[1]))
    assert (claims["aud"], claims["sub"], claims["sid"]) == (WEB, ALICE.user_id, "sid-1")


@pytest.mark.parametrize("answer", [FetchFailed("no answer in time"), 429, 500, 503])
def test_an_app_that_may_answer_later_is_asked_again(world: World, answer: int | Exception) -> None:
    with pytest.raises(TemporarilyUnavailable) as caught:
        tell_app(world.server, Answering(answer), NOTICE, NOW)

    assert caught.value.facts == {"client_id": WEB}
    assert caught.value.reason in ("no answer in time", f"the app answered {answer}")


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (200, "logout.told"),
        (204, "logout.told"),
        (202, "logout.refused"),
        (302, "logout.refused"),
        (400, "logout.refused"),
        (404, "logout.refused"),
        (FetchRefused("the address is not public"), "logout.refused"),
    ],
)
def test_any_other_answer_is_final(
    world: World, answer: int | Exception, event: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_app(world.server, Answering(answer), NOTICE, NOW)

    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["message"], line["client_id"], line["user_id"]) == (event, WEB, ALICE.user_id)
    assert line["level"] == ("INFO" if event == "logout.told" else "ERROR")
    assert URI not in json.dumps(line)


def test_a_server_without_keys_tells_nobody_and_tries_again(world: World) -> None:
    world.keys.missing = True
    fetcher = Answering()

    with pytest.raises(TemporarilyUnavailable):
        tell_app(world.server, fetcher, NOTICE, NOW)

    assert fetcher.requests == []


def test_a_logout_is_owed_for_sessions_that_ended_before_their_time(world: World) -> None:
    sign_ins = [signs_in(world)]

    assert owed(ALICE, [], sign_ins, NOW)
    assert owed(None, [session()], sign_ins, NOW)
    assert not owed(ALICE, [session()], sign_ins, NOW)
    assert not owed(ALICE, [], sign_ins, NOW + 99)
    assert not owed(ALICE, [], [], NOW)
