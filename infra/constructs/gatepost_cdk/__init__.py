"""What other CDK apps import of Gatepost: `from gatepost_cdk import GatepostAuthorizer`.

It is imported when it is asked for: `gatepost_cdk.bundling` serves programs that start no jsii.
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
