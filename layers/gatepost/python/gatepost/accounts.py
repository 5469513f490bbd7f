"""Accounts: registering, and the one door that both the sign-in page and the password grant go through."""

from __future__ import annotations

import re
import unicodedata
from typing import NoReturn

from gatepost.errors import Conflict, InvalidGrant, TooManyAttempts
from gatepost.model import ACTIVE, DEACTIVATED, Attempts, Login, Revocation, User, digest, new_id
from gatepost.passwords import hash_password, password_fault, password_matches
from gatepost.settings import Settings
from gatepost.stores.ports import AccountStore, AttemptsKey, LoginKey, Store

_USER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,39}", re.ASCII)
_EMAIL = re.compile(r"[^@\s\x00-\x20<>\"(),:;\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_FORGET_AFTER = 86400  # seconds without a failure after which a counter starts anew
_WRONG = "the user name or password is wrong"


class InvalidAccount(ValueError):
    """The account can't be registered; `faults` gives a sentence for each field that is wrong."""

    def __init__(self, faults: dict[str, str]) -> None:
        """`faults`: name of the field to sentence."""
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


def register(store: AccountStore, settings: Settings, *, user_name: str, email: str, password: str, now: float) -> User:
    """Create an account. User names are unique whatever their case; `email` may be "".

    Raises InvalidAccount with a sentence for every field at fault, also when the name or e-mail is taken.
    """
    user_name, email = user_name.strip(), email.strip()
    found = {
        "user_name": None if _USER_NAME.fullmatch(user_name) else "Use 3 to 40 letters, digits, dots or hyphens.",
        "email": None if not email or _is_email(email) else "This is not an e-mail address.",
        "password": password_fault(password, min_length=settings.password_min_length, user_name=user_name),
    }
    faults = {field: fault for field, fault in found.items() if fault}
    if faults:
        raise InvalidAccount(faults)
    user = User(user_id=new_id(), user_name=user_name, email=email, created_at=int(now))
    password_hash = hash_password(password, cost=settings.bcrypt_cost)
    try:
        store.create_user(user, Login(user_id=user.user_id, password_hash=password_hash))
    except Conflict as conflict:
        sentence = {"user_name": "This user name is taken.", "email": "This e-mail address is in use."}
        raise InvalidAccount({conflict.field: sentence[conflict.field]}) from None
    return user


def login_keys(user_name: str) -> tuple[LoginKey, AttemptsKey]:
    """What `check_password` needs to be read, so that a caller can read it together with more."""
    name = normalized(user_name)
    return LoginKey(name if _USER_NAME.fullmatch(name) else ""), AttemptsKey(digest(name))


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
    Raises InvalidGrant for a wrong pair, TooManyAttempts while the name has to wait.
    """
    name_hash = digest(normalized(user_name))
    wait = seconds_to_wait(attempts, settings, now)
    if wait > 0:
        raise TooManyAttempts(wait)
    password_hash = login.password_hash if login else None
    if not password_matches(password, password_hash, cost=settings.bcrypt_cost) or login is None:
        store.count_failure(name_hash, now=int(now), forget_at=int(now) + _FORGET_AFTER)
        raise InvalidGrant(_WRONG, reason="wrong password" if login else "unknown user name")
    if attempts is not None:
        store.forget_failures(name_hash)
    return login.user_id


def check_active(user: User | None) -> User:
    """The account, if it may sign in. Raises InvalidGrant with the description of a wrong password."""
    if user is None or user.status != ACTIVE:
        refuse("account is not active")
    return user


def refuse(reason: str) -> NoReturn:
    """Raise InvalidGrant as for a wrong password."""
    raise InvalidGrant(_WRONG, reason=reason)


def deactivate_user(store: Store, settings: Settings, user: User, *, now: float) -> None:
    """Stop the account: no sign-in, and everything it granted is void."""
    _void(store, settings, user, DEACTIVATED, now)


def end_grants(store: Store, settings: Settings, user: User, *, now: float) -> None:
    """Void everything that the user granted; the account goes on."""
    _void(store, settings, user, user.status, now)


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


def _void(store: Store, settings: Settings, user: User, status: str, now: float) -> None:
    store.void_user_grants(user.user_id, status=status, grants_valid_from=int(now))
    end = int(now) + settings.longest_access_token
    store.publish(Revocation(kind="user", subject=user.user_id, revoked_at=now, expires_at=end))
    for grant in store.grants_of(user.user_id):
        # the code exchange does not read the account, and may have redeemed this one a moment ago
        if grant.redeem_before > now:
            store.revoke_grant(grant.grant_id, now=now, feed_until=end)


def _is_email(text: str) -> bool:
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None
