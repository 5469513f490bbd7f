"""The statements of the roles: what functions may do with tables, keys, mail and logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Aws, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from gatepost.settings import Settings
from infra.configuration.context import Configuration
from infra.stack.access import TableAccess

# What DynamoDB and Secrets Manager do with a key of the account in the name of who calls them.
_USES_OF_A_KEY = ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")


def key_grants(configuration: Configuration) -> list[iam.PolicyStatement]:
    """Return what allows to use the configured key through the services that encrypt with it; nothing without a key."""
    if not configuration.kms_key_arn:
        return []
    services = [f"{name}.{Aws.REGION}.{Aws.URL_SUFFIX}" for name in ("dynamodb", "secretsmanager")]
    using = iam.PolicyStatement(
        actions=[f"kms:{action}" for action in _USES_OF_A_KEY],
        resources=[configuration.kms_key_arn],
        conditions={"StringEquals": {"kms:ViaService": services}},
    )
    return [using]


def table_grant(tables: Mapping[str, dynamodb.Table], access: TableAccess) -> iam.PolicyStatement:
    """The statement that allows the access; `tables` by their logical names."""
    table = tables[access.table]
    return iam.PolicyStatement(
        actions=[f"dynamodb:{action}" for action in access.actions],
        resources=[f"{table.table_arn}/index/{access.index}" if access.index else table.table_arn],
        conditions=access.conditions or None,
    )


def mail_grant(scope: Construct, settings: Settings, identities: Sequence[str]) -> iam.PolicyStatement:
    """Send as `mail_sender`; the identity that SES verified is the address itself or its domain, unless said."""
    sender = settings.mail_sender
    used = [("identity", name) for name in identities or (sender, sender.rpartition("@")[2])]
    if settings.mail_configuration_set:
        used.append(("configuration-set", settings.mail_configuration_set))
    return iam.PolicyStatement(
        actions=["ses:SendEmail"],
        resources=[Stack.of(scope).format_arn(service="ses", resource=kind, resource_name=name) for kind, name in used],
        conditions={"StringEquals": {"ses:FromAddress": sender}},
    )


def may_log(group: logs.CfnLogGroup) -> iam.PolicyStatement:
    """Write to its own log group; the ARN ends in `:*`, the group's streams."""
    return iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.attr_arn])
