"""Copying tables back from a restore, on moto: the copied and kept items, and the erased users."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gatepost.audit_log import events as audit
from gatepost.authentication.sign_in import name_key
from gatepost.aws.boto import BotoClient
from gatepost.errors import Conflict
from gatepost.model.records import User
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.record_keys import AppKey, AttemptsKey, UserKey
from gatepost.stores.schema import ACCOUNTS, APPS, AUDIT, CODES, TABLES, TOKENS, Table
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
    user = USER._replace(user_id=f"{name}-id", user_name=name)
    store.create_user(user, LOGIN._replace(user_id=user.user_id))
    return user


class Stacks:
    """Two stacks; the tables of the old one are copied to the new one."""

    def __init__(self, client: DynamoDBClient, names: dict[str, str]) -> None:
        """Create the tables of the new one."""
        self.client, self.names, self.new_names = client, names, create_tables(client)
        self.old, self.new = (DynamoDBStore(BotoClient(client), each) for each in (names, self.new_names))

    def copied(self, table: Table, *, overwrite: bool = False) -> dict[str, int]:
        return self._copied(self.names[table.name], self.new_names, table, overwrite)

    def restored(self, table: Table, *, overwrite: bool = False) -> dict[str, int]:
        """Copy a restored table of the old stack back."""
        return self._copied(f"{self.names[table.name]}-restored", self.names, table, overwrite)

    def _copied(self, source: str, names: dict[str, str], table: Table, overwrite: bool) -> dict[str, int]:
        forgotten = forgotten_users(self.client, names["audit"])
        found = copy_table.copy(
            *(self.client, source, self.client, names[table.name], table),
            forgotten=forgotten, overwrite=overwrite, now=NOW,
        )  # fmt: skip
        return dict(found)


@pytest.fixture
def stacks(dynamodb: DynamoDBClient, table_names: dict[str, str]) -> Stacks:
    return Stacks(dynamodb, table_names)


def test_a_table_moves_with_everything_that_still_counts(stacks: Stacks) -> None:
    lived(stacks.old)

    assert stacks.copied(ACCOUNTS) == {"copied": 6, "over": 2}
    assert stacks.copied(APPS) == {"copied": 3}
    assert stacks.copied(AUDIT) == {"copied": 5}  # two are in a list of an account too

    assert stacks.new.read(UserKey("alice-id")) == stacks.old.read(UserKey("alice-id"))
    assert stacks.new.read(AppKey(APP.client_id)) == stacks.old.read(AppKey(APP.client_id))
    assert [user.user_name for user in stacks.new.users("", cursor=None, limit=5).items] == ["alice"]
    assert len(stacks.new.approvals_of("alice-id")) == 2
    assert stacks.new.read(AttemptsKey(name_key("alice").name_hash))[0] is not None


def test_what_stands_in_the_table_stays_unless_it_is_to_be_overwritten(stacks: Stacks) -> None:
    stacks.old.create_user(USER, LOGIN)
    stacks.new.create_user(USER._replace(status="deactivated"), LOGIN)

    assert stacks.copied(ACCOUNTS) == {"kept": 2}
    assert stacks.new.read(UserKey("alice-id")) == (USER._replace(status="deactivated"),)

    assert stacks.copied(ACCOUNTS, overwrite=True) == {"copied": 2}
    assert stacks.new.read(UserKey("alice-id")) == (USER,)


def test_what_is_over_and_the_public_keys_of_another_secret_are_left_out(stacks: Stacks) -> None:
    stacks.old.publish_key(KEY)
    stacks.old.publish(STOPPED)
    stacks.old.publish(STOPPED._replace(subject="old", expires_at=NOW))

    assert stacks.copied(TOKENS) == {"copied": 1, "over": 1, "other keys": 2}

    keys, revocations = stacks.new.public_keys(), stacks.new.feed(0)
    assert (list(keys), [entry.subject for entry in revocations]) == ([], [APP.client_id])


def test_users_who_were_erased_or_went_do_not_come_back_with_a_restore(stacks: Stacks) -> None:
    user = lived(stacks.old)
    bob = created(stacks.old, "bob")
    created(stacks.old, "carol")
    for name in ("accounts", "apps"):
        stacks.client.restore_table_to_point_in_time(
            SourceTableName=stacks.names[name],
            TargetTableName=f"{stacks.names[name]}-restored",
            RestoreDateTime=datetime.fromtimestamp(time.time(), UTC),
        )
    erase(target(stacks.client, stacks.names), user, now=NOW)
    audit.record(stacks.old, SETTINGS, "account_deleted", now=NOW, source_ip="", actor=bob)
    stacks.old.delete_user(bob, revocation=VOIDED, forget_at=NOW + 86400)

    accounts = stacks.restored(ACCOUNTS, overwrite=True)
    apps = stacks.restored(APPS)

    assert accounts == {"copied": 2, "forgotten": 8, "over": 2}  # also the counter under the name of who was erased
    assert apps == {"forgotten": 3}  # the app, its name, the count, which stays closed
    assert [item["apps"]["N"] for item in items(stacks.client, stacks.names["apps"])] == ["1000000", "1000000"]
    assert [user.user_name for user in stacks.old.users("", cursor=None, limit=5).items] == ["carol"]


def test_codes_and_audit_entries_of_forgotten_users_do_not_come_back_either(stacks: Stacks) -> None:
    user = lived(stacks.old)
    of_the_next = ENTRY._replace(entry_id="e4", at=NOW + 1.0, actor="", actor_name="", subject="alice")
    stacks.old.record(of_the_next, keep_until=NOW + 999)
    stacks.old.approve(
        GRANT._replace(grant_id="carol-id.g1"),
        user=created(stacks.old, "carol"),
        code=CODE._replace(code_hash="c3", grant_id="carol-id.g1"),
        approval=None,
    )
    audit.record(stacks.new, SETTINGS, "account_erased", now=NOW + 0.5, source_ip="", by="it", subject=user.user_id)

    codes = stacks.copied(CODES)
    entries = stacks.copied(AUDIT)

    assert codes == {"copied": 1, "forgotten": 2}
    assert entries == {"copied": 2, "forgotten": 4}  # the address is not in the list, so nobody knows whose it was
    assert {item["subject"]["S"] for item in items(stacks.client, stacks.new_names["audit"])} == {
        "alice-id", "ALICE@example.test", "alice",
    }  # fmt: skip


def test_a_closed_count_is_not_opened_even_if_nobody_knows_whose_it_was(stacks: Stacks) -> None:
    lived(stacks.old)
    gone = created(stacks.new, "alice")
    stacks.new.delete_user(gone, revocation=VOIDED, forget_at=NOW + 86400)

    assert stacks.copied(APPS, overwrite=True) == {"copied": 2, "kept": 1}
    with pytest.raises(Conflict, match="owner"):
        register_app(stacks.new, APP._replace(client_id="another", name="Another", owner="alice-id"), limit=3)


def test_the_open_count_of_somebody_who_is_there_is_overwritten(stacks: Stacks) -> None:
    lived(stacks.old)
    for number in (1, 2):
        register_app(stacks.new, APP._replace(client_id=f"n{number}", name=f"N{number}", owner="alice-id"), limit=3)

    assert stacks.copied(APPS, overwrite=True) == {"copied": 3}
    (count,) = [item["apps"]["N"] for item in items(stacks.client, stacks.new_names["apps"]) if "apps" in item]
    assert count == "1"


def test_another_kind_of_table_is_not_taken(stacks: Stacks) -> None:
    with pytest.raises(NotPossible, match=r"^.* has other keys than apps: pk, sk\.$"):
        copy_table._check_same_keys(stacks.client, stacks.names["accounts"], APPS)
    with pytest.raises(NotPossible, match=r"^There is no table nothing\.$"):
        copy_table._check_same_keys(stacks.client, "nothing", APPS)
    copy_table._check_same_keys(stacks.client, stacks.names["codes"], TABLES[1])
