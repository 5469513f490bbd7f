"""Accounts and counters of failed sign-ins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gatepost.aws.services import Caller
from gatepost.model.links import EmailOwner
from gatepost.model.records import Attempts
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AttemptsKey, EmailKey, LoginKey, UserKey
from tests.contract.records import BOB, BOBS_LOGIN, LOGIN, USER
from tests.unit.world import NOW

COUNTER = AttemptsKey("name-hash")


def test_an_account_is_found_by_its_id_and_its_login_by_the_name_in_lower_case(store: Store) -> None:
    store.create_user(USER, LOGIN)
    store.create_user(BOB, BOBS_LOGIN)

    assert store.read(UserKey("alice-id"), LoginKey("alice"), EmailKey("")) == (USER, LOGIN, None)
    assert store.read(UserKey("bob-id"), LoginKey("bob")) == (BOB, BOBS_LOGIN)


@pytest.mark.parametrize("email", ["", "bob@example.test"])
def test_accounts_whose_address_is_not_confirmed_do_not_collide(store: Store, email: str) -> None:
    store.create_user(BOB, BOBS_LOGIN)
    store.create_user(USER._replace(email=email), LOGIN)
    store.create_user(USER._replace(user_id="carol-id", user_name="carol", email=email), LOGIN)

    assert store.read(EmailKey("bob@example.test")) == (EmailOwner(user_id="bob-id", user_name="Bob"),)


def counter(failures: int, at: int, *, lives: int = 100, **more: int) -> Attempts:
    return Attempts(failures=failures, last_failure_at=at, expires_at=at + lives, **more)


@pytest.mark.parametrize("later", [100, 10**6])
def test_s111_failures_are_counted_until_the_counter_ends_though_it_is_still_stored(store: Store, later: int) -> None:
    for number, now in enumerate((NOW, NOW + 5, NOW + 7), 1):
        assert store.count_failure("name-hash", now=now, forget_at=now + 100) == number
        assert store.read(COUNTER) == (counter(number, now),)

    ended = NOW + 7 + later
    assert store.count_failure("name-hash", now=ended, forget_at=ended + 100) == 1
    assert store.read(COUNTER) == (counter(1, ended),)


def test_a_trusted_device_starts_from_zero_and_keeps_its_end(store: Store) -> None:
    for _ in range(2):
        store.trust_device("name-hash", now=NOW, expires_at=NOW + 1000)
        assert store.read(COUNTER) == (Attempts(failures=0, last_failure_at=0, expires_at=NOW + 1000, trusted_at=NOW),)
        store.count_failure("name-hash", now=NOW, forget_at=NOW + 2000)
        assert store.read(COUNTER) == (counter(1, NOW, lives=2000, trusted_at=NOW),)
        assert store.reserve_attempt("name-hash", before=None, free=5, now=NOW + 9, forget_at=NOW + 109)
        assert store.read(COUNTER) == (counter(2, NOW + 9, trusted_at=NOW),)


def test_failures_are_forgotten(store: Store) -> None:
    for name in ("name-hash", "other-hash"):
        store.count_failure(name, now=NOW, forget_at=NOW + 100)

    for _ in range(2):
        store.forget_failures("name-hash")

    assert store.read(COUNTER, AttemptsKey("other-hash")) == (None, counter(1, NOW))


# An attempt that is counted before it is made


def test_s132_the_free_attempts_are_counted_whatever_the_callers_read(store: Store) -> None:
    later = {"now": NOW + 9, "forget_at": NOW + 109}
    counted = [store.reserve_attempt("name-hash", before=None, free=3, **later) for _ in range(5)]

    assert counted == [True, True, True, False, False]
    assert store.read(COUNTER) == (counter(3, NOW + 9),)
    store.forget_failures("name-hash")  # one that was given back meanwhile starts anew
    assert store.reserve_attempt("name-hash", before=counter(2, NOW + 3), free=2, **later)
    assert store.read(COUNTER) == (counter(1, NOW + 9),)


TWICE = counter(2, NOW + 3)
# After two failures: the counter as it was read, how many are free, the time, and the counter if one more may go on
RESERVED: dict[str, tuple[Attempts | None, int, int, Attempts | None]] = {
    "as it stands": (TWICE, 2, NOW + 9, counter(3, NOW + 9)),
    "with fewer failures": (TWICE._replace(failures=1), 2, NOW + 9, None),
    "with more failures": (TWICE._replace(failures=3), 2, NOW + 9, None),
    "at an earlier failure": (TWICE._replace(last_failure_at=NOW), 2, NOW + 9, None),
    "before any failure": (TWICE._replace(last_failure_at=0), 2, NOW + 9, None),
    "before it ended": (TWICE, 1, NOW + 103, counter(1, NOW + 103)),
    "not at all, and it has ended": (None, 1, NOW + 103, counter(1, NOW + 103)),
}


@pytest.mark.parametrize(("read", "free", "now", "left"), RESERVED.values(), ids=RESERVED)
def test_s132_beyond_the_free_ones_one_of_those_who_read_the_counter_as_it_stands_may_go_on(
    store: Store, read: Attempts | None, free: int, now: int, left: Attempts | None
) -> None:
    for at in (NOW, NOW + 3):
        store.count_failure("name-hash", now=at, forget_at=at + 100)

    may = store.reserve_attempt("name-hash", before=read, free=free, now=now, forget_at=now + 100)
    again = store.reserve_attempt("name-hash", before=read, free=free, now=now + 1, forget_at=now + 101)

    assert (may, again) == (left is not None, False)
    assert store.read(COUNTER) == (left or TWICE,)


class Overtaken:
    """A client whose second update follows a failure counted by another request."""

    def __init__(self, client: Caller, meanwhile: Callable[[], None]) -> None:
        self._client, self._meanwhile, self.updates = client, meanwhile, 0

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.updates += operation == "UpdateItem"
        if self.updates == 2:
            self._meanwhile()
        return self._client.call(operation, request)


def test_s34_in_dynamodb_no_failure_is_lost_to_another_that_begins_the_counter_too(local_store: DynamoDBStore) -> None:
    def meanwhile() -> None:
        local_store.count_failure("name-hash", now=NOW, forget_at=NOW + 100)

    store = DynamoDBStore(Overtaken(local_store._tables.client, meanwhile), local_store._tables.names)
    store.count_failure("name-hash", now=NOW + 1, forget_at=NOW + 101)

    assert store.read(COUNTER) == (counter(2, NOW + 1),)
