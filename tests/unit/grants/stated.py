"""Codes with the facts that tokens state about a user, and the claims of a token."""

from __future__ import annotations

from typing import Any

import jwt

from gatepost.model.records import User
from gatepost.model.subject import Subject
from gatepost.scope import Scope
from gatepost.stores.record_keys import UserKey
from tests.unit.world import NOW, World

OPENID_READ = Scope.of("openid", "read")
SIGN_IN: dict[str, Any] = {"nonce": "n-0S6", "auth_time": NOW - 77, "session_id": "a-session"}


def payload(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def approved(world: World, **changes: Any) -> str:
    """A code as the authorization endpoint makes it: with what the user is now."""
    return world.code(**{"scope": OPENID_READ, **SIGN_IN, "subject": Subject.of(alice(world)), **changes})


def alice(world: World) -> User:
    return world.stored(UserKey("alice-id"))
