"""All ports on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatepost.aws.services import Caller
from gatepost.stores.dynamodb.accounts import DynamoDBAccounts
from gatepost.stores.dynamodb.apps import DynamoDBApps
from gatepost.stores.dynamodb.audit import DynamoDBAudit
from gatepost.stores.dynamodb.counts import DynamoDBCounts
from gatepost.stores.dynamodb.grants import DynamoDBGrants
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.problems import DynamoDBProblems
from gatepost.stores.dynamodb.records import DynamoDBRecords
from gatepost.stores.dynamodb.revocations import DynamoDBRevocations
from gatepost.stores.dynamodb.sessions import DynamoDBSessions


class DynamoDBStore(
    DynamoDBRecords,
    DynamoDBApps,
    DynamoDBAccounts,
    DynamoDBSessions,
    DynamoDBGrants,
    DynamoDBRevocations,
    DynamoDBAudit,
    DynamoDBProblems,
    DynamoDBCounts,
):
    """Implements every port; a function may only use what its role allows."""

    def __init__(
        self, client: Caller, tables: Mapping[str, str], region: str = "", clock: Callable[[], float] | None = None
    ) -> None:
        """Take the physical name of each table of `stores.schema` that the caller may access, and their region."""
        self._tables = Tables(client, tables, region, clock)
