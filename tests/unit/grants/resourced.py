"""Requests for tokens of several APIs (RFC 8707)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from gatepost.endpoints.authorization import checked_request
from gatepost.endpoints.decision import approve
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.records import Approval
from gatepost.resource import Resource
from gatepost.tokens.revocation_list import Watch
from tests.unit.world import ALICE, CHALLENGE, HERE, NOW, World

OWN, REPORTS, TOOLS = "https://api.example.test", "https://reports.example.test", "https://tools.example.test/mcp"
RESOURCES = {
    REPORTS: Resource("Reports", {"read": "Read your reports"}, {"read": "never"}),
    "https://tools.example.test/*": Resource("Tools", {"read": "", "write": "Use tools"}, {"write": "open"}),
}


def aud(world: World, answer: TokenAnswer) -> tuple[str, str]:
    """The one audience of an answer's token, and its scope."""
    claims = Watch(world.store, world.settings).genuine(answer.access_token, NOW)
    (audience,) = claims.aud
    assert claims.scope == answer.scope
    return audience, str(answer.scope)


def asked(world: World, *resources: str, **parameters: str) -> Any:
    named = {"resource": "\n".join(resources)} if resources else {}
    usual = {"response_type": "code", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    return checked_request(world.web, ALICE, HERE, usual | named | parameters, world.settings)


def allowed(world: World, *resources: str, remembered: Approval | None = None, **parameters: str) -> dict[str, str]:
    """The answer to a request that alice allows."""
    request = asked(world, *resources, **parameters)
    parts = urlsplit(approve(world.server, world.web, ALICE, request, remembered, NOW).url)
    return {name: value for name, (value,) in parse_qs(parts.fragment or parts.query).items()}


def code_for(world: World, *resources: str, scope: str = "read write") -> str:
    return allowed(world, *resources, scope=scope)["code"]
