"""What each function may touch: from this table the stack derives environment, roles and sizes."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatepost.stores.tables import FEED


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAccess:
    """The DynamoDB actions a function needs on one table, without the `dynamodb:` prefix."""

    table: str
    actions: tuple[str, ...]
    indexes: bool = False
    leading_keys: tuple[str, ...] = ()  # only these partitions (condition `dynamodb:LeadingKeys`)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One function: a folder of functions/, one Lambda, one role."""

    name: str
    purpose: str
    tables: tuple[TableAccess, ...] = ()
    reads_secrets: tuple[str, ...] = ()  # secretsmanager:GetSecretValue
    rotates_secrets: tuple[str, ...] = ()
    memory: int = 512
    timeout: int = 10
    demo: bool = False
    environment: dict[str, str] = field(default_factory=dict)


SECRETS = {
    "signing": "The private keys that sign access tokens",
    "refresh": "The keys that authenticate refresh tokens",
}

BOTH = ("GetItem", "BatchGetItem")

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
            TableAccess(table="sessions", actions=("GetItem", "DeleteItem")),
            TableAccess(table="accounts", actions=(*BOTH, "ConditionCheckItem", "PutItem")),
            TableAccess(table="codes", actions=("PutItem",)),
            TableAccess(table="tokens", actions=("PutItem",)),
        ),
        reads_secrets=("signing",),
    ),
    FunctionSpec(
        name="token",
        purpose="POST /authorization/token: every grant",
        tables=(
            TableAccess(table="apps", actions=BOTH),
            TableAccess(table="codes", actions=("BatchGetItem",)),
            TableAccess(table="tokens", actions=("BatchGetItem", "PutItem", "UpdateItem")),
            TableAccess(table="accounts", actions=(*BOTH, "UpdateItem", "DeleteItem")),
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
        purpose="/developer: sign in, sign out, register",
        tables=(
            TableAccess(table="apps", actions=("GetItem",)),
            TableAccess(table="accounts", actions=(*BOTH, "PutItem", "UpdateItem", "DeleteItem")),
            TableAccess(table="sessions", actions=("GetItem", "PutItem", "DeleteItem")),
        ),
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
