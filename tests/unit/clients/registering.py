"""Apps that register themselves."""

from __future__ import annotations

from typing import Any

from gatepost.clients.dynamic_registration import change_registration, register_app
from gatepost.model.records import App
from gatepost.stores.record_keys import AppKey
from tests.unit.world import CALLBACK, NOW, World

DAY = 86400
HOUR = NOW - NOW % 3600
HERE: dict[str, Any] = {"source_ip": "192.0.2.7", "now": NOW}
LEAST: dict[str, Any] = {"redirect_uris": [CALLBACK], "client_name": "Weather"}
PUBLIC = {**LEAST, "token_endpoint_auth_method": "none"}


def registered(world: World, sent: dict[str, Any] = PUBLIC, **where: Any) -> tuple[App, dict[str, Any]]:
    return register_app(world.store, world.settings, sent, **{**HERE, **where})


def changed(world: World, app: App, document: dict[str, Any], **where: Any) -> App:
    return change_registration(world.store, world.settings, app, document, **{**HERE, **where})


def stored(world: World, app: App) -> App | None:
    found: App | None = world.store.read(AppKey(app.client_id))[0]
    return found
