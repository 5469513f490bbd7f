"""What other CDK apps import of Gatepost."""

from gatepost_cdk.authorizer import GatepostAuthorizer

__all__ = ["GatepostAuthorizer"]
