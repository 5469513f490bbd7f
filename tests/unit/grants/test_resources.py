"""Tokens for the API that they are meant for (RFC 8707), by each grant, and what users approve for each."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.accounts.approvals import approved_also, approved_resources, approved_scope
from gatepost.endpoints.decision import needs_consent
from gatepost.endpoints.pending_request import answered_request, pending_request
from gatepost.errors import InvalidGrant, InvalidScope, InvalidTarget, InvalidToken
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.records import Approval
from gatepost.oauth.resource_indicators import requested_targets
from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey
from gatepost.tokens.revocation_list import Watch
from tests.unit.grants.resourced import OWN, REPORTS, RESOURCES, TOOLS, allowed, asked, aud, code_for
from tests.unit.world import ALICE, APPROVAL, NOW, PASSWORD, READ, READ_WRITE, WEB, WRITE, World, web_app

pytestmark = pytest.mark.usefixtures("resourced")


def refreshed(world: World, token: str, resource: str | None, **more: Any) -> TokenAnswer:
    return world.send(world.web, grant_type="refresh_token", refresh_token=token, resource=resource, **more)


# The code grant


def test_s200_a_code_for_a_resource_gives_a_token_for_that_and_for_no_other_verifier(world: World) -> None:
    answer = world.redeem(code_for(world, TOOLS), resource=TOOLS)

    assert aud(world, answer) == (TOOLS, "read write")
    watch = Watch(world.store, world.settings)
    assert watch.claims(answer.access_token, NOW, TOOLS).sub == "alice-id"
    for other in (None, OWN, REPORTS, f"{TOOLS}/", "https://tools.example.test", ""):
        with pytest.raises(InvalidToken):
            watch.claims(answer.access_token, NOW, other)

    own = world.redeem(world.code()).access_token
    assert watch.claims(own, NOW).aud == (OWN,)
    with pytest.raises(InvalidToken):
        watch.claims(own, NOW, TOOLS)


def test_the_scope_is_narrowed_to_what_the_resource_takes(world: World) -> None:
    answer = world.redeem(code_for(world, REPORTS))
    assert aud(world, answer) == (REPORTS, "read")
    assert aud(world, world.refresh(answer.refresh_token)) == (REPORTS, "read")  # a grant of one needs no name
    for resources in ((REPORTS,), (TOOLS, REPORTS)):
        with pytest.raises(InvalidScope):
            asked(world, *resources, scope="write")
    assert asked(world, TOOLS).scope == READ
    world.set(default_scopes=Scope.of("admin"))
    assert (asked(world, TOOLS).scope, asked(world, REPORTS).scope) == (READ_WRITE, READ)


def test_s202_a_code_for_two_gives_tokens_for_each_and_none_for_a_third(world: World) -> None:
    code = code_for(world, REPORTS, TOOLS)
    for other in (OWN, f"{TOOLS}/2", None):
        with pytest.raises(InvalidTarget):
            world.redeem(code, resource=other)

    first = world.redeem(code, resource=f"{REPORTS}/")
    again = refreshed(world, first.refresh_token, TOOLS)
    (grant,) = world.store.grants_of("alice-id")

    assert (aud(world, first), aud(world, again)) == ((REPORTS, "read"), (TOOLS, "read write"))
    assert grant.resources == (REPORTS, TOOLS)


def test_s202_refreshing_keeps_the_set_and_a_wrong_name_uses_nothing_up(world: World) -> None:
    first = world.redeem(code_for(world, REPORTS, TOOLS), resource=TOOLS)
    for other in (None, OWN, "https://unknown.example.test", f"{REPORTS}\n{TOOLS}"):
        with pytest.raises(InvalidTarget):
            refreshed(world, first.refresh_token, other)
    for resource, scope in ((REPORTS, "write"), (TOOLS, "admin")):  # of no such resource, and wider than was granted
        with pytest.raises(InvalidScope):
            refreshed(world, first.refresh_token, resource, scope=scope)

    assert world.grant(first).generation == 1
    second = refreshed(world, first.refresh_token, REPORTS, scope="read write")
    third = refreshed(world, second.refresh_token, TOOLS)
    assert (aud(world, second), aud(world, third)) == ((REPORTS, "read"), (TOOLS, "read write"))


def test_s201_a_grant_from_before_is_for_the_own_audience(world: World) -> None:
    code = world.code()
    with pytest.raises(InvalidTarget):
        world.redeem(code, resource=REPORTS)

    first = world.redeem(code)
    with pytest.raises(InvalidTarget):
        refreshed(world, first.refresh_token, REPORTS)
    assert aud(world, first) == (OWN, "read write")
    assert aud(world, world.refresh(first.refresh_token)) == (OWN, "read write")


def test_a_resource_that_is_configured_no_more_ends_nothing_and_gets_no_token(world: World) -> None:
    code, first = code_for(world, REPORTS), world.redeem(code_for(world, REPORTS))
    world.set(resources={})

    assert world.introspect(first.access_token) == {"active": False}
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


# What was approved


def remembered(world: World) -> Approval | None:
    found: Approval | None = world.store.read(ApprovalKey("alice-id", WEB))[0]
    return found


def asks(world: World, approval: Approval | None, *resources: str, scope: str) -> bool:
    return needs_consent(world.web, asked(world, *resources, scope=scope), approval, {})


def test_s200_what_was_allowed_at_one_api_is_not_allowed_at_another(world: World) -> None:
    allowed(world, TOOLS, scope="read write")
    tools = remembered(world)
    allowed(world, scope="read", remembered=tools)
    both = remembered(world)

    assert tools == Approval(
        user_id="alice-id", client_id=WEB, scope=Scope(), approved_at=NOW, resources=(f"{TOOLS} read write",)
    )
    assert both == tools._replace(scope=READ)
    assert not asks(world, both, TOOLS, scope="write")
    assert not asks(world, both, TOOLS, OWN, scope="read")
    assert not asks(world, both, scope="read")
    assert asks(world, both, scope="write")
    assert asks(world, both, TOOLS, OWN, scope="read write")
    assert asks(world, both, f"{TOOLS}/2", scope="read")
    assert asks(world, both, REPORTS, scope="read")
    assert asks(world, both._replace(resources=()), TOOLS, scope="read")  # one from before
    world.store.forget_approval("alice-id", WEB)
    allowed(world, TOOLS, scope="read", remembered=both)
    assert remembered(world) is None  # it is not written again


def test_an_approval_remembers_the_latest_resources_and_no_more(world: World) -> None:
    approval = APPROVAL
    for number in range(22):
        (target,) = requested_targets(world.settings, {"resource": f"{TOOLS}/{number}"})
        approval = approved_also(approval, [target], WRITE)

    assert [url for url, _ in approved_resources(approval)] == [f"{TOOLS}/{n}" for n in range(2, 22)]
    assert approved_scope(approval, target) == WRITE
    assert approval.scope == READ


def test_a_request_that_waits_keeps_its_resources(world: World) -> None:
    request = asked(world, REPORTS, TOOLS, scope="read")
    _, pending = pending_request(world.web, ALICE, request, session_hash="h", settings=world.settings, now=NOW)

    assert pending.resources == (REPORTS, TOOLS)
    assert answered_request(pending, world.settings).targets == request.targets
    with pytest.raises(InvalidTarget):
        answered_request(pending, world.settings._replace(resources={}))


def test_s200_introspection_says_for_which_api_a_token_is(world: World) -> None:
    first = world.redeem(code_for(world, REPORTS, TOOLS), resource=TOOLS)
    one = world.redeem(code_for(world, REPORTS))

    assert world.introspect(first.access_token, world.other)["aud"] == TOOLS
    assert world.introspect(first.refresh_token)["aud"] == [REPORTS, TOOLS]
    assert world.introspect(one.refresh_token)["aud"] == REPORTS
    assert "aud" not in world.introspect(world.redeem(world.code()).refresh_token)
