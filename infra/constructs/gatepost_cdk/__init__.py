"""Gatepost's construct for other CDK apps: `from gatepost_cdk import GatepostAuthorizer`.

It is imported on first use: `gatepost_cdk.bundling` also serves programs that don't start jsii.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatepost_cdk.authorizer import GatepostAuthorizer

__all__ = ["GatepostAuthorizer"]


def __getattr__(name: str) -> type[GatepostAuthorizer]:
    if name != "GatepostAuthorizer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gatepost_cdk.authorizer import GatepostAuthorizer

    return GatepostAuthorizer
