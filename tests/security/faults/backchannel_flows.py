"""The flows of back-channel logout: ends of sessions that are announced, and the messages about them."""

from __future__ import annotations

import re
from typing import Any

from gatepost.authentication.sessions import SESSION_COOKIE, public_id
from gatepost.identifiers import digest
from gatepost.model.logout import LogoutNotice, Message, SessionEnd, message_in, written
from gatepost.model.sessions import SignedInto
from gatepost.oidc.failing_servers import failures_of
from gatepost.routes import ACCOUNT_PAGE, LOGIN, LOGOUT, SIGN_OUT_EVERYWHERE
from tests.security.faults.account_flows import LOGIN_AGAIN, SIGNED_OUT, none_left, signed_out
from tests.security.faults.events import event, page
from tests.security.faults.fetched import FAILING, REFUSING
from tests.security.faults.flow import flow
from tests.security.faults.visitor_flows import BOTH_COOKIES, BY_ALICE
from tests.security.faults.world import ALICE, Answer, Event, World
from tests.unit.world import NOW, WEB

SID, OTHER_SESSION = digest("a name of a session"), digest("another session")
LOGGED_OUT_AT = "https://client.example.test/logout"
TELLING: dict[str, Any] = {"openid": True, "backchannel_logout": True}
NOTICE = LogoutNotice(user_id=ALICE.user_id, session_id=SID, client_id=WEB)


def signed_into(world: World, sid: str = SID, *, uri: str = LOGGED_OUT_AT) -> None:
    """Sign alice in to the web app, by a session that has ended unless `sid` is of another."""
    before = world.web
    after = before._replace(backchannel_logout_uri=uri, version=before.version + 1)
    world.store.update_app(after._replace(id_token_signed_response_alg="ES256"), before=before)
    times: dict[str, Any] = {"first_at": NOW, "last_at": NOW, "ends_at": NOW + 3600}
    world.grant_code(signed_into=SignedInto(user_id=ALICE.user_id, session_id=sid, client_id=WEB, **times))


def failed_before(world: World) -> None:
    """The app's server failed a minute ago."""
    signed_into(world)
    key = failures_of(world.store, world.web._replace(backchannel_logout_uri=LOGGED_OUT_AT), world.now).server_key
    world.store.count_failure(key.name_hash, now=NOW - 60, forget_at=NOW + 3540)


def signed_into_now(world: World) -> None:
    (session,) = world.store.sessions_of(ALICE.user_id)
    signed_into(world, public_id(session))


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


def notice_is_queued(world: World, answer: Answer | None) -> None:
    """Check that the app will be told, and that the sign-in is gone only then."""
    assert NOTICE in queued(world)
    assert world.store.sign_ins_of(ALICE.user_id)[1] == []


def notice_is_retried(world: World, answer: Answer | None) -> None:
    """Check that a notice whose app was not told is in a queue."""
    if answer and not answer["batchItemFailures"]:
        assert NOTICE in queued(world)


def nobody_elses(world: World, answer: Answer | None) -> None:
    """Check that a session which took another's place is the one whose cookie was sent, and that ends are announced."""
    cookies = "".join(answer["cookies"]) if answer else ""
    sent = re.search(rf"{SESSION_COOKIE}=([^;]+)", cookies)
    continued = [each.session_hash for each in world.store.sessions_of(ALICE.user_id) if each.sid]
    assert continued in ([], [digest(sent[1])] if sent else [])
    assert any(isinstance(each, SessionEnd) for each in queued(world))


END = SessionEnd(user_id=ALICE.user_id, at=NOW, session_hash=OTHER_SESSION)
FLOWS = [
    flow(
        *("backchannel_logout", "an end", received(END), "told"), given=signed_into, check=notice_is_queued, **TELLING
    ),
    flow(
        *("backchannel_logout", "an end that has not happened yet"),
        *(received(SessionEnd(user_id=ALICE.user_id, at=NOW)), "told"),
        **TELLING,
    ),
    flow("backchannel_logout", "a notice", received(NOTICE), "told", given=signed_into, **TELLING),
    flow(
        *("backchannel_logout", "a notice to a server that fails", received(NOTICE), "told"),
        given=lambda world: signed_into(world, uri=FAILING),
        check=notice_is_retried,
        **TELLING,
    ),
    flow(  # a second later the attempt counts as under way; the queue lets two minutes pass
        *("backchannel_logout", "a retry to a server that responds again", received(NOTICE, queue="slow"), "told"),
        given=failed_before,
        again="again",
        **TELLING,
    ),
    flow(
        *("backchannel_logout", "a notice that the app refuses", received(NOTICE), "told"),
        given=lambda world: signed_into(world, uri=REFUSING),
        **TELLING,
    ),
    flow("console", "sign out", page(LOGOUT), SIGNED_OUT, check=signed_out, **TELLING),
    flow(
        *("account", "sign out everywhere", page(SIGN_OUT_EVERYWHERE), SIGNED_OUT),
        check=none_left,
        again=LOGIN_AGAIN,
        **TELLING,
    ),
    flow("account", "page, with an app", page(ACCOUNT_PAGE), given=signed_into, **TELLING),
    flow(
        *("console", "sign in again, with an app", event(LOGIN, form=BY_ALICE, cookies=BOTH_COOKIES), "303 /developer"),
        given=signed_into_now,
        check=nobody_elses,
        **TELLING,
    ),
]
