"""A server that takes metadata documents."""

from __future__ import annotations

import pytest

from tests.unit.clients.documents import Scene
from tests.unit.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)
