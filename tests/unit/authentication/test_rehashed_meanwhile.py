"""A hash of another cost that is replaced during another sign-in or a change of the password."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sign_in import check_password
from gatepost.errors import InvalidGrant
from gatepost.model.records import Login
from gatepost.stores.record_keys import LoginKey
from tests.unit.signing_in import offered
from tests.unit.world import ALICE, NOTHING, NOW, PASSWORD, World


class Racing:
    """A store in which another request replaces the hash first."""

    def __init__(self, world: World, password: str) -> None:
        self._store, self.hash = world.store, hash_password(password, cost=5)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def replace_hash(self, name: str, before: Login, password_hash: str) -> None:
        self._store.change_password(ALICE, self.hash, sessions_valid_from=0)
        self._store.replace_hash(name, before, password_hash)


@pytest.fixture
def world(world: World) -> World:
    world.set(bcrypt_cost=5)  # alice's hash has cost 4
    return world


def checked(world: World, store: object) -> Login:
    return check_password(store, world.settings, offered(world, "alice", PASSWORD), now=NOW)  # type: ignore[arg-type]


def test_what_comes_back_is_the_login_with_its_new_hash(world: World) -> None:
    login = checked(world, world.store)

    assert world.store.read(LoginKey("alice")) == (login,)
    assert login.password_hash.startswith("$2b$05$")


def test_of_two_who_replace_the_hash_both_sign_in(world: World) -> None:
    store = Racing(world, PASSWORD)

    assert checked(world, store) == Login(user_id="alice-id", password_hash=store.hash)


def test_a_password_that_was_changed_meanwhile_opens_nothing(world: World) -> None:
    with pytest.raises(InvalidGrant):
        checked(world, Racing(world, "another password of alice"))


def test_an_account_that_was_deleted_meanwhile_is_told_as_a_wrong_password(world: World) -> None:
    class Deleting(Racing):
        def replace_hash(self, name: str, before: Login, password_hash: str) -> None:
            self._store.delete_user(ALICE, revocation=NOTHING, forget_at=NOW)

    with pytest.raises(InvalidGrant, match="the user name or password is wrong"):
        checked(world, Deleting(world, PASSWORD))
