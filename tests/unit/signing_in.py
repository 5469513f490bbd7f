"""Accounts, and their credentials."""

from __future__ import annotations

import pytest

from gatepost.accounts.accounts import register
from gatepost.authentication.factors.password import SignIn, check_password
from gatepost.authentication.sessions import current_user, session_key
from gatepost.authentication.sign_in import login_keys, name_behind, normalized
from gatepost.authentication.throttling import account_key, device_key
from gatepost.errors import InvalidGrant
from gatepost.model.records import User
from gatepost.stores.record_keys import UserKey
from tests.unit.world import NOW, PASSWORD, World, accepted


def add_user(world: World, name: str = "bob") -> User:
    return register(world.store, world.settings, user_name=name, email="", password=PASSWORD, now=NOW)


def account(world: World, user: User) -> User | None:
    (found,) = world.store.read(UserKey(user.user_id))
    assert found is None or isinstance(found, User)
    return found


def offered(
    world: World, name: str, password: str, *, source_ip: str = "192.0.2.1", device: str = "", now: float = NOW
) -> SignIn:
    """Return submitted credentials, with the store's records about them."""
    user_name = name_behind(world.store, name)
    login, attempts, network_attempts = world.store.read(*login_keys(user_name, name, source_ip))
    device_attempts, account_attempts = world.store.read(device_key(device), account_key(normalized(user_name), now))
    return SignIn(
        user_name=user_name,
        typed=name,
        password=password,
        source_ip=source_ip,
        login=login,
        attempts=attempts,
        network_attempts=network_attempts,
        device=device,
        device_attempts=device_attempts,
        account_attempts=account_attempts,
    )


def sign_in(
    world: World, name: str, password: str, now: float = NOW, *, source_ip: str = "192.0.2.1", device: str = ""
) -> str:
    """Return the user of a name and password."""
    what = offered(world, name, password, source_ip=source_ip, device=device, now=now)
    return check_password(world.store, world.settings, what, now=now).user_id


def opens(world: World, password: str, name: str = "alice") -> bool:
    return accepted(lambda: sign_in(world, name, password))


def visitor(world: World, cookie: str, now: float) -> User | None:
    """Return the visitor of a browser with this cookie."""
    key = session_key(cookie)
    assert key is not None
    session, user = world.store.read(key, UserKey(key.user_id))
    return current_user(session, user, now)


def fail(world: World, user_name: str, times: int, now: float = NOW, *, device: str = "") -> None:
    for _ in range(times):
        with pytest.raises(InvalidGrant):
            sign_in(world, user_name, "wrong", now, device=device)
