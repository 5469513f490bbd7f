"""The permissions of each function; the stack derives environment, roles and sizes from this table.

Those of the console's pages are in `console_functions`.
"""

from __future__ import annotations

from gatepost.stores.schema import FEED, KEYS, TTL_ATTRIBUTE
from infra.stack import access, revoking
from infra.stack.access import (
    ATTEMPTS,
    BOTH,
    IDS,
    NAMES,
    TOKEN_IDS,
    TableAccess,
    read_accounts,
    read_apps,
)
from infra.stack.console_functions import CONSOLE
from infra.stack.features import (
    DOCUMENTS,
    IMPLICIT,
    LOGOUTS,
    OPENID,
    PASSWORD,
    SIGNED_USERINFO,
    app_sign_up,
    permits,
    where,
)
from infra.stack.function_spec import FETCH, LOGO, WHOLE_CORE, FunctionSpec

FOLDER = "gatepost:function"  # metadata of a function in the template: the name of its folder


_WITH_LOGIN = read_accounts(*BOTH, "ConditionCheckItem", partitions=(IDS, NAMES, ATTEMPTS))
_FOR_HINTS = TableAccess(table="tokens", actions=("Query",), leading_keys=(KEYS,))  # the keys, for id_token_hint
SECRETS = {
    "signing": "The private keys that sign access tokens",
    "refresh": "The keys that authenticate refresh tokens",
}


FUNCTIONS: tuple[FunctionSpec, ...] = (
    FunctionSpec(
        name="authorize",
        purpose="GET /developer/auth: sign-in, consent page, or straight back to the app",
        imports=("tokens", "pages"),
        tables=(
            read_apps(*BOTH),
            access.SIGNED_IN,
            access.ASK_CONSENT,
            *access.APPROVE,
            access.NOTE_PROBLEMS,
        ),
        features=(
            where(OPENID, _FOR_HINTS, access.NOTE_SIGN_IN),
            where(LOGOUTS, access.STILL_SIGNED_IN),
            where(
                DOCUMENTS,
                *access.KEEP_DOCUMENTS,
                revoking.REVOKE,  # of an app whose document changed, so that it has to be approved again
                access.AUDIT,
                access.COUNT_REQUESTS,
                access.KEEP_LOGOS,
                access.RENEW_LOGOS,
                invokes=(FETCH, LOGO),
            ),
        ),
        timeout=20,  # longer than the fetch of a document takes
    ),
    FunctionSpec(
        name="consent",
        purpose="POST /developer/auth: the user's answer, or a request by POST",
        imports=("tokens", "pages"),
        tables=(
            read_apps("BatchGetItem"),
            access.change_apps("last_used_at", "version"),
            access.SIGNED_IN,
            access.END_SESSION,
            *access.APPROVE,
            access.AUDIT,
        ),
        features=(
            where(OPENID, access.NOTE_SIGN_IN),
            where(LOGOUTS, access.STILL_SIGNED_IN),
            where(IMPLICIT, access.COUNT_TOKENS, reads_secrets=("signing",)),
        ),
        states_claims=True,
    ),
    FunctionSpec(
        name="token",
        purpose="POST /authorization/token: every grant",
        imports=("tokens", "passwords"),
        tables=(
            read_apps(*BOTH),
            access.change_apps("last_used_at", "secrets", "version", TTL_ATTRIBUTE, *access.COMPLETED),
            TableAccess(table="codes", actions=("BatchGetItem",)),
            TableAccess(table="tokens", actions=("BatchGetItem", "PutItem", "UpdateItem"), leading_keys=(IDS,)),
            revoking.REVOKE,
            read_accounts(*BOTH, partitions=(IDS, ATTEMPTS)),
            access.COUNT_ATTEMPTS,
            access.AUDIT,
            access.NOTE_PROBLEMS,
            access.COUNT_TOKENS,
        ),
        features=(where(PASSWORD, _WITH_LOGIN, access.REHASH),),
        reads_secrets=("signing", "refresh"),
        states_claims=True,
        memory=1024,
    ),
    FunctionSpec(
        name="revoke",
        purpose="POST /authorization/revoke (RFC 7009)",
        imports=("tokens",),
        tables=(
            read_apps(*BOTH),
            TableAccess(table="tokens", actions=("BatchGetItem",), leading_keys=(IDS,)),
            revoking.WATCH,
            revoking.COMPACT,
            revoking.REVOKE_TOKENS,
            revoking.MARK_REVOKED,
            access.NOTE_PROBLEMS,
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
            revoking.WATCH,
            read_accounts("BatchGetItem"),
            access.NOTE_PROBLEMS,
        ),
        reads_secrets=("refresh",),
    ),
    FunctionSpec(name="whoami", purpose="GET /authorization/whoami", tables=(read_accounts("GetItem"),)),
    FunctionSpec(
        name="userinfo",
        purpose="/authorization/userinfo: claims about a token's user (OpenID Connect)",
        imports=("tokens",),
        tables=(revoking.WATCH,),
        features=(
            where(OPENID, read_accounts("BatchGetItem"), read_apps("BatchGetItem")),
            where(SIGNED_USERINFO, reads_secrets=("signing",)),
        ),
        states_claims=True,
    ),
    FunctionSpec(
        name="logout",
        purpose="/authorization/logout: sign-out that an app requests (OpenID Connect)",
        imports=("tokens", "pages"),
        features=(
            where(
                OPENID,
                read_apps(*BOTH),
                access.SIGNED_IN,
                access.END_SESSION,
                read_accounts("BatchGetItem"),
                _FOR_HINTS,
                access.NOTE_PROBLEMS,
            ),
        ),
        announces_logouts=True,
    ),
    FunctionSpec(
        name="register_app",
        purpose="/authorization/register: apps register themselves (RFC 7591, RFC 7592)",
        features=(
            where(
                app_sign_up,
                read_apps("GetItem", partitions=(access.REGISTERED_IDS,)),
                access.REGISTER_APP,
                access.CHANGE_REGISTERED_APP,
                access.END_REGISTERED_APP,
                access.COUNT_REQUESTS,
                revoking.REVOKE,
                access.FORGET_REGISTERED_PROBLEMS,
                access.AUDIT,
            ),
            where(permits, read_apps("GetItem", partitions=(access.PERMITS,)), access.USE_PERMIT),
        ),
    ),
    FunctionSpec(
        name="metadata",
        purpose="RFC 8414 metadata, the JWK Set, the list of revocations, logos, and preflight requests (CORS)",
        imports=("tokens",),
        tables=(revoking.WATCH, read_apps("GetItem", partitions=(access.LOGOS,))),
    ),
    FunctionSpec(
        name="authorizer",
        purpose="Lambda authorizer of the HTTP API",
        imports=("tokens",),
        tables=(revoking.WATCH,),
        memory=WHOLE_CORE,
    ),
    *CONSOLE,
    FunctionSpec(
        name="consumer",
        purpose="/consumer: apps, connected apps and account of a token's user, as JSON",
        imports=("powertools", "api", "pages"),
        tables=(
            access.OWN_APPS,
            read_apps(*BOTH),
            *access.MANAGED_APPS,
            read_accounts("GetItem", "Query", "ConditionCheckItem"),
            access.FORGET_APPROVALS,
            *revoking.DISCONNECT,
            access.FORGET_PROBLEMS,
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
        serves=False,
    ),
    FunctionSpec(
        name=FETCH,
        purpose="Requests to URLs that people gave, for other functions",
        serves=False,
        only_if=lambda settings: settings.fetches_urls,
    ),
    FunctionSpec(
        name=LOGO, purpose="Logos from images that people gave, for other functions", imports=("images",), serves=False
    ),
    FunctionSpec(
        name="backchannel_logout",
        purpose="The queues of logouts: apps are told that a session ended",
        imports=("tokens",),
        tables=(
            read_apps(*BOTH),
            read_accounts("GetItem"),
            *access.COUNT_UNTOLD,
            access.END_SESSIONS,
            access.NOTE_PROBLEMS,
        ),
        reads_secrets=("signing",),
        invokes=(FETCH,),
        announces_logouts=True,
        takes_logouts=True,
        serves=False,
        only_if=lambda settings: settings.tells_of_logouts,
        timeout=60,  # for a batch whose requests time out, while AWS is slow, too
    ),
    FunctionSpec(name="demo", purpose="Protected routes to try tokens on", demo=True),
)
