"""Accounts and counters of failed sign-ins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gatepost.aws.boto import BotoClient
from gatepost.model.links import EmailOwner
from gatepost.model.records import Attempts, Login, User
from gatepost.scope import Scope
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AttemptsKey, EmailKey, LoginKey, UserKey
from tests.contract.records import LOGIN, USER
from tests.unit.world import NOW

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BOB = User(
    user_id="bob-id",
    user_name="Bob",
    email="Bob@example.test",
    email_confirmed=True,
    scope=Scope.of("read"),
    role="administrator",
    status="active",
    created_at=NOW,
)
BOBS_LOGIN = Login(user_id="bob-id", password_hash="$2b$04$other")
COUNTER = AttemptsKey("name-hash")


def test_an_account_is_found_by_its_id_and_its_login_by_the_name_in_lower_case(store: Store) -> None:
    store.create_user(USER, LOGIN)
    store.create_user(BOB, BOBS_LOGIN)

    assert store.read(UserKey("alice-id"), LoginKey("alice"), EmailKey("")) == (USER, LOGIN, None)
    assert store.read(UserKey("bob-id"), LoginKey("bob")) == (BOB, BOBS_LOGIN)


@pytest.mark.parametrize("email", ["", "bob@example.test"])
def test_accounts_whose_address_is_not_confirmed_do_not_collide(store: Store, email: str) -> None:
    store.create_user(BOB, BOBS_LOGIN)
    store.create_user(replace(USER, email=email), LOGIN)
    store.create_user(replace(USER, user_id="carol-id", user_name="carol", email=email), LOGIN)

    assert store.read(EmailKey("bob@example.test")) == (EmailOwner(user_id="bob-id", user_name="Bob"),)


def test_failures_are_counted(store: Store) -> None:
    assert store.count_failure("name-hash", now=NOW, forget_at=NOW + 100) == 1
    assert store.read(COUNTER) == (Attempts(failures=1, last_failure_at=NOW, expires_at=NOW + 100),)

    assert store.count_failure("name-hash", now=NOW + 5, forget_at=NOW + 105) == 2
    assert store.count_failure("name-hash", now=NOW + 7, forget_at=NOW + 107) == 3
    assert store.read(COUNTER) == (Attempts(failures=3, last_failure_at=NOW + 7, expires_at=NOW + 107),)


@pytest.mark.parametrize("later", [100, 101, 10**6])
def test_s111_a_counter_whose_end_has_passed_starts_anew_though_it_is_still_stored(store: Store, later: int) -> None:
    for _ in range(3):
        store.count_failure("name-hash", now=NOW, forget_at=NOW + 100)

    assert store.count_failure("name-hash", now=NOW + later, forget_at=NOW + later + 100) == 1

    expected = Attempts(failures=1, last_failure_at=NOW + later, expires_at=NOW + later + 100)
    assert store.read(COUNTER) == (expected,)


def test_a_trusted_device_starts_from_zero_and_keeps_its_end(store: Store) -> None:
    for _ in range(2):
        store.trust_device("name-hash", now=NOW, expires_at=NOW + 1000)
        assert store.read(COUNTER) == (Attempts(failures=0, last_failure_at=0, expires_at=NOW + 1000, trusted_at=NOW),)
        store.count_failure("name-hash", now=NOW, forget_at=NOW + 2000)
        assert store.read(COUNTER) == (
            Attempts(failures=1, last_failure_at=NOW, expires_at=NOW + 2000, trusted_at=NOW),
        )


def test_failures_are_forgotten(store: Store) -> None:
    store.count_failure("name-hash", now=NOW, forget_at=NOW + 100)
    store.count_failure("other-hash", now=NOW, forget_at=NOW + 100)

    store.forget_failures("name-hash")
    store.forget_failures("name-hash")

    assert store.read(COUNTER) == (None,)
    assert store.read(AttemptsKey("other-hash"))[0] is not None


# An attempt that is counted before it is made

BEFORE = Attempts(failures=2, last_failure_at=NOW + 3, expires_at=NOW + 103)
LATER = {"now": NOW + 9, "forget_at": NOW + 109}


@pytest.fixture
def failed_twice(store: Store) -> None:
    for now in (NOW, NOW + 3):
        store.count_failure("name-hash", now=now, forget_at=now + 100)


def test_s132_the_free_attempts_are_counted_whatever_the_callers_read(store: Store) -> None:
    counted = [store.reserve_attempt("name-hash", before=None, free=3, **LATER) for _ in range(5)]

    assert counted == [True, True, True, False, False]
    assert store.read(COUNTER) == (Attempts(failures=3, last_failure_at=NOW + 9, expires_at=NOW + 109),)


@pytest.mark.usefixtures("failed_twice")
def test_s132_beyond_the_free_ones_of_two_who_read_the_same_counter_one_may_go_on(store: Store) -> None:
    assert store.reserve_attempt("name-hash", before=BEFORE, free=2, **LATER)
    assert not store.reserve_attempt("name-hash", before=BEFORE, free=2, now=NOW + 10, forget_at=NOW + 110)

    assert store.read(COUNTER) == (Attempts(failures=3, last_failure_at=NOW + 9, expires_at=NOW + 109),)


@pytest.mark.usefixtures("failed_twice")
@pytest.mark.parametrize(
    "changes", [{"failures": 1}, {"failures": 3}, {"last_failure_at": NOW}, {"last_failure_at": 0}]
)
def test_s132_beyond_the_free_ones_a_counter_that_changed_lets_nobody_go_on(
    store: Store, changes: dict[str, int]
) -> None:
    assert not store.reserve_attempt("name-hash", before=replace(BEFORE, **changes), free=2, **LATER)

    assert store.read(COUNTER) == (BEFORE,)


@pytest.mark.usefixtures("failed_twice")
@pytest.mark.parametrize("before", [None, BEFORE])
def test_s132_a_counter_that_has_ended_starts_anew(store: Store, before: Attempts | None) -> None:
    assert store.reserve_attempt("name-hash", before=before, free=1, now=NOW + 103, forget_at=NOW + 203)

    assert store.read(COUNTER) == (Attempts(failures=1, last_failure_at=NOW + 103, expires_at=NOW + 203),)


def test_s132_a_counter_that_was_given_back_meanwhile_starts_anew(store: Store) -> None:
    assert store.reserve_attempt("name-hash", before=BEFORE, free=2, **LATER)

    assert store.read(COUNTER) == (Attempts(failures=1, last_failure_at=NOW + 9, expires_at=NOW + 109),)


def test_a_trusted_device_stays_trusted_while_its_attempts_are_counted(store: Store) -> None:
    store.trust_device("name-hash", now=NOW, expires_at=NOW + 1000)

    assert store.reserve_attempt("name-hash", before=None, free=5, **LATER)

    expected = Attempts(failures=1, last_failure_at=NOW + 9, expires_at=NOW + 109, trusted_at=NOW)
    assert store.read(COUNTER) == (expected,)


class Overtaken:
    """A client whose second update follows a failure counted by another request."""

    def __init__(self, client: BotoClient, meanwhile: Callable[[], None]) -> None:
        self._client, self._meanwhile, self.updates = client, meanwhile, 0

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.updates += operation == "UpdateItem"
        if self.updates == 2:
            self._meanwhile()
        return self._client.call(operation, request)


def test_s34_in_dynamodb_no_failure_is_lost_to_another_that_begins_the_counter_too(
    dynamodb: DynamoDBClient, table_names: dict[str, str], dynamodb_store: DynamoDBStore
) -> None:
    def meanwhile() -> None:
        dynamodb_store.count_failure("name-hash", now=NOW, forget_at=NOW + 100)

    store = DynamoDBStore(Overtaken(BotoClient(dynamodb), meanwhile), table_names)
    store.count_failure("name-hash", now=NOW + 1, forget_at=NOW + 101)

    assert store.read(COUNTER) == (Attempts(failures=2, last_failure_at=NOW + 1, expires_at=NOW + 101),)
