"""Apps that their owner changes while something is under way."""

from __future__ import annotations

import time
from typing import Any

from gatepost.clients.owner_changes import update_app
from gatepost.stores.record_keys import AppKey, UserKey
from tests.people import Client
from tests.unit.world import details_of

OTHER = "https://client.example.test/other"


def changed(client: Client, **changes: Any) -> None:
    """The app's owner saves the form, with `changes`."""
    deployment, app = client.deployment, client.deployment.store.read(AppKey(client.app.client_id))[0]
    assert app is not None
    (owner,) = deployment.store.read(UserKey(app.owner))
    assert owner is not None
    details = details_of(app, **changes)
    update_app(deployment.store, deployment.settings, app, details, owner=owner, now=time.time())
