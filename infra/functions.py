"""What each function may touch: from this table the stack derives environment, roles and sizes."""

from __future__ import annotations

from dataclasses import dataclass

from gatepost.stores.tables import FEED

FOLDER = "gatepost:function"  # metadata of a function in the template: the name of its folder


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAccess:
    """The DynamoDB actions a function needs on one table, or on one index of it, without the `dynamodb:` prefix."""

    table: str
    actions: tuple[str, ...]
    index: str = ""  # then on this index and not on the table
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
    imports: tuple[str, ...] = ()  # layers of gatepost_cdk.packages beside those that `layers` derives
    memory: int = 512
    timeout: int = 10
    demo: bool = False

    def layers(self, *, mail: bool, boto3: bool) -> tuple[str, ...]:
        """The layers of the function, by name. boto3 comes with mail that is sent, and where it is to make every call.

        `mail` and `boto3` are what the deployment has set: `mail_sender`, and `aws_client`.
        """
        calls = bool(self.tables or self.reads_secrets or self.rotates_secrets)
        needed = (mail and self.sends_mail) or (boto3 and calls)
        return ("gatepost", *(("boto3",) if needed else ()), *self.imports)


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
OWN_APPS = TableAccess(table="apps", index="by_owner", actions=("Query",))
FEED_WRITE = TableAccess(table="tokens", actions=("PutItem",), leading_keys=(FEED,))

FUNCTIONS: tuple[FunctionSpec, ...] = (
    FunctionSpec(
        name="authorize",
        purpose="GET /developer/auth: sign-in, consent page, or straight back to the app",
        imports=("tokens", "pages"),
        tables=(
            TableAccess(table="apps", actions=BOTH),
            TableAccess(table="sessions", actions=("BatchGetItem", "PutItem")),
            TableAccess(table="accounts", actions=("BatchGetItem", "ConditionCheckItem", "PutItem")),
            TableAccess(table="codes", actions=("PutItem",)),
            TableAccess(table="tokens", actions=("PutItem",)),
        ),
    ),
    FunctionSpec(
        name="consent",
        purpose="POST /developer/auth: the user's answer",
        imports=("tokens", "pages"),
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
        imports=("tokens", "passwords"),
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
        imports=("tokens",),
        tables=(
            TableAccess(table="apps", actions=BOTH),
            TableAccess(table="tokens", actions=("BatchGetItem", "Query", "PutItem", "UpdateItem")),
        ),
        reads_secrets=("refresh",),
    ),
    FunctionSpec(
        name="introspect",
        purpose="POST /authorization/introspect (RFC 7662)",
        imports=("tokens",),
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
        imports=("tokens",),
        tables=(TableAccess(table="tokens", actions=("Query",), leading_keys=(FEED,)),),
    ),
    FunctionSpec(
        name="authorizer",
        purpose="Lambda authorizer of the HTTP API",
        imports=("tokens",),
        tables=(TableAccess(table="tokens", actions=("Query",), leading_keys=(FEED,)),),
    ),
    FunctionSpec(
        name="console",
        purpose="/developer: sign in, sign out",
        imports=("pages", "passwords"),
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
        imports=("pages", "passwords"),
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
        imports=("pages", "passwords"),
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
        imports=("tokens", "pages"),
        tables=(
            *VISITOR,
            OWN_APPS,
            TableAccess(table="apps", actions=("GetItem", "PutItem", "UpdateItem", "DeleteItem")),
            TableAccess(table="accounts", index="by_app", actions=("Query",)),
            FEED_WRITE,
            AUDIT,
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="connections",
        purpose="/developer/grants: connected apps",
        imports=("pages",),
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
        imports=("pages", "passwords"),
        tables=(
            *VISITOR,
            OWN_APPS,
            TableAccess(table="apps", actions=("UpdateItem", "DeleteItem")),
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
        imports=("pages",),
        tables=(
            *VISITOR,
            TableAccess(table="apps", index="by_status", actions=("Query",)),
            TableAccess(table="apps", actions=("GetItem", "UpdateItem")),
            TableAccess(table="accounts", index="by_name", actions=("Query",)),
            TableAccess(table="accounts", actions=("GetItem", "UpdateItem")),
            TableAccess(table="tokens", actions=("Query", "PutItem", "UpdateItem")),
            TableAccess(table="audit", actions=("PutItem", "Query")),
        ),
        memory=1024,
    ),
    FunctionSpec(
        name="consumer",
        purpose="/consumer: apps, connected apps and account of a token's user, as JSON",
        imports=("powertools", "api"),
        tables=(
            OWN_APPS,
            TableAccess(table="apps", actions=(*BOTH, "PutItem", "UpdateItem", "DeleteItem")),
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
        imports=("tokens", "jwt"),
        tables=(TableAccess(table="tokens", actions=("Query", "PutItem"), leading_keys=(FEED,)),),
        rotates_secrets=("signing", "refresh"),
        timeout=30,
    ),
    FunctionSpec(name="demo", purpose="Two protected routes to try tokens on", demo=True),
)
