"""Copying tables back from a restore, on moto: the copied and kept items, and the erased users."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gatepost.audit_log import events as audit
from gatepost.authentication.sign_in import name_key
from gatepost.aws.boto import BotoClient
from gatepost.errors import Conflict
from gatepost.model.records import User
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.record_keys import AppKey, AttemptsKey, UserKey
from gatepost.stores.schema import ACCOUNTS, APPS, AUDIT, CODES, TABLES, TOKENS
from infra.tools.operator import copy_table
from infra.tools.operator.erase_user import erase
from infra.tools.operator.forgotten import forgotten_users
from infra.tools.operator.target import NotPossible
from tests.contract.cloud import create_tables
from tests.contract.operated import items, lived, target
from tests.contract.records import APP, CODE, ENTRY, GRANT, KEY, LOGIN, STOPPED, USER, VOIDED, register_app
from tests.unit.world import NOW, SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def created(store: DynamoDBStore, name: str) -> User:
    user = replace(USER, user_id=f"{name}-id", user_name=name)
    store.create_user(user, replace(LOGIN, user_id=user.user_id))
    return user


@pytest.fixture
def other(dynamodb: DynamoDBClient) -> dict[str, str]:
    """The tables of another stack."""
    return create_tables(dynamodb)


def copied(
    dynamodb: DynamoDBClient, source: str, names: dict[str, str], table: Any, *, overwrite: bool = False
) -> dict[str, int]:
    return dict(
        copy_table.copy(
            dynamodb,
            source,
            dynamodb,
            names[table.name],
            table,
            forgotten=forgotten_users(dynamodb, names["audit"]),
            overwrite=overwrite,
            now=NOW,
        )
    )


def test_a_table_moves_with_everything_that_still_counts(
    dynamodb: DynamoDBClient, table_names: dict[str, str], other: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    lived(dynamodb_store)
    new = DynamoDBStore(BotoClient(dynamodb), other)

    assert copied(dynamodb, table_names["accounts"], other, ACCOUNTS) == {"copied": 6, "over": 2}
    assert copied(dynamodb, table_names["apps"], other, APPS) == {"copied": 3}
    assert copied(dynamodb, table_names["audit"], other, AUDIT) == {"copied": 5}  # two are in a list of an account too

    assert new.read(UserKey("alice-id")) == dynamodb_store.read(UserKey("alice-id"))
    assert new.read(AppKey(APP.client_id)) == dynamodb_store.read(AppKey(APP.client_id))
    assert [user.user_name for user in new.users("", cursor=None, limit=5).items] == ["alice"]
    assert len(new.approvals_of("alice-id")) == 2
    assert new.read(AttemptsKey(name_key("alice").name_hash))[0] is not None


def test_what_stands_in_the_table_stays_unless_it_is_to_be_overwritten(
    dynamodb: DynamoDBClient, table_names: dict[str, str], other: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    dynamodb_store.create_user(USER, LOGIN)
    new = DynamoDBStore(BotoClient(dynamodb), other)
    new.create_user(replace(USER, status="deactivated"), LOGIN)

    assert copied(dynamodb, table_names["accounts"], other, ACCOUNTS) == {"kept": 2}
    (user,) = new.read(UserKey("alice-id"))
    assert user is not None
    assert user.status == "deactivated"

    assert copied(dynamodb, table_names["accounts"], other, ACCOUNTS, overwrite=True) == {"copied": 2}
    assert new.read(UserKey("alice-id")) == (USER,)


def test_what_is_over_and_the_public_keys_of_another_secret_are_left_out(
    dynamodb: DynamoDBClient, table_names: dict[str, str], other: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    dynamodb_store.publish_key(KEY)
    dynamodb_store.publish(STOPPED)
    dynamodb_store.publish(replace(STOPPED, subject="old", expires_at=NOW))

    assert copied(dynamodb, table_names["tokens"], other, TOKENS) == {"copied": 1, "over": 1, "other keys": 2}

    target = DynamoDBStore(BotoClient(dynamodb), other)
    keys, revocations = target.public_keys(), target.feed(0)
    assert (list(keys), [entry.subject for entry in revocations]) == ([], [APP.client_id])


def test_users_who_were_erased_or_went_do_not_come_back_with_a_restore(
    dynamodb: DynamoDBClient, table_names: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    user = lived(dynamodb_store)
    bob = created(dynamodb_store, "bob")
    created(dynamodb_store, "carol")
    for name in ("accounts", "apps"):
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=table_names[name],
            TargetTableName=f"{table_names[name]}-restored",
            RestoreDateTime=datetime.fromtimestamp(time.time(), UTC),
        )
    erase(target(dynamodb, table_names), user, now=NOW)
    audit.record(dynamodb_store, SETTINGS, "account_deleted", now=NOW, source_ip="", actor=bob)
    dynamodb_store.delete_user(bob, revocation=VOIDED, forget_at=NOW + 86400)

    accounts = copied(dynamodb, f"{table_names['accounts']}-restored", table_names, ACCOUNTS, overwrite=True)
    apps = copied(dynamodb, f"{table_names['apps']}-restored", table_names, APPS)

    assert accounts == {"copied": 2, "forgotten": 8, "over": 2}  # also the counter under the name of who was erased
    assert apps == {"forgotten": 3}  # the app, its name, the count, which stays closed
    assert [item["apps"]["N"] for item in items(dynamodb, table_names["apps"])] == ["1000000", "1000000"]
    assert [user.user_name for user in dynamodb_store.users("", cursor=None, limit=5).items] == ["carol"]


def test_codes_and_audit_entries_of_forgotten_users_do_not_come_back_either(
    dynamodb: DynamoDBClient, table_names: dict[str, str], other: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    user = lived(dynamodb_store)
    of_the_next = replace(ENTRY, entry_id="e4", at=NOW + 1.0, actor="", actor_name="", subject="alice")
    dynamodb_store.record(of_the_next, keep_until=NOW + 999)
    dynamodb_store.approve(
        replace(GRANT, grant_id="carol-id.g1"),
        user=created(dynamodb_store, "carol"),
        code=replace(CODE, code_hash="c3", grant_id="carol-id.g1"),
        approval=None,
    )
    new = DynamoDBStore(BotoClient(dynamodb), other)
    audit.record(new, SETTINGS, "account_erased", now=NOW + 0.5, source_ip="", by="it", subject=user.user_id)

    codes = copied(dynamodb, table_names["codes"], other, CODES)
    entries = copied(dynamodb, table_names["audit"], other, AUDIT)

    assert codes == {"copied": 1, "forgotten": 2}
    assert entries == {"copied": 2, "forgotten": 4}  # the address is not in the list, so nobody knows whose it was
    assert {item["subject"]["S"] for item in items(dynamodb, other["audit"])} == {
        "alice-id", "ALICE@example.test", "alice",
    }  # fmt: skip


def test_a_closed_count_is_not_opened_even_if_nobody_knows_whose_it_was(
    dynamodb: DynamoDBClient, table_names: dict[str, str], other: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    lived(dynamodb_store)
    new = DynamoDBStore(BotoClient(dynamodb), other)
    gone = created(new, "alice")
    new.delete_user(gone, revocation=VOIDED, forget_at=NOW + 86400)

    assert copied(dynamodb, table_names["apps"], other, APPS, overwrite=True) == {"copied": 2, "kept": 1}
    with pytest.raises(Conflict, match="owner"):
        register_app(new, replace(APP, client_id="another", name="Another", owner="alice-id"), limit=3)


def test_the_open_count_of_somebody_who_is_there_is_overwritten(
    dynamodb: DynamoDBClient, table_names: dict[str, str], other: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    lived(dynamodb_store)
    new = DynamoDBStore(BotoClient(dynamodb), other)
    for number in (1, 2):
        register_app(new, replace(APP, client_id=f"n{number}", name=f"N{number}", owner="alice-id"), limit=3)

    assert copied(dynamodb, table_names["apps"], other, APPS, overwrite=True) == {"copied": 3}
    (count,) = [item["apps"]["N"] for item in items(dynamodb, other["apps"]) if "apps" in item]
    assert count == "1"


def test_another_kind_of_table_is_not_taken(dynamodb: DynamoDBClient, table_names: dict[str, str]) -> None:
    with pytest.raises(NotPossible, match=r"^.* has other keys than apps: pk, sk\.$"):
        copy_table._check_same_keys(dynamodb, table_names["accounts"], APPS)
    with pytest.raises(NotPossible, match=r"^There is no table nothing\.$"):
        copy_table._check_same_keys(dynamodb, "nothing", APPS)
    copy_table._check_same_keys(dynamodb, table_names["codes"], TABLES[1])
