"""`make audit`: the server's records are clean, and each violation is found by its name, without false positives."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, cast

import pytest

from gatepost.aws.boto import BotoClient
from gatepost.stores.dynamodb.store import DynamoDBStore
from infra.tools.integrity.invariants import findings
from infra.tools.integrity.kinds import Finding
from infra.tools.integrity.reading import audit, read_tables
from tests.contract.broken_promises import PLANTED, before_the_first_rotation, orphans
from tests.contract.cloud import create_tables
from tests.contract.planting import Plant, Tables, change
from tests.contract.server_life import NOW, Life

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def names(dynamodb: DynamoDBClient) -> dict[str, str]:
    names = create_tables(dynamodb)
    Life(DynamoDBStore(BotoClient(dynamodb), names))
    return names


@pytest.fixture(scope="module")
def lived(dynamodb: DynamoDBClient, names: dict[str, str]) -> bytes:
    return pickle.dumps(read_tables(dynamodb, names))


@pytest.fixture
def tables(lived: bytes) -> Tables:
    return cast(Tables, pickle.loads(lived))


def test_what_the_server_writes_is_clean(tables: Tables) -> None:
    assert findings(tables, now=NOW + 1) == []
    assert {name: len(items) > 0 for name, items in tables.items()} == dict.fromkeys(tables, True)


def test_a_stack_before_its_first_rotation_is_clean(tables: Tables) -> None:
    before_the_first_rotation(tables)

    assert findings(tables, now=NOW + 1) == []


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_broken_promise_is_found_by_its_name(tables: Tables, planted: tuple[Plant, *tuple[str, ...]]) -> None:
    plant, *expected = planted
    plant(tables)

    assert {finding.name for finding in findings(tables, now=NOW + 1)} == set(expected)


def test_what_is_over_counts_as_absent(tables: Tables) -> None:
    orphans(tables)
    kept = {item["pk"]["S"] for item in tables["tokens"]}
    assert kept

    names = {finding.name for finding in findings(tables, now=NOW + 400 * 86400)}

    assert names == {"app without its owner", "count without its owner", "approval without its account"}


def test_a_secret_that_was_used_is_searched_for_in_keys_and_values(tables: Tables) -> None:
    name = tables["accounts"][0]["pk"]["S"]

    assert {finding.name for finding in findings(tables, now=NOW + 1, secrets=[name[-6:]])} == {"readable secret"}


def test_a_password_hash_may_look_like_a_token(tables: Tables) -> None:
    change("accounts", "password_hash", f"$2b$04${'x' * 30}eyJab.cdef.{'x' * 12}", pk="name#alice")(tables)

    assert findings(tables, now=NOW + 1) == []


def test_no_sentence_quotes_what_it_found(tables: Tables) -> None:
    change("audit", "subject", "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl")(tables)

    assert "eyJhbGciOi" not in str(findings(tables, now=NOW + 1))


class Changing:
    """A client whose tables are read after an account is written, but before its name is visible."""

    def __init__(self, client: DynamoDBClient, names: dict[str, str], *, for_good: bool) -> None:
        self._client, self._names, self._for_good, self._looks = client, names, for_good, 0

    def get_paginator(self, operation: str) -> Changing:
        assert operation == "scan"
        self._looks += 1
        return self

    def paginate(self, **request: Any) -> Any:
        for page in self._client.get_paginator("scan").paginate(**request):
            if request["TableName"] == self._names["accounts"] and (self._looks == 1 or self._for_good):
                page["Items"] = [item for item in page["Items"] if item["pk"]["S"] != "name#alice"]
            yield page


def test_what_is_gone_at_the_second_look_is_no_finding(dynamodb: DynamoDBClient, names: dict[str, str]) -> None:
    pauses: list[float] = []

    assert audit(Changing(dynamodb, names, for_good=False), names, sleep=pauses.append).findings == []
    assert pauses == [2.0]


def test_what_is_there_at_both_looks_is_a_finding(dynamodb: DynamoDBClient, names: dict[str, str]) -> None:
    found = audit(Changing(dynamodb, names, for_good=True), names, sleep=lambda _: None).findings

    (key,) = {each.key for each in found}
    assert found == [Finding(name="account without its name", key=key, sentence="an account's name is not kept for it")]


def test_every_item_is_read_however_many_pages_there_are(dynamodb: DynamoDBClient) -> None:
    names = create_tables(dynamodb)
    for number in range(30):  # 30 × 60 kB are two pages
        item: Any = {"code_hash": {"S": f"{number:043d}"}, "text": {"S": "x" * 60_000}}
        dynamodb.put_item(TableName=names["codes"], Item=item)

    assert len(read_tables(dynamodb, names)["codes"]) == 30
