"""Who signs in: names and addresses as they are typed, what is counted for them, and who may enter."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NoReturn

from gatepost.authentication.throttling import (
    DAY,
    account_key,
    network_key,
)
from gatepost.errors import InvalidGrant, OAuthError
from gatepost.identifiers import digest
from gatepost.model.records import ACTIVE, LEAVING, PENDING, User
from gatepost.stores.record_keys import AttemptsKey, EmailKey, LoginKey

if TYPE_CHECKING:
    from gatepost.stores.ports.store import Store

LONGEST_EMAIL = 254
USER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,39}", re.ASCII)
WRONG = "the user name or password is wrong"


def name_behind(store: Store, typed: str) -> str:
    """Return the user name for a typed user name or confirmed e-mail address."""
    name = normalized(typed)
    if "@" not in name or len(name) > LONGEST_EMAIL:
        return typed
    (owner,) = store.read(EmailKey(name))
    return owner.user_name if owner is not None else typed


def login_keys(user_name: str, typed: str, source_ip: str) -> tuple[LoginKey, AttemptsKey, AttemptsKey]:
    """Return the keys that `check_password` needs, so that a caller can read them together with others."""
    return login_key(user_name), name_key(typed), network_key(source_ip)


def login_key(user_name: str) -> LoginKey:
    """Return the key of a name's password hash; one that matches nothing if the name is malformed."""
    name = normalized(user_name)
    return LoginKey(name if USER_NAME.fullmatch(name) else "")


def name_key(typed: str) -> AttemptsKey:
    """Return the key of the failed sign-ins with a name or address."""
    return AttemptsKey(digest(normalized(typed)))


def counter_keys(user: User, now: float) -> tuple[AttemptsKey, ...]:
    """Return the keys of all failed sign-ins of an account that still count, but for those of known browsers."""
    days = (now, now - DAY)
    return (
        *(name_key(each) for each in (user.user_name, user.email) if each),
        *(account_key(normalized(user.user_name), day) for day in days),
    )


def audited_name(error: OAuthError, user_name: str) -> str:
    """Return the name of a failed sign-in for the audit log; unknown names may be anything, so not stored."""
    return normalized(user_name) if error.facts.get("user_id") else "an unknown name"


def check_active(user: User | None) -> User:
    """Return the account if it may sign in. Raises InvalidGrant with the description of a wrong password."""
    if user is None:
        refuse("account is gone")
    if user.status != ACTIVE:
        refuse("account waits for approval" if user.status == PENDING else "account is deactivated", user.user_id)
    return user


def check_may_enter(user: User | None) -> User:
    """Return the account if it may sign in to the console: an active one, or one whose deletion is to be finished."""
    return user if user is not None and user.status == LEAVING else check_active(user)


def refuse(reason: str, user_id: str = "") -> NoReturn:
    """Raise InvalidGrant as for a wrong password."""
    raise InvalidGrant(WRONG, reason=reason, **({"user_id": user_id} if user_id else {}))


def normalized(user_name: str) -> str:
    """Return the form in which names are compared."""
    return unicodedata.normalize("NFKC", user_name).strip().casefold()
