"""Codes and refresh tokens that are refused: always in the same way, with a reason in the log."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.errors import InvalidGrant
from gatepost.model.records import App
from tests.unit.world import NOW, World


def code_refused(world: World, code: str, *args: Any, **changes: Any) -> str:
    """Return the logged reason."""
    with pytest.raises(InvalidGrant, match=r"^code is not valid$") as caught:
        world.redeem(code, *args, **changes)
    return caught.value.reason


def refused(world: World, token: str, app: App | None = None, *, now: float = NOW) -> str:
    """Return the logged reason for which a refresh token is refused."""
    with pytest.raises(InvalidGrant, match=r"^refresh_token is not valid$") as caught:
        world.refresh(token, app, now=now)
    return caught.value.reason
