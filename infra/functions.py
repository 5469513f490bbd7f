"""What each function may touch: from this table the stack derives environment, roles and sizes."""

from __future__ import annotations

from dataclasses import dataclass

from gatepost.stores.tables import FEED


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAccess:
    """The DynamoDB actions a function needs on one table, without the `dynamodb:` prefix."""

    table: str
    actions: tuple[str, ...]
    indexes: bool = False
    leading_keys: tuple[str, ...] = ()  # only these partitions, `*` for any text (condition `dynamodb:LeadingKeys`)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One function: a folder of functions/, one Lambda, one role."""

    name: str
    purpose: str
    tables: tuple[TableAccess, ...] = ()
    reads_secrets: tuple[str, ...] = ()  # secretsmanager:GetSecretValue
    rotates_secrets: tuple[str, ...] = ()
    sends_mail: bool = False  # ses:SendEmail, where `mail_sender` is set
    memory: int = 512
    timeout: int = 10
    demo: bool = False


SECRETS = {
    "signing": "The private keys that sign access tokens",
    "refresh": "The keys that authenticate refresh tokens",
}

BOTH = ("GetItem", "BatchGetItem")
ATTEMPTS = "attempts#*"
LOGINS = "name#*"
AUDIT = TableAccess(table="audit", actions=("PutItem",))
# what every page of the console reads: who is signed in
VISITOR = (
    TableAccess(table="sessions", actions=("BatchGetItem",)),
    TableAccess(table="accounts", actions=("BatchGetItem",)),
)
FEED_WRITE = TableAccess(table="tokens", actions=("PutItem",), leading_keys=(FEED,))

FUNCTIONS: tuple[FunctionSpec, ...] = (
    FunctionSpec(
        name="authorize",
        purpose="GET /developer/auth: sign-in, consent page, or straight back to the app",
        tables=(
            TableAccess(table="apps", actions=BOTH),
            TableAccess(table="sessions", actions=("BatchGetItem", "PutItem")),
            TableAccess(table="accounts", actions=("BatchGetItem", "ConditionCheckItem", "PutItem")),
            TableAccess(table="codes", actions=("PutItem",)),
            TableAccess(table="tokens", actions=("PutItem",)),
        ),
        reads_secrets=("signing",),
    ),
    FunctionSpec(
        name="consent",
        purpose="POST /developer/auth: the user's answer",
        tables=(
            TableAccess(table="apps", actions=("BatchGetItem",)),
            TableAccess(table="sessions", actions=("BatchGetItem", "DeleteItem")),
            TableAccess(table="accounts", actions=("BatchGetItem", "ConditionCheckItem", "PutItem")),
            TableAccess(table="codes", actions=("PutItem",)),
            TableAccess(table="tokens", actions=("PutItem",)),
            AUDIT,
        ),
        reads_secrets=("signing",),
    ),
    FunctionSpec(
        name="token",
        purpose="POST /authorization/token: every grant",
        tables=(
            TableAccess(table="apps", actions=(*BOTH, "UpdateItem")),
            TableAccess(table="codes", actions=("BatchGetItem",)),
            TableAccess(table="tokens", actions=("BatchGetItem", "PutItem", "UpdateItem")),
            TableAccess(table="accounts", actions=(*BOTH, "ConditionCheckItem")),
            TableAccess(table="accounts", actions=("UpdateItem", "DeleteItem"), leading_keys=(ATTEMPTS,)),
            TableAccess(table="accounts", actions=("UpdateItem",), leading_keys=(LOGINS,)),
            AUDIT,
        ),
        reads_secrets=("signing", "refresh"),
        memory=1024,
    ),
    FunctionSpec(
        name="revoke",
        purpose="POST /authorization/revoke (RFC 7009)",
        tables=(
            TableAccess(table="apps", actions=BOTH),
            TableAccess(table="tokens", actions=("BatchGetItem", "Query", "PutItem", "UpdateItem")),
        ),
        reads_secrets=("refresh",),
    ),
    FunctionSpec(
        name="introspect",
        purpose="POST /authorization/introspect (RFC 7662)",
        tables=(
            TableAccess(table="apps", actions=BOTH),
            TableAccess(table="tokens", actions=("BatchGetItem", "Query")),
            TableAccess(table="accounts", actions=("BatchGetItem",)),
        ),
        reads_secrets=("refresh",),
    ),
    FunctionSpec(
        name="whoami",
        purpose="GET /authorization/whoami",
        tables=(TableAccess(table="accounts", actions=("GetItem",)),),
    ),
    FunctionSpec(
        name="metadata",
        purpose="RFC 8414 metadata and the JWK Set",
        tables=(TableAccess(table="tokens", actions=("Query",), leading_keys=(FEED,)),),
    ),
    FunctionSpec(
        name="authorizer",
        purpose="Lambda authorizer of the HTTP API",
        tables=(TableAccess(table="tokens", actions=("Query",), leading_keys=(FEED,)),),
    ),
    FunctionSpec(
        name="console",
        purpose="/developer: sign in, sign out",
        tables=(
            TableAccess(table="apps", actions=("GetItem",)),
            TableAccess(table="accounts", actions=BOTH),
            TableAccess(table="accounts", actions=("PutItem", "UpdateItem", "DeleteItem"), leading_keys=(ATTEMPTS,)),
            TableAccess(table="accounts", actions=("UpdateItem",), leading_keys=(LOGINS,)),
            TableAccess(table="sessions", actions=("PutItem", "DeleteItem")),
            AUDIT,
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="registration",
        purpose="/developer/register, /developer/confirm: new accounts and confirmed addresses",
        tables=(
            TableAccess(table="apps", actions=("GetItem",)),
            TableAccess(table="accounts", actions=(*BOTH, "PutItem", "UpdateItem", "DeleteItem")),
            TableAccess(table="sessions", actions=("PutItem", "DeleteItem")),
            AUDIT,
        ),
        sends_mail=True,
        memory=1024,
    ),
    FunctionSpec(
        name="recovery",
        purpose="/developer/forgotten, /developer/reset: a new password by mail",
        tables=(
            TableAccess(table="accounts", actions=(*BOTH, "PutItem", "UpdateItem", "DeleteItem")),
            TableAccess(table="sessions", actions=("Query", "PutItem", "DeleteItem")),
            AUDIT,
        ),
        sends_mail=True,
        memory=1024,
    ),
    FunctionSpec(
        name="apps",
        purpose="/developer/apps: an owner's apps",
        tables=(
            *VISITOR,
            TableAccess(
                table="apps", actions=("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"), indexes=True
            ),
            TableAccess(table="accounts", actions=("Query",), indexes=True),
            FEED_WRITE,
            AUDIT,
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="connections",
        purpose="/developer/grants: connected apps",
        tables=(
            *VISITOR,
            TableAccess(table="apps", actions=BOTH),
            TableAccess(table="accounts", actions=("Query", "UpdateItem", "DeleteItem")),
            TableAccess(table="tokens", actions=("Query", "PutItem", "UpdateItem")),
            AUDIT,
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="account",
        purpose="/developer/account: one's own account",
        tables=(
            *VISITOR,
            TableAccess(table="apps", actions=("GetItem", "Query", "UpdateItem", "DeleteItem"), indexes=True),
            TableAccess(table="accounts", actions=("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")),
            TableAccess(table="sessions", actions=("Query", "PutItem", "DeleteItem")),
            TableAccess(table="tokens", actions=("Query", "PutItem", "UpdateItem", "DeleteItem")),
            AUDIT,
        ),
        sends_mail=True,
        memory=1024,
    ),
    FunctionSpec(
        name="admin",
        purpose="/developer/admin: users, apps and the audit list",
        tables=(
            *VISITOR,
            TableAccess(table="apps", actions=("GetItem", "Query", "UpdateItem"), indexes=True),
            TableAccess(table="accounts", actions=("GetItem", "Query", "UpdateItem"), indexes=True),
            TableAccess(table="tokens", actions=("Query", "PutItem", "UpdateItem")),
            TableAccess(table="audit", actions=("PutItem", "Query")),
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="consumer",
        purpose="/consumer: apps, connected apps and account of a token's user, as JSON",
        tables=(
            TableAccess(table="apps", actions=(*BOTH, "Query", "PutItem", "UpdateItem", "DeleteItem"), indexes=True),
            TableAccess(table="accounts", actions=("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")),
            TableAccess(table="tokens", actions=("Query", "PutItem", "UpdateItem")),
            AUDIT,
        ),
        sends_mail=True,
        memory=1024,
    ),
    FunctionSpec(
        name="rotate_keys",
        purpose="Secrets Manager rotation of the signing and refresh keys",
        tables=(TableAccess(table="tokens", actions=("Query", "PutItem"), leading_keys=(FEED,)),),
        rotates_secrets=("signing", "refresh"),
        timeout=30,
    ),
    FunctionSpec(name="demo", purpose="Two protected routes to try tokens on", demo=True),
)
