"""The flows of apps that register themselves, and of administrators who end them."""

from __future__ import annotations

from typing import Any

from gatepost import routes
from gatepost.identifiers import digest
from gatepost.model.permits import Permit
from gatepost.model.records import REGISTERED
from gatepost.stores.record_keys import AppKey, PermitKey
from tests.security.faults.events import event, page
from tests.security.faults.flow import every, flow, gone, has, in_feed
from tests.security.faults.world import ROOT, Answer, Event, World
from tests.unit.world import CALLBACK, NOW, native_app

STRANGER = "40000000-0000-8000-a000-000000000000"
TOKEN, PERMIT = "the-token-of-a-registration", "an-initial-access-token"
SENT = {"redirect_uris": [CALLBACK], "client_name": "Weather", "token_endpoint_auth_method": "none"}


def registered(world: World, last_used_at: int = 0) -> None:
    """An app that registered itself two hours ago."""
    app = native_app(
        client_id=STRANGER,
        owner=REGISTERED,
        grant_types=("authorization_code",),
        own_scope=None,
        registration_token_hash=digest(TOKEN),
        registered='{"token_endpoint_auth_method":"none"}',
        kept_unused=30 * 86400,
        created_at=NOW - 7200,
        last_used_at=last_used_at,
    )
    world.store.register_app(app, now=NOW)


def used(world: World) -> None:
    registered(world, NOW - 60)


def permitted(world: World) -> None:
    permit = Permit(permit_hash=digest(PERMIT), created_at=NOW, expires_at=NOW + 600, uses=0, most_uses=1)
    world.store.save_permit(permit)


def managed(route: routes.Route, **options: Any) -> Event:
    return event(route, at={"client_id": STRANGER}, headers={"Authorization": f"Bearer {TOKEN}"}, **options)


def weather_is_there(world: World, answer: Answer | None) -> None:
    assert {each.name for each in world.store.apps_of(REGISTERED, cursor=None, limit=9).items} == {"Weather"}


def once(world: World, answer: Answer | None) -> None:
    assert len(world.store.apps_of(REGISTERED, cursor=None, limit=9).items) == 1


def end(**form: str) -> Event:
    return page(routes.ADMIN_CHANGE_REGISTERED, ROOT, form=form)


TO_LIST = f"303 {routes.ADMIN_REGISTERED_PAGE.path} "
GONE = every(gone(AppKey(STRANGER)), in_feed("client", STRANGER))
OPEN: dict[str, Any] = {"dynamic_registration": "open"}
BY_TOKEN: dict[str, Any] = {"dynamic_registration": "token"}
FLOWS = [
    flow(
        "register_app",
        "register an app",
        event(routes.REGISTER_APP, document=SENT),
        "201",
        check=weather_is_there,
        **OPEN,
    ),
    flow(
        *("register_app", "register an app with a token"),
        *(event(routes.REGISTER_APP, document=SENT, headers={"Authorization": f"Bearer {PERMIT}"}), "201"),
        given=permitted,
        check=every(weather_is_there, once, has(PermitKey(digest(PERMIT)), uses=1)),
        again="401 invalid_token",
        **BY_TOKEN,
    ),
    flow("register_app", "read a registration", managed(routes.REGISTERED_APP), given=used, **OPEN),
    flow(
        *("register_app", "change a registration"),
        managed(routes.CHANGE_REGISTERED_APP, document={**SENT, "client_id": STRANGER}),
        given=used,
        check=weather_is_there,
        **OPEN,
    ),
    flow(
        *("register_app", "delete a registration", managed(routes.DELETE_REGISTERED_APP), "204"),
        given=used,
        check=GONE,
        again="401 invalid_token",
        **OPEN,
    ),
    flow("admin", "registered by themselves", page(routes.ADMIN_REGISTERED_PAGE, ROOT), given=registered),
    flow(
        "admin", "end an app that registered itself", end(end=STRANGER), TO_LIST + "app_ended", given=used, check=GONE
    ),
    flow(
        *("admin", "end apps that nobody used", end(action="end_unused"), TO_LIST + "unused_ended"),
        given=registered,
        check=gone(AppKey(STRANGER)),
    ),
    flow("admin", "make a token for registrations", end(action="permit", apps="1", days="7"), **BY_TOKEN),
    flow(
        *("admin", "withdraw a token for registrations", end(withdraw=digest(PERMIT)), TO_LIST + "permit_withdrawn"),
        given=permitted,
        check=gone(PermitKey(digest(PERMIT))),
        **BY_TOKEN,
    ),
]
