"""Every promise that `make audit` checks, and a record that breaks it."""

from __future__ import annotations

import copy
import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from gatepost.identifiers import app_id, new_id, new_registered_id
from tests.contract.planting import Plant, Tables, change, drop, grant, grant_with, lose, one
from tests.contract.server_life import NOBODY, NOW


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
    tables["tokens"].remove(one(tables, "tokens", pk="keys", sk="key#"))


def key_ended_before(tables: Tables) -> None:
    one(tables, "tokens", pk="feed", sk="key#").update(expires_at={"N": str(NOW)}, ended_at={"N": str(NOW)})


def with_groups(*names: str) -> Plant:
    groups = {"L": [{"S": name} for name in names]}
    return change("accounts", "groups", groups, sk="account", name="alice")


def two_codes(tables: Tables) -> None:
    first, second = tables["codes"]
    second["grant_id"] = first["grant_id"]


def with_count(change: Callable[[dict[str, Any]], None]) -> Plant:
    """Change the count of alice's apps."""

    def plant(tables: Tables) -> None:
        change(next(item for item in tables["apps"] if item.get("apps") == {"N": "2"}))

    return plant


def secret_twice(tables: Tables) -> None:
    secrets = one(tables, "apps", name="Shop")["secrets"]["L"]
    secrets.append(secrets[0])


def no_stopped_app_in_the_feed(tables: Tables) -> None:
    tables["tokens"][:] = [item for item in tables["tokens"] if item.get("kind") != {"S": "client"}]


def orphans(tables: Tables) -> None:
    """Remove alice without the records that belong to her."""
    for item in [one(tables, "accounts", name="alice", sk="account"), one(tables, "accounts", pk="name#alice")]:
        tables["accounts"].remove(item)
    drop("accounts", pk="email#alice")(tables)


def segment(tables: Tables, *, cutoffs: bool) -> dict[str, Any]:
    """Return the segment of the feed with the cutoffs, or with the marks."""
    listed = json.loads(one(tables, "tokens", pk="keys", sk="compacted#")["feed_state"]["S"])[1]
    return one(tables, "tokens", pk=f"feed#segment#{next(each[0] for each in listed if each[1] is cutoffs)}")


def other_contents(tables: Tables) -> None:
    segment(tables, cutoffs=False)["contents"] = {"S": b64encode(bytes(80)).decode()}


def listed_without(*, cutoffs: bool) -> Plant:
    """A list that lacks one of its segments."""

    def plant(tables: Tables) -> None:
        item = one(tables, "tokens", pk="keys", sk="compacted#")
        until, segments = json.loads(item["feed_state"]["S"])
        item["feed_state"] = {"S": json.dumps([until, [each for each in segments if each[1] is not cutoffs]])}

    return plant


# A change of what is stored, and the findings that it leads to
PLANTED: dict[str, tuple[Plant, *tuple[str, ...]]] = {
    "an item of no kind": (change("accounts", "pk", "hint#alice", sk="attempts"), "unknown record"),
    "an attribute of no record": (change("codes", "user_agent", "x"), "unexpected attribute"),
    "a record without an attribute": (
        lose("accounts", "status", name="bob", sk="account"),
        "unreadable record", "name without its account", "e-mail without its account",
    ),
    "a code without ttl": (lose("codes", "ttl"), "no ttl"),
    "a session that goes too soon": (change("sessions", "ttl", NOW + 1, sk="session#"), "ttl before the end"),
    "a group of other characters": (with_groups("staff", 'a","b'), "malformed groups"),
    "groups in disorder": (with_groups("staff", "board"), "malformed groups"),
    "an account that would go": (
        change("accounts", "ttl", NOW + 99, sk="account", name="alice"), "ttl of what stays"),
    "an access token": (change("audit", "subject", "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"), "readable secret"),
    "a refresh token": (change("audit", "subject", f"{NOBODY}.abc.3.{'x' * 43}"), "readable secret"),
    "a count that names somebody": (change("counts", "user_name", "alice", pk="tokens#"), "unexpected attribute"),
    "a count that stays": (lose("counts", "ttl", pk="tokens#"), "no ttl"),
    "a cookie": (change("sessions", "device", f"{NOBODY}.{'x' * 43}", sk="session#"), "readable secret"),
    "a private key": (change("audit", "subject", "-----BEGIN PRIVATE KEY-----"), "readable secret"),
    "a password hash elsewhere": (change("audit", "subject", "$2b$04$abc"), "readable secret"),
    "a password in clear": (change("accounts", "password_hash", "a fine password", pk="name#alice"), "not a hash"),
    "a secret in clear": (
        lambda tables: one(tables, "apps", name="Shop")["secrets"]["L"][0]["M"].update(secret_hash={"S": "clear"}),
        "not a hash",
    ),
    "an account whose name is free": (drop("accounts", pk="name#alice"), "account without its name"),
    "a name that is nobody's": (
        lambda tables: one(tables, "accounts", name="bob", sk="account").update(user_name={"S": "Robert"}),
        "account without its name", "name without its account",
    ),
    "a name of two accounts": (
        change("accounts", "user_name", "Alice", name="bob", sk="account"),
        "account without its name", "name without its account",
    ),
    "an address that is free": (drop("accounts", pk="email#alice"), "account without its e-mail"),
    "an address that stays taken": (
        change("accounts", "email", "new@example.test", name="alice", sk="account"),
        "account without its e-mail", "e-mail without its account",
    ),
    "an account under another id": (
        change("accounts", "user_id", NOBODY, name="bob", sk="account"),
        "record under another key", "account without its name", "name without its account",
        "account without its e-mail", "e-mail without its account",
    ),
    "an app whose name is free": (drop("apps", client_id="name#"), "app without its name"),
    "a name without its app": (
        drop("apps", name="Shop"), "name without its app", "wrong count", "logo without its app"),
    "an app whose logo is gone": (drop("apps", client_id="logo#"), "app without its logo"),
    "an app with another logo": (change("apps", "digest", "x", client_id="logo#"), "app without its logo"),
    "an app that works for a stopped owner": (
        change("accounts", "status", "deactivated", name="alice", sk="account"),
        "app told otherwise than its owner stands",
    ),
    "a deletion that stopped halfway": (
        change("accounts", "status", "leaving", name="alice", sk="account"), "deletion that stopped"),
    "an app that knows no limit": (
        change("accounts", "scope", "read", name="alice", sk="account"), "app told otherwise than its owner stands"),
    "an app that is stopped without need": (
        change("apps", "owner_stopped", {"BOOL": True}, name="Shop"), "app told otherwise than its owner stands"),
    "a wrong count": (with_count(lambda count: count.update(apps={"N": "3"})), "wrong count"),
    "no count": (
        with_count(lambda count: count.update(client_id={"S": f"count#{NOBODY}"})),
        "wrong count", "count without its owner",
    ),
    "a closed count of somebody who is there": (
        with_count(lambda count: count.update(apps={"N": "1000000"})), "wrong count", "no ttl"),
    "an app of nobody": (lose("apps", "registration_token_hash", name="Weather"), "registered without its token"),
    "an app that may not manage itself": (
        change("apps", "client_id", new_id(), name="Weather"), "id of another kind"),
    "an app that strangers' roles may change": (
        change("apps", "client_id", new_registered_id(), name="Stopped"),
        "id of another kind", "revoked without the feed", "wrong count", "name without its app",
    ),
    "an app that documents' roles may change": (
        change("apps", "client_id", app_id("https://x.test/c"), name="Stopped"),
        "id of another kind", "revoked without the feed", "wrong count", "name without its app",
    ),
    "a registered app with an owner": (change("apps", "owner", NOBODY, name="Weather"), "id of another kind"),
    "a registration without an end": (lose("apps", "ttl", name="Weather"), "no ttl"),
    "a readable permit": (change("apps", "permit_hash", "x", client_id="permit#"), "not a hash"),
    "an app without secrets": (lose("apps", "secrets", name="Shop"), "wrong number of secrets"),
    "an app with a secret twice": (secret_twice, "wrong number of secrets"),
    "an app that would go": (change("apps", "ttl", NOW + 99, name="Shop"), "ttl of what stays"),
    "a document of another app": (
        change("apps", "document_url", "https://x.test/c", owner="documents"), "record under another key"),
    "what is left of an account": (
        orphans,
        "app without its owner", "count without its owner", "grant without its account",
        "approval without its account", "session without its account",
    ),
    "two codes for one grant": (two_codes, "two codes for one grant"),
    "a code for nothing": (
        lambda tables: tables["tokens"].remove(grant(tables, redeem_before=True, redeemed_by=False)),
        "code without its grant",
    ),
    "a code of another app": (change("codes", "client_id", NOBODY), "code of another app"),
    "a code for another API": (
        change("codes", "resources", {"L": [{"S": "https://reports.example.test"}]}), "code for other resources"),
    "two chains of one grant": (second_chain, "record under another key"),
    "a chain of a code that nobody redeemed": (
        grant_with("generation", 2, redeem_before=True, redeemed_by=False),
        "refreshed before redeemed", "generation without its turn",
    ),
    "a generation that nobody turned": (grant_with("generation", 1, rotated_by=True), "generation without its turn"),
    "a grant that never ends": (
        grant_with("idle_expires_at", NOW + 99 * 86400, rotated_by=True), "idle end after the end"),
    "a living chain of a revoked grant": (
        grant_with("last_used_at", NOW + 31, revoked_at=True), "used after revocation"),
    "a living chain of a void grant": (used_when_void, "used after it was void"),
    "a revoked grant that the feed does not know": (
        drop("tokens", pk="feed", kind="grant"), "revoked without the feed"),
    "a stopped app that the feed does not know": (no_stopped_app_in_the_feed, "revoked without the feed"),
    "a revoked token that the feed does not know": (
        drop("tokens", pk="feed", kind="jti"), "revoked without the feed"),
    "a revoked token that introspection does not know": (
        drop("tokens", pk="jti#"), "revocation not found by its token"),
    "a revocation that ends before the tokens": (
        change("tokens", "expires_at", NOW + 3600, pk="feed", kind="grant"), "revocation ends too soon"),
    "a segment that was changed": (other_contents, "segment of other contents", "revocation in no segment"),
    "a segment that is not there": (
        lambda tables: tables["tokens"].remove(segment(tables, cutoffs=True)), "segment missing"),
    "a list without the tokens and grants": (listed_without(cutoffs=False), "revocation in no segment"),
    "a list without the apps and users": (listed_without(cutoffs=True), "revocation in no segment"),
    "a segment that DynamoDB removes too early": (
        change("tokens", "ttl", NOW + 5, pk="feed#segment#"), "ttl before the end"),
    "a private key in the feed": (private_member, "private key published"),
    "a key that is too short": (short_key, "malformed public key"),
    "a key of another name": (
        change("tokens", "kid", "another", sk="key#"), "malformed public key", "key in one place only"),
    "a key that is no JSON": (change("tokens", "jwk", {"S": "{"}, sk="key#"), "malformed public key"),
    "no key that lasts": (ending_key, "no lasting key"),
    "a key that only this version knows": (drop("tokens", pk="feed", sk="key#"), "key in one place only"),
    "a key that ended for the version before only": (key_ended_before, "key in one place only"),
    "an event of nobody": (change("audit", "event", "something"), "malformed audit entry"),
    "an entry at another time": (change("audit", "at", 1), "malformed audit entry"),
    "an entry in a list that is not its own": (change("audit", "day", f"user#{NOBODY}"), "malformed audit entry"),
}  # fmt: skip
