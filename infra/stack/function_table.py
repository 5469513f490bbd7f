"""The permissions of each function; the stack derives environment, roles and sizes from this table."""

from __future__ import annotations

from gatepost.stores.schema import FEED, KEYS
from infra.stack import access
from infra.stack.access import (
    ATTEMPTS,
    COUNTS,
    EMAILS,
    IDS,
    LINKS,
    NAMES,
    TOKEN_IDS,
    TableAccess,
    read_accounts,
    read_apps,
)
from infra.stack.function_spec import FunctionSpec

FOLDER = "gatepost:function"  # metadata of a function in the template: the name of its folder


SECRETS = {
    "signing": "The private keys that sign access tokens",
    "refresh": "The keys that authenticate refresh tokens",
}

BOTH = ("GetItem", "BatchGetItem")

FUNCTIONS: tuple[FunctionSpec, ...] = (
    FunctionSpec(
        name="authorize",
        purpose="GET /developer/auth: sign-in, consent page, or straight back to the app",
        imports=("tokens", "pages"),
        tables=(read_apps(*BOTH), access.SIGNED_IN, access.ASK_CONSENT, *access.APPROVE),
    ),
    FunctionSpec(
        name="consent",
        purpose="POST /developer/auth: the user's answer",
        imports=("tokens", "pages"),
        tables=(
            read_apps("BatchGetItem"),
            access.change_apps("last_used_at", "version"),
            access.SIGNED_IN,
            TableAccess(table="sessions", actions=("DeleteItem",)),
            *access.APPROVE,
            access.AUDIT,
        ),
        reads_secrets=("signing",),
    ),
    FunctionSpec(
        name="token",
        purpose="POST /authorization/token: every grant",
        imports=("tokens", "passwords"),
        tables=(
            read_apps(*BOTH),
            access.change_apps("last_used_at", "secrets", "version", *access.COMPLETED),
            TableAccess(table="codes", actions=("BatchGetItem",)),
            TableAccess(table="tokens", actions=("BatchGetItem", "PutItem", "UpdateItem"), leading_keys=(IDS,)),
            access.REVOKE,
            read_accounts(*BOTH, "ConditionCheckItem", partitions=(IDS, NAMES, ATTEMPTS)),
            access.COUNT_ATTEMPTS,
            access.REHASH,
            access.AUDIT,
        ),
        reads_secrets=("signing", "refresh"),
        memory=1024,
    ),
    FunctionSpec(
        name="revoke",
        purpose="POST /authorization/revoke (RFC 7009)",
        imports=("tokens",),
        tables=(
            read_apps(*BOTH),
            TableAccess(table="tokens", actions=("BatchGetItem",), leading_keys=(IDS,)),
            access.WATCH,
            access.REVOKE_TOKENS,
            access.MARK_REVOKED,
        ),
        reads_secrets=("refresh",),
    ),
    FunctionSpec(
        name="introspect",
        purpose="POST /authorization/introspect (RFC 7662)",
        imports=("tokens",),
        tables=(
            read_apps(*BOTH),
            TableAccess(table="tokens", actions=("BatchGetItem",), leading_keys=(IDS, TOKEN_IDS)),
            access.WATCH,
            read_accounts("BatchGetItem"),
        ),
        reads_secrets=("refresh",),
    ),
    FunctionSpec(name="whoami", purpose="GET /authorization/whoami", tables=(read_accounts("GetItem"),)),
    FunctionSpec(
        name="metadata",
        purpose="RFC 8414 metadata, the JWK Set, and preflight requests (CORS)",
        imports=("tokens",),
        tables=(TableAccess(table="tokens", actions=("Query",), leading_keys=(KEYS, FEED)),),
    ),
    FunctionSpec(
        name="authorizer", purpose="Lambda authorizer of the HTTP API", imports=("tokens",), tables=(access.WATCH,)
    ),
    FunctionSpec(
        name="console",
        purpose="/developer: sign in, sign out",
        imports=("pages", "passwords"),
        tables=(
            read_apps("GetItem"),
            read_accounts(*BOTH, partitions=(IDS, NAMES, EMAILS, ATTEMPTS)),
            access.KNOW_BROWSER,
            access.COUNT_ATTEMPTS,
            access.REHASH,
            access.SIGN_IN,
            TableAccess(table="sessions", actions=("DeleteItem",)),
            access.AUDIT,
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="registration",
        purpose="/developer/register, /developer/confirm: new accounts and confirmed addresses",
        imports=("pages", "passwords"),
        tables=(
            read_apps("GetItem"),
            read_accounts(*BOTH, partitions=(IDS, NAMES, EMAILS, LINKS)),
            access.REGISTER,
            access.COUNT_MAILS,
            access.change_accounts("email", "email_confirmed", "sessions_valid_from"),
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(EMAILS, LINKS)),
            access.SIGN_IN,
            TableAccess(table="sessions", actions=("DeleteItem",)),
            access.AUDIT,
        ),
        sends_mail=True,
        memory=1024,
    ),
    FunctionSpec(
        name="recovery",
        purpose="/developer/forgotten, /developer/reset: a new password by mail",
        imports=("pages", "passwords"),
        tables=(
            read_accounts(*BOTH, partitions=(IDS, NAMES, EMAILS, LINKS)),
            read_accounts("Query"),
            access.MAIL_LINK,
            access.COUNT_MAILS,
            access.change_accounts(
                *("grants_valid_from", "password_hash", "sessions_valid_from"), partitions=(IDS, NAMES)
            ),
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(IDS, LINKS, ATTEMPTS)),
            access.SIGN_IN,
            TableAccess(table="sessions", actions=("Query", "DeleteItem")),
            *access.END_GRANTS,
            access.AUDIT,
        ),
        sends_mail=True,
        memory=1024,
    ),
    FunctionSpec(
        name="apps",
        purpose="/developer/apps: an owner's apps",
        imports=("tokens", "pages"),
        tables=(
            *access.VISITOR,
            access.OWN_APPS,
            read_apps("GetItem"),
            *access.MANAGED_APPS,
            TableAccess(table="accounts", index="by_app", actions=("Query",)),
            read_accounts("ConditionCheckItem"),
            access.REVOKE,
            access.AUDIT,
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="connections",
        purpose="/developer/grants: connected apps",
        imports=("pages",),
        tables=(
            *access.VISITOR,
            read_apps(*BOTH),
            read_accounts("Query"),
            access.change_accounts("grants_valid_from"),
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(IDS,)),
            *access.END_GRANTS,
            access.AUDIT,
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="account",
        purpose="/developer/account: one's own account",
        imports=("pages", "passwords"),
        tables=(
            access.SIGNED_IN,
            access.OWN_APPS,
            *access.FORGET_APPS,
            access.USERS,
            read_accounts("GetItem", "BatchGetItem", "Query", partitions=(IDS, NAMES, ATTEMPTS)),
            read_accounts("ConditionCheckItem"),
            access.MAIL_LINK,
            access.KNOW_BROWSER,
            access.COUNT_ATTEMPTS,
            access.change_accounts(
                *("email", "email_confirmed", "grants_valid_from", "password_hash", "sessions_valid_from"),
                partitions=(IDS, NAMES),
            ),
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(IDS, NAMES, EMAILS)),
            access.SIGN_IN,
            TableAccess(table="sessions", actions=("Query", "DeleteItem")),
            *access.END_GRANTS,
            TableAccess(table="tokens", actions=("DeleteItem",), leading_keys=(IDS,)),
            access.AUDIT,
        ),
        sends_mail=True,
        memory=1024,
    ),
    FunctionSpec(
        name="admin",
        purpose="/developer/admin: users, apps and the audit list",
        imports=("pages",),
        tables=(
            *access.VISITOR,
            access.OWN_APPS,
            TableAccess(table="apps", index="by_status", actions=("Query",)),
            read_apps(*BOTH, partitions=(IDS, COUNTS)),
            access.change_apps(*access.DECIDED, partitions=(IDS, COUNTS)),
            access.HAND_OVER,
            access.USERS,
            read_accounts("GetItem", "ConditionCheckItem"),
            access.change_accounts(*access.RIGHTS, partitions=(IDS, NAMES)),
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(EMAILS,)),
            *access.END_GRANTS,
            TableAccess(table="audit", actions=("PutItem", "Query")),
        ),
        sends_mail=True,
        memory=1024,
    ),
    FunctionSpec(
        name="consumer",
        purpose="/consumer: apps, connected apps and account of a token's user, as JSON",
        imports=("powertools", "api", "pages"),
        tables=(
            access.OWN_APPS,
            read_apps(*BOTH),
            *access.MANAGED_APPS,
            read_accounts("GetItem", "Query", "ConditionCheckItem"),
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(IDS,)),
            *access.END_GRANTS,
            access.AUDIT,
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="rotate_keys",
        purpose="Secrets Manager rotation of the signing and refresh keys",
        imports=("tokens", "jwt"),
        tables=(TableAccess(table="tokens", actions=("Query", "PutItem"), leading_keys=(KEYS, FEED)),),
        rotates_secrets=("signing", "refresh"),
        timeout=30,
    ),
    FunctionSpec(name="demo", purpose="Protected routes to try tokens on", demo=True),
)
