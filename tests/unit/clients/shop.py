"""Owners' changes of their apps, and an app with two secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gatepost.clients.owner_changes import InvalidApp, update_app
from gatepost.clients.scopes import granted_to_itself, scope_for_user
from gatepost.errors import InvalidClient
from gatepost.identifiers import digest
from gatepost.model.records import App, AppSecret
from gatepost.oauth.client_authentication import Credentials, authenticated
from gatepost.scope import Scope
from tests.raising import raised
from tests.unit.world import ALICE, CALLBACK, NOW, OWNER, World, accepted, details_of, web_app

ADMIN = Scope.of("admin")
ROOT = OWNER._replace(role="administrator")
TWO_SECRETS = web_app(
    secrets=(
        AppSecret(secret_id="s1", secret_hash=digest("old"), created_at=1),
        AppSecret(secret_id="s2", secret_hash=digest("new"), created_at=2),
    )
)
OTHER_LOOKS: list[dict[str, Any]] = [
    {"name": "Bank"},
    {"url": "https://bank.example.test"},
    {"redirect_uris": (CALLBACK, "https://evil.example.test/cb")},
    {"redirect_uris": ("https://evil.example.test/cb",)},
]


def update(world: World, app: App, now: float = NOW, **changes: Any) -> App:
    """An owner's change of some details; the owner of the world's apps unless said."""
    named = {name: changes.pop(name) for name in ("owner", "confirmed") if name in changes}
    details = details_of(app, **changes)
    return update_app(world.store, world.settings, app, details, now=now, **{"owner": OWNER, **named})


def faults(change: Callable[..., object], *sent: Any, **named: Any) -> dict[str, str]:
    """The faults for which a change is refused."""
    return raised(InvalidApp, change, *sent, **named).faults


def opens(app: App, secret: str) -> bool:
    credentials = Credentials(client_id=app.client_id, client_secret=secret, basic=True)
    return accepted(lambda: authenticated(app, credentials, NOW), InvalidClient)


def what_counts(world: World, app: App) -> tuple[str, str]:
    """What an app has of what an administrator granted: for itself, and from users."""
    users = scope_for_user(app, ALICE.user_id, None, world.settings) & world.settings.restricted_scopes
    return str(granted_to_itself(app)), str(users)
