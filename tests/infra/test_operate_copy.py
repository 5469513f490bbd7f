"""`make copy-table` on a local deployment: a table gets back the items of a restored one."""

from __future__ import annotations

import json

from gatepost.stores.record_keys import LoginKey, UserKey
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from tests.operating import account_of, operate
from tests.people import Person


def restored(deployment: Deployment, table: str, of: str) -> str:
    """Make another table as a restore makes it, and move the items there that hold a text; return its name."""
    database, name = deployment.client("dynamodb"), deployment.tables[table]
    described = database.describe_table(TableName=name)["Table"]
    keys = {each["AttributeName"] for each in described["KeySchema"]}
    copy = f"{table}-restored"
    database.create_table(
        TableName=copy,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=[each for each in described["AttributeDefinitions"] if each["AttributeName"] in keys],
    )
    for page in database.get_paginator("scan").paginate(TableName=name):
        for item in page["Items"]:
            if of in json.dumps(item):
                database.put_item(TableName=copy, Item=item)
                database.delete_item(TableName=name, Key={key: item[key] for key in keys})
    return copy


def copy_table(port: str, *arguments: str, **environment: str) -> tuple[int, str]:
    return operate("copy_table", "--port", port, *arguments, **environment)


def test_what_a_table_lost_comes_back_from_another_one_of_its_region_or_a_named_one(
    deployment: Deployment, person: Person, port: str
) -> None:
    source = restored(deployment, "accounts", person.user.user_id)
    assert deployment.store.read(UserKey(person.user.user_id)) == (None,)
    told = ("--from", source, "--to", "accounts")

    first = copy_table(port, *told)
    again = copy_table(port, *told, "--from-region", REGION, **account_of(deployment))
    elsewhere = copy_table(port, *told, "--from-region", "eu-west-1", **account_of(deployment))

    said = f"accounts of the deployment on port {port}: {{}} items copied, {{}} left as they stand there, "
    rest = "0 not needed any more, 0 of users who were erased or deleted their account.\n"
    assert first == (0, said.format(2, 0) + rest)
    assert again == (0, said.format(0, 2) + rest)
    assert elsewhere == (1, "There is no table accounts-restored.\n")
    assert deployment.store.read(UserKey(person.user.user_id)) == (person.user,)
    assert deployment.store.read(LoginKey(person.name.casefold()))[0] is not None


def test_what_can_not_be_copied_is_said_in_a_sentence(deployment: Deployment, port: str) -> None:
    own, codes = deployment.tables["apps"], deployment.tables["codes"]
    ask = "From where to where? FROM is the name of a table in DynamoDB, TO is one of "
    usage = (2, f"{ask}apps, codes, tokens, accounts, sessions, audit, counts.\n")
    itself = f"{own} is the table apps of the deployment on port {port} itself.\n"

    assert copy_table(port, "--from", "", "--to", "apps") == usage
    assert copy_table(port, "--from", "x", "--to", "users") == usage
    assert copy_table(port, "--from", own, "--to", "apps") == (1, itself)
    assert copy_table(port, "--from", codes, "--to", "apps") == (1, f"{codes} has other keys than apps: code_hash.\n")
    assert copy_table(port, "--from", "nothing", "--to", "apps") == (1, "There is no table nothing.\n")
