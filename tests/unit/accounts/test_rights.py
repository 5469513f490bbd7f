"""The limit and the groups of an account: how they are written, and that they hold for codes on their way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.groups import LONGEST, MOST, are_groups, groups_in
from gatepost.accounts.rights import limit_user, put_into_groups
from gatepost.scope import Scope
from gatepost.stores.record_keys import UserKey
from tests.raising import raised
from tests.unit.world import ALICE, NOW, READ, READ_WRITE, WRITE, World


@pytest.mark.parametrize(
    ("limit", "granted", "good"),
    [
        *((READ, READ_WRITE, False), (WRITE, READ, False), (Scope(), READ, False)),
        *((READ, READ, True), (READ_WRITE, READ, True), (None, READ_WRITE, True)),
    ],
)
def test_s354_a_code_beyond_a_new_limit_is_void(world: World, limit: Scope | None, granted: Scope, good: bool) -> None:
    code = world.code(scope=granted)

    limit_user(world.store, ALICE, limit, now=NOW + 1)

    assert world.stored(UserKey("alice-id")).scope == limit
    assert world.redeems(code, now=NOW + 2) is good


@pytest.mark.parametrize(
    ("before", "after", "good"),
    [
        *((("editors", "staff"), ("staff",), False), (("editors",), ("staff",), False), (("editors",), (), False)),
        *((("editors",), ("editors",), True), (("editors",), ("editors", "staff"), True), ((), ("staff",), True)),
    ],
)
def test_s354_a_code_of_somebody_who_was_taken_out_of_a_group_is_void(
    world: World, before: tuple[str, ...], after: tuple[str, ...], good: bool
) -> None:
    put_into_groups(world.store, ALICE, before, now=NOW)
    code = world.code()

    put_into_groups(world.store, world.stored(UserKey("alice-id")), after, now=NOW + 1)

    assert world.stored(UserKey("alice-id")).groups == after
    assert world.redeems(code, now=NOW + 2) is good


@pytest.mark.parametrize(
    "change",
    [
        lambda world: limit_user(world.store, world.stored(UserKey("alice-id")), READ, now=NOW + 61),
        lambda world: put_into_groups(world.store, world.stored(UserKey("alice-id")), (), now=NOW + 61),
    ],
)
def test_s354_what_was_granted_before_is_left_to_the_refresh(world: World, change: Callable[[World], None]) -> None:
    put_into_groups(world.store, ALICE, ("staff",), now=NOW)
    answer = world.redeem(world.code())

    change(world)

    assert world.opens(answer.access_token, NOW + 62)
    assert world.refresh(answer.refresh_token, now=NOW + 62).access_token


def test_s354_a_code_that_was_redeemed_within_its_lifetime_ends_with_its_tokens(world: World) -> None:
    """Its exchange may come between the write of the limit and the listing of the grants."""
    answer = world.redeem(world.code())

    limit_user(world.store, ALICE, READ, now=NOW + 1)

    assert not world.opens(answer.access_token, NOW + 2)
    assert not world.refreshes(answer.refresh_token, now=NOW + 2)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        *(("", ()), (" \r\n ", ()), ("staff", ("staff",)), ("Staff staff", ("Staff", "staff"))),
        *((text, ("editors", "staff")) for text in ("staff\r\neditors\r\n", "staff, editors staff")),
        ("org/team:lead@example.com a_b.c-d", ("a_b.c-d", "org/team:lead@example.com")),
        ("g" * 64, ("g" * 64,)),
    ],
)
def test_groups_are_read_from_a_text_sorted_and_each_once(text: str, groups: tuple[str, ...]) -> None:
    assert groups_in(text) == groups


@pytest.mark.parametrize(
    "text",
    ["g" * 65, 'staff","role":"admin', "a\0b", "a\x1fb\x7f", "ünter", "<b>", "a;b", "a\\b", "ѕtaff", "{}", "a+b"],
)
def test_s218_a_name_of_other_characters_is_none(text: str) -> None:
    caught = raised(InvalidAccount, groups_in, text)
    assert caught.faults == {"groups": "A group is up to 64 letters, digits and . _ : / @ -"}


def test_s218_an_account_is_in_a_limited_number_of_groups_whose_names_are_limited_together() -> None:
    several = [f"g{number}" for number in range(MOST + 1)]
    assert len(groups_in(" ".join(several[:MOST]))) == MOST
    with pytest.raises(InvalidAccount, match="Up to 50 groups"):
        groups_in(" ".join(several))

    names = [f"{number:02}".ljust(50, "g") for number in range(20)]
    assert len("".join(groups_in(" ".join(names)))) == LONGEST

    with pytest.raises(InvalidAccount, match="1,000 characters together"):
        groups_in(" ".join([*names, "x"]))


def test_what_an_account_holds_are_groups_as_they_are_read() -> None:
    assert are_groups(())
    assert are_groups(("board", "staff"))
    for groups in (("staff", "board"), ("staff", "staff"), ("a b",), ('a","b',)):
        assert not are_groups(groups)
