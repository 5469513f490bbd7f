"""The secrets: signing keys and refresh keys, created and replaced by Secrets Manager's rotation schedule."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import Aws, CfnCondition, Fn, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from gatepost.edge.origin_secret import SLOTS
from infra.configuration.context import EDGE_REGION, Configuration
from infra.stack.function_table import SECRETS
from infra.stack.tables import removal_policy

NO_KEYS = '{"keys":[]}'


class Keys(Construct):
    """The secrets of `SECRETS`. They start with an empty list of keys; the first rotation creates the first key."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """Create `by_name`, the secrets by their logical name, and `edge`, CloudFront's secret, if there is an edge."""
        super().__init__(scope, construct_id)
        self._days = configuration.key_rotation_days
        self._algorithms = configuration.settings_for("https://issuer").signing_algorithms
        self.edge = _edge_secret(self, configuration) if configuration.edge else None
        self.by_name: Mapping[str, secretsmanager.Secret] = {
            name: secretsmanager.Secret(
                self,
                name.capitalize(),
                description=f"Gatepost. {purpose}",
                # Secrets Manager always generates a member: `unused` is never read.
                generate_secret_string=secretsmanager.SecretStringGenerator(
                    secret_string_template=NO_KEYS, generate_string_key="unused"
                ),
                encryption_key=self._key(name, configuration),
                removal_policy=removal_policy(configuration),
            )
            for name, purpose in SECRETS.items()
        }

    def _key(self, name: str, configuration: Configuration) -> kms.IKey | None:
        """The configured key. Its policy is not ours to change: roles get their rights on it by their own."""
        if not configuration.kms_key_arn:
            return None
        return kms.Key.from_key_arn(self, f"{name.capitalize()}Key", configuration.kms_key_arn)

    def _window(self, name: str) -> str | None:
        """Return the length of the window in which Secrets Manager rotates; None is its default, a day."""
        algorithms = len(self._algorithms) if name == "signing" else 1
        return f"{25 - algorithms}h" if algorithms > 1 else None

    def rotate_through(self, function: lambda_.IFunction, secrets: tuple[str, ...]) -> None:
        """Rotate the named secrets through the function: at once, and then every `key_rotation_days`.

        A schedule that changes rotates at once, too. That of the signing secret changes with the number of algorithms,
        so that an update makes the keys that are missing.
        The schedules are L1 resources: CDK's L2 adds GetRandomPassword on every resource.
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
                    automatically_after_days=self._days, duration=self._window(name)
                ),
                rotate_immediately_on_update=True,
            )
            schedule.add_resource_dependency(allowed)


def _edge_secret(scope: Construct, configuration: Configuration) -> secretsmanager.CfnSecret:
    """Return a secret with two values, the second one empty until `make edge-secret` fills it.

    CloudFormation reads it in the region of the edge, so it has a name that both stacks know, and a replica there.
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
        kms_key_id=configuration.kms_key_arn or None,
        replica_regions=Fn.condition_if(elsewhere.logical_id, [{"Region": EDGE_REGION}], Aws.NO_VALUE),
    )
    secret.apply_removal_policy(RemovalPolicy.DESTROY)  # a new stack creates a new one, under the same name
    return secret
