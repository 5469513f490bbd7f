"""`make audit`: the server's records are clean, and each violation is found by its name, without false positives."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gatepost.accounts.accounts import register
from gatepost.accounts.endings import deactivate_user, delete_user
from gatepost.accounts.links import new_link
from gatepost.audit_log.events import record
from gatepost.authentication.sessions import start_session
from gatepost.aws.boto import BotoClient
from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.registration import create_app
from gatepost.endpoints.authorization import approve, checked_request
from gatepost.endpoints.pending_request import pending_request
from gatepost.endpoints.revocation import revoke
from gatepost.grants import exchange
from gatepost.identifiers import digest
from gatepost.model.records import App, User
from gatepost.oauth.client_authentication import Credentials
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.server import Server
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.signing_keys import new_signing_key
from infra.tools.integrity.invariants import findings
from infra.tools.integrity.kinds import Finding
from infra.tools.integrity.reading import audit, read_tables
from tests.contract.cloud import create_tables
from tests.unit.world import CALLBACK, ISSUER, SETTINGS, FixedKeys, app_details, signer_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from gatepost.stores.ports.store import Store

NOW = int(time.time())
NOBODY = "00000000-0000-4000-8000-000000000000"
Tables = dict[str, list[dict[str, Any]]]
Plant = Callable[[Tables], None]


class Life:
    """A server after use: accounts, apps, and every kind of record."""

    def __init__(self, store: DynamoDBStore) -> None:
        key = new_signing_key("RS256", active_from=0)
        self.server = Server(settings=SETTINGS, store=cast("Store", store), keys=FixedKeys(signer_of(key)))
        self.store = store
        store.publish_key(key.public())
        self.alice, self.bob = (self._user(name) for name in ("alice", "bob"))
        self.app, self.secret = self._app("Shop")
        stopped, _ = self._app("Stopped")
        cookie = start_session(store, SETTINGS, self.alice.user_id, device="Firefox", now=NOW)
        callback = Callback(redirect_uri=CALLBACK, sent=True, state="s", issuer=ISSUER, fragment=False)
        asked = checked_request(self.app, self.alice, callback, {"response_type": "code"}, SETTINGS)
        session = digest(cookie)
        _, pending = pending_request(self.app, self.alice, asked, session_hash=session, settings=SETTINGS, now=NOW)
        store.save_request(pending)
        location = approve(self.server, self.app, self.alice, asked, None, NOW)
        approve(self.server, self.app, self.alice, asked, None, NOW)  # a code that waits
        code = location.partition("code=")[2].partition("&")[0]
        first = self._send(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
        self._send(grant_type="refresh_token", refresh_token=first.refresh_token)
        again = self._send(grant_type="password", username="alice", password="a fine password")
        for token in (first.access_token, again.refresh_token):
            revoke(self.server, Watch(self.server.store, SETTINGS), {"token": token}, self._credentials, NOW)
        new_link(store, "reset", user_id=self.alice.user_id, user_name="alice", email="a@example.test", now=NOW)
        store.count_failure(digest("somebody"), now=NOW, forget_at=NOW + 99)
        record(store, SETTINGS, "signed_in", now=NOW, source_ip="192.0.2.7", actor=self.alice)
        deactivate_app(store, stopped, reason="It misbehaves.", now=NOW)
        deactivate_user(self.server.store, self.bob, now=NOW)
        carol = self._user("carol")
        delete_user(self.server.store, carol, now=NOW)

    @property
    def _credentials(self) -> Credentials:
        return Credentials(client_id=self.app.client_id, client_secret=self.secret, basic=True)

    def _user(self, name: str) -> User:
        user = register(self.store, SETTINGS, user_name=name.title(), email="", password="a fine password", now=NOW - 9)
        email = f"{name}@example.test"
        self.store.change_email(user, email, confirmed=True)
        return replace(user, email=email, email_confirmed=True)

    def _app(self, name: str) -> tuple[App, str]:
        details = app_details(name=name, grant_types=("authorization_code", "refresh_token", "password"))
        return create_app(self.store, SETTINGS, owner=self.alice, details=details, now=NOW - 9)

    def _send(self, **parameters: str) -> Any:
        return exchange(self.server, parameters, self._credentials, NOW)


@pytest.fixture(scope="module")
def names(dynamodb: DynamoDBClient) -> dict[str, str]:
    names = create_tables(dynamodb)
    Life(DynamoDBStore(BotoClient(dynamodb), names))
    return names


@pytest.fixture
def tables(dynamodb: DynamoDBClient, names: dict[str, str]) -> Tables:
    return cast(Tables, copy.deepcopy(read_tables(dynamodb, names)))


def one(tables: Tables, table: str, **wanted: str) -> dict[str, Any]:
    """The first item whose keys begin so."""
    found = [
        item
        for item in tables[table]
        if all(str(item.get(name, {}).get("S", "")).startswith(text) for name, text in wanted.items())
    ]
    assert found, (table, wanted)
    return found[0]


def grant(tables: Tables, **has: bool) -> dict[str, Any]:
    """Return a grant that has, or lacks, some attributes."""
    return next(
        item
        for item in tables["tokens"]
        if item["sk"]["S"].startswith("grant#") and all((name in item) is there for name, there in has.items())
    )


def change(table: str, attribute: str, value: Any, **wanted: str) -> Plant:
    def plant(tables: Tables) -> None:
        one(tables, table, **wanted)[attribute] = value

    return plant


def drop(table: str, **wanted: str) -> Plant:
    return lambda tables: tables[table].remove(one(tables, table, **wanted))


def lose(table: str, attribute: str, **wanted: str) -> Plant:
    return lambda tables: one(tables, table, **wanted).pop(attribute)


def grant_with(attribute: str, value: Any, **has: bool) -> Plant:
    def plant(tables: Tables) -> None:
        grant(tables, **has)[attribute] = value

    return plant


def second_chain(tables: Tables) -> None:
    """The same grant under another key."""
    twin = copy.deepcopy(grant(tables, rotated_by=True))
    twin["sk"] = {"S": "grant#AAAAAAAAAAAAAAAAAAAAAA"}
    tables["tokens"].append(twin)


def used_when_void(tables: Tables) -> None:
    living = grant(tables, rotated_by=True)
    one(tables, "accounts", sk="account", name="alice")["grants_valid_from"] = {"N": str(NOW)}
    living["created_at"], living["last_used_at"] = {"N": str(NOW - 31)}, {"N": str(NOW + 31)}


def private_member(tables: Tables) -> None:
    key = one(tables, "tokens", sk="key#")
    key["jwk"] = {"S": json.dumps({**json.loads(key["jwk"]["S"]), "d": "AQAB"})}


def short_key(tables: Tables) -> None:
    key = one(tables, "tokens", sk="key#")
    key["jwk"] = {"S": json.dumps({**json.loads(key["jwk"]["S"]), "n": "AQAB"})}


def ending_key(tables: Tables) -> None:
    for place in ("keys", "feed"):
        one(tables, "tokens", pk=place, sk="key#").update(expires_at={"N": str(NOW + 99)}, ttl={"N": str(NOW + 99)})


def before_the_first_rotation(tables: Tables) -> None:
    tables["tokens"].remove(one(tables, "tokens", pk="keys"))


def key_ended_before(tables: Tables) -> None:
    one(tables, "tokens", pk="feed", sk="key#").update(expires_at={"N": str(NOW)}, ended_at={"N": str(NOW)})


def two_codes(tables: Tables) -> None:
    first, second = tables["codes"]
    second["grant_id"] = first["grant_id"]


def code_without_grant(tables: Tables) -> None:
    tables["tokens"].remove(grant(tables, redeem_before=True, redeemed_by=False))


def with_count(change: Callable[[dict[str, Any]], None]) -> Plant:
    """Change the count of alice's apps."""

    def plant(tables: Tables) -> None:
        change(next(item for item in tables["apps"] if item.get("apps") == {"N": "2"}))

    return plant


def no_stopped_app_in_the_feed(tables: Tables) -> None:
    tables["tokens"][:] = [item for item in tables["tokens"] if item.get("kind") != {"S": "client"}]


def orphans(tables: Tables) -> None:
    """Remove alice without the records that belong to her."""
    for item in [one(tables, "accounts", name="alice", sk="account"), one(tables, "accounts", pk="name#alice")]:
        tables["accounts"].remove(item)
    drop("accounts", pk="email#alice")(tables)


PLANTED: dict[str, tuple[Plant, set[str]]] = {
    "an item of no kind": (change("accounts", "pk", {"S": "hint#alice"}, sk="attempts"), {"unknown record"}),
    "an attribute of no record": (change("codes", "user_agent", {"S": "x"}), {"unexpected attribute"}),
    "a record without an attribute": (lose("accounts", "status", name="bob", sk="account"), {
        "unreadable record", "name without its account", "e-mail without its account",
    }),
    "a code without ttl": (lose("codes", "ttl"), {"no ttl"}),
    "a session that goes too soon": (change("sessions", "ttl", {"N": str(NOW + 1)}, sk="session#"), {
        "ttl before the end",
    }),
    "an account that would go": (change("accounts", "ttl", {"N": str(NOW + 99)}, sk="account", name="alice"), {
        "ttl of what stays",
    }),
    "an access token": (change("audit", "subject", {"S": "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"}), {"readable secret"}),
    "a refresh token": (change("audit", "subject", {"S": f"{NOBODY}.abc.3.{'x' * 43}"}), {
        "readable secret",
    }),
    "a cookie": (change("sessions", "device", {"S": f"{NOBODY}.{'x' * 43}"}, sk="session#"), {
        "readable secret",
    }),
    "a private key": (change("audit", "subject", {"S": "-----BEGIN PRIVATE KEY-----"}), {"readable secret"}),
    "a password hash elsewhere": (change("audit", "subject", {"S": "$2b$04$abc"}), {"readable secret"}),
    "a password in clear": (change("accounts", "password_hash", {"S": "a fine password"}, pk="name#alice"), {
        "not a hash",
    }),
    "a secret in clear": (
        lambda tables: one(tables, "apps", name="Shop")["secrets"]["L"][0]["M"].update(secret_hash={"S": "clear"}),
        {"not a hash"},
    ),
    "an account whose name is free": (drop("accounts", pk="name#alice"), {"account without its name"}),
    "a name that is nobody's": (
        lambda tables: one(tables, "accounts", name="bob", sk="account").update(user_name={"S": "Robert"}),
        {"account without its name", "name without its account"},
    ),
    "a name of two accounts": (
        change("accounts", "user_name", {"S": "Alice"}, name="bob", sk="account"),
        {"account without its name", "name without its account"},
    ),
    "an address that is free": (drop("accounts", pk="email#alice"), {"account without its e-mail"}),
    "an address that stays taken": (
        change("accounts", "email", {"S": "new@example.test"}, name="alice", sk="account"),
        {"account without its e-mail", "e-mail without its account"},
    ),
    "an account under another id": (
        change("accounts", "user_id", {"S": NOBODY}, name="bob", sk="account"),
        {"record under another key", "account without its name", "name without its account",
         "account without its e-mail", "e-mail without its account"},
    ),
    "an app whose name is free": (drop("apps", client_id="name#"), {"app without its name"}),
    "a name without its app": (drop("apps", name="Shop"), {"name without its app", "wrong count"}),
    "an app that works for a stopped owner": (
        change("accounts", "status", {"S": "deactivated"}, name="alice", sk="account"),
        {"app told otherwise than its owner stands"},
    ),
    "an app that knows no limit": (
        change("accounts", "scope", {"S": "read"}, name="alice", sk="account"),
        {"app told otherwise than its owner stands"},
    ),
    "an app that is stopped without need": (
        change("apps", "owner_stopped", {"BOOL": True}, name="Shop"),
        {"app told otherwise than its owner stands"},
    ),
    "a wrong count": (with_count(lambda count: count.update(apps={"N": "3"})), {"wrong count"}),
    "no count": (with_count(lambda count: count.update(client_id={"S": f"count#{NOBODY}"})), {
        "wrong count", "count without its owner",
    }),
    "a closed count of somebody who is there": (with_count(lambda count: count.update(apps={"N": "1000000"})), {
        "wrong count", "no ttl",
    }),
    "an app without secrets": (lose("apps", "secrets", name="Shop"), {"wrong number of secrets"}),
    "an app with a secret twice": (
        lambda tables: one(tables, "apps", name="Shop")["secrets"]["L"].append(
            one(tables, "apps", name="Shop")["secrets"]["L"][0]
        ),
        {"wrong number of secrets"},
    ),
    "what is left of an account": (orphans, {
        "app without its owner", "count without its owner", "grant without its account",
        "approval without its account", "session without its account",
    }),
    "two codes for one grant": (two_codes, {"two codes for one grant"}),
    "a code for nothing": (code_without_grant, {"code without its grant"}),
    "a code of another app": (
        change("codes", "client_id", {"S": NOBODY}), {"code of another app"},
    ),
    "a code for another API": (
        change("codes", "resources", {"L": [{"S": "https://reports.example.test"}]}), {"code for other resources"},
    ),
    "two chains of one grant": (second_chain, {"record under another key"}),
    "a chain of a code that nobody redeemed": (
        grant_with("generation", {"N": "2"}, redeem_before=True, redeemed_by=False),
        {"refreshed before redeemed", "generation without its turn"},
    ),
    "a generation that nobody turned": (grant_with("generation", {"N": "1"}, rotated_by=True), {
        "generation without its turn",
    }),
    "a grant that never ends": (
        grant_with("idle_expires_at", {"N": str(NOW + 99 * 86400)}, rotated_by=True), {"idle end after the end"},
    ),
    "a living chain of a revoked grant": (grant_with("last_used_at", {"N": str(NOW + 31)}, revoked_at=True), {
        "used after revocation",
    }),
    "a living chain of a void grant": (used_when_void, {"used after it was void"}),
    "a revoked grant that the feed does not know": (drop("tokens", pk="feed", kind="grant"), {
        "revoked without the feed",
    }),
    "a stopped app that the feed does not know": (no_stopped_app_in_the_feed, {"revoked without the feed"}),
    "a revoked token that the feed does not know": (drop("tokens", pk="feed", kind="jti"), {
        "revoked without the feed",
    }),
    "a revoked token that introspection does not know": (drop("tokens", pk="jti#"), {
        "revocation not found by its token",
    }),
    "a revocation that ends before the tokens": (
        change("tokens", "expires_at", {"N": str(NOW + 3600)}, pk="feed", kind="grant"), {"revocation ends too soon"},
    ),
    "a private key in the feed": (private_member, {"private key published"}),
    "a key that is too short": (short_key, {"malformed public key"}),
    "a key of another name": (change("tokens", "kid", {"S": "another"}, sk="key#"), {
        "malformed public key", "key in one place only",
    }),
    "a key that is no JSON": (change("tokens", "jwk", {"S": "{"}, sk="key#"), {"malformed public key"}),
    "no key that lasts": (ending_key, {"no lasting key"}),
    "a key that only this version knows": (drop("tokens", pk="feed", sk="key#"), {"key in one place only"}),
    "a key that ended for the version before only": (key_ended_before, {"key in one place only"}),
    "an event of nobody": (change("audit", "event", {"S": "something"}), {"malformed audit entry"}),
    "an entry at another time": (change("audit", "at", {"N": "1"}), {"malformed audit entry"}),
}  # fmt: skip


def test_what_the_server_writes_is_clean(tables: Tables) -> None:
    assert findings(tables, now=NOW + 1) == []
    assert {name: len(items) > 0 for name, items in tables.items()} == dict.fromkeys(tables, True)


def test_a_stack_before_its_first_rotation_is_clean(tables: Tables) -> None:
    before_the_first_rotation(tables)

    assert findings(tables, now=NOW + 1) == []


@pytest.mark.parametrize(("plant", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_broken_promise_is_found_by_its_name(tables: Tables, plant: Plant, expected: set[str]) -> None:
    plant(tables)

    assert {finding.name for finding in findings(tables, now=NOW + 1)} == expected


def test_what_is_over_counts_as_absent(tables: Tables) -> None:
    orphans(tables)
    kept = {item["pk"]["S"] for item in tables["tokens"]}
    assert kept

    names = {finding.name for finding in findings(tables, now=NOW + 400 * 86400)}

    assert names == {"app without its owner", "count without its owner", "approval without its account"}


def test_a_secret_that_was_used_is_searched_for_in_keys_and_values(tables: Tables) -> None:
    name = tables["accounts"][0]["pk"]["S"]

    assert {finding.name for finding in findings(tables, now=NOW + 1, secrets=[name[-6:]])} == {"readable secret"}


def test_no_sentence_quotes_what_it_found(tables: Tables) -> None:
    change("audit", "subject", {"S": "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"})(tables)

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
    assert found == [
        Finding(name="account without its name", key=key, sentence="an account's name is not kept for it"),
    ]


def test_every_item_is_read_however_many_pages_there_are(dynamodb: DynamoDBClient) -> None:
    names = create_tables(dynamodb)
    for number in range(30):  # 30 × 60 kB are two pages
        item: Any = {"code_hash": {"S": f"{number:043d}"}, "text": {"S": "x" * 60_000}}
        dynamodb.put_item(TableName=names["codes"], Item=item)

    assert len(read_tables(dynamodb, names)["codes"]) == 30
