"""AWS with the credentials of a function's role."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from tests.security.checklist.rights import Attempt, in_tables


def as_role(deployment: Deployment, function: str, service: str = "dynamodb") -> Any:
    """Return a client of the service that acts as the function."""
    given = deployment.cloud.role_credentials()(deployment.functions[function].config.role_arn)
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=deployment.cloud.endpoint,
        region_name=REGION,
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=given["AWS_SESSION_TOKEN"],
    )


def is_allowed(client: Any, deployment: Deployment, attempt: Attempt) -> bool:
    """Whether the role allows an attempt."""
    operation, request = attempt
    try:
        getattr(client, operation)(**in_tables(request, deployment.tables.__getitem__))
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDeniedException":
            return False
        raise
    return True
