"""The function calls of a warm request, Python's and C's: a measure of its work that no machine and no load changes."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from gatepost.resource import Resource
from gatepost.scope import Scope
from tests.bench.deployed import Deployed
from tests.bench.operations import Operation

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


def steps(deployed: Deployed, operation: Operation, endpoint: str, **settings: Any) -> int:
    """Return the least of three requests, with other `settings` of the deployment."""
    before, deployed.settings = deployed.settings, replace(deployed.settings, **settings)
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

    def counted(frame: object, kind: str, argument: object) -> None:
        nonlocal count
        count += kind in ("call", "c_call")

    sys.setprofile(counted)
    try:
        handler(event, None)
    finally:
        sys.setprofile(None)
    return count
