"""The flows of back-channel logout: ends of sessions that are announced, and the messages about them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from gatepost.authentication.sessions import SESSION_COOKIE, VISITOR_COOKIE, form_token, public_id
from gatepost.grants import authorization_code
from gatepost.identifiers import digest
from gatepost.model.logout import LogoutNotice, Message, SessionEnd, message_in, written
from gatepost.model.sessions import SignedInto
from gatepost.oidc.failing_servers import failures_of
from gatepost.routes import ACCOUNT_PAGE, LOGIN, LOGOUT, SIGN_OUT_EVERYWHERE
from gatepost.scope import Scope
from tests.security.faults.account_flows import none_left
from tests.security.faults.events import event, page
from tests.security.faults.fetched import FAILING, REFUSING
from tests.security.faults.flow import Flows
from tests.security.faults.page_flows import LOGIN_AGAIN, SIGNED_OUT, sign_in_form, signed_out
from tests.security.faults.world import ALICE, COOKIES, VISITOR, Answer, Event, World
from tests.unit.world import CALLBACK, NOW

FLOWS = Flows()
SID, OTHER_SESSION = digest("a name of a session"), digest("another session")
TELLING: dict[str, Any] = {"openid": True, "backchannel_logout": True}


def signed_into(world: World, sid: str = SID, *, uri: str = "https://client.example.test/logout") -> None:
    """Sign alice in to the web app, by a session that has ended unless `sid` is of another."""
    before = world.web
    after = replace(before, backchannel_logout_uri=uri, version=before.version + 1)
    world.store.update_app(replace(after, id_token_signed_response_alg="ES256"), before=before)
    _, record, grant = authorization_code.new_code(
        world.server,
        user_id=ALICE.user_id,
        client_id=before.client_id,
        scope=Scope.of("read"),
        redirect_uri=CALLBACK,
        redirect_uri_sent=True,
        code_challenge="",
        now=world.now,
    )
    sign_in = SignedInto(
        user_id=ALICE.user_id,
        session_id=sid,
        client_id=before.client_id,
        first_at=NOW,
        last_at=NOW,
        ends_at=NOW + 3600,
    )
    world.store.approve(grant, user=ALICE, code=record, approval=None, signed_into=sign_in)


def received(message: Message, *, queue: str = "logouts") -> Event:
    """A message as Lambda delivers it."""
    record = {
        "messageId": "m",
        "body": written(message),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": f"arn:aws:sqs:eu-central-1:000000000000:{queue}",
    }
    return {"Records": [record]}


def queued(world: World) -> list[Message]:
    return [message_in(text) for text in world.cloud.queue.sent]


def notice_of(world: World) -> LogoutNotice:
    return LogoutNotice(user_id=ALICE.user_id, session_id=SID, client_id=world.web.client_id)


def notice_is_queued(world: World, answer: Answer | None) -> None:
    """Check that the app will be told, and that the sign-in is gone only then."""
    assert notice_of(world) in queued(world)
    assert world.store.sign_ins_of(ALICE.user_id)[1] == []


@FLOWS.add("backchannel_logout", "an end", "told", check=notice_is_queued, **TELLING)
def _(world: World) -> Event:
    signed_into(world)
    return received(SessionEnd(user_id=ALICE.user_id, at=NOW, session_hash=OTHER_SESSION))


@FLOWS.add("backchannel_logout", "an end that has not happened yet", "told", **TELLING)
def _(world: World) -> Event:
    return received(SessionEnd(user_id=ALICE.user_id, at=NOW))


@FLOWS.add("backchannel_logout", "a notice", "told", **TELLING)
def _(world: World) -> Event:
    signed_into(world)
    return received(notice_of(world))


def notice_is_retried(world: World, answer: Answer | None) -> None:
    """Check that a notice whose app was not told is in a queue."""
    if answer and not answer["batchItemFailures"]:
        assert notice_of(world) in queued(world)


@FLOWS.add("backchannel_logout", "a notice to a server that fails", "told", check=notice_is_retried, **TELLING)
def _(world: World) -> Event:
    signed_into(world, uri=FAILING)
    return received(notice_of(world))


@FLOWS.add("backchannel_logout", "a retry to a server that responds again", "told", again=("again",), **TELLING)
def _(world: World) -> Event:
    """A second later the attempt counts as under way; the queue lets two minutes pass."""
    signed_into(world)
    app = replace(world.web, backchannel_logout_uri="https://client.example.test/logout")
    key = failures_of(world.store, app, world.now).server_key
    world.store.count_failure(key.name_hash, now=NOW - 60, forget_at=NOW + 3540)
    return received(notice_of(world), queue="slow")


@FLOWS.add("backchannel_logout", "a notice that the app refuses", "told", **TELLING)
def _(world: World) -> Event:
    signed_into(world, uri=REFUSING)
    return received(notice_of(world))


@FLOWS.add("console", "sign out, announced", SIGNED_OUT, check=signed_out, **TELLING)
def _(world: World) -> Event:
    return page(LOGOUT)


@FLOWS.add("account", "sign out everywhere, announced", SIGNED_OUT, check=none_left, again=(LOGIN_AGAIN,), **TELLING)
def _(world: World) -> Event:
    return page(SIGN_OUT_EVERYWHERE)


@FLOWS.add("account", "page, with an app that a session signed in to", "200", **TELLING)
def _(world: World) -> Event:
    signed_into(world)
    return page(ACCOUNT_PAGE)


def nobody_elses(world: World, answer: Answer | None) -> None:
    """Check that a session which took another's place is the one whose cookie was sent, and that ends are announced."""
    cookies = "".join(answer["cookies"]) if answer else ""
    sent = re.search(rf"{SESSION_COOKIE}=([^;]+)", cookies)
    continued = [each.session_hash for each in world.store.sessions_of(ALICE.user_id) if each.sid]
    assert continued in ([], [digest(sent[1])] if sent else [])
    assert any(isinstance(each, SessionEnd) for each in queued(world))


@FLOWS.add("console", "sign in again, with an app", "303 /developer", check=nobody_elses, **TELLING)
def _(world: World) -> Event:
    (session,) = world.store.sessions_of(ALICE.user_id)
    signed_into(world, public_id(session))
    cookies = {VISITOR_COOKIE: VISITOR, SESSION_COOKIE: COOKIES[ALICE.user_id]}
    return event(LOGIN, form={"form_token": form_token(VISITOR), **sign_in_form()}, cookies=cookies)
