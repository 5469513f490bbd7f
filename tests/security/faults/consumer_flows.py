"""The flows of the consumer API."""

from __future__ import annotations

from typing import Any

from gatepost.clients.owner_changes import add_secret
from gatepost.consumer.apps import _etag
from gatepost.routes import (
    API_ACCOUNT,
    API_APP,
    API_APPS,
    API_CHANGE_APP,
    API_CREATE_APP,
    API_CREATE_SECRET,
    API_DELETE_APP,
    API_DOCUMENT,
    API_END_GRANT,
    API_END_SECRET,
    API_GRANTS,
    API_SCOPES,
    Route,
)
from gatepost.stores.record_keys import AppKey
from tests.security.faults.account_flows import connected
from tests.security.faults.app_flows import (
    app,
    app_gone,
    disconnected,
    one_shop,
    renamed,
    second_alone,
    stopped,
    two_secrets,
)
from tests.security.faults.events import event
from tests.security.faults.flow import Arrange, Flows
from tests.security.faults.world import ALICE, Answer, Event, World
from tests.unit.world import CALLBACK

FLOWS = Flows()


def api(route: Route, **options: Any) -> Event:
    token = {"sub": ALICE.user_id, "client_id": "a-client", "scope": "consumer", "grant_id": "g"}
    return event(route, token=token, **options)


def of_web_api(world: World, route: Route, **options: Any) -> Event:
    return api(route, at={"client_id": world.web.client_id}, **options)


def lists(route: Route) -> Arrange:
    """A client looks at what is alice's."""
    return lambda world: api(route)


CHANGE = {
    "name": "Shop",
    "url": "https://client.example.test",
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code"],
    "scope": ["read"],
}
for _name, _route in {
    "list apps": API_APPS,
    "list connections": API_GRANTS,
    "list scopes": API_SCOPES,
    "account": API_ACCOUNT,
}.items():
    FLOWS.add("consumer", _name, "200")(lists(_route))


@FLOWS.add("consumer", "description", "200")
def _(world: World) -> Event:
    return event(API_DOCUMENT)


@FLOWS.add("consumer", "read an app", "200")
def _(world: World) -> Event:
    return of_web_api(world, API_APP)


@FLOWS.add("consumer", "create an app", "201", check=one_shop, again=("400 Bad Request",))
def _(world: World) -> Event:
    return api(API_CREATE_APP, document={**CHANGE, "confidential": True})


@FLOWS.add("consumer", "change an app", "200", check=renamed, again=("412 Precondition Failed",))
def _(world: World) -> Event:
    return of_web_api(world, API_CHANGE_APP, document=CHANGE, headers={"If-Match": _etag(app(world), world.settings)})


@FLOWS.add("consumer", "delete an app", "204", check=app_gone, again=("404 Not Found",))
def _(world: World) -> Event:
    world.tokens()
    return of_web_api(world, API_DELETE_APP)


def unused_app_gone(world: World, answer: Answer | None) -> None:
    assert world.store.read(AppKey(world.web.client_id)) == (None,)
    assert not stopped(world, "client", world.web.client_id)


@FLOWS.add("consumer", "delete an unused app", "204", check=unused_app_gone, again=("404 Not Found",))
def _(world: World) -> Event:
    return of_web_api(world, API_DELETE_APP)


@FLOWS.add("consumer", "a second secret", "201", check=two_secrets, again=("409 Conflict",))
def _(world: World) -> Event:
    return of_web_api(world, API_CREATE_SECRET)


@FLOWS.add("consumer", "end a secret", "204", check=second_alone, again=("404 Not Found",))
def _(world: World) -> Event:
    add_secret(world.store, app(world), now=world.now)
    return api(API_END_SECRET, at={"client_id": world.web.client_id, "secret_id": "s1"})


@FLOWS.add("consumer", "disconnect", "204", check=disconnected, again=("404 Not Found",))
def _(world: World) -> Event:
    connected(world)
    return of_web_api(world, API_END_GRANT)
