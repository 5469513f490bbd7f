"""The app of bob, and what is stored of it."""

from __future__ import annotations

from dataclasses import replace

from gatepost.errors import InvalidClient
from gatepost.model.records import App
from gatepost.oauth.client_authentication import Credentials, authenticated_app
from gatepost.stores.record_keys import AppKey
from tests.unit.world import NOW, OWNER, World

BOB = replace(OWNER, user_id="bob-id", user_name="bob")


def stored(world: World, app: App) -> App | None:
    (found,) = world.store.read(AppKey(app.client_id))
    assert found is None or isinstance(found, App)
    return found


def opens(app: App, secret: str) -> bool:
    try:
        authenticated_app(app, Credentials(client_id=app.client_id, client_secret=secret, basic=True), NOW)
    except InvalidClient:
        return False
    return True
