"""The flows of administrators who look for people and apps, and end access."""

from __future__ import annotations

from dataclasses import replace

from gatepost.identifiers import digest
from gatepost.model.sessions import Session
from gatepost.routes import (
    ADMIN_APPS_PAGE,
    ADMIN_DISCONNECT,
    ADMIN_DISCONNECT_ALL,
    ADMIN_END_SESSION,
    ADMIN_END_SESSIONS,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
    APPS_PAGE,
)
from tests.security.faults.account_flows import all_ended, connected
from tests.security.faults.app_flows import disconnected
from tests.security.faults.events import page
from tests.security.faults.flow import Flows
from tests.security.faults.page_flows import account
from tests.security.faults.world import ALICE, COOKIES, ROOT, Answer, Event, World
from tests.unit.world import NOW

FLOWS = Flows()
ALICES = {"user_id": ALICE.user_id}
TO_USER = f"303 /developer/admin/users/{ALICE.user_id} "


@FLOWS.add("admin", "a user by address", "200")
def _(world: World) -> Event:
    return page(ADMIN_USERS_PAGE, ROOT, query={"q": ALICE.email})


@FLOWS.add("admin", "an app by key", "200")
def _(world: World) -> Event:
    return page(ADMIN_APPS_PAGE, ROOT, query={"q": world.web.client_id})


@FLOWS.add("admin", "a user who is connected", "200")
def _(world: World) -> Event:
    connected(world)
    return page(ADMIN_USER_PAGE, ROOT, at=ALICES)


def session(world: World, cookie: str = COOKIES[ALICE.user_id]) -> Session | None:
    found = world.store.sessions_of(ALICE.user_id)
    return next((each for each in found if each.session_hash == digest(cookie)), None)


def session_gone(world: World, answer: Answer | None) -> None:
    assert session(world) is None


@FLOWS.add("admin", "end a session of another", TO_USER + "session_ended", check=session_gone)
def _(world: World) -> Event:
    return page(ADMIN_END_SESSION, ROOT, at={**ALICES, "session_id": digest(COOKIES[ALICE.user_id])})


def sessions_void(world: World, answer: Answer | None) -> None:
    valid_from = account(world).sessions_valid_from
    assert valid_from > NOW
    assert all(each.created_at < valid_from for each in world.store.sessions_of(ALICE.user_id))


@FLOWS.add("admin", "end every session of another", TO_USER + "sessions_ended", check=sessions_void)
def _(world: World) -> Event:
    return page(ADMIN_END_SESSIONS, ROOT, at=ALICES)


@FLOWS.add("admin", "end an app's access to another", TO_USER + "disconnected", check=disconnected)
def _(world: World) -> Event:
    connected(world)
    return page(ADMIN_DISCONNECT, ROOT, at={**ALICES, "client_id": world.web.client_id})


@FLOWS.add("admin", "end every app's access to another", TO_USER + "all_disconnected", check=all_ended)
def _(world: World) -> Event:
    connected(world)
    return page(ADMIN_DISCONNECT_ALL, ROOT, at=ALICES)


@FLOWS.add("apps", "a page that is noted as a use of its session", "200")
def _(world: World) -> Event:
    """Succeed whether the use can be written or not."""
    current = session(world)
    assert current is not None
    world.store.start_session(replace(current, created_at=NOW - 3600))
    return page(APPS_PAGE)
