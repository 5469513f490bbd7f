"""Log groups that AWS services deliver to."""

from __future__ import annotations

from aws_cdk import Aws, Fn
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.configuration.context import Configuration
from infra.stack.tables import removal_policy


def vended_log_group(scope: Construct, construct_id: str, configuration: Configuration, name: str) -> logs.CfnLogGroup:
    """A log group below `/aws/vendedlogs/`: one rule of the account's resource policy, which is short, covers them all.

    The name ends in a part of the stack's id: a group that was kept is in nobody's way.
    """
    ending = Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Aws.STACK_ID))))
    group = logs.CfnLogGroup(
        scope,
        construct_id,
        log_group_name=f"/aws/vendedlogs/{name}-{ending}",
        retention_in_days=configuration.log_retention_days,
    )
    group.apply_removal_policy(removal_policy(configuration))
    return group
