"""Reads: one call, records in the order of the keys, None if absent."""

from __future__ import annotations

import pytest

from gatepost.model.records import Attempts
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, ApprovalKey, AttemptsKey, CodeKey, GrantKey, SessionKey, UserKey
from gatepost.stores.schema import TABLES
from tests.contract.records import APP, CODE, GRANT, LOGIN, SESSION, USER, register_app
from tests.contract.scripted import Scripted
from tests.unit.world import NOW


def filled(store: Store) -> None:
    register_app(store, APP, limit=1)
    store.create_user(USER, LOGIN)
    store.start_session(SESSION)
    store.approve(GRANT, user=USER, code=CODE, approval=None)


def test_records_come_in_the_order_of_the_keys(store: Store) -> None:
    filled(store)
    app, code, grant, user, session = (
        AppKey(APP.client_id),
        CodeKey(CODE.code_hash),
        GrantKey(GRANT.grant_id),
        UserKey("alice-id"),
        SessionKey("alice-id", "s1"),
    )

    assert store.read(app, code, grant, user, session) == (APP, CODE, GRANT, USER, SESSION)
    assert store.read(session, user, grant, code, app) == (SESSION, USER, GRANT, CODE, APP)


def test_a_record_that_is_absent_is_none_among_the_others(store: Store) -> None:
    filled(store)

    assert store.read(AppKey("none"), UserKey("alice-id"), GrantKey("nobody.nothing")) == (None, USER, None)
    assert store.read(AppKey("none"), UserKey("none")) == (None, None)
    assert store.read(AppKey("none")) == (None,)


def test_the_same_key_twice_gives_the_same_record_twice(store: Store) -> None:
    filled(store)

    assert store.read(AppKey(APP.client_id), AppKey(APP.client_id)) == (APP, APP)


def test_records_of_one_table_do_not_mix(store: Store) -> None:
    filled(store)
    store.count_failure("alice-id", now=NOW, forget_at=NOW + 9)

    counter = Attempts(failures=1, last_failure_at=NOW, expires_at=NOW + 9)
    keys = UserKey("alice-id"), AttemptsKey("alice-id"), ApprovalKey("alice-id", APP.client_id)
    assert store.read(*keys) == (USER, counter, None)


def test_many_records_of_one_kind_come_in_the_order_of_their_keys(store: Store) -> None:
    sessions = [SESSION._replace(session_hash=f"s{n}") for n in range(0, 205, 2)]
    for session in sessions:
        store.start_session(session)

    for count in (0, 1, 2, 99, 100, 101, 205):
        found = list(store.read_each([SessionKey("alice-id", f"s{n}") for n in range(count)]))

        assert found[::2] == sessions[: (count + 1) // 2]
        assert set(found[1::2]) <= {None}
        assert len(found) == count


@pytest.mark.parametrize(
    ("count", "calls"), [(1, ["GetItem"]), (100, ["BatchGetItem"]), (101, ["BatchGetItem", "GetItem"])]
)
def test_dynamodb_is_asked_for_one_key_by_a_get_and_for_a_hundred_by_one_batch(count: int, calls: list[str]) -> None:
    client = Scripted({"Responses": {}})
    store = DynamoDBStore(client, {table.name: table.name for table in TABLES})

    assert store.read_each([SessionKey("alice-id", f"s{n}") for n in range(count)]) == [None] * count
    assert [operation for operation, _ in client.calls] == calls
