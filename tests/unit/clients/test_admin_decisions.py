"""An administrator's decisions about an app: its scopes, and its owner (S119)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.admin_decisions import changes_of, grant_scopes, hand_over
from gatepost.errors import Conflict
from gatepost.model.records import App, User
from gatepost.scope import Scope, parse_scope
from tests.unit.clients.shop import faults
from tests.unit.meanwhile import delay
from tests.unit.world import ALICE, NOW, OWNER, READ, READ_WRITE, WEB, WRITE, World, web_app

TOMAS = OWNER._replace(user_id="tomas-id", user_name="tomas", scope=READ)


@pytest.fixture
def strict(world: World) -> World:
    world.set(
        client_credentials_scopes={"free": "open", "people": "never"},
        restricted_scopes=Scope.of("vault", "inner"),
        scope_implies={"all": ["read", "free"], "family": ["people"], "outer": ["inner", "vault"]},
    )
    return world


@pytest.fixture
def tomas(world: World) -> User:
    return world.add_user(TOMAS)


def asking(world: World, scope: str, **changes: Any) -> App:
    return world.add_app(web_app(**{"scope": parse_scope(scope), "own_scope": Scope(), **changes}))


def granted(world: World, app: App, own: str = "", marked: str = "", now: float = NOW) -> App:
    scopes = {"own": parse_scope(own), "marked": parse_scope(marked)}
    return grant_scopes(world.store, world.settings, app, **scopes, owner=OWNER, now=now)


def test_what_is_granted_is_kept_at_the_next_version(strict: World) -> None:
    app = asking(strict, "read write vault")

    found = granted(strict, app, "read", "vault")

    assert found == app._replace(own_scope=READ, marked_scope=Scope.of("vault"), granted_look=app.look, version=2)
    assert strict.app() == found


def test_what_needs_no_grant_or_is_not_asked_for_is_left_out(strict: World) -> None:
    app = asking(strict, "read free people vault")

    found = granted(strict, app, "read write free people", "read vault inner")

    assert (str(found.own_scope), str(found.marked_scope)) == ("read", "vault")
    machine = asking(strict, "read", grant_types=("authorization_code",))
    assert granted(strict, machine, "read").own_scope == Scope()


@pytest.mark.parametrize(("asked", "implied"), [("all", "read"), ("family", "people"), ("outer", "inner, vault")])
def test_a_scope_that_would_not_count_is_not_granted(strict: World, asked: str, implied: str) -> None:
    app = asking(strict, asked)

    fault = f"{asked} implies {implied}, so it counts only together with that."
    assert faults(granted, strict, app, asked) == {"own": fault}
    assert strict.app() == app


def test_nor_is_one_that_users_could_not_allow(strict: World) -> None:
    strict.set(scope_implies={"vault": ["inner"], "all": ["read"]})

    fault = "vault implies inner, so it counts only together with that."
    assert faults(granted, strict, asking(strict, "vault"), "", "vault") == {"marked": fault}
    for asked, own, marked in (("vault inner", "", "inner"), ("all", "all read", "")):
        assert granted(strict, asking(strict, asked), own, marked)


@pytest.mark.parametrize(("own", "ends"), [("read write", False), ("read", True), ("", True), ("write", True)])
def test_what_is_taken_back_ends_the_tokens_of_the_app_itself_and_no_others(world: World, own: str, ends: bool) -> None:
    users, machine = world.redeem(world.code()), world.own_token()

    granted(world, world.web, own, now=NOW + 1)

    assert world.opens(machine, NOW + 2) is not ends
    assert world.opens(users.access_token, NOW + 2)
    assert world.refresh(users.refresh_token, now=NOW + 2).access_token


def test_a_decision_that_takes_until_the_next_second_ends_tokens_until_then(world: World) -> None:
    delay(world.store, "set_app_scopes")
    machine = world.own_token(now=NOW + 1)

    granted(world, world.web, now=NOW + 0.7)

    assert not world.opens(machine, NOW + 2)
    assert world.app().version == 2


def test_an_app_that_was_changed_meanwhile_is_neither_decided_about_nor_handed_over(world: World) -> None:
    granted(world, world.web, "read")

    with pytest.raises(Conflict, match="version"):
        granted(world, world.web, "read write")
    with pytest.raises(Conflict, match="version"):
        hand_over(world.store, world.web, ALICE, now=NOW)
    assert (world.app().own_scope, world.app().owner) == (READ, "owner-id")


def test_one_from_before_is_completed_and_confirmed(world: World) -> None:
    found = granted(world, world.add_app(web_app(own_scope=None)), "read")

    assert (found.own_scope, found.own_scope_by_update, found.version) == (READ, False, 2)
    assert world.app() == found


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        (
            {"own_scope": READ, "marked_scope": WRITE},
            {"own_scope": WRITE, "marked_scope": READ},
            "scope_granted write, scope_taken read, scope_marked read, scope_unmarked write",
        ),
        ({"own_scope": READ}, {"own_scope": READ}, ""),
        ({"own_scope": None}, {"own_scope": READ}, "scope_confirmed read, scope_taken write"),
        ({"own_scope": READ, "own_scope_by_update": True}, {"own_scope": READ}, "scope_confirmed read"),
        ({"own_scope": Scope()}, {"own_scope": READ_WRITE}, "scope_granted read, scope_granted write"),
    ],
)
def test_each_scope_granted_or_taken_is_told(before: dict[str, Any], after: dict[str, Any], events: str) -> None:
    assert ", ".join(map(" ".join, changes_of(web_app(**before), web_app(**after)))) == events


# Another owner


def test_an_app_is_handed_over_as_it_is(world: World, tomas: User) -> None:
    app = world.add_app(web_app(owner_stopped=True, marked_scope=WRITE))

    found = hand_over(world.store, app, tomas, now=NOW)

    assert found == app._replace(owner="tomas-id", owner_scope=READ, owner_stopped=False, version=2)
    assert world.app() == found


@pytest.mark.parametrize(
    ("limit", "before", "grants", "ends"),
    [
        (READ, {}, ("client_credentials",), True),
        (READ, {"owner_scope": READ_WRITE}, ("client_credentials",), True),
        (READ, {"owner_scope": READ}, ("client_credentials",), False),
        (READ_WRITE, {"owner_scope": READ}, ("client_credentials",), False),
        (None, {"owner_scope": READ}, ("client_credentials",), False),
        (READ, {}, ("authorization_code",), False),
    ],
)
def test_s352_tokens_of_the_app_itself_end_if_the_new_owner_may_have_less(
    world: World, limit: Scope | None, before: dict[str, Any], grants: tuple[str, ...], ends: bool
) -> None:
    app = world.add_app(web_app(grant_types=grants, **before))

    hand_over(world.store, app, world.add_user(TOMAS._replace(scope=limit)), now=NOW)

    assert world.published == [("user", WEB)] * ends


def test_s352_a_hand_over_that_takes_until_the_next_second_ends_tokens_until_then(world: World, tomas: User) -> None:
    delay(world.store, "hand_over_app")
    machine, users = world.own_token(scope="write", now=NOW + 1), world.redeem(world.code())

    hand_over(world.store, world.web, tomas, now=NOW + 0.7)

    assert not world.opens(machine, NOW + 2)
    assert world.opens(users.access_token, NOW + 2)
    assert world.app().owner == "tomas-id"


@pytest.mark.parametrize(
    ("to", "fault"),
    [
        (OWNER, "The app is owner’s already."),
        (TOMAS._replace(status="deactivated"), "The account tomas is not active."),
        (TOMAS._replace(status="pending"), "The account tomas is not active."),
        (TOMAS, "The account tomas changed in the meantime. Check it and try again."),
        (ALICE, "alice has an app of this name already: one of the two has to be renamed first."),
    ],
)
def test_it_is_not_handed_to_who_can_not_have_it(world: World, to: User, fault: str) -> None:
    world.store.create_app(web_app(client_id="mine", owner="alice-id", name="WEB"), owner=ALICE, limit=9)

    assert faults(hand_over, world.store, world.web, to, now=NOW) == {"owner": fault}
    assert world.app() == world.web
