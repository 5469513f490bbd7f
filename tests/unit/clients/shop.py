"""An app of bob as it is stored, and one with two secrets."""

from __future__ import annotations

from dataclasses import replace

from gatepost.errors import InvalidClient
from gatepost.identifiers import digest
from gatepost.model.records import App, AppSecret
from gatepost.oauth.client_authentication import Credentials, authenticated
from gatepost.stores.record_keys import AppKey
from tests.unit.world import NOW, OWNER, World, web_app

BOB = replace(OWNER, user_id="bob-id", user_name="bob")
TWO_SECRETS = web_app(
    secrets=(
        AppSecret(secret_id="s1", secret_hash=digest("old"), created_at=1),
        AppSecret(secret_id="s2", secret_hash=digest("new"), created_at=2),
    )
)


def stored(world: World, app: App) -> App | None:
    (found,) = world.store.read(AppKey(app.client_id))
    assert found is None or isinstance(found, App)
    return found


def opens(app: App, secret: str) -> bool:
    try:
        authenticated(app, Credentials(client_id=app.client_id, client_secret=secret, basic=True), NOW)
    except InvalidClient:
        return False
    return True
