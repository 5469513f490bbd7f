"""Groups of accounts: their names, and how they are written."""

from __future__ import annotations

import pytest

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.groups import LONGEST, MOST, are_groups, groups_in


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", ()),
        (" \r\n ", ()),
        ("staff", ("staff",)),
        ("staff\r\neditors\r\n", ("editors", "staff")),
        ("staff, editors staff", ("editors", "staff")),
        ("Staff staff", ("Staff", "staff")),
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
    with pytest.raises(InvalidAccount) as raised:
        groups_in(text)

    assert raised.value.faults == {"groups": "A group is up to 64 letters, digits and . _ : / @ -"}


@pytest.mark.parametrize("length", [MOST, MOST + 1])
def test_s218_an_account_is_in_a_limited_number_of_groups(length: int) -> None:
    text = " ".join(f"g{number}" for number in range(length))

    if length == MOST:
        assert len(groups_in(text)) == MOST
    else:
        with pytest.raises(InvalidAccount, match="Up to 50 groups"):
            groups_in(text)


def test_s218_their_names_are_limited_together() -> None:
    names = [f"{number:02}".ljust(50, "g") for number in range(20)]
    assert len("".join(groups_in(" ".join(names)))) == LONGEST

    with pytest.raises(InvalidAccount, match="1,000 characters together"):
        groups_in(" ".join([*names, "x"]))


def test_what_an_account_holds_are_groups_as_they_are_read() -> None:
    assert are_groups(())
    assert are_groups(("board", "staff"))
    for groups in (("staff", "board"), ("staff", "staff"), ("a b",), ('a","b',)):
        assert not are_groups(groups)
