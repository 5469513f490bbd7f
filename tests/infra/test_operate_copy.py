"""`make copy-table` on a local deployment: an emptied table gets back the items of a restored one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gatepost.stores.record_keys import AppKey, LoginKey, UserKey
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from infra.local.running import Running
from tests.conftest import TEST_SETTINGS
from tests.operating import operate, reachable
from tests.people import new_client, new_person


@pytest.fixture(scope="module")
def emptied() -> Iterator[Deployment]:
    """A deployment of its own: its tables are emptied."""
    with Deployment(overrides=TEST_SETTINGS, seeded=False) as deployed:
        yield deployed


@pytest.fixture
def port(emptied: Deployment) -> Iterator[str]:
    with reachable(emptied) as found:
        yield found


def restored(deployment: Deployment, table: str) -> str:
    """Another table as a restore makes it: the keys and the items, and then the one that was lost is empty."""
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
            database.put_item(TableName=copy, Item=item)
            database.delete_item(TableName=name, Key={key: item[key] for key in keys})
    return copy


def copy_table(port: str, *arguments: str, **environment: str) -> tuple[int, str]:
    return operate("copy_table", "--port", port, *arguments, **environment)


def test_a_table_that_was_emptied_is_filled_again(emptied: Deployment, port: str) -> None:
    person = new_person(emptied)
    client = new_client(emptied, person)
    source = restored(emptied, "accounts")
    assert emptied.store.read(UserKey(person.user.user_id)) == (None,)

    first = copy_table(port, "--from", source, "--to", "accounts")
    again = copy_table(port, "--from", source, "--to", "accounts")

    said = f"accounts of the deployment on port {port}: {{}} items copied, {{}} left as they stand there, "
    rest = "0 not needed any more, 0 of users who were erased or deleted their account.\n"
    assert first == (0, said.format(2, 0) + rest)
    assert again == (0, said.format(0, 2) + rest)
    assert emptied.store.read(UserKey(person.user.user_id)) == (person.user,)
    assert emptied.store.read(LoginKey(person.name.casefold()))[0] is not None
    assert emptied.store.read(AppKey(client.app.client_id)) == (client.app,)


def test_a_table_of_another_region_is_read_there(emptied: Deployment, port: str) -> None:
    running: Running = emptied.running
    environment: dict[str, Any] = {
        "AWS_ENDPOINT_URL": running.access.endpoint,
        "AWS_ACCESS_KEY_ID": running.access.key_id,
        "AWS_SECRET_ACCESS_KEY": running.access.secret,
    }
    new_client(emptied, new_person(emptied))
    source = restored(emptied, "apps")

    status, said = copy_table(port, "--from", source, "--to", "apps", "--from-region", REGION, **environment)
    assert (status, said.split(": ")[1][:15]) == (0, "6 items copied,"), said
    status, said = copy_table(port, "--from", source, "--to", "apps", "--from-region", "eu-west-1", **environment)
    assert (status, said) == (1, "There is no table apps-restored.\n")


def test_what_can_not_be_copied_is_said_in_a_sentence(emptied: Deployment, port: str) -> None:
    own, codes = emptied.tables["apps"], emptied.tables["codes"]
    ask = "From where to where? FROM is the name of a table in DynamoDB, TO is one of "
    usage = (2, f"{ask}apps, codes, tokens, accounts, sessions, audit, counts.\n")

    assert copy_table(port, "--from", "", "--to", "apps") == usage
    assert copy_table(port, "--from", "x", "--to", "users") == usage
    assert copy_table(port, "--from", own, "--to", "apps") == (
        1,
        f"{own} is the table apps of the deployment on port {port} itself.\n",
    )
    assert copy_table(port, "--from", codes, "--to", "apps") == (
        1,
        f"{codes} has other keys than apps: code_hash.\n",
    )
    assert copy_table(port, "--from", "nothing", "--to", "apps") == (1, "There is no table nothing.\n")
