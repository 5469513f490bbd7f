"""Tokens for the API that they are meant for (RFC 8707), by each grant."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.errors import InvalidGrant, InvalidScope, InvalidTarget, InvalidToken
from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.tokens.revocation_list import Watch
from tests.unit.grants.resourced import OWN, REPORTS, RESOURCES, TOOLS, allowed, asked, aud, code_for
from tests.unit.world import NOW, PASSWORD, READ, READ_WRITE, World, web_app

pytestmark = pytest.mark.usefixtures("resourced")


# The code grant


def test_s200_a_code_for_a_resource_gives_a_token_for_that_and_for_no_other_verifier(world: World) -> None:
    answer = world.redeem(code_for(world, TOOLS), resource=TOOLS)

    assert aud(world, answer) == (TOOLS, "read write")
    watch = Watch(world.store, world.settings)
    assert watch.claims(answer.access_token, NOW, TOOLS).sub == "alice-id"
    for other in (None, OWN, REPORTS, f"{TOOLS}/", "https://tools.example.test", ""):
        with pytest.raises(InvalidToken):
            watch.claims(answer.access_token, NOW, other)


def test_s200_a_token_of_the_own_audience_opens_no_resource(world: World) -> None:
    answer = world.redeem(world.code())
    watch = Watch(world.store, world.settings)

    assert watch.claims(answer.access_token, NOW).aud == (OWN,)
    with pytest.raises(InvalidToken):
        watch.claims(answer.access_token, NOW, TOOLS)


def test_the_scope_is_narrowed_to_what_the_resource_takes(world: World) -> None:
    assert aud(world, world.redeem(code_for(world, REPORTS))) == (REPORTS, "read")
    with pytest.raises(InvalidScope):
        asked(world, REPORTS, scope="write")
    with pytest.raises(InvalidScope):
        asked(world, TOOLS, REPORTS, scope="write")


def test_a_request_without_scope_gets_the_default_or_what_the_resource_takes(world: World) -> None:
    assert asked(world, TOOLS).scope == READ
    world.set(default_scopes=Scope.of("admin"))
    assert asked(world, TOOLS).scope == READ_WRITE
    assert asked(world, REPORTS).scope == READ


def test_s202_a_code_for_two_gives_tokens_for_each_and_none_for_a_third(world: World) -> None:
    code = code_for(world, REPORTS, TOOLS)
    for other in (OWN, f"{TOOLS}/2", None):
        with pytest.raises(InvalidTarget):
            world.redeem(code, resource=other)

    first = world.redeem(code, resource=f"{REPORTS}/")
    again = world.send(world.web, grant_type="refresh_token", refresh_token=first.refresh_token, resource=TOOLS)
    (grant,) = world.store.grants_of("alice-id")

    assert (aud(world, first), aud(world, again)) == ((REPORTS, "read"), (TOOLS, "read write"))
    assert grant.resources == (REPORTS, TOOLS)


def test_s202_refreshing_keeps_the_set_and_a_wrong_name_uses_nothing_up(world: World) -> None:
    first = world.redeem(code_for(world, REPORTS, TOOLS), resource=TOOLS)
    for other in (None, OWN, "https://unknown.example.test", f"{REPORTS}\n{TOOLS}"):
        with pytest.raises(InvalidTarget):
            world.send(world.web, grant_type="refresh_token", refresh_token=first.refresh_token, resource=other)

    assert world.grant(first).generation == 1
    second = world.send(world.web, grant_type="refresh_token", refresh_token=first.refresh_token, resource=REPORTS)
    third = world.send(world.web, grant_type="refresh_token", refresh_token=second.refresh_token, resource=TOOLS)
    assert (aud(world, second), aud(world, third)) == ((REPORTS, "read"), (TOOLS, "read write"))


def test_s202_a_refresh_narrows_the_scope_to_the_resource_and_no_wider_than_was_granted(world: World) -> None:
    first = world.redeem(code_for(world, REPORTS, TOOLS), resource=TOOLS)
    refresh: dict[str, Any] = {"grant_type": "refresh_token", "refresh_token": first.refresh_token}

    assert aud(world, world.send(world.web, **refresh, resource=REPORTS, scope="read write")) == (REPORTS, "read")
    with pytest.raises(InvalidScope):
        world.send(world.web, **refresh, resource=REPORTS, scope="write")
    with pytest.raises(InvalidScope):
        world.send(world.web, **refresh, resource=TOOLS, scope="admin")


def test_a_grant_of_one_resource_needs_no_name(world: World) -> None:
    first = world.redeem(code_for(world, REPORTS))

    assert aud(world, world.refresh(first.refresh_token)) == (REPORTS, "read")


def test_s201_a_grant_from_before_is_for_the_own_audience(world: World) -> None:
    code = world.code()
    with pytest.raises(InvalidTarget):
        world.redeem(code, resource=REPORTS)

    first = world.redeem(code)
    with pytest.raises(InvalidTarget):
        world.send(world.web, grant_type="refresh_token", refresh_token=first.refresh_token, resource=REPORTS)
    assert aud(world, first) == (OWN, "read write")
    assert aud(world, world.refresh(first.refresh_token)) == (OWN, "read write")


def test_a_resource_that_is_configured_no_more_ends_nothing_and_gets_no_token(world: World) -> None:
    code, first = code_for(world, REPORTS), world.redeem(code_for(world, REPORTS))
    world.set(resources={})

    with pytest.raises(InvalidTarget):
        world.redeem(code)
    with pytest.raises(InvalidTarget):
        world.refresh(first.refresh_token)

    world.set(resources=RESOURCES)
    assert aud(world, world.redeem(code)) == (REPORTS, "read")
    assert aud(world, world.refresh(first.refresh_token)) == (REPORTS, "read")


def test_what_a_resource_takes_no_more_is_not_given(world: World) -> None:
    code, first = code_for(world, TOOLS), world.redeem(code_for(world, TOOLS))
    world.set(resources={TOOLS: Resource("Tools", {"admin": ""}, {})})

    with pytest.raises(InvalidScope):
        world.refresh(first.refresh_token)
    with pytest.raises(InvalidScope):
        world.redeem(code)
    with pytest.raises(InvalidGrant):  # it was used up, and its grant ended
        world.redeem(code)
    assert [bool(grant.revoked_at) for grant in world.store.grants_of("alice-id")].count(True) == 1


# The other grants


def test_s200_an_implicit_token_is_for_its_one_resource(world: World) -> None:
    answer = allowed(world, TOOLS, response_type="token", scope="read")
    (grant,) = world.store.grants_of("alice-id")

    assert Watch(world.store, world.settings).genuine(answer["access_token"], NOW).aud == (TOOLS,)
    assert grant.resources == (TOOLS,)
    with pytest.raises(InvalidTarget):
        asked(world, REPORTS, TOOLS, response_type="token")


def test_s200_a_password_token_is_for_its_one_resource_and_so_are_those_after_it(world: World) -> None:
    who: dict[str, Any] = {"grant_type": "password", "username": "alice", "password": PASSWORD, "scope": "read write"}
    answer = world.send(world.web, **who, resource=REPORTS)

    assert aud(world, answer) == (REPORTS, "read")
    assert world.grant(answer).resources == (REPORTS,)
    assert aud(world, world.refresh(answer.refresh_token)) == (REPORTS, "read")
    for other in ("https://unknown.example.test", f"{REPORTS}\n{TOOLS}"):
        with pytest.raises(InvalidTarget):
            world.send(world.web, **who, resource=other)


def test_s200_a_token_of_the_app_itself_follows_the_policy_of_the_resource(world: World) -> None:
    machine: dict[str, Any] = {"grant_type": "client_credentials", "scope": "read write"}
    world.add_app(web_app(own_scope=READ))

    assert aud(world, world.send(world.web, **machine)) == (OWN, "read")
    assert aud(world, world.send(world.web, **machine, resource=TOOLS)) == (TOOLS, "read write")
    with pytest.raises(InvalidScope):
        world.send(world.web, **machine, resource=REPORTS)
    with pytest.raises(InvalidTarget):
        world.send(world.web, **machine, resource="https://unknown.example.test")


def test_a_scope_that_a_resource_alone_describes_is_for_that_resource_alone(world: World) -> None:
    held = Scope.of("read", "jobs.run")
    world.set(
        scopes={**world.settings.scopes, "jobs.run": "Run jobs"},
        resource_scopes=Scope.of("jobs.run"),
        resources={"https://jobs.example.test": Resource("Jobs", {"jobs.run": ""}, {"jobs.run": "open"})},
    )
    world.add_app(web_app(scope=held, own_scope=Scope()))
    machine: dict[str, Any] = {"grant_type": "client_credentials", "scope": "jobs.run"}

    assert world.send(world.web, **machine, resource="https://jobs.example.test").scope == Scope.of("jobs.run")
    with pytest.raises(InvalidScope):
        world.send(world.web, **machine)
