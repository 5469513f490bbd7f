"""A server that takes metadata documents, containers that keep apps for a few seconds, and an owner with an app."""

from __future__ import annotations

import pytest

from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.owner_changes import create_app
from gatepost.model.records import App
from gatepost.scope import Scope
from tests.unit.clients.documents import Scene
from tests.unit.clients.shop import ADMIN
from tests.unit.clients.warm_container import Container
from tests.unit.world import NOW, OTHER, OWNER, SECRET, WEB, WRITE, World, app_details, web_app


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.fixture
def container(world: World) -> Container:
    """A container whose apps were used before on this day, and that has read none."""
    made = Container(world)
    for client_id, secret in ((WEB, SECRET), (OTHER, SECRET)):
        made.ask(NOW - 1, client_id, secret)
    assert made.recent._kept == {}
    return made


@pytest.fixture
def shop(world: World) -> App:
    return create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)[0]


@pytest.fixture
def granted(world: World) -> App:
    """An app with `write` of its own, and `admin` from users."""
    world.set(restricted_scopes=ADMIN)
    app = world.add_app(web_app(scope=Scope.of("read", "write", "admin"), own_scope=Scope()))
    return grant_scopes(world.store, world.settings, app, own=WRITE, marked=ADMIN, owner=OWNER, now=NOW)
