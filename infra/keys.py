"""The secrets: signing keys and refresh keys, made and replaced by Secrets Manager's rotation schedule."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Aws
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.context import Configuration
from infra.functions import SECRETS
from infra.tables import removal_policy

NO_KEYS = '{"keys":[]}'


class Keys(Construct):
    """The secrets of `SECRETS`. They start with an empty list of keys; the first rotation makes the first key."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """`by_name` holds the secrets by their logical name."""
        super().__init__(scope, construct_id)
        self._days = configuration.key_rotation_days
        self.by_name: Mapping[str, secretsmanager.Secret] = {
            name: secretsmanager.Secret(
                self,
                name.capitalize(),
                description=f"Gatepost. {purpose}",
                # Secrets Manager generates a member in any case: `unused` is never read.
                generate_secret_string=secretsmanager.SecretStringGenerator(
                    secret_string_template=NO_KEYS, generate_string_key="unused"
                ),
                removal_policy=removal_policy(configuration),
            )
            for name, purpose in SECRETS.items()
        }

    def rotate_through(self, function: lambda_.Function, secrets: tuple[str, ...]) -> None:
        """Rotate the named secrets through the function: at once, and then every `key_rotation_days`.

        The schedules are made of the plain resource: CDK's own adds GetRandomPassword on every resource.
        """
        allowed = lambda_.CfnPermission(
            self,
            "MayRotate",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="secretsmanager.amazonaws.com",
            source_account=Aws.ACCOUNT_ID,
        )
        for name in secrets:
            schedule = secretsmanager.CfnRotationSchedule(
                self,
                f"{name.capitalize()}Rotation",
                secret_id=self.by_name[name].secret_arn,
                rotation_lambda_arn=function.function_arn,
                rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                    automatically_after_days=self._days
                ),
                rotate_immediately_on_update=True,
            )
            schedule.add_resource_dependency(allowed)
