"""The one door that both the sign-in page and the password grant go through."""

from __future__ import annotations

import re
import unicodedata
from typing import NoReturn

from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.model import ACTIVE, Attempts, Login, User, digest
from gatepost.passwords import password_matches
from gatepost.settings import Settings
from gatepost.stores.keys import AttemptsKey, EmailKey, LoginKey
from gatepost.stores.ports import AccountStore, Store

LONGEST_EMAIL = 254
USER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,39}", re.ASCII)
_FORGET_AFTER = 86400  # seconds without a failure after which a counter starts anew
_WRONG = "the user name or password is wrong"


def name_behind(store: Store, typed: str) -> str:
    """The user name that somebody means who typed a name or a confirmed e-mail address."""
    name = normalized(typed)
    if "@" not in name or len(name) > LONGEST_EMAIL:
        return typed
    (owner,) = store.read(EmailKey(name))
    return owner.user_name if owner is not None else typed


def login_keys(user_name: str) -> tuple[LoginKey, AttemptsKey]:
    """What `check_password` needs to be read, so that a caller can read it together with more."""
    name = normalized(user_name)
    return LoginKey(name if USER_NAME.fullmatch(name) else ""), AttemptsKey(digest(name))


def check_password(
    store: AccountStore,
    settings: Settings,
    user_name: str,
    password: str,
    login: Login | None,
    attempts: Attempts | None,
    *,
    now: float,
) -> str:
    """The `user_id` that name and password open; `login` and `attempts` are what `login_keys` found.

    One counter a name, whichever door was used, and the same answer and work whether the name exists or not.
    Raises InvalidGrant for a wrong pair, with the `user_id` in its facts if the name is somebody's, and TooManyAttempts
    while the name has to wait.
    """
    name_hash = digest(normalized(user_name))
    wait = seconds_to_wait(attempts, settings, now)
    if wait > 0:
        raise TooManyAttempts(wait, sign_in="failed")
    counted = attempts is not None and attempts.expires_at > now and attempts.failures >= settings.attempts_free
    forget_at = int(now) + _FORGET_AFTER
    # beyond the free ones an attempt is counted before it is made, so that a burst of guesses gets one try a wait
    if (
        counted
        and attempts is not None
        and not store.reserve_attempt(name_hash, attempts, now=int(now), forget_at=forget_at)
    ):
        raise TooManyAttempts(1, sign_in="failed")
    password_hash = login.password_hash if login else None
    if not password_matches(password, password_hash, cost=settings.bcrypt_cost) or login is None:
        if not counted:
            store.count_failure(name_hash, now=int(now), forget_at=forget_at)
        reason = "wrong password" if login else "unknown user name"
        raise InvalidGrant(_WRONG, reason=reason, user_id=login.user_id if login else "", sign_in="failed")
    if attempts is not None:
        store.forget_failures(name_hash)
    return login.user_id


def audited_name(error: InvalidGrant, user_name: str) -> str:
    """The name of a failed sign-in for the audit list: what nobody is called may be anything, so it is not kept."""
    return normalized(user_name) if error.facts.get("user_id") else "an unknown name"


def check_active(user: User | None) -> User:
    """The account, if it may sign in. Raises InvalidGrant with the description of a wrong password."""
    if user is None or user.status != ACTIVE:
        refuse("account is not active")
    return user


def refuse(reason: str) -> NoReturn:
    """Raise InvalidGrant as for a wrong password."""
    raise InvalidGrant(_WRONG, reason=reason)


def seconds_to_wait(attempts: Attempts | None, settings: Settings, now: float) -> int:
    """How long the name has to wait: nothing for the first failures, then doubling up to a limit."""
    if attempts is None or attempts.expires_at <= now:
        return 0
    beyond = attempts.failures - settings.attempts_free
    if beyond < 0:
        return 0
    pause = min(1 << min(beyond, 30), settings.attempts_max_wait)
    return max(0, attempts.last_failure_at + pause - int(now))


def normalized(user_name: str) -> str:
    """The form in which names are compared."""
    return unicodedata.normalize("NFKC", user_name).strip().casefold()
