"""The secrets: signing keys and refresh keys, made and replaced by Secrets Manager's rotation schedule."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import Aws, CfnCondition, Fn, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from gatepost.edge.origin_secret import SLOTS
from infra.configuration.context import EDGE_REGION, Configuration
from infra.stack.function_table import SECRETS
from infra.stack.tables import removal_policy

NO_KEYS = '{"keys":[]}'


class Keys(Construct):
    """The secrets of `SECRETS`. They start with an empty list of keys; the first rotation makes the first key."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """`by_name` holds the secrets by their logical name; `edge` is what CloudFront sends, if there is an edge."""
        super().__init__(scope, construct_id)
        self._days = configuration.key_rotation_days
        self.edge = _edge_secret(self, configuration) if configuration.edge else None
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

    def rotate_through(self, function: lambda_.IFunction, secrets: tuple[str, ...]) -> None:
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


def _edge_secret(scope: Construct, configuration: Configuration) -> secretsmanager.CfnSecret:
    """Two values, the second one empty: `make edge-secret` fills it.

    CloudFormation reads it where the edge is, so it has a name that both stacks know, and a replica there.
    """
    elsewhere = CfnCondition(
        scope, "NotInTheRegionOfTheEdge", expression=Fn.condition_not(Fn.condition_equals(Aws.REGION, EDGE_REGION))
    )
    first, *others = SLOTS
    secret = secretsmanager.CfnSecret(
        scope,
        "Edge",
        name=configuration.edge_in(Aws.REGION),
        description="Gatepost. What CloudFront adds to its requests, in one of two values",
        generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
            secret_string_template=json.dumps(dict.fromkeys(others, "")),
            generate_string_key=first,
            password_length=64,
            exclude_punctuation=True,
        ),
        replica_regions=Fn.condition_if(elsewhere.logical_id, [{"Region": EDGE_REGION}], Aws.NO_VALUE),
    )
    secret.apply_removal_policy(RemovalPolicy.DESTROY)  # a new stack makes a new one, under the same name
    return secret
