"""The APIs that users approved, and those that introspection names (RFC 8707)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.accounts.approvals import approved_also, approved_resources, approved_scope
from gatepost.endpoints.decision import needs_consent
from gatepost.endpoints.pending_request import answered_request, pending_request
from gatepost.errors import InvalidTarget
from gatepost.model.records import Approval
from gatepost.oauth.resource_indicators import requested_targets
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey
from tests.unit.grants.resourced import OWN, REPORTS, TOOLS, allowed, asked, code_for
from tests.unit.world import ALICE, NOW, READ, VERIFIER, WEB, WRITE, World

pytestmark = pytest.mark.usefixtures("resourced")


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
    assert both == replace(tools, scope=READ)
    assert not asks(world, both, TOOLS, scope="write")
    assert not asks(world, both, TOOLS, OWN, scope="read")
    assert not asks(world, both, scope="read")
    assert asks(world, both, scope="write")
    assert asks(world, both, TOOLS, OWN, scope="read write")
    assert asks(world, both, f"{TOOLS}/2", scope="read")
    assert asks(world, both, REPORTS, scope="read")
    assert asks(world, replace(both, resources=()), TOOLS, scope="read")  # one from before


def test_an_approval_remembers_the_latest_resources_and_no_more(world: World) -> None:
    approval = Approval(user_id="alice-id", client_id=WEB, scope=READ, approved_at=NOW)
    for number in range(22):
        (target,) = requested_targets(world.settings, {"resource": f"{TOOLS}/{number}"})
        approval = approved_also(approval, [target], WRITE)

    assert [url for url, _ in approved_resources(approval)] == [f"{TOOLS}/{n}" for n in range(2, 22)]
    assert approved_scope(approval, target) == WRITE
    assert approval.scope == READ


def test_what_was_approved_already_is_not_written_again(world: World) -> None:
    allowed(world, TOOLS, scope="read")
    first = remembered(world)
    world.store.forget_approval("alice-id", WEB)

    allowed(world, TOOLS, scope="read", remembered=first)

    assert remembered(world) is None


def test_a_request_that_waits_keeps_its_resources(world: World) -> None:
    request = asked(world, REPORTS, TOOLS, scope="read")
    _, pending = pending_request(world.web, ALICE, request, session_hash="h", settings=world.settings, now=NOW)

    assert pending.resources == (REPORTS, TOOLS)
    assert answered_request(pending, world.settings).targets == request.targets
    with pytest.raises(InvalidTarget):
        answered_request(pending, replace(world.settings, resources={}))


def test_s200_introspection_says_for_which_api_a_token_is(world: World) -> None:
    first = world.redeem(code_for(world, REPORTS, TOOLS), resource=TOOLS)
    one = world.redeem(code_for(world, REPORTS))

    assert world.introspect(first.access_token, world.other)["aud"] == TOOLS
    assert world.introspect(first.refresh_token)["aud"] == [REPORTS, TOOLS]
    assert world.introspect(one.refresh_token)["aud"] == REPORTS
    assert "aud" not in world.introspect(world.redeem(world.code()).refresh_token)


def test_a_token_of_a_resource_that_is_configured_no_more_is_not_active(world: World) -> None:
    answer = world.redeem(code_for(world, REPORTS), code_verifier=VERIFIER)
    world.set(resources={})

    assert world.introspect(answer.access_token) == {"active": False}
