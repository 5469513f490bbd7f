"""Servers whose tokens carry groups, or are for several APIs."""

from __future__ import annotations

import pytest

from gatepost.scope import Scope
from tests.unit.grants.resourced import RESOURCES
from tests.unit.world import World, web_app


@pytest.fixture
def grouped(world: World) -> World:
    """A server whose tokens carry groups, with alice in two of them."""
    world.set(openid=True, groups_claim="groups")
    world.web = world.add_app(web_app(scope=Scope.of("openid", "email", "read", "write")))
    world.store.set_user_rights("alice-id", groups=("editors", "staff"))
    return world


@pytest.fixture
def resourced(world: World) -> None:
    world.set(resources=RESOURCES)
