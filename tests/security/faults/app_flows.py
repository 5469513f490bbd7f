"""The flows of developers and users in the console: apps, secrets and connections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gatepost.clients.owner_changes import add_secret
from gatepost.clients.scopes import granted_to_itself
from gatepost.model.records import App
from gatepost.routes import (
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DELETE_APP,
    EDIT_APP_PAGE,
    END_SECRET,
    GRANTS_PAGE,
    LABEL_SECRET,
    NEW_APP_PAGE,
    NEW_SECRET,
    REVOKE_GRANT,
    REVOKE_GRANTS,
    SECRET_PAGE,
    UPDATE_APP,
    Route,
)
from gatepost.stores.record_keys import AppKey
from tests.contract.records import PROBLEM
from tests.security.faults.account_flows import all_ended, connected
from tests.security.faults.authorize_flows import grants
from tests.security.faults.events import page
from tests.security.faults.flow import Arrange, Flows
from tests.security.faults.world import ALICE, Answer, Event, World
from tests.unit.world import CALLBACK

FLOWS = Flows()
SHOP: dict[str, Any] = {
    "name": "Shop",
    "url": "https://client.example.test",
    "redirect_uris": CALLBACK,
    "kind": "confidential",
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": ["read"],
}


def app(world: World) -> App:
    (found,) = world.store.read(AppKey(world.web.client_id))
    assert isinstance(found, App)
    return found


def of_web(world: World, route: Route, **options: Any) -> Event:
    return page(route, at={"client_id": world.web.client_id}, **options)


def sees(route: Route) -> Arrange:
    """Alice looks at a page of hers, or of her web app."""

    def arrange(world: World) -> Event:
        return of_web(world, route) if "{client_id}" in route.path else page(route)

    return arrange


for _name, _route in {"my apps": APPS_PAGE, "new app, page": NEW_APP_PAGE}.items():
    FLOWS.add("apps", _name, "200")(sees(_route))
for _name, _route in {"app, page": APP_PAGE, "edit app, page": EDIT_APP_PAGE}.items():
    FLOWS.add("apps", _name, "200")(sees(_route))


def one_shop(world: World, answer: Answer | None) -> None:
    names = [each.name for each in world.store.apps_of(ALICE.user_id, cursor=None, limit=9).items]
    assert sorted(names) == ["Native", "Shop", "Web"]


@FLOWS.add("apps", "create an app", "200", check=one_shop, again=("400",))
def _(world: World) -> Event:
    return page(CREATE_APP, form=SHOP)


def renamed(world: World, answer: Answer | None) -> None:
    """Check that what was granted to the app under its former name has ended in the same step."""
    assert (app(world).name, app(world).version) == ("Shop", 2)
    assert not granted_to_itself(app(world))
    assert stopped(world, "user", world.web.client_id)


@FLOWS.add("apps", "change an app", "303 /developer/apps/{web} app_changed", check=renamed, again=("412",))
def _(world: World) -> Event:
    return of_web(world, UPDATE_APP, form={**SHOP, "version": "1", "confirmed": "yes"})


def two_secrets(world: World, answer: Answer | None) -> None:
    assert len(app(world).secrets) == 2


@FLOWS.add("apps", "a second secret", "200", check=two_secrets, again=("303 /developer/apps/{web} unchanged",))
def _(world: World) -> Event:
    return of_web(world, NEW_SECRET)


def second_alone(world: World, answer: Answer | None) -> None:
    (secret,) = app(world).secrets
    assert secret.secret_id != "s1"


@FLOWS.add("apps", "the question before a secret ends", "200")
def _(world: World) -> Event:
    return page(SECRET_PAGE, at={"client_id": world.web.client_id, "secret_id": "s1"})


def labelled(world: World, answer: Answer | None) -> None:
    (secret,) = app(world).secrets
    assert (secret.secret_id, secret.label) == ("s1", "Staging")


@FLOWS.add("apps", "label a secret", "303 /developer/apps/{web} app_changed", check=labelled)
def _(world: World) -> Event:
    return page(LABEL_SECRET, at={"client_id": world.web.client_id, "secret_id": "s1"}, form={"label": "Staging"})


@FLOWS.add("apps", "end a secret", "303 /developer/apps/{web} secret_ended", check=second_alone)
def _(world: World) -> Event:
    add_secret(world.store, app(world), now=world.now)
    return page(END_SECRET, at={"client_id": world.web.client_id, "secret_id": "s1"})


def app_gone(world: World, answer: Answer | None) -> None:
    assert world.store.read(AppKey(world.web.client_id)) == (None,)
    assert world.store.problems_of(world.web.client_id) == []
    assert stopped(world, "client", world.web.client_id)


def stopped(world: World, kind: str, subject: str) -> bool:
    """Whether the feed names it."""
    return any((each.kind, each.subject) == (kind, subject) for each in world.store.feed(0))


@FLOWS.add("apps", "delete an app", "303 /developer/apps app_deleted", check=app_gone, again=("404",))
def _(world: World) -> Event:
    world.tokens()
    world.store.note_problems(replace(PROBLEM, client_id=world.web.client_id))
    return of_web(world, DELETE_APP, form={"confirm_name": "Web"})


def disconnected(world: World, answer: Answer | None) -> None:
    assert all(grant.revoked_at for grant in grants(world))
    assert world.store.approvals_of(ALICE.user_id) == []


@FLOWS.add("connections", "page", "200")
def _(world: World) -> Event:
    connected(world)
    return page(GRANTS_PAGE)


@FLOWS.add("connections", "disconnect", "303 /developer/grants disconnected", check=disconnected)
def _(world: World) -> Event:
    connected(world)
    return of_web(world, REVOKE_GRANT)


@FLOWS.add("connections", "disconnect all", "303 /developer/grants all_disconnected", check=all_ended)
def _(world: World) -> Event:
    connected(world)
    return page(REVOKE_GRANTS)
