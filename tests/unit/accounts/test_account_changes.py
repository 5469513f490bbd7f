"""A user's changes of their account: the password, the address, and the sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepost.accounts.accounts import InvalidAccount, change_email, change_password, is_email
from gatepost.accounts.removal import delete_user, sign_out_everywhere
from gatepost.authentication.sessions import start_session
from gatepost.authentication.sign_in import name_behind
from gatepost.errors import TemporarilyUnavailable
from gatepost.model.records import User
from tests.raising import raised
from tests.unit.meanwhile import meanwhile, unavailable
from tests.unit.signing_in import account, add_user, opens, visitor
from tests.unit.world import ALICE, APPROVAL, LIVING, NOW, PASSWORD, World

NEW = "a better password"


def change(world: World, user: User, password: str = NEW, *, now: float, ends_grants: bool = False) -> None:
    ends_at = now if ends_grants else None
    change_password(world.store, world.settings, user, password, now=now, ends_grants_at=ends_at)


def started(world: World, user: User, now: float) -> str:
    return start_session(world.store, world.settings, user.user_id, user_agent="", source_ip="192.0.2.9", now=now)


# The password


def test_a_new_password_leaves_nothing_to_be_ended_that_failed_to_end(world: World) -> None:
    answer = world.redeem(world.code())
    world.store = meanwhile(world.store, unavailable, "change_password")
    with pytest.raises(TemporarilyUnavailable):
        change(world, ALICE, now=NOW + 1, ends_grants=True)
    assert opens(world, PASSWORD)  # so it can be asked for again
    assert not world.opens(answer.access_token, NOW + 2)


def test_what_the_old_password_was_granted_meanwhile_ends_too(world: World) -> None:
    codes: list[str] = []
    world.store = meanwhile(world.store, lambda: codes.append(world.code(now=NOW + 1)), "change_password")
    change(world, ALICE, now=NOW + 1, ends_grants=True)
    assert not world.redeems(codes[0], now=NOW + 2)


@pytest.mark.parametrize("ends_grants", [True, False])
def test_a_new_password_replaces_the_old_one_and_ends_grants_if_asked(world: World, ends_grants: bool) -> None:
    answer = world.redeem(world.code())
    world.store.approve(world.grant(answer), user=ALICE, code=None, approval=APPROVAL)
    change(world, ALICE, now=NOW + 1, ends_grants=ends_grants)
    assert (opens(world, NEW), opens(world, PASSWORD)) == (True, False)
    assert world.opens(answer.access_token, NOW + 2) is not ends_grants
    assert list(world.store.approvals_of("alice-id")) == ([] if ends_grants else [APPROVAL])
    assert world.refreshes(answer.refresh_token, now=NOW + 2) is not ends_grants


def test_a_password_that_can_not_be_used_changes_nothing(world: World) -> None:
    caught = raised(InvalidAccount, change, world, ALICE, "hello-ALICE-1", now=NOW, ends_grants=True)
    assert caught.faults == {"new_password": "Do not use your user name in the password."}
    assert opens(world, PASSWORD)
    assert account(world, ALICE) == ALICE


def test_whoever_changes_an_account_that_is_gone_meanwhile_is_told(world: World) -> None:
    delete_user(world.store, ALICE, now=NOW)

    password = raised(InvalidAccount, change, world, ALICE, now=NOW, ends_grants=True)
    address = raised(InvalidAccount, change_email, world.store, ALICE, "new@example.test", confirmed=False)
    assert password.faults == {"new_password": "Your account changed in the meantime. Try again."}
    assert address.faults == {"email": "Your account changed in the meantime. Try again."}


# The address


def test_a_confirmed_address_signs_in_and_the_one_before_does_not(world: World) -> None:
    change_email(world.store, ALICE, "Alice@example.test", confirmed=True)
    assert name_behind(world.store, "alice@EXAMPLE.test") == "alice"

    alice = account(world, ALICE)
    assert alice is not None
    change_email(world.store, alice, "other@example.test", confirmed=True)

    assert name_behind(world.store, "other@example.test") == "alice"
    assert name_behind(world.store, "alice@example.test") == "alice@example.test"
    assert account(world, ALICE) == ALICE._replace(email="other@example.test", email_confirmed=True)


@pytest.mark.parametrize("email", ["", "alice@example.test"])
def test_an_address_that_is_not_confirmed_is_kept_and_signs_nobody_in(world: World, email: str) -> None:
    change_email(world.store, ALICE, email, confirmed=False)

    assert account(world, ALICE) == ALICE._replace(email=email)
    assert name_behind(world.store, "alice@example.test") == "alice@example.test"


def test_a_confirmed_address_of_somebody_else_can_not_be_taken(world: World) -> None:
    bob = add_user(world)
    change_email(world.store, bob, "bob@example.test", confirmed=True)

    caught = raised(InvalidAccount, change_email, world.store, ALICE, "BOB@example.test", confirmed=True)
    assert caught.faults == {"email": "This e-mail address is in use."}
    assert account(world, ALICE) == ALICE
    change_email(world.store, ALICE, "bob@example.test", confirmed=False)  # nobody has said that it is hers
    assert name_behind(world.store, "bob@example.test") == "bob"


def test_what_is_no_address_is_refused(world: World) -> None:
    assert [is_email("@example.test".rjust(70, "a").ljust(length, "t")) for length in (254, 255)] == [True, False]
    caught = raised(InvalidAccount, change_email, world.store, ALICE, " bob@example.test", confirmed=True)
    assert caught.faults == {"email": "This is not an e-mail address."}


# Sessions


@pytest.mark.parametrize(
    ("end", "last", "again", "valid_from"),
    [
        (lambda world, user: change(world, user, now=NOW + 10.5), NOW + 9, NOW + 10.5, NOW + 10),
        (lambda world, user: sign_out_everywhere(world.store, user, now=NOW + 10.9), NOW + 10, NOW + 11, NOW + 11),
    ],
    ids=["a new password", "signing out everywhere"],
)
def test_s28_every_session_of_the_account_ends_and_no_other_and_no_grant(
    world: World, end: Callable[[World, User], None], last: int, again: float, valid_from: int
) -> None:
    bob, carol = add_user(world), add_user(world, "carol")
    cookies = [started(world, bob, NOW), started(world, bob, last)]
    other, left = started(world, carol, NOW), list(world.store.sessions_of(bob.user_id))
    assert [visitor(world, cookie, last) for cookie in cookies] == [bob, bob]
    grant = LIVING._replace(grant_id=f"{bob.user_id}.g1")
    world.store.add_grant(grant)

    end(world, bob)

    assert (world.store.sessions_of(bob.user_id), world.store.grants_of(bob.user_id)) == ([], [grant])
    for session in left:  # as if they could not be removed
        world.store.start_session(session)
    assert [visitor(world, cookie, NOW + 11) for cookie in cookies] == [None, None]
    assert visitor(world, other, NOW + 11) == carol
    assert visitor(world, started(world, bob, again), NOW + 11) == bob._replace(sessions_valid_from=valid_from)
