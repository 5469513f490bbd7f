"""The limit and the groups of an account hold for codes that wait for their exchange."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepost.accounts.rights import limit_user, put_into_groups
from gatepost.errors import InvalidGrant
from gatepost.model.records import User
from gatepost.scope import Scope
from gatepost.stores.record_keys import UserKey
from tests.unit.world import ALICE, NOW, READ, READ_WRITE, WRITE, World


def redeems(world: World, code: str) -> bool:
    try:
        world.redeem(code, now=NOW + 2)
    except InvalidGrant:
        return False
    return True


def account(world: World) -> User:
    return world.stored(UserKey(ALICE.user_id))


@pytest.mark.parametrize(
    ("limit", "granted", "good"),
    [
        (READ, READ_WRITE, False),
        (WRITE, READ, False),
        (Scope(), READ, False),
        (READ, READ, True),
        (READ_WRITE, READ, True),
        (None, READ_WRITE, True),
    ],
)
def test_s354_a_code_that_holds_more_than_a_new_limit_is_void(
    world: World, limit: Scope | None, granted: Scope, good: bool
) -> None:
    code = world.code(scope=granted)

    limit_user(world.store, ALICE, limit, now=NOW + 1)

    assert account(world).scope == limit
    assert redeems(world, code) is good


@pytest.mark.parametrize(
    ("before", "after", "good"),
    [
        (("editors", "staff"), ("staff",), False),
        (("editors",), ("staff",), False),
        (("editors",), (), False),
        (("editors",), ("editors",), True),
        (("editors",), ("editors", "staff"), True),
        ((), ("staff",), True),
    ],
)
def test_s354_a_code_of_somebody_who_was_taken_out_of_a_group_is_void(
    world: World, before: tuple[str, ...], after: tuple[str, ...], good: bool
) -> None:
    put_into_groups(world.store, ALICE, before, now=NOW)
    code = world.code()

    put_into_groups(world.store, account(world), after, now=NOW + 1)

    assert account(world).groups == after
    assert redeems(world, code) is good


@pytest.mark.parametrize(
    "change",
    [
        lambda world: limit_user(world.store, account(world), READ, now=NOW + 61),
        lambda world: put_into_groups(world.store, account(world), (), now=NOW + 61),
    ],
)
def test_s354_what_was_granted_before_is_left_to_the_refresh(world: World, change: Callable[[World], None]) -> None:
    put_into_groups(world.store, ALICE, ("staff",), now=NOW)
    answer = world.redeem(world.code())

    change(world)

    assert world.opens(answer.access_token, NOW + 62)
    assert world.refresh(answer.refresh_token, now=NOW + 62).access_token


def test_s354_a_code_that_is_redeemed_while_the_limit_is_set_ends_with_its_tokens(world: World) -> None:
    """The exchange comes between the write of the limit and the listing of the grants."""
    answer = world.redeem(world.code())

    limit_user(world.store, ALICE, READ, now=NOW + 1)

    assert not world.opens(answer.access_token, NOW + 2)
    with pytest.raises(InvalidGrant):
        world.refresh(answer.refresh_token, now=NOW + 2)
