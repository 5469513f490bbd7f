"""DynamoDB and Secrets Manager clients from a function's environment, created once per container."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from gatepost.aws import services
from gatepost.aws.services import Caller
from gatepost.runtime.environment import settings
from gatepost.settings import table_variable
from gatepost.stores.schema import TABLES


@cache
def table_names() -> Mapping[str, str]:
    """Return the physical names of the tables that this function may access, by their names in `stores.schema`."""
    variables = {table.name: table_variable(table.name) for table in TABLES}
    return {name: os.environ[variable] for name, variable in variables.items() if variable in os.environ}


@cache
def dynamodb() -> Caller:
    """Return the client for the tables' region."""
    return services.dynamodb(settings().aws_client, region() or None)


@cache
def region() -> str:
    """Return the tables' region; a table named by its ARN may be in another region or account than the function."""
    named = (name.split(":")[3] for name in table_names().values() if name.startswith("arn:"))
    return next(named, os.environ.get("AWS_REGION", ""))


@cache
def secrets_manager() -> Caller:
    """Return the client for the secrets that this function may read or replace."""
    return services.secrets_manager(settings().aws_client)
