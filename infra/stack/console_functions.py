"""The permissions of the functions that answer with pages: accounts, apps, connections and administration."""

from __future__ import annotations

from gatepost.model.links import EmailOwner
from gatepost.settings import Settings
from gatepost.stores.schema import ACCOUNTS
from infra.stack import access, revoking
from infra.stack.access import (
    ATTEMPTS,
    BOTH,
    COUNTS,
    EMAILS,
    IDS,
    LINKS,
    NAMES,
    TOKENS_OF_MONTHS,
    TableAccess,
    read_accounts,
    read_apps,
)
from infra.stack.features import mail, permits, sign_up, where
from infra.stack.function_spec import LOGO, WHOLE_CORE, FunctionSpec

CONFIRM_ADDRESS = TableAccess(
    table="accounts", actions=("PutItem",), leading_keys=(EMAILS,), attributes=access.item(ACCOUNTS, EmailOwner)
)
_DATE_SIGN_IN = access.change_accounts("last_sign_in_at")
_ENTER = (access.SIGN_IN, _DATE_SIGN_IN, access.END_SESSION)


def _sign_up_or_mail(settings: Settings) -> bool:
    return sign_up(settings) or mail(settings)


CONSOLE: tuple[FunctionSpec, ...] = (
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
            TableAccess(table="sessions", actions=("GetItem",)),  # before it is ended
            access.SIGN_IN,
            _DATE_SIGN_IN,
            *access.KEEP_SIGN_INS,
            access.END_SESSION,
            access.AUDIT,
        ),
        announces_logouts=True,
        memory=WHOLE_CORE,
    ),
    FunctionSpec(
        name="registration",
        purpose="/developer/register, /developer/confirm: new accounts and confirmed addresses",
        imports=("pages", "passwords"),
        tables=(
            read_apps("GetItem"),
            access.SIGNED_IN,
            read_accounts(*BOTH, partitions=(IDS, NAMES, EMAILS, LINKS)),
            access.AUDIT,
        ),
        features=(
            where(_sign_up_or_mail, access.REGISTER, access.COUNT_REQUESTS, *_ENTER),  # mail brings invitations
            where(
                mail,
                CONFIRM_ADDRESS,
                access.change_accounts("email", "email_confirmed", "sessions_valid_from"),
                TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(EMAILS, LINKS)),
            ),
        ),
        sends_mail=True,
        announces_logouts=True,
        memory=WHOLE_CORE,
    ),
    FunctionSpec(
        name="recovery",
        purpose="/developer/forgotten, /developer/reset: a new password by mail",
        imports=("pages", "passwords"),
        features=(
            where(
                mail,
                read_accounts(*BOTH, partitions=(IDS, NAMES, EMAILS, LINKS)),
                read_accounts("Query"),
                access.MAIL_LINK,
                access.COUNT_REQUESTS,
                access.change_accounts(
                    *("grants_valid_from", "password_hash", "sessions_valid_from"), partitions=(IDS, NAMES)
                ),
                TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(IDS, LINKS, ATTEMPTS)),
                access.SIGN_IN,
                _DATE_SIGN_IN,
                access.END_SESSIONS,
                *revoking.END_GRANTS,
                access.AUDIT,
            ),
        ),
        sends_mail=True,
        announces_logouts=True,
        memory=WHOLE_CORE,
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
            read_accounts("GetItem", "ConditionCheckItem"),  # the owner of an app that an administrator changes
            revoking.REVOKE,
            access.FORGET_PROBLEMS,
            access.AUDIT,
            TableAccess(table="counts", actions=("BatchGetItem",), leading_keys=(TOKENS_OF_MONTHS,)),
            access.KEEP_LOGOS,
        ),
        invokes=(LOGO,),
        sends_mail=True,
        memory=1024,
        timeout=20,  # longer than the drawing of a logo takes
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
            access.FORGET_APPROVALS,
            *revoking.DISCONNECT,
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
            access.NOTE_USE,
            access.OWN_APPS,
            read_apps(*BOTH),
            *access.FORGET_APPS,
            access.USERS,
            read_accounts("GetItem", "BatchGetItem", "Query", partitions=(IDS, NAMES, ATTEMPTS)),
            read_accounts("ConditionCheckItem"),
            access.KNOW_BROWSER,
            access.COUNT_ATTEMPTS,
            access.change_accounts(
                *("email", "email_confirmed", "grants_valid_from", "password_hash", "sessions_valid_from", "status"),
                partitions=(IDS, NAMES),
            ),
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(IDS, NAMES, EMAILS)),
            access.SIGN_IN,
            _DATE_SIGN_IN,
            *access.KEEP_SIGN_INS,
            access.END_SESSIONS,
            *revoking.END_GRANTS,
            TableAccess(table="tokens", actions=("DeleteItem",), leading_keys=(IDS,)),
            access.FORGET_PROBLEMS,
            access.AUDIT,
        ),
        features=(where(mail, access.MAIL_LINK),),
        sends_mail=True,
        announces_logouts=True,
        memory=WHOLE_CORE,
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
            access.END_STRANGERS,
            access.FORGET_PROBLEMS,
            access.USERS,
            access.USERS_BY_CREATION,
            read_accounts("GetItem", "Query", "ConditionCheckItem"),
            read_accounts("GetItem", partitions=(EMAILS, ATTEMPTS)),
            TableAccess(table="accounts", index="by_app", actions=("Query",)),
            access.change_accounts(*access.RIGHTS, partitions=(IDS, NAMES)),
            access.FORGET_APPROVALS,
            TableAccess(table="accounts", actions=("DeleteItem",), leading_keys=(EMAILS,)),
            access.END_SESSIONS,
            *revoking.DISCONNECT,
            TableAccess(table="audit", actions=("PutItem", "Query")),
            TableAccess(table="counts", actions=("Query",)),
            access.KEEP_EVENT_COUNTS,
        ),
        features=(where(permits, *access.PERMIT_APPS), where(mail, access.MAIL_LINK)),
        sends_mail=True,
        announces_logouts=True,
        memory=1024,
        timeout=20,  # for parts of an export
    ),
)
