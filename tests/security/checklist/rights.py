"""The worst that each role could do with the tables: attempts with its credentials, and their effect.

docs/security-rows.md shows it (`make security-doc`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

VICTIM = "10000000-0000-4000-8000-00000000abcd"
APP = "20000000-0000-4000-8000-00000000abcd"
DOCUMENT = "20000000-0000-8000-b000-00000000abcd"  # an app of a metadata document
REGISTERED = "20000000-0000-8000-a000-00000000abcd"  # an app that registered itself
# a name whose partition is as long as an id is, with hyphens in the same places
LIKE_AN_ID = "abc-4444-4444-4444-444444444444"
JWK = '{"kty":"EC","crv":"P-256","x":"x","y":"y","kid":"forged","alg":"ES256","use":"sig"}'
HASH = "h" * 43

Request = dict[str, Any]
Attempt = tuple[str, Request]  # an operation, and its request with tables by their logical names


def text(**values: str) -> Request:
    return {name: {"S": value} for name, value in values.items()}


def _put(table: str, item: Request) -> Attempt:
    return "put_item", {"TableName": table, "Item": item}


def _set(table: str, key: Request, name: str, value: str = "x") -> Attempt:
    change = {"UpdateExpression": "SET #n = :v", "ExpressionAttributeNames": {"#n": name}}
    return "update_item", {"TableName": table, "Key": key, **change, "ExpressionAttributeValues": {":v": {"S": value}}}


def _get(table: str, key: Request) -> Attempt:
    return "get_item", {"TableName": table, "Key": key}


def _key_at(place: str) -> Request:
    return text(pk=place, sk="key#forged", kid="forged", jwk=JWK)


def _in_transaction(attempt: Attempt, *others: Attempt) -> Attempt:
    kinds = {"put_item": "Put", "update_item": "Update", "delete_item": "Delete"}
    writes = [{kinds[operation]: request} for operation, request in (attempt, *others)]
    return "transact_write_items", {"TransactItems": writes}


ACCOUNT, _APPROVAL = text(pk=VICTIM, sk="account"), text(pk=VICTIM, sk=f"approval#{APP}")
_NUMBERS = {name: {"N": "1"} for name in ("created_at", "expires_at")}
_USER = {**ACCOUNT, **text(user_id=VICTIM, user_name="victim", status="active"), "created_at": {"N": "1"}}
_LOGIN = text(pk="name#victim", sk="login", user_id=VICTIM, password_hash="$2b$12$known")
_SESSION = {**text(user_id=VICTIM, sk=f"session#{HASH}", session_hash=HASH), **_NUMBERS}
_GRANT = text(pk=VICTIM, sk="grant#g", grant_id=f"{VICTIM}.g", client_id=APP, scope="read")
_PROBLEM = text(pk=f"problems#{APP}", sk="anybody#reason#0")
_ENTRY = text(pk="feed", sk="revoked#1#user#x", kind="user", subject=VICTIM)

# The roles that write the audit list. IAM can't demand that an entry is new: `make audit` compares it with the logs.
AUDITING = frozenset({"authorize", "consent", "token", "register_app", "console", "registration", "recovery", "apps",
                      "connections", "account", "admin", "consumer"})  # fmt: skip

# What is tried, and the functions whose roles allow it.
WRITES: Mapping[str, tuple[Attempt, frozenset[str]]] = {
    "a public key": (_put("tokens", _key_at("keys")), frozenset({"rotate_keys"})),
    "a public key beside the revocations": (_put("tokens", _key_at("feed")), frozenset({"rotate_keys"})),
    "a public key among the revocations to come": (_put("tokens", _key_at("feed#7")), frozenset()),
    "a public key along with a revocation": (
        _in_transaction(_put("tokens", _ENTRY), _put("tokens", _key_at("feed"))), frozenset({"rotate_keys"})
    ),
    "a part of a public key": (_set("tokens", text(pk="feed", sk="key#k"), "jwk", JWK), frozenset()),
    "a part of a public key in its partition": (_set("tokens", text(pk="keys", sk="key#k"), "jwk", JWK), frozenset()),
    "a revocation": (
        _put("tokens", _ENTRY),
        frozenset({"authorize", "token", "revoke", "recovery", "apps", "connections", "account", "admin", "consumer",
                   "register_app", "rotate_keys"}),
    ),
    "segments of the feed": (
        _put("tokens", {**text(pk="feed#segment#s", sk="segment", contents="AA=="), "expires_at": {"N": "1"}}),
        frozenset({"revoke"}),
    ),
    "their list": (_set("tokens", text(pk="keys", sk="compacted#"), "feed_state", "[0,[]]"), frozenset({"revoke"})),
    "a grant": (_put("tokens", _GRANT), frozenset({"authorize", "consent", "token"})),
    "a problem of an app": (
        _set("tokens", _PROBLEM, "reason"),
        frozenset({"authorize", "token", "revoke", "introspect", "logout", "backchannel_logout"}),
    ),
    "a public key among the problems": (_put("tokens", {**_key_at("keys"), **_PROBLEM}), frozenset()),
    "a code": (_put("codes", text(code_hash=HASH)), frozenset({"authorize", "consent"})),
    "an approval": (
        _put("accounts", {**_APPROVAL, **text(user_id=VICTIM, client_id=APP), "approved_at": {"N": "1"}}),
        frozenset({"authorize", "consent"}),
    ),
    "a login": (_put("accounts", _LOGIN), frozenset({"registration"})),
    "a login in a partition like an id": (
        _put("accounts", {**_LOGIN, **text(pk=f"name#{LIKE_AN_ID}")}), frozenset({"registration"})
    ),
    "a password's hash": (
        _set("accounts", text(pk="name#victim", sk="login"), "password_hash"),
        frozenset({"token", "console", "recovery", "account"}),
    ),
    "whose a login is": (_set("accounts", text(pk="name#victim", sk="login"), "user_id"), frozenset()),
    "an account": (_put("accounts", _USER), frozenset({"registration"})),
    "an administrator": (_put("accounts", {**_USER, **text(role="administrator")}), frozenset()),
    "an account's role": (_set("accounts", ACCOUNT, "role", "administrator"), frozenset({"admin"})),
    "an account's status": (_set("accounts", ACCOUNT, "status", "active"), frozenset({"account", "admin"})),
    "an account's scope": (_set("accounts", ACCOUNT, "scope"), frozenset({"admin"})),
    "an account's address": (
        _set("accounts", ACCOUNT, "email"), frozenset({"registration", "account", "admin"})
    ),
    "whose an address is": (
        _put("accounts", text(pk="email#v@example.com", sk="email", user_id=VICTIM, user_name="victim")),
        frozenset({"registration"}),
    ),
    "a one-time link": (
        _put("accounts", text(pk=f"link#{HASH}", sk="link", link_hash=HASH, kind="reset", user_name="victim")),
        frozenset({"registration", "recovery", "account", "admin"}),
    ),
    "a counter of attempts": (
        _set("accounts", text(pk=f"attempts#{HASH}", sk="attempts"), "failures"),
        frozenset({"authorize", "token", "register_app", "console", "registration", "recovery", "account"}),
    ),
    "a failure of an app's server": (
        _set("accounts", text(pk=f"attempts#told#{HASH}", sk="attempts"), "failures"),
        frozenset({"authorize", "token", "register_app", "console", "registration", "recovery", "account",
                   "backchannel_logout"}),
    ),
    "a session": (_put("sessions", _SESSION), frozenset({"console", "registration", "recovery", "account"})),
    "an account's last sign-in": (
        _set("accounts", ACCOUNT, "last_sign_in_at"), frozenset({"console", "registration", "recovery", "account"})
    ),
    "the last use of a session": (
        _set("sessions", text(user_id=VICTIM, sk=f"session#{HASH}"), "last_used_at"),
        frozenset({"apps", "connections", "account", "admin"}),
    ),
    "how long a session stands": (
        _set("sessions", text(user_id=VICTIM, sk=f"session#{HASH}"), "expires_at"), frozenset()
    ),
    "an app that a session signed in to": (
        _set("sessions", text(user_id=VICTIM, sk=f"app#{HASH}#{APP}"), "client_id"),
        frozenset({"authorize", "consent"}),
    ),
    "who a session is of": (_set("sessions", text(user_id=VICTIM, sk=f"session#{HASH}"), "session_hash"), frozenset()),
    "an app": (_put("apps", text(client_id=APP, owner=VICTIM)), frozenset({"apps", "consumer"})),
    "an app of a metadata document": (
        _put("apps", text(client_id=DOCUMENT, owner="documents")), frozenset({"authorize", "apps", "consumer"})
    ),
    "an app that registered itself": (
        _put("apps", text(client_id=REGISTERED, owner="registered")), frozenset({"apps", "consumer", "register_app"})
    ),
    "restricted scopes of a self-registered app": (
        _set("apps", text(client_id=REGISTERED), "marked_scope"), frozenset({"apps", "admin", "consumer"})
    ),
    "the look that a self-registered app's scopes were granted to": (
        _set("apps", text(client_id=REGISTERED), "granted_look"), frozenset({"apps", "admin", "consumer"})
    ),
    "the look that a metadata document's scopes were granted to": (
        _set("apps", text(client_id=DOCUMENT), "granted_look"), frozenset({"apps", "admin", "consumer"})
    ),
    "the status of a metadata document's app": (
        _set("apps", text(client_id=DOCUMENT), "status"), frozenset({"authorize", "apps", "admin", "consumer"})
    ),
    "a self-registered app's redirect URIs": (
        _set("apps", text(client_id=REGISTERED), "redirect_uris"), frozenset({"apps", "consumer", "register_app"})
    ),
    "a self-registered app's secrets": (
        _set("apps", text(client_id=REGISTERED), "secrets"),
        frozenset({"token", "apps", "consumer", "register_app"}),
    ),
    "an app's redirect URIs": (_set("apps", text(client_id=APP), "redirect_uris"), frozenset({"apps", "consumer"})),
    "an app's secrets": (_set("apps", text(client_id=APP), "secrets"), frozenset({"token", "apps", "consumer"})),
    "an app's status": (_set("apps", text(client_id=APP), "status"), frozenset({"admin", "apps", "consumer"})),
    "what is granted to an app": (
        _set("apps", text(client_id=APP), "own_scope"), frozenset({"token", "apps", "admin", "consumer"})
    ),
    "whose an app is": (_set("apps", text(client_id=APP), "owner"), frozenset({"apps", "admin", "consumer"})),
    "an initial access token": (
        _put("apps", {**text(client_id=f"permit#{HASH}", permit_hash=HASH), "most_uses": {"N": "9"}}),
        frozenset({"admin"}),
    ),
    "the uses of an initial access token": (
        _set("apps", text(client_id=f"permit#{HASH}"), "uses"), frozenset({"register_app"})
    ),
    "a count of apps": (
        _set("apps", text(client_id=f"count#{VICTIM}"), "apps"), frozenset({"apps", "account", "admin", "consumer"})
    ),
    "the tokens of an app": (
        _set("counts", text(pk="tokens#2026-11", sk=APP), "d24"), frozenset({"token", "consent"})
    ),
    "an entry of the audit list, in place of another too": (
        _put("audit", text(day="2026-11-24", sk="000001795478400#x", event="signed_in")), AUDITING
    ),
    "a part of an entry of the audit list": (
        _set("audit", text(day="2026-11-24", sk="000001795478400#x"), "subject"), frozenset()
    ),
    "the events of a day": (_set("counts", text(pk="events", sk="2026-11-24"), "signed_in"), frozenset({"admin"})),
}  # fmt: skip
DELETES: Mapping[str, tuple[Attempt, frozenset[str]]] = {
    "a public key": (("delete_item", {"TableName": "tokens", "Key": text(pk="keys", sk="key#k")}), frozenset()),
    "a revocation": (("delete_item", {"TableName": "tokens", "Key": text(pk="feed", sk="revoked#1")}), frozenset()),
    "a grant": (("delete_item", {"TableName": "tokens", "Key": text(pk=VICTIM, sk="grant#g")}),
                frozenset({"account"})),
    "an entry of the audit list": (("delete_item", {"TableName": "audit", "Key": text(day="2026-11-24", sk="1#x")}),
                                   frozenset()),
    "an account or approval": (("delete_item", {"TableName": "accounts", "Key": ACCOUNT}),
                               frozenset({"recovery", "connections", "account", "admin", "consumer"})),
    "a session": (("delete_item", {"TableName": "sessions", "Key": text(user_id=VICTIM, sk=f"session#{HASH}")}),
                  frozenset({"consent", "logout", "console", "registration", "recovery", "account", "admin",
                             "backchannel_logout"})),
    "a login": (("delete_item", {"TableName": "accounts", "Key": text(pk="name#victim", sk="login")}),
                frozenset({"account"})),
    "an app": (("delete_item", {"TableName": "apps", "Key": text(client_id=APP)}),
               frozenset({"apps", "account", "consumer"})),
    "an app of a metadata document": (("delete_item", {"TableName": "apps", "Key": text(client_id=DOCUMENT)}),
                                      frozenset({"apps", "account", "admin", "consumer"})),
    "an app that registered itself": (("delete_item", {"TableName": "apps", "Key": text(client_id=REGISTERED)}),
                                      frozenset({"apps", "account", "admin", "consumer", "register_app"})),
    "an initial access token": (("delete_item", {"TableName": "apps", "Key": text(client_id=f"permit#{HASH}")}),
                                frozenset({"admin"})),
    "a problem of an app": (("delete_item", {"TableName": "tokens", "Key": _PROBLEM}),
                            frozenset({"apps", "account", "admin", "consumer"})),
    "a problem of an app that registered itself": (
        ("delete_item", {"TableName": "tokens", "Key": {**_PROBLEM, **text(pk=f"problems#{REGISTERED}")}}),
        frozenset({"apps", "account", "admin", "consumer", "register_app"}),
    ),
}  # fmt: skip
READS: Mapping[str, tuple[Attempt, frozenset[str]]] = {
    "a login": (
        _get("accounts", text(pk="name#victim", sk="login")),
        frozenset({"token", "console", "registration", "recovery", "account"}),
    ),
    "a login in a partition like an id": (
        _get("accounts", text(pk=f"name#{LIKE_AN_ID}", sk="login")),
        frozenset({"token", "console", "registration", "recovery", "account"}),
    ),
    "a one-time link": (
        _get("accounts", text(pk=f"link#{HASH}", sk="link")), frozenset({"registration", "recovery"})
    ),
    "an app": (
        _get("apps", text(client_id=APP)),
        frozenset({"authorize", "token", "revoke", "introspect", "logout", "console", "registration", "apps",
                   "connections", "account", "admin", "consumer", "backchannel_logout"}),
    ),
    "an app that registered itself": (
        _get("apps", text(client_id=REGISTERED)),
        frozenset({"authorize", "token", "revoke", "introspect", "logout", "console", "registration", "apps",
                   "connections", "account", "admin", "consumer", "backchannel_logout", "register_app"}),
    ),
    "the name of an app": (_get("apps", text(client_id=f"name#{VICTIM}#{HASH}")), frozenset()),
    "the tokens of an app": (
        ("batch_get_item", {"RequestItems": {"counts": {"Keys": [text(pk="tokens#2026-11", sk=APP)]}}}),
        frozenset({"apps"}),
    ),
    "a whole table": (("scan", {"TableName": "accounts"}), frozenset()),
}  # fmt: skip

# What it comes to, for whoever has taken over the function and has the secrets that it reads besides.
WORST: Mapping[str, str] = {
    "authorize": "grants and codes for any user and app, so tokens of public apps and of apps with a known secret; "
    "apps of metadata documents changed (but not their granted scopes) and documents fetched; all tokens revoked",
    "consent": "grants, codes and access tokens of any kind; false counts of tokens",
    "token": "access tokens of any kind; refresh tokens; a new password for any user; scopes granted to any app; "
    "false counts of tokens",
    "revoke": "every token revoked; refresh tokens for known grants; revocations hidden from authorizers that start",
    "introspect": "false problems of apps; refresh tokens for known grants",
    "whoami": "accounts read",
    "userinfo": "accounts and apps read; access tokens of any kind, if it signs userinfo",
    "logout": "accounts read; sessions ended; false problems of apps",
    "register_app": "self-registered apps replaced, changed or deleted, but no scope that administrators grant; all "
    "tokens of apps revoked",
    "metadata": "keys and revocations read; a false JWK Set or list of revocations published",
    "authorizer": "keys and revocations read; every request allowed",
    "console": "a session of any user; a new password for any user",
    "registration": "accounts, names and addresses created and taken over, but no administrator; a session of any user",
    "recovery": "a new password and a session for any user; accounts and approvals deleted, grants revoked",
    "apps": "any app changed, with its secrets, redirect URIs and granted scopes; all tokens of apps revoked",
    "connections": "grants revoked, accounts and approvals deleted",
    "account": "a session, a new password and address for any user; accounts activated, deactivated or deleted; apps "
    "deleted",
    "admin": "any account's role, scope, status and address, and a link for a new password; any app's status, owner "
    "and granted scopes; grants revoked; sessions ended; accounts, approvals and apps without an owner deleted; "
    "initial access tokens",
    "consumer": "any app changed, as `apps` can; accounts, apps and approvals deleted; grants revoked",
    "rotate_keys": "any token forged: it creates the keys",
    "fetch": "requests to anywhere, false responses to the functions that invoked it",
    "logo": "false logos, small PNGs, for the functions that invoked it",
    "backchannel_logout": (
        "access tokens of any kind; sessions ended; false problems of apps; logouts not sent; requests through `fetch`"
    ),
    "demo": "nothing",
}


def roles_table() -> str:
    """Return what each role can do at worst."""
    rows = (f"| {function} | {worst} |" for function, worst in WORST.items())
    return "\n".join(("| role of | at worst |", "| --- | --- |", *rows))


def _of(function: str, among: Mapping[str, tuple[Attempt, frozenset[str]]]) -> list[str]:
    return [name for name, (_, allowed) in among.items() if function in allowed]


def may(function: str, among: Mapping[str, tuple[Attempt, frozenset[str]]]) -> set[str]:
    """Return the attempts that a role allows."""
    return set(_of(function, among))


def in_tables(request: Any, name: Callable[[str], str]) -> Any:
    """A request with the physical names of the tables."""
    if isinstance(request, list):
        return [in_tables(each, name) for each in request]
    if not isinstance(request, dict):
        return request
    if "RequestItems" in request:
        return {"RequestItems": {name(table): wanted for table, wanted in request["RequestItems"].items()}}
    return {key: name(value) if key == "TableName" else in_tables(value, name) for key, value in request.items()}
