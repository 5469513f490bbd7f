"""Deployments that shift: a tenth of the calls meets the new version first, and alarms take it back.

CodeDeploy moves the alias when CloudFormation gives it another version. If one of the watched alarms rings meanwhile,
the alias goes back, and with it the stack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Aws, CfnCodeDeployLambdaAliasUpdate, CfnUpdatePolicy
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

# Longer than the five minutes of an alarm, so that one whole period of it has met the new version.
SHIFT = "CodeDeployDefault.LambdaCanary10Percent10Minutes"
# Alarms that a new version can cause. CodeDeploy takes ten at most, and does not begin while one of them rings.
WATCHED = ("server-errors", "function-errors", "authorizer-errors")


class Canary(Construct):
    """A deployment group for each alias."""

    def __init__(
        self, scope: Construct, construct_id: str, *, aliases: Mapping[str, lambda_.Alias], alarms: Sequence[str]
    ) -> None:
        """`aliases` are by the names of their functions; `alarms` are the names of those in CloudWatch."""
        super().__init__(scope, construct_id)
        application = codedeploy.CfnApplication(self, "Application", compute_platform="Lambda")
        role = iam.CfnRole(
            self,
            "Role",
            description="Gatepost, CodeDeploy moves the aliases of functions",
            assume_role_policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "codedeploy.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            managed_policy_arns=[f"arn:{Aws.PARTITION}:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"],
        )
        for name, alias in aliases.items():
            group = codedeploy.CfnDeploymentGroup(
                self,
                "".join(part.capitalize() for part in name.split("_")),
                application_name=application.ref,
                service_role_arn=role.attr_arn,
                deployment_config_name=SHIFT,
                deployment_style=codedeploy.CfnDeploymentGroup.DeploymentStyleProperty(
                    deployment_option="WITH_TRAFFIC_CONTROL", deployment_type="BLUE_GREEN"
                ),
                alarm_configuration=codedeploy.CfnDeploymentGroup.AlarmConfigurationProperty(
                    enabled=True, alarms=[codedeploy.CfnDeploymentGroup.AlarmProperty(name=each) for each in alarms]
                ),
                auto_rollback_configuration=codedeploy.CfnDeploymentGroup.AutoRollbackConfigurationProperty(
                    enabled=True,
                    events=["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
                ),
            )
            shifted = CfnCodeDeployLambdaAliasUpdate(application_name=application.ref, deployment_group_name=group.ref)
            resource = alias.node.default_child
            assert isinstance(resource, lambda_.CfnAlias)  # noqa: S101
            resource.cfn_options.update_policy = CfnUpdatePolicy(code_deploy_lambda_alias_update=shifted)
