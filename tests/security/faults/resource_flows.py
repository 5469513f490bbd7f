"""The flows of apps that name the API that a token is for (RFC 8707)."""

from __future__ import annotations

import json

import jwt

from gatepost.resource import Resource
from gatepost.routes import DEMO_NOTES, DEMO_READ, INTROSPECT, Route
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey
from tests.security.faults.authorize_flows import answer_form, ask, code_came, grants
from tests.security.faults.events import event
from tests.security.faults.flow import Flows
from tests.security.faults.status_flows import owned
from tests.security.faults.token_flows import code_form, token_request
from tests.security.faults.world import ALICE, Answer, Event, World
from tests.unit.world import ISSUER

FLOWS = Flows()
REPORTS, TOOLS = "https://reports.example.test", "https://tools.example.test/mcp"
NOTES = f"{ISSUER}{DEMO_NOTES.resource}"
BOTH = (REPORTS, TOOLS)
CONFIGURED = {
    REPORTS: Resource("Reports", {"read": ""}, {}),
    "https://tools.example.test/*": Resource("Tools", {"read": "", "write": ""}, {"write": "open"}),
    DEMO_NOTES.resource: Resource("Notes", {"read": ""}, {}),
}


def asked_of(request: Event) -> Event:
    """The same request for both resources."""
    query = request["rawQueryString"]
    return {**request, "rawQueryString": f"{query}&resource={REPORTS}&resource={TOOLS}"}


def code_for_both_came(world: World, answer: Answer | None) -> None:
    code_came(world, answer)
    assert {grant.resources for grant in grants(world)} == {BOTH}
    assert {tuple(part["S"] for part in item["resources"]["L"]) for item in world.cloud.items()["codes"]} == {BOTH}


def approved_for_both(world: World, answer: Answer | None) -> None:
    code_for_both_came(world, answer)
    (approval,) = world.store.read(ApprovalKey(ALICE.user_id, world.web.client_id))
    assert approval is not None
    assert (approval.scope, approval.resources) == (Scope(), (f"{REPORTS} read", f"{TOOLS} read"))


@FLOWS.add("authorize", "consent page, for two resources", "200", resources=CONFIGURED)
def _(world: World) -> Event:
    return asked_of(ask(world))


@FLOWS.add("authorize", "for an unknown resource", "303 invalid_target", resources=CONFIGURED)
def _(world: World) -> Event:
    return ask(world, resource="https://unknown.example.test")


@FLOWS.add(
    "consent",
    "allow, for two resources",
    "303 code",
    check=approved_for_both,
    again=("400",),
    resources=CONFIGURED,
)
def _(world: World) -> Event:
    world.pending(resources=BOTH)
    return answer_form("allow")


@FLOWS.add(
    "authorize",
    "remembered approval of two resources",
    "303 code",
    check=code_for_both_came,
    resources=CONFIGURED,
)
def _(world: World) -> Event:
    world.pending(resources=BOTH)
    world.call("consent", answer_form("allow"))
    return asked_of(ask(world))


def untouched(world: World, answer: Answer | None) -> None:
    """Neither used up nor ended."""
    (grant,) = grants(world)
    assert not grant.redeemed_by
    assert not grant.revoked_at


@FLOWS.add(
    "token", "code, for a resource that was not granted", "400 invalid_target", check=untouched, resources=CONFIGURED
)
def _(world: World) -> Event:
    return code_form(world, world.grant_code(resources=(REPORTS,)), resource=TOOLS)


@FLOWS.add("token", "code of two resources, for neither", "400 invalid_target", check=untouched, resources=CONFIGURED)
def _(world: World) -> Event:
    return code_form(world, world.grant_code(resources=BOTH))


def exchanged_for_one(world: World, answer: Answer | None) -> None:
    (grant,) = grants(world)
    assert grant.redeemed_by
    assert grant.resources == BOTH
    assert answer is None or _aud(answer) == TOOLS


@FLOWS.add(
    "token",
    "code of two resources, for one",
    "200",
    check=exchanged_for_one,
    again=("400 invalid_grant",),
    resources=CONFIGURED,
)
def _(world: World) -> Event:
    return code_form(world, world.grant_code(resources=BOTH), resource=TOOLS)


def refreshed_for_one(world: World, answer: Answer | None) -> None:
    (grant,) = grants(world)
    assert (grant.generation, grant.revoked_at, grant.resources) == (2, 0, BOTH)
    assert answer is None or _aud(answer) == TOOLS


@FLOWS.add("token", "refresh, for the other resource", "200", check=refreshed_for_one, resources=CONFIGURED)
def _(world: World) -> Event:
    token = world.tokens(BOTH).refresh_token
    return token_request(world, grant_type="refresh_token", refresh_token=token, resource=TOOLS)


def not_refreshed(world: World, answer: Answer | None) -> None:
    (grant,) = grants(world)
    assert (grant.generation, grant.revoked_at) == (1, 0)


@FLOWS.add(
    "token", "refresh, for no resource of the grant", "400 invalid_target", check=not_refreshed, resources=CONFIGURED
)
def _(world: World) -> Event:
    token = world.tokens(BOTH).refresh_token
    return token_request(world, grant_type="refresh_token", refresh_token=token, resource=NOTES)


def of_the_app_itself(world: World, answer: Answer | None) -> None:
    assert answer is None or _aud(answer) == TOOLS


@FLOWS.add("token", "client_credentials, for a resource", "200", check=of_the_app_itself, resources=CONFIGURED)
def _(world: World) -> Event:
    return token_request(world, grant_type="client_credentials", scope="read", resource=TOOLS)


def said(world: World, answer: Answer | None) -> None:
    assert answer is not None
    assert json.loads(answer["body"])["aud"] == REPORTS


@FLOWS.add("introspect", "access token of a resource", "200", check=said, resources=CONFIGURED)
def _(world: World) -> Event:
    return owned(world, INTROSPECT, world.tokens(BOTH).access_token)


@FLOWS.add("authorizer", "token of another resource", "denied", resources=CONFIGURED)
def _(world: World) -> Event:
    return _bearer(DEMO_READ, world.tokens((NOTES,)).access_token)


@FLOWS.add("authorizer", "token of the route's resource", "allowed", resources=CONFIGURED)
def _(world: World) -> Event:
    return _bearer(DEMO_NOTES, world.tokens((NOTES,)).access_token)


@FLOWS.add("authorizer", "token without a resource, at one", "denied", resources=CONFIGURED)
def _(world: World) -> Event:
    return _bearer(DEMO_NOTES, world.tokens().access_token)


def _bearer(route: Route, token: str) -> Event:
    return event(route, headers={"Authorization": f"Bearer {token}"})


def _aud(answer: Answer) -> str:
    token = json.loads(answer["body"])["access_token"]
    return str(jwt.decode(token, options={"verify_signature": False})["aud"])
