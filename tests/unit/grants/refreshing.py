"""Assertions about rejected refreshes."""

from __future__ import annotations

import pytest

from gatepost.errors import InvalidGrant
from gatepost.model.records import App
from tests.unit.world import NOW, World


def refused(world: World, token: str, app: App | None = None, *, now: float = NOW) -> None:
    with pytest.raises(InvalidGrant) as caught:
        world.refresh(token, app, now=now)
    assert caught.value.description == "refresh_token is not valid"
