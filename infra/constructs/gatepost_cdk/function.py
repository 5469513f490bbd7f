"""The authorizer function in the stack of a protected API: the folder functions/authorizer with its own role."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from gatepost.observability import log
from gatepost_cdk import decider
from gatepost_cdk.bundling import function_folder
from gatepost_cdk.code import code_of
from gatepost_cdk.layers import ARCHITECTURES, runtime_of
from gatepost_cdk.sources import ROOT

# Of CDK, whatever the app says: another layer is another version.
_LAYERS_COUNT = "@aws-cdk/aws-lambda:recognizeLayerVersion"


class AuthorizerFunction(Construct):
    """A Lambda that may write its log and do what `statements` allow."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        layers: Sequence[lambda_.ILayerVersion],
        statements: Sequence[iam.PolicyStatement],
        architecture: str,
        python: str,
        built_for: str,
        log_retention_days: int,
    ) -> None:
        """Create the Lambda, its alias `called`, and its `role`; bytecode is shipped for the Python `built_for`."""
        super().__init__(scope, construct_id)
        self.node.set_context(_LAYERS_COUNT, True)
        group = logs.CfnLogGroup(self, "Logs", retention_in_days=log_retention_days)
        group.apply_removal_policy(RemovalPolicy.DESTROY)
        may_log = iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.attr_arn])
        self.role = iam.Role(
            self,
            "Role",
            description="Gatepost's authorizer",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"access": iam.PolicyDocument(statements=[may_log, *statements])},
        )
        self.function = lambda_.Function(
            self,
            "Function",
            description=decider.DESCRIPTION,
            runtime=runtime_of(python),
            architecture=ARCHITECTURES[architecture],
            handler=decider.HANDLER,
            code=code_of(function_folder(ROOT, ROOT / "functions" / "authorizer", python=built_for)),
            layers=list(layers),
            memory_size=decider.MEMORY,
            timeout=Duration.seconds(decider.TIMEOUT),
            role=self.role.without_policy_updates(),
            environment={log.SERVICE: "gatepost"},
            log_group=logs.LogGroup.from_log_group_name(self, "LogGroup", group.ref),
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.DESTROY),
        )
        # An update brings code and layers one after the other: a version is published when both are there.
        self.called = lambda_.Alias(self, "Live", alias_name="live", version=self.function.current_version)

    def tell(self, name: str, value: str) -> None:
        """Set an environment variable, replacing any previous value."""
        self.function.add_environment(name, value)
