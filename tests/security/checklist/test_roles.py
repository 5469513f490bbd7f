"""Actions that each role denies, tried with its own credentials on the local AWS. S130."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from gatepost.routes import WHOAMI
from gatepost.scope import Scope
from gatepost.stores.dynamodb.revocations import key_item
from gatepost.stores.schema import TABLES
from gatepost.tokens.access_token import Signer, issue_access_token
from gatepost.tokens.signing_keys import new_signing_key
from infra.local.deployment import Deployment
from infra.stack.function_table import FUNCTIONS
from tests.conftest import TEST_SETTINGS
from tests.people import Client, get
from tests.security.checklist.acting import as_role, is_allowed
from tests.security.checklist.puts import PUTS, puttable
from tests.security.checklist.rights import DELETES, READS, WORST, WRITES, may

NAMES = tuple(spec.name for spec in FUNCTIONS)
# What is not on anyway, so that every feature's rights are tried.
EVERYTHING = {"dynamic_registration": "token", "mail_sender": "gatepost@example.com"}
# Every attribute that a policy names, by table, and one that none does.
NAMED = {
    table.name: frozenset({"anything", *(name for spec in FUNCTIONS for access in spec.whole.tables
                                         if access.table == table.name for name in access.attributes)})
    for table in TABLES
}  # fmt: skip

NUMBERS = {index.sort_key for table in TABLES for index in table.indexes if index.sorts_numbers}


@pytest.fixture(scope="module")
def everything() -> Iterator[Deployment]:
    with Deployment(overrides={**TEST_SETTINGS, **EVERYTHING}, seeded=False) as deployed:
        yield deployed


@pytest.mark.parametrize("function", NAMES)
def test_s130_a_role_can_do_what_its_function_needs_and_nothing_else(everything: Deployment, function: str) -> None:
    client = as_role(everything, function)

    for among in (WRITES, DELETES, READS):
        allowed = {name for name, (attempt, _) in among.items() if is_allowed(client, everything, attempt)}
        assert allowed == may(function, among)


@pytest.mark.parametrize("function", NAMES)
def test_s370_a_role_puts_the_attributes_that_its_function_writes_and_no_other_that_any_role_may(
    everything: Deployment, function: str
) -> None:
    client = as_role(everything, function)

    def put(table: str, key: Any, *names: str) -> bool:
        item = {**key, **{name: {"N": "1"} if name in NUMBERS else {"S": "x"} for name in names}}
        return is_allowed(client, everything, ("put_item", {"TableName": table, "Item": item}))

    for place, (key, _) in PUTS.items():
        named = NAMED[place[0]] - key.keys()
        expected = puttable(function, place, named)
        # a policy names the attributes that a request may have, so what may be put at once may be put one by one
        assert not expected or put(place[0], key, *expected), place
        if expected or put(place[0], key):
            assert [name for name in named - expected if put(place[0], key, name)] == [], place


def test_s130_only_the_rotation_publishes_keys_only_registration_writes_logins_and_every_role_has_its_worst() -> None:
    publishing = {function for name, (_, allowed) in WRITES.items() if "public key" in name for function in allowed}

    assert publishing == {"rotate_keys"}
    assert WRITES["a login"][1] == {"registration"}
    assert not (WRITES["a session"][1] | WRITES["an account's role"][1]) & {"authorize", "consent", "token", "revoke"}
    assert tuple(WORST) == NAMES


def test_s130_a_key_counts_only_where_the_rotation_alone_may_write(deployment: Deployment, client: Client) -> None:
    now, who = time.time(), {"sub": client.app.client_id, "client_id": client.app.client_id, "grant_id": ""}
    table, database = deployment.tables["tokens"], deployment.client("dynamodb")
    forged: dict[str, str] = {}
    items = []
    for place in ("feed", "feed#7", "keys"):
        made = new_signing_key("RS256", active_from=0)
        forged[place] = issue_access_token(
            Signer(kid=made.kid, alg=made.alg, key=made.load()),
            deployment.settings,
            **who,
            scope=Scope.of("read"),
            lifetime=60,
            now=now,
            audience=deployment.settings.audience,
        )
        items.append(key_item(place, made.public()))
        database.put_item(TableName=table, Item=items[-1])
    try:
        deployment.restart("authorizer")
        told = {place: get(deployment, WHOAMI.path, token).status_code for place, token in forged.items()}
        assert told == {"feed": 403, "feed#7": 403, "keys": 200}
    finally:
        for item in items:
            database.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
        deployment.restart("authorizer")
