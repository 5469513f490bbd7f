"""The flows of apps that register themselves, and of administrators who end them."""

from __future__ import annotations

from typing import Any

from gatepost.identifiers import digest
from gatepost.model.permits import Permit
from gatepost.model.records import REGISTERED, App
from gatepost.routes import (
    ADMIN_CHANGE_REGISTERED,
    ADMIN_REGISTERED_PAGE,
    CHANGE_REGISTERED_APP,
    DELETE_REGISTERED_APP,
    REGISTER_APP,
    REGISTERED_APP,
    Route,
)
from gatepost.stores.record_keys import AppKey, PermitKey
from tests.security.faults.events import event, page
from tests.security.faults.flow import Flows
from tests.security.faults.world import ROOT, Answer, Event, World
from tests.unit.world import CALLBACK, NOW, native_app

FLOWS = Flows()
STRANGER = "40000000-0000-8000-a000-000000000000"
TOKEN, PERMIT = "the-token-of-a-registration", "an-initial-access-token"
SENT = {"redirect_uris": [CALLBACK], "client_name": "Weather", "token_endpoint_auth_method": "none"}


def strangers(world: World) -> list[App]:
    return list(world.store.apps_of(REGISTERED, cursor=None, limit=9).items)


def registered(world: World, **changes: Any) -> None:
    """An app that registered itself two hours ago."""
    known: dict[str, Any] = {
        "client_id": STRANGER,
        "owner": REGISTERED,
        "grant_types": ("authorization_code",),
        "own_scope": None,
        "registration_token_hash": digest(TOKEN),
        "registered": '{"token_endpoint_auth_method":"none"}',
        "kept_unused": 30 * 86400,
        "created_at": NOW - 7200,
    }
    world.store.register_app(native_app(**{**known, **changes}), now=NOW)


def managed(world: World, route: Route, **options: Any) -> Event:
    registered(world, last_used_at=NOW - 60)
    return event(route, at={"client_id": STRANGER}, headers={"Authorization": f"Bearer {TOKEN}"}, **options)


def weather_is_there(world: World, answer: Answer | None) -> None:
    assert {each.name for each in strangers(world)} == {"Weather"}


@FLOWS.add("register_app", "register an app", "201", check=weather_is_there, dynamic_registration="open")
def _(world: World) -> Event:
    return event(REGISTER_APP, document=SENT)


def registered_once(world: World, answer: Answer | None) -> None:
    assert [each.name for each in strangers(world)] == ["Weather"]
    (permit,) = world.store.read(PermitKey(digest(PERMIT)))
    assert permit is not None
    assert permit.uses == 1


@FLOWS.add(
    "register_app",
    "register an app with a token",
    "201",
    check=registered_once,
    again=("401 invalid_token",),
    dynamic_registration="token",
)
def _(world: World) -> Event:
    permit = Permit(permit_hash=digest(PERMIT), created_at=NOW, expires_at=NOW + 600, uses=0, most_uses=1)
    world.store.save_permit(permit)
    return event(REGISTER_APP, document=SENT, headers={"Authorization": f"Bearer {PERMIT}"})


@FLOWS.add("register_app", "read a registration", "200", dynamic_registration="open")
def _(world: World) -> Event:
    return managed(world, REGISTERED_APP)


@FLOWS.add("register_app", "change a registration", "200", check=weather_is_there, dynamic_registration="open")
def _(world: World) -> Event:
    return managed(world, CHANGE_REGISTERED_APP, document={**SENT, "client_id": STRANGER})


def gone(world: World, answer: Answer | None) -> None:
    assert world.store.read(AppKey(STRANGER)) == (None,)


def gone_and_told(world: World, answer: Answer | None) -> None:
    gone(world, answer)
    assert [each.subject for each in world.store.feed(0) if each.kind == "client"] == [STRANGER]


@FLOWS.add(
    *("register_app", "delete a registration", "204"),
    check=gone_and_told,
    again=("401 invalid_token",),
    dynamic_registration="open",
)
def _(world: World) -> Event:
    return managed(world, DELETE_REGISTERED_APP)


@FLOWS.add("admin", "registered by themselves", "200")
def _(world: World) -> Event:
    registered(world)
    return page(ADMIN_REGISTERED_PAGE, ROOT)


TO_LIST = f"303 {ADMIN_REGISTERED_PAGE.path} "


@FLOWS.add("admin", "end an app that registered itself", TO_LIST + "app_ended", check=gone_and_told)
def _(world: World) -> Event:
    registered(world, last_used_at=NOW - 60)
    return page(ADMIN_CHANGE_REGISTERED, ROOT, form={"end": STRANGER})


@FLOWS.add("admin", "end apps that nobody used", TO_LIST + "unused_ended", check=gone)
def _(world: World) -> Event:
    registered(world)
    return page(ADMIN_CHANGE_REGISTERED, ROOT, form={"action": "end_unused"})


def withdrawn(world: World, answer: Answer | None) -> None:
    assert world.store.read(PermitKey(digest(PERMIT))) == (None,)


@FLOWS.add(
    *("admin", "withdraw a token for registrations", TO_LIST + "permit_withdrawn"),
    check=withdrawn,
    dynamic_registration="token",
)
def _(world: World) -> Event:
    permit = Permit(permit_hash=digest(PERMIT), created_at=NOW, expires_at=NOW + 600, uses=0, most_uses=1)
    world.store.save_permit(permit)
    return page(ADMIN_CHANGE_REGISTERED, ROOT, form={"withdraw": permit.permit_hash})


@FLOWS.add("admin", "make a token for registrations", "200", dynamic_registration="token")
def _(world: World) -> Event:
    return page(ADMIN_CHANGE_REGISTERED, ROOT, form={"action": "permit", "apps": "1", "days": "7"})
