"""Scopes: parsing, the granted scope of a request (S08), and of a refresh (S69)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidScope
from gatepost.scope import (
    Implies,
    Scope,
    allowed_scope,
    granted_scope,
    named,
    named_scope,
    narrowed_scope,
    parse_scope,
    reach,
)

NOTHING: Implies = {}
NAMES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='",\\'), min_size=1, max_size=100
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("read", {"read"}),
        ("read write", {"read", "write"}),
        ("read,write", {"read", "write"}),
        ("read, write", {"read", "write"}),
        (" ,read,, read ", {"read"}),
        ("", set()),
        (" , ", set()),
        ("Read read", {"Read", "read"}),
        ("https://api.example.test/read:all", {"https://api.example.test/read:all"}),
    ],
)
def test_names_are_separated_by_spaces_and_commas(text: str, names: set[str]) -> None:
    assert set(parse_scope(text)) == names


@pytest.mark.parametrize(
    "character", ['"', "\\", "\x00", "\t", "\n", "\r", "\x1f", "\x7f", "\x80", "é", "\u2028", "😀"]
)
def test_s08_a_name_with_a_bad_character_is_refused(character: str) -> None:
    with pytest.raises(InvalidScope, match="a character that is not allowed"):
        parse_scope(f"read re{character}ad")


def test_s08_a_scope_may_have_1000_characters_and_a_name_100() -> None:
    assert parse_scope("read" + " " * 996) == Scope.of("read")
    with pytest.raises(InvalidScope, match="too long"):
        parse_scope("read" + " " * 997)
    assert parse_scope("a" * 100) == Scope.of("a" * 100)
    with pytest.raises(InvalidScope):
        parse_scope("a" * 101)


@pytest.mark.parametrize(
    "names", ["read", "read write", ["read write"], ["a,b"], ["read", ""], ["read", 7], [None], ["ä"], ["a" * 101]]
)
def test_what_is_no_list_of_scope_names_is_refused(names: Any) -> None:
    with pytest.raises(ValueError, match="allowed is a list of scope names"):
        named_scope(names)


def test_a_list_of_scope_names_is_a_scope() -> None:
    assert named_scope(["read", "write"]) == Scope.of("read", "write")
    assert named_scope([]) == Scope()


def grant(
    requested: Scope | None, app: str, user: str | None = None, *, default: str = "read", implies: Implies = NOTHING
) -> Scope:
    asked, limit = parse_scope(app), None if user is None else parse_scope(user)
    allowed = allowed_scope(asked, limit, implies=implies)
    return granted_scope(requested, app=asked, allowed=allowed, default=parse_scope(default))


@pytest.mark.parametrize(
    ("requested", "app", "user", "granted"),
    [
        ("read", "read write", None, "read"),
        ("read admin", "read write", None, "read"),  # narrowed, and the answer says so
        ("read write", "read write", "write", "write"),
        ("read write", "read", "read write", "read"),
    ],
)
def test_s08_a_request_gets_what_both_may_have_of_it(requested: str, app: str, user: str | None, granted: str) -> None:
    assert str(grant(parse_scope(requested), app, user)) == granted


@pytest.mark.parametrize("requested", [None, Scope()])
@pytest.mark.parametrize(
    ("default", "app", "granted"),
    [("read", "read write", "read"), ("admin", "read write", "read write"), ("", "read write", "read write")],
)
def test_without_scope_it_is_the_default_or_all(requested: Scope | None, default: str, app: str, granted: str) -> None:
    assert str(grant(requested, app, default=default)) == granted


@pytest.mark.parametrize(
    ("requested", "app", "user"),
    [("admin", "read", None), ("read", "", None), ("read", "read", "write"), ("READ", "read", None)],
)
def test_s08_a_request_of_which_nothing_is_left_is_refused(requested: str, app: str, user: str | None) -> None:
    with pytest.raises(InvalidScope):
        grant(parse_scope(requested), app, user)


def test_s69_a_refresh_may_narrow_but_not_widen_and_asks_for_all_by_asking_for_nothing() -> None:
    granted = Scope.of("read", "write")

    assert str(narrowed_scope(Scope.of("read"), granted, {})) == "read"
    for requested in (None, Scope(), granted):
        assert str(narrowed_scope(requested, granted, {})) == "read write"
    with pytest.raises(InvalidScope):
        narrowed_scope(Scope.of("read", "admin"), granted, {})


ADMIN_READS = {"admin": ["write"], "write": ["read"], "left": ["right"], "right": ["left"]}


@pytest.mark.parametrize(
    ("held", "reached"),
    [("admin", "admin read write"), ("write", "read write"), ("read", "read"), ("left", "left right"), ("", "")],
)
def test_a_scope_reaches_what_it_implies_over_every_step(held: str, reached: str) -> None:
    assert str(reach(parse_scope(held), ADMIN_READS)) == reached


def test_who_may_have_a_scope_may_ask_for_what_it_implies_and_gets_no_more_than_that() -> None:
    asked = Scope.of("read")
    admin, write = Scope.of("admin"), Scope.of("write")

    assert grant(asked, "admin", "write", implies=ADMIN_READS) == asked
    assert narrowed_scope(asked, admin, ADMIN_READS) == asked
    assert grant(None, "admin", implies=ADMIN_READS) == asked
    with pytest.raises(InvalidScope):
        grant(admin, "write", implies=ADMIN_READS)
    with pytest.raises(InvalidScope):
        narrowed_scope(admin, write, ADMIN_READS)


@pytest.mark.parametrize(
    ("app", "limits", "barred", "allowed"),
    [
        ("admin", [], "", "admin read write"),
        ("admin left", [], "write", "left read right"),  # admin would reach it
        ("admin", [], "admin", "read write"),
        ("admin left", [], "right", "admin read write"),  # neither of a circle
        ("admin", ["write"], "", "read write"),
        ("admin left", ["write left", "read left"], "", "left read right"),
        ("admin", ["write"], "read", ""),
        ("write", ["admin"], "", "read write"),
        ("read", [None, "read"], "write", "read"),
        ("read", ["", None], "", ""),
    ],
)
def test_s119_nothing_reaches_what_is_barred(app: str, limits: list[str | None], barred: str, allowed: str) -> None:
    held = [None if limit is None else parse_scope(limit) for limit in limits]

    found = allowed_scope(parse_scope(app), *held, barred=parse_scope(barred), implies=ADMIN_READS)

    assert str(found) == allowed


@given(st.text())
def test_s117_reading_a_scope_raises_nothing_but_invalid_scope(text: str) -> None:
    try:
        scope = parse_scope(text)
    except InvalidScope:
        return
    assert parse_scope(str(scope)) == scope


@given(st.frozensets(NAMES, max_size=9))
def test_s117_the_wire_form_of_a_scope_reads_as_that_scope(names: frozenset[str]) -> None:
    assert parse_scope(str(Scope(names))) == names


@pytest.mark.parametrize(
    ("requested", "reason", "because_of"),
    [
        ("ghost write", "scope unknown", "ghost"),
        ("admin write", "scope not of the app", "admin"),
        ("write", "scope not allowed", "write"),
    ],
)
def test_a_scope_is_refused_for_a_reason_that_the_log_tells(requested: str, reason: str, because_of: str) -> None:
    limits = {"app": Scope.of("write"), "allowed": Scope.of("read"), "default": Scope()}

    with pytest.raises(InvalidScope) as caught:
        granted_scope(parse_scope(requested), **limits, known=Scope.of("admin", "write"))

    assert (caught.value.reason, caught.value.detail) == (reason, because_of)


@pytest.mark.parametrize(
    ("names", "said"),
    [("cba", "a, b, c"), ("dcba", "a, b, c and 1 more"), (["a" * 40], "a" * 40), (["a" * 41], f"{'a' * 40}...")],
)
def test_an_error_names_the_first_scopes_and_cuts_long_names(names: Any, said: str) -> None:
    assert named(names) == said
