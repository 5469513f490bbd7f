"""`make copy-table FROM=... TO=...`: copies items from another table."""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import boto3
from botocore.exceptions import ClientError

from gatepost.stores.dynamodb.app_owners import CLOSED
from gatepost.stores.dynamodb.feed import KEY
from gatepost.stores.schema import ACCOUNTS, APPS, FEED, KEYS, TABLES, TOKENS, TTL_ATTRIBUTE, Table
from infra.tools.operator.command import parser, run
from infra.tools.operator.forgotten import Forgotten, forgotten_users
from infra.tools.operator.items import Item, scan
from infra.tools.operator.target import NotPossible, Target

_BY_NAME = {table.name: table for table in TABLES}
_WRITERS, _PART = 16, 1000
COPIED, KEPT, OVER, FORGOTTEN, OTHER_KEYS = "copied", "kept", "over", "forgotten", "other keys"


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; the result is one sentence."""
    known = parser("copy-table")
    known.add_argument("--from", dest="source", default="")
    known.add_argument("--to", default="")
    known.add_argument("--from-region")
    known.add_argument("--from-profile")
    known.add_argument("--overwrite", action="store_true")
    options = known.parse_args(arguments)
    if not options.source or options.to not in _BY_NAME:
        known.error(
            f"From where to where? FROM is the name of a table in DynamoDB, TO is one of {', '.join(_BY_NAME)}."
        )
    table = _BY_NAME[options.to]

    def work(target: Target) -> str:
        database = target.client("dynamodb")
        source = database
        if options.from_region or options.from_profile:
            session = boto3.Session(profile_name=options.from_profile, region_name=options.from_region)
            source = session.client("dynamodb")
        elif options.source == target.tables[table.name]:
            raise NotPossible(f"{options.source} is the table {table.name} of {target.name} itself.")
        _check_same_keys(source, options.source, table)
        counts = copy(
            source,
            options.source,
            database,
            target.tables[table.name],
            table,
            forgotten=forgotten_users(database, target.tables["audit"]),
            overwrite=options.overwrite,
            now=time.time(),
        )
        return (
            f"{options.to} of {target.name}: {counts[COPIED]} items copied, {counts[KEPT]} left as they stand there, "
            f"{counts[OVER] + counts[OTHER_KEYS]} not needed any more, {counts[FORGOTTEN]} of users who were erased or "
            "deleted their account."
        )

    return run(options, work)


def copy(
    source: Any,
    source_name: str,
    database: Any,
    name: str,
    table: Table,
    *,
    forgotten: Forgotten,
    overwrite: bool,
    now: float,
) -> Counter[str]:
    """Copy the items of one table to another; existing ones are kept unless `overwrite`. Nothing is removed.

    Can be repeated after a failure. Not copied: expired items, one-time links, users of `forgotten` with all their
    records, and public keys, which belong to the other stack's secret.
    """
    forgotten = forgotten.known_by(table, scan(source, source_name))
    items, counts = scan(source, source_name), Counter[str]()

    def carried_over(item: Item) -> str:
        return _reason_against(item, table, forgotten, now) or _put(database, name, table, overwrite, item)

    with ThreadPoolExecutor(_WRITERS) as pool:
        while part := list(islice(items, _PART)):
            counts.update(pool.map(carried_over, part))
    return counts


def _reason_against(item: Item, table: Table, forgotten: Forgotten, now: float) -> str:
    if TTL_ATTRIBUTE in item and int(item[TTL_ATTRIBUTE]["N"]) <= now:
        return OVER
    if table == ACCOUNTS and item["sk"]["S"] == "link":  # single use: it may have been used since
        return OVER
    if forgotten.own(table, item):
        return FORGOTTEN
    if table == TOKENS and item["pk"]["S"] in (KEYS, FEED) and item["sk"]["S"].startswith(KEY):
        return OTHER_KEYS
    return ""


def _put(database: Any, name: str, table: Table, overwrite: bool, item: Item) -> str:
    condition: Item = {}
    if not overwrite:
        condition = {
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": table.partition_key},
        }
    elif table == APPS and "apps" in item:  # a count; the blocked count of a deleted owner stays
        condition = {
            "ConditionExpression": "attribute_not_exists(apps) OR apps < :closed",
            "ExpressionAttributeValues": {":closed": CLOSED},
        }
    try:
        database.put_item(TableName=name, Item=item, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return KEPT
        raise
    return COPIED


def _check_same_keys(source: Any, name: str, table: Table) -> None:
    try:
        schema = source.describe_table(TableName=name)["Table"]["KeySchema"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            raise NotPossible(f"There is no table {name}.") from None
        raise
    found = tuple(each["AttributeName"] for each in sorted(schema, key=lambda each: str(each["KeyType"])))
    if found != tuple(key for key in (table.partition_key, table.sort_key) if key):
        raise NotPossible(f"{name} has other keys than {table.name}: {', '.join(found)}.")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
