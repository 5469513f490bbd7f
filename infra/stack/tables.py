"""The DynamoDB tables, from the list that the stores share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from gatepost.stores.schema import TABLES, TOKENS, TTL_ATTRIBUTE, Table
from gatepost_cdk.decider import ONLY_THE_FEED, READS
from infra.configuration.context import Configuration


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _number(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.NUMBER)


class Tables(Construct):
    """Every table of `TABLES`: on demand, encrypted, and if configured with point-in-time recovery over 35 days."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """Create `by_name`, the tables by their logical name."""
        super().__init__(scope, construct_id)
        tables: dict[str, dynamodb.Table] = {}
        for spec in TABLES:
            table = dynamodb.Table(
                self,
                spec.name.capitalize(),
                partition_key=_string(spec.partition_key),
                sort_key=_string(spec.sort_key) if spec.sort_key else None,
                billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
                **_encryption(self, spec, configuration),
                resource_policy=_shared(spec, configuration),
                point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                    point_in_time_recovery_enabled=configuration.point_in_time_recovery
                ),
                time_to_live_attribute=TTL_ATTRIBUTE,
                deletion_protection=configuration.deletion_protection and not configuration.first_deployment,
                removal_policy=removal_policy(configuration),
            )
            for index in spec.indexes:
                table.add_global_secondary_index(
                    index_name=index.name,
                    partition_key=_string(index.partition_key),
                    sort_key=(_number if index.sorts_numbers else _string)(index.sort_key),
                )
            tables[spec.name] = table
        self.by_name: Mapping[str, dynamodb.Table] = tables


def _encryption(scope: Construct, spec: Table, configuration: Configuration) -> dict[str, Any]:
    """With the configured key. DynamoDB shares no table with other accounts whose key AWS keeps in this one."""
    if configuration.kms_key_arn:
        key = kms.Key.from_key_arn(scope, f"{spec.name.capitalize()}Key", configuration.kms_key_arn)
        return {"encryption": dynamodb.TableEncryption.CUSTOMER_MANAGED, "encryption_key": key}
    shared = configuration.feed_readers and spec is TOKENS
    return {"encryption": dynamodb.TableEncryption.DEFAULT if shared else dynamodb.TableEncryption.AWS_MANAGED}


def _shared(spec: Table, configuration: Configuration) -> iam.PolicyDocument | None:
    """Let roles of the accounts in `feed_readers` read keys and revocations, as far as their own policies do."""
    if not configuration.feed_readers or spec is not TOKENS:
        return None
    reading = iam.PolicyStatement(
        sid="GatepostReadersOfTheFeed",
        principals=[iam.AccountPrincipal(account) for account in configuration.feed_readers],
        actions=[*READS],
        resources=["*"],  # this table: a policy in it can't name it by its ARN
        conditions=ONLY_THE_FEED,
    )
    return iam.PolicyDocument(statements=[reading])


def removal_policy(configuration: Configuration) -> RemovalPolicy:
    """Return the removal policy of data: tables, secrets and logs.

    What is kept goes nevertheless when its creation is rolled back: there is nothing in it yet.
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if configuration.removal == "retain" else RemovalPolicy.DESTROY
