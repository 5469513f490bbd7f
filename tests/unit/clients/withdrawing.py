"""An owner's changes of an app that has scopes from an administrator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gatepost.clients.owner_changes import update_app
from gatepost.clients.scopes import granted_to_itself, scope_for_user
from gatepost.clients.withdrawal import Withdrawal
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from tests.unit.world import ALICE, CALLBACK, NOW, OWNER, World, details_of

ADMIN = Scope.of("admin")
NOTHING = Withdrawal(users=Scope(), itself=Scope(), approval=False)
ROOT = replace(OWNER, role="administrator")
OTHER_LOOKS: list[dict[str, Any]] = [
    {"name": "Bank"},
    {"url": "https://bank.example.test"},
    {"redirect_uris": (CALLBACK, "https://evil.example.test/cb")},
    {"redirect_uris": ("https://evil.example.test/cb",)},
]


def update(world: World, app: App, now: float = NOW, **changes: Any) -> App:
    named = {name: changes.pop(name) for name in ("owner", "confirmed") if name in changes}
    details = details_of(app, **changes)
    return update_app(world.store, world.settings, app, details, now=now, **{"owner": OWNER, **named})


def stored(world: World, app: App) -> App:
    return world.stored(AppKey(app.client_id))


def what_counts(world: World, app: App) -> tuple[str, str]:
    users = scope_for_user(app, ALICE.user_id, None, world.settings) & world.settings.restricted_scopes
    return str(granted_to_itself(app)), str(users)
