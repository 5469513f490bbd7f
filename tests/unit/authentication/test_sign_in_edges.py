"""Edge cases of the password check: the log, attempts at once, known browsers, a hash replaced meanwhile."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from gatepost.authentication.factors.password import check_password, is_known_device, remembered_device
from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sign_in import audited_name, name_key
from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.model.records import Login
from gatepost.stores.record_keys import LoginKey
from tests.raising import raised
from tests.unit.meanwhile import meanwhile
from tests.unit.signing_in import add_user, offered, sign_in
from tests.unit.world import ALICE, NOTHING, NOW, PASSWORD, World


class Noting:
    """A store that records its calls."""

    def __init__(self, world: World) -> None:
        self._store = world.store
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.called.append(name)
        return getattr(self._store, name)


def refused(world: World, name: str, *, device: str = "") -> InvalidGrant:
    return raised(InvalidGrant, sign_in, world, name, "wrong", device=device)


def test_the_log_learns_whose_name_it_was_and_the_audit_list_no_other(world: World) -> None:
    known, unknown = refused(world, "Alice"), refused(world, "the password by mistake")

    assert (known.reason, known.facts["user_id"]) == ("wrong password", "alice-id")
    assert (unknown.reason, unknown.facts["user_id"]) == ("unknown user name", "")
    assert known.description == unknown.description
    assert audited_name(known, "Alice") == "alice"
    assert audited_name(unknown, "the password by mistake") == "an unknown name"


def test_a_known_browser_may_offer_a_name_that_nobody_has(world: World) -> None:
    device = remembered_device(world.store, "alice-id", now=NOW)

    assert refused(world, "nobody", device=device).reason == "unknown user name"


def test_s34_a_known_browser_stays_one_when_its_failures_are_forgotten(world: World) -> None:
    device = remembered_device(world.store, "alice-id", now=NOW)
    refused(world, "alice", device=device)
    sign_in(world, "alice", PASSWORD, device=device)
    for _ in range(5):
        refused(world, "alice")

    assert sign_in(world, "alice", PASSWORD, device=device) == "alice-id"


@pytest.mark.parametrize(("known", "given_back"), [(True, "trust_device"), (False, "forget_failures")])
def test_s132_an_attempt_is_counted_first_and_given_back(world: World, known: bool, given_back: str) -> None:
    device = remembered_device(world.store, "alice-id", now=NOW) if known else ""
    offer = offered(world, "alice", PASSWORD, device=device)
    store = Noting(world)

    check_password(store, world.settings, offer, now=NOW)

    assert store.called == ["reserve_attempt", given_back]


def test_s132_of_forty_guesses_at_once_five_are_looked_at(world: World) -> None:
    at_once = [offered(world, "alice", f"wrong {number}") for number in range(39)]
    told = []
    for offer in [*at_once, offered(world, "alice", PASSWORD)]:  # the right one is not looked at either
        with pytest.raises((InvalidGrant, TooManyAttempts)) as caught:
            check_password(world.store, world.settings, offer, now=NOW)
        told.append(type(caught.value))

    assert (told.count(InvalidGrant), told.count(TooManyAttempts)) == (5, 35)


@pytest.mark.parametrize(("valid_from", "known"), [(NOW - 1, True), (NOW, False), (NOW + 1, False)])
def test_s122_a_browser_is_known_since_the_account_was_stopped(world: World, valid_from: int, known: bool) -> None:
    device = remembered_device(world.store, "alice-id", now=NOW)
    world.store.deactivate_user(ALICE, valid_from=valid_from, revocation=None, besides=None)

    assert is_known_device(offered(world, "alice", PASSWORD, device=device), NOW) is known


def test_s34_a_failure_of_one_name_is_not_forgotten_by_another(world: World) -> None:
    add_user(world)
    refused(world, "alice")
    sign_in(world, "bob", PASSWORD)

    attempts = world.stored(name_key("alice"))
    assert attempts.failures == 1


# A hash of another cost that is replaced meanwhile


def checked(world: World, store: object) -> Login:
    world.set(bcrypt_cost=5)  # alice's hash has cost 4
    return check_password(store, world.settings, offered(world, "alice", PASSWORD), now=NOW)  # type: ignore[arg-type]


def test_what_comes_back_is_the_login_with_its_new_hash(world: World) -> None:
    login = checked(world, world.store)

    assert world.store.read(LoginKey("alice")) == (login,)
    assert login.password_hash.startswith("$2b$05$")


def changed_meanwhile(world: World, password: str) -> Any:
    """A store in which another request replaces the hash first."""
    other = hash_password(password, cost=5)
    return meanwhile(
        world.store, lambda: world.store.change_password(ALICE, other, sessions_valid_from=0), "replace_hash"
    )


def test_of_two_who_replace_the_hash_both_sign_in(world: World) -> None:
    login = checked(world, changed_meanwhile(world, PASSWORD))
    assert world.store.read(LoginKey("alice")) == (login,)


def test_a_password_that_was_changed_meanwhile_opens_nothing(world: World) -> None:
    with pytest.raises(InvalidGrant):
        checked(world, changed_meanwhile(world, "another password of alice"))


def test_an_account_that_was_deleted_meanwhile_is_told_as_a_wrong_password(world: World) -> None:
    deleted = partial(world.store.delete_user, ALICE, revocation=NOTHING, forget_at=NOW)
    with pytest.raises(InvalidGrant, match="the user name or password is wrong"):
        checked(world, meanwhile(world.store, deleted, "replace_hash"))
