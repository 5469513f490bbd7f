"""The functions that our own code calls in a warm request: a measure of its work that no machine or load changes.

Comprehensions do not count: they are calls in a Python older than 3.12.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from gatepost.resource import Resource
from gatepost.scope import Scope
from infra.configuration.context import ROOT
from tests.bench.deployed import Deployed
from tests.bench.operations import Operation, operations

_OURS = (str(ROOT / "layers"), str(ROOT / "functions"))
_COMPREHENSIONS = ("<listcomp>", "<dictcomp>", "<setcomp>")
# Features, and the settings that a deployment with them has in which the operations make no use of them.
UNUSED: dict[str, dict[str, Any]] = {
    "OpenID Connect": {"openid": True, "signed_userinfo": True, "backchannel_logout": True},
    "resources": {"resources": {"https://mcp.example.test": Resource("MCP server", {"read": ""}, {})}},
    "implied scopes": {"scope_implies": {"admin": ("read", "write")}},
    "restricted scopes": {"restricted_scopes": Scope.of("admin", "consumer")},
    "metadata documents": {"client_id_documents": "open"},
    "registration": {"dynamic_registration": "open"},
}
PLAIN: dict[str, Any] = {"openid": False, "client_id_documents": "closed", "dynamic_registration": "closed"}


STEPPED = (
    "client_credentials",
    "code exchange with PKCE",
    "refresh",
    "introspect, access token",
    "authorizer, token seen before",
)


def stepped(deployed: Deployed, endpoint: str) -> dict[str, list[int]]:
    """Return the steps of the operations in `STEPPED` with every feature off, and with each that they do not use on."""
    known = {each.name: each for each in operations(deployed)}
    variants = {"all off": PLAIN, **{name: PLAIN | having for name, having in UNUSED.items()}}
    return {
        name: [steps(deployed, known[operation], endpoint, **having) for operation in STEPPED]
        for name, having in variants.items()
    }


def steps(deployed: Deployed, operation: Operation, endpoint: str, **settings: Any) -> int:
    """Return the least of three requests, with other `settings` of the deployment."""
    before, deployed.settings = deployed.settings, deployed.settings._replace(**settings)
    try:
        handler = deployed.handler(operation.function)
        deployed.use(client="own", endpoint=endpoint, caller=deployed.items)
        for event in operation.events:
            handler(event, None)
        return min(_steps(handler, event) for event in (*operation.events, *operation.events, *operation.events)[:3])
    finally:
        deployed.settings = before


def _steps(handler: Any, event: Any) -> int:
    count = 0

    def counted(frame: FrameType, kind: str, argument: object) -> None:
        nonlocal count
        caller = frame if kind == "c_call" else frame.f_back
        if kind in ("call", "c_call") and caller is not None and caller.f_code.co_filename.startswith(_OURS):
            count += frame.f_code.co_name not in _COMPREHENSIONS or kind == "c_call"

    sys.setprofile(counted)
    try:
        handler(event, None)
    finally:
        sys.setprofile(None)
    return count
