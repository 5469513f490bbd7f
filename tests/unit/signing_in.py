"""Accounts, and what opens them."""

from __future__ import annotations

from gatepost.accounts import register
from gatepost.errors import InvalidGrant
from gatepost.model import User
from gatepost.sessions import current_user, session_key
from gatepost.sign_in import check_password, login_keys
from gatepost.stores.keys import UserKey
from tests.unit.world import NOW, PASSWORD, World


def add_user(world: World, name: str = "bob") -> User:
    return register(world.store, world.settings, user_name=name, email="", password=PASSWORD, now=NOW)


def account(world: World, user: User) -> User | None:
    (found,) = world.store.read(UserKey(user.user_id))
    assert found is None or isinstance(found, User)
    return found


def opens(world: World, password: str, name: str = "alice") -> bool:
    login, attempts = world.store.read(*login_keys(name))
    try:
        check_password(world.store, world.settings, name, password, login, attempts, now=NOW)
    except InvalidGrant:
        return False
    return True


def visitor(world: World, cookie: str, now: float) -> User | None:
    """Who a browser with this cookie is."""
    key = session_key(cookie)
    assert key is not None
    session, user = world.store.read(key, UserKey(key.user_id))
    return current_user(session, user, now)
