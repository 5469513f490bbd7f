"""An administrator's decisions about an app: its scopes, and its owner (S119)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.admin_decisions import changes_of, grant_scopes, hand_over
from gatepost.clients.owner_changes import InvalidApp
from gatepost.errors import Conflict
from gatepost.model.records import App, Login
from gatepost.scope import Scope, parse_scope
from gatepost.stores.record_keys import AppKey
from tests.unit.world import ALICE, NOW, OWNER, READ, READ_WRITE, WEB, WRITE, World, delay, web_app

TOMAS = replace(OWNER, user_id="tomas-id", user_name="tomas", scope=READ)


@pytest.fixture
def strict(world: World) -> World:
    world.set(
        client_credentials_scopes={"free": "open", "people": "never"},
        restricted_scopes=Scope.of("vault", "inner"),
        scope_implies={"all": ["read", "free"], "family": ["people"], "outer": ["inner", "vault"]},
    )
    return world


def asking(world: World, scope: str, **changes: Any) -> App:
    return world.add_app(web_app(**{"scope": parse_scope(scope), "own_scope": Scope(), **changes}))


def granted(world: World, app: App, own: str = "", marked: str = "", **named: Any) -> App:
    return grant_scopes(
        world.store,
        world.settings,
        app,
        own=parse_scope(own),
        marked=parse_scope(marked),
        **{"owner": OWNER, "now": NOW, **named},
    )


def stored(world: World) -> App:
    found = world.store.read(AppKey(WEB))[0]
    assert isinstance(found, App)
    return found


def test_what_is_granted_is_kept_at_the_next_version(strict: World) -> None:
    app = asking(strict, "read write vault")

    found = granted(strict, app, "read", "vault")

    assert found == replace(app, own_scope=READ, marked_scope=Scope.of("vault"), granted_look=app.look, version=2)
    assert stored(strict) == found


def test_what_needs_no_grant_or_is_not_asked_for_is_left_out(strict: World) -> None:
    app = asking(strict, "read free people vault")

    found = granted(strict, app, "read write free people", "read vault inner")

    assert (str(found.own_scope), str(found.marked_scope)) == ("read", "vault")
    machine = asking(strict, "read", grant_types=("authorization_code",))
    assert granted(strict, machine, "read").own_scope == Scope()


@pytest.mark.parametrize(
    ("asked", "own", "marked", "faults"),
    [
        ("all", "all", "", {"own": "all implies read, so it counts only together with that."}),
        ("family", "family", "", {"own": "family implies people, so it counts only together with that."}),
        ("outer", "outer", "", {"own": "outer implies inner, vault, so it counts only together with that."}),
        ("vault inner", "", "inner", {}),
        ("all", "all read", "", {}),
    ],
)
def test_a_scope_that_would_not_count_is_not_granted(
    strict: World, asked: str, own: str, marked: str, faults: dict[str, str]
) -> None:
    app = asking(strict, asked)
    if not faults:
        granted(strict, app, own, marked)
        return
    with pytest.raises(InvalidApp) as caught:
        granted(strict, app, own, marked)
    assert caught.value.faults == faults
    assert stored(strict) == app


def test_nor_is_one_that_users_could_not_allow(strict: World) -> None:
    strict.set(scope_implies={"vault": ["inner"]})

    with pytest.raises(InvalidApp) as caught:
        granted(strict, asking(strict, "vault"), "", "vault")
    assert caught.value.faults == {"marked": "vault implies inner, so it counts only together with that."}


@pytest.mark.parametrize(("own", "ends"), [("read write", False), ("read", True), ("", True), ("write", True)])
def test_what_is_taken_back_ends_the_tokens_of_the_app_itself_and_no_others(world: World, own: str, ends: bool) -> None:
    users = world.redeem(world.code())
    machine = world.send(world.web, grant_type="client_credentials", scope="read write").access_token

    granted(world, world.web, own, now=NOW + 1)

    assert world.opens(machine, NOW + 2) is not ends
    assert world.opens(users.access_token, NOW + 2)
    assert world.refresh(users.refresh_token, now=NOW + 2).access_token


def test_a_decision_that_takes_until_the_next_second_ends_tokens_until_then(world: World) -> None:
    delay(world.store, "set_app_scopes")
    machine = world.send(world.web, grant_type="client_credentials", now=NOW + 1).access_token

    granted(world, world.web, now=NOW + 0.7)

    assert not world.opens(machine, NOW + 2)
    assert stored(world).version == 2


def test_an_app_that_was_changed_meanwhile_is_not_decided_about(world: World) -> None:
    granted(world, world.web, "read")

    with pytest.raises(Conflict) as caught:
        granted(world, world.web, "read write")
    assert caught.value.field == "version"
    assert stored(world).own_scope == READ


def test_one_from_before_is_completed_and_confirmed(world: World) -> None:
    old = world.add_app(web_app(own_scope=None))

    found = granted(world, old, "read")

    assert (found.own_scope, found.own_scope_by_update, found.version) == (READ, False, 2)
    assert stored(world) == found


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        (
            {"own_scope": READ, "marked_scope": WRITE},
            {"own_scope": WRITE, "marked_scope": READ},
            [
                ("scope_granted", "write"),
                ("scope_taken", "read"),
                ("scope_marked", "read"),
                ("scope_unmarked", "write"),
            ],
        ),
        ({"own_scope": READ}, {"own_scope": READ}, []),
        ({"own_scope": None}, {"own_scope": READ}, [("scope_confirmed", "read"), ("scope_taken", "write")]),
        ({"own_scope": READ, "own_scope_by_update": True}, {"own_scope": READ}, [("scope_confirmed", "read")]),
        ({"own_scope": Scope()}, {"own_scope": READ_WRITE}, [("scope_granted", "read"), ("scope_granted", "write")]),
    ],
)
def test_each_scope_that_was_granted_or_taken_is_told(
    before: dict[str, Any], after: dict[str, Any], events: list[tuple[str, str]]
) -> None:
    assert changes_of(web_app(**before), web_app(**after)) == events


# Another owner


def test_an_app_is_handed_over_as_it_is(world: World) -> None:
    world.store.create_user(TOMAS, Login(user_id="tomas-id", password_hash=""))
    app = world.add_app(web_app(owner_stopped=True, marked_scope=WRITE))

    found = hand_over(world.store, app, TOMAS, now=NOW)

    assert found == replace(app, owner="tomas-id", owner_scope=READ, owner_stopped=False, version=2)
    assert stored(world) == found


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
    tomas = replace(TOMAS, scope=limit)
    world.store.create_user(tomas, Login(user_id="tomas-id", password_hash=""))
    app = world.add_app(web_app(grant_types=grants, **before))

    hand_over(world.store, app, tomas, now=NOW)

    assert [(each.kind, each.subject) for each in world.store.feed(0)] == [("user", WEB)] * ends


def test_s352_a_hand_over_that_takes_until_the_next_second_ends_tokens_until_then(world: World) -> None:
    world.store.create_user(TOMAS, Login(user_id="tomas-id", password_hash=""))
    delay(world.store, "hand_over_app")
    machine = world.send(world.web, grant_type="client_credentials", scope="write", now=NOW + 1).access_token
    users = world.redeem(world.code())

    hand_over(world.store, world.web, TOMAS, now=NOW + 0.7)

    assert not world.opens(machine, NOW + 2)
    assert world.opens(users.access_token, NOW + 2)
    assert stored(world).owner == "tomas-id"


@pytest.mark.parametrize(
    ("to", "fault"),
    [
        (OWNER, "The app is owner’s already."),
        (replace(TOMAS, status="deactivated"), "The account tomas is not active."),
        (replace(TOMAS, status="pending"), "The account tomas is not active."),
        (TOMAS, "The account tomas changed in the meantime. Check it and try again."),
    ],
)
def test_it_is_not_handed_to_who_can_not_have_it(world: World, to: Any, fault: str) -> None:
    with pytest.raises(InvalidApp) as caught:
        hand_over(world.store, world.web, to, now=NOW)

    assert caught.value.faults == {"owner": fault}
    assert stored(world) == world.web


def test_nor_where_its_name_is_taken(world: World) -> None:
    world.store.create_app(web_app(client_id="mine", owner="alice-id", name="WEB"), owner=ALICE, limit=9)

    with pytest.raises(InvalidApp) as caught:
        hand_over(world.store, world.web, ALICE, now=NOW)

    assert caught.value.faults == {
        "owner": "alice has an app of this name already: one of the two has to be renamed first."
    }


def test_an_app_that_was_changed_meanwhile_is_not_handed_over(world: World) -> None:
    granted(world, world.web)

    with pytest.raises(Conflict) as caught:
        hand_over(world.store, world.web, ALICE, now=NOW)
    assert caught.value.field == "version"
