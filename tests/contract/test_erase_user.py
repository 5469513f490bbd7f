"""Erasure that is interrupted at any step, or concurrent with a sign-in, on moto."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gatepost.audit_log.exporting import csv_text, json_lines
from gatepost.authentication.sign_in import name_key
from gatepost.model.records import User
from gatepost.stores.audit_lists import app_list, day_list, user_list
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.record_keys import LinkKey, LoginKey, UserKey
from gatepost.stores.schema import TABLES
from infra.tools.operator.erase_user import erase
from infra.tools.operator.footprint import footprint
from tests.contract.operated import items, lived, target
from tests.contract.records import ENTRY, LINK, LOGIN, USER
from tests.unit.world import NOW

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = day_list(NOW)


class Stack(NamedTuple):
    """The deployment that the command works on."""

    client: DynamoDBClient
    names: dict[str, str]
    store: DynamoDBStore

    def erase(self, user: User, client: Any = None) -> None:
        erase(target(client or self.client, self.names), user, now=NOW)

    def audited(self) -> list[dict[str, Any]]:
        return items(self.client, self.names["audit"])


@pytest.fixture
def stack(dynamodb: DynamoDBClient, table_names: dict[str, str], dynamodb_store: DynamoDBStore) -> Stack:
    return Stack(dynamodb, table_names, dynamodb_store)


class Interrupted(Exception):
    """The operator's machine went down."""


class Client:
    """A client of DynamoDB that gives up at a call."""

    def __init__(self, client: DynamoDBClient, calls: int) -> None:
        self._client, self.left = client, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name in ("get_paginator", "meta"):
            return found

        def call(**request: Any) -> Any:
            if self.left == 0:
                raise Interrupted
            self.left -= 1
            return found(**request)

        return call


def test_an_erasure_that_stopped_anywhere_is_ended_by_the_next(stack: Stack) -> None:
    user = lived(stack.store)
    stops = 0
    for calls in range(200):
        try:
            stack.erase(user, Client(stack.client, calls))
        except Interrupted:
            stops += 1
            if stack.store.read(LoginKey("alice"))[0] is not None:
                continue  # the next command finds it by its name
        break  # with the account, nothing is left that a next command would have to find
    assert stops > 20

    left = {table.name: items(stack.client, stack.names[table.name]) for table in TABLES}
    assert {name for name, found in left.items() if found} == {"apps", "audit", "tokens"}
    (count,) = left["apps"]  # for a day, so that a request that was under way makes no app
    assert (count["client_id"]["S"], count["ttl"]["N"]) == ("count#alice-id", str(NOW + 86400))
    assert {item["pk"]["S"] for item in left["tokens"]} == {"feed"}
    assert "alice@" not in json.dumps(left).casefold()
    assert {item["subject"]["S"] for item in left["audit"] if "subject" in item} == {"erased user", "alice-id"}
    by_id = {item["entry_id"]["S"]: item for item in left["audit"]}
    assert by_id["e1"]["actor_name"]["S"] == "erased user"
    assert {by_id[name]["source_ip"]["S"] for name in ("e1", "e2")} == {"-"}
    assert (by_id["e3"]["actor_name"]["S"], by_id["e3"]["source_ip"]["S"]) == ("boss", "192.0.2.7")


def test_s243_an_erased_user_is_nameless_in_every_list_and_leaves_no_phrase_of_their_own(stack: Stack) -> None:
    user = lived(stack.store)
    own = ENTRY._replace(entry_id="e4", event="app_changed", client_id="web-id", subject="Shop")
    changes = ("name", "Web", "Alice Smith's shop", "redirect URI", "", "https://smith.test/cb", "scopes", "", "read")
    earlier_name = ENTRY._replace(
        entry_id="e5", actor="boss-id", actor_name="boss", about="alice-id", subject="alice smith"
    )
    by_boss = earlier_name._replace(entry_id="e6", subject="alice", changes=("role", "user", "administrator"))
    for entry in (own._replace(changes=changes), earlier_name, by_boss):
        stack.store.record(entry, keep_until=NOW + 999)

    stack.erase(user)

    left = stack.audited()
    assert "alice" not in json.dumps(left).casefold().replace("alice-id", "")
    assert "smith" not in json.dumps(left).casefold()
    for name in (DAY, user_list("alice-id"), user_list("boss-id"), app_list("web-id")):
        found = {each.entry_id: each for each in stack.store.entries(name, cursor=None, limit=99).items}
        assert {"e4", "e5", "e6"} & set(found)
        text = csv_text(list(found.values())) + json_lines(list(found.values()))
        assert "smith" not in text.casefold()
    by_id = {each.entry_id: each for each in stack.store.entries(DAY, cursor=None, limit=99).items}
    assert by_id["e4"].changes == ("name", "-", "-", "redirect URI", "-", "-", "scopes", "", "read")
    assert (by_id["e6"].subject, by_id["e6"].changes) == ("erased user", ("role", "user", "administrator"))


def test_what_belongs_to_others_who_have_or_want_the_same_name_is_left_alone(stack: Stack) -> None:
    unconfirmed = USER._replace(email="bob@example.test")
    stack.store.create_user(unconfirmed, LOGIN)
    of_bob = LINK._replace(link_hash="l3", kind="register", user_id="", email="bob@example.test")
    stack.store.save_link(of_bob)
    earlier = ENTRY._replace(entry_id="e4", at=USER.created_at - 1.0, actor="", actor_name="", subject="alice")
    stack.store.record(earlier, keep_until=NOW + 999)

    found = footprint(target(stack.client, stack.names), unconfirmed)
    stack.erase(unconfirmed)

    assert (list(found.links), list(found.audit)) == ([], [])
    assert stack.store.read(LinkKey("l3")) == (of_bob,)
    kept = {item["entry_id"]["S"]: item for item in stack.audited()}
    assert kept["e4"]["subject"]["S"] == "alice"


def test_an_account_is_stopped_before_anything_of_it_is_removed(stack: Stack) -> None:
    user = lived(stack.store)

    with pytest.raises(Interrupted):
        stack.erase(user, Client(stack.client, 2))

    (stopped,) = stack.store.read(UserKey(user.user_id))
    assert stopped is not None
    assert (stopped.status, stopped.grants_valid_from) == ("deactivated", NOW)
    assert [(entry.kind, entry.subject) for entry in stack.store.feed(0)] == [("user", "alice-id")]


class Guessed(Client):
    """A client with a concurrent failed sign-in at every transaction, including the one that deletes the account."""

    def __init__(self, client: DynamoDBClient, store: DynamoDBStore) -> None:
        super().__init__(client, calls=-1)
        self._store, self.guesses = store, 0

    def __getattr__(self, name: str) -> Any:
        if name == "transact_write_items":
            self.guesses += 1
            failed = ENTRY._replace(entry_id=f"g{self.guesses}", event="sign_in_failed", actor="", actor_name="")
            self._store.record(failed._replace(subject="alice"), keep_until=NOW + 999)
            self._store.count_failure(name_key("alice").name_hash, now=NOW, forget_at=NOW + 10)
        return super().__getattr__(name)


def test_a_sign_in_that_fails_during_an_erasure_leaves_no_name(stack: Stack) -> None:
    guessed = Guessed(stack.client, stack.store)

    stack.erase(lived(stack.store), guessed)

    assert guessed.guesses >= 3
    entries = {item["entry_id"]["S"]: item for item in stack.audited()}
    last = entries[f"g{guessed.guesses}"]
    assert (last["subject"]["S"], last["source_ip"]["S"]) == ("erased user", "-")
    assert "alice" not in json.dumps(list(entries.values())).casefold().replace("alice-id", "")
    assert stack.store.read(name_key("alice")) == (None,)
