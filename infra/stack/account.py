"""Settings that an account demands of every stack: tags, a boundary of roles, and that nobody deletes it by mistake."""

from __future__ import annotations

from typing import TypedDict

from aws_cdk import Stack, Tags
from aws_cdk import aws_iam as iam

from infra.configuration.context import Configuration


class OfTheAccount(TypedDict):
    """Arguments of a stack."""

    tags: dict[str, str]
    termination_protection: bool


def of_the_account(configuration: Configuration) -> OfTheAccount:
    """The tags are the stack's own here; `hold` gives them to its resources."""
    return OfTheAccount(
        tags=dict(configuration.tags),
        # of a creation that failed nothing has to stay
        termination_protection=configuration.termination_protection and not configuration.first_deployment,
    )


def hold(stack: Stack, configuration: Configuration) -> None:
    """Give every resource the tags, and every role the boundary."""
    for name, value in configuration.tags.items():
        Tags.of(stack).add(name, value)
    if configuration.permissions_boundary:
        policy = iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", configuration.permissions_boundary)
        iam.PermissionsBoundary.of(stack).apply(policy)
