"""The password check shared by the sign-in page and the password grant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from gatepost.authentication.passwords import hash_password, needs_rehash, password_matches
from gatepost.authentication.throttling import (
    DAY,
    DEVICE_LIFETIME,
    Gate,
    account_gate,
    account_key,
    device_gate,
    device_key,
    name_gate,
    network_gate,
    network_key,
    note_wrong_password,
)
from gatepost.errors import InvalidGrant, OAuthError, TooManyAttempts
from gatepost.identifiers import digest, new_secret
from gatepost.model.records import ACTIVE, LEAVING, PENDING, Attempts, Login, User
from gatepost.settings import Settings
from gatepost.stores.record_keys import AttemptsKey, EmailKey, LoginKey

if TYPE_CHECKING:
    from gatepost.stores.ports.accounts import AccountStore
    from gatepost.stores.ports.store import Store

LONGEST_EMAIL = 254
USER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,39}", re.ASCII)
_WRONG = "the user name or password is wrong"


def name_behind(store: Store, typed: str) -> str:
    """Return the user name for a typed user name or confirmed e-mail address."""
    name = normalized(typed)
    if "@" not in name or len(name) > LONGEST_EMAIL:
        return typed
    (owner,) = store.read(EmailKey(name))
    return owner.user_name if owner is not None else typed


class SignIn(NamedTuple):
    """A password submitted for a name, its source, and the records read for both.

    `user_name` is the account's, and `typed` what stood in the field: a name, or an address. `login` and `attempts`
    were read by `login_keys`, `account_attempts` by `throttling.account_key`; `device` is the cookie of a browser that
    has signed in before, "" if it has none, and `device_attempts` was read by `throttling.device_key`.
    """

    user_name: str
    typed: str
    password: str
    source_ip: str
    login: Login | None
    attempts: Attempts | None
    network_attempts: Attempts | None
    device: str = ""
    device_attempts: Attempts | None = None
    account_attempts: Attempts | None = None


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


def check_password(store: Store, settings: Settings, offered: SignIn, *, now: float) -> Login:
    """Return the login if the password is right, and reset its failures. Raises as `prove_password`."""
    login = prove_password(store, settings, offered, now=now)
    counter = _gate(offered, settings, now).counter
    if is_known_device(offered, now):
        store.trust_device(counter, now=int(now), expires_at=int(now) + DEVICE_LIFETIME)
    else:
        store.forget_failures(counter)
    return login


def prove_password(store: Store, settings: Settings, offered: SignIn, *, now: float) -> Login:
    """Return the login if the password is right. The attempt stays counted until the caller resets the failures.

    It is counted for what was typed, at every endpoint together, or for a browser that signed in before. Response and
    work are the same whether the name exists or not, and whether the account had too many wrong passwords today. A hash
    whose cost is not `bcrypt_cost` is replaced.
    Raises InvalidGrant for a wrong name or password, with the `user_id` in its facts if the name exists, and
    TooManyAttempts while the name or browser is throttled, or for a wrong password from a throttled network.
    """
    login = offered.login
    with _of_account(login):
        _gate(offered, settings, now).reserve(store, now)
    password_hash, known = login.password_hash if login else None, is_known_device(offered, now)
    account = account_gate(normalized(offered.user_name), offered.account_attempts, settings, now)
    beyond = not known and account.wait(now) > 0
    right = password_matches(offered.password, password_hash, cost=settings.bcrypt_cost)
    if not right or login is None or beyond:
        if not known:
            store.count_failure(account.counter, now=int(now), forget_at=int(now) + account.kept)
            with _of_account(login):
                note_wrong_password(store, network_gate(offered.source_ip, offered.network_attempts, settings), now)
        reason = "too many guesses today" if beyond else "wrong password" if login else "unknown user name"
        raise InvalidGrant(_WRONG, reason=reason, user_id=login.user_id if login else "", sign_in="failed")
    if needs_rehash(login.password_hash, cost=settings.bcrypt_cost):
        return _rehashed(store, settings, offered, login)
    return login


def is_known_device(offered: SignIn, now: float) -> bool:
    """Whether this user signed in with this browser before, and its trust was not revoked since."""
    attempts, login = offered.device_attempts, offered.login
    if attempts is None or attempts.expires_at <= now or login is None:
        return False
    trusted = not login.devices_valid_from or attempts.trusted_at > login.devices_valid_from
    return trusted and offered.device.partition(".")[0] == login.user_id


def remembered_device(store: AccountStore, user_id: str, *, now: float) -> str:
    """Give a browser its own counter and return its cookie."""
    device = f"{user_id}.{new_secret()}"
    store.trust_device(device_key(device).name_hash, now=int(now), expires_at=int(now) + DEVICE_LIFETIME)
    return device


def _rehashed(store: Store, settings: Settings, offered: SignIn, login: Login) -> Login:
    """Return the login with a hash of the right cost, which a concurrent sign-in may have written first."""
    new_hash = hash_password(offered.password, cost=settings.bcrypt_cost)
    store.replace_hash(normalized(offered.user_name), login, new_hash)
    (standing,) = store.read(login_key(offered.user_name))
    if standing is None:
        refuse("account is gone")
    if standing.password_hash not in (login.password_hash, new_hash) and not password_matches(
        offered.password, standing.password_hash, cost=settings.bcrypt_cost
    ):
        refuse("password changed meanwhile")
    return standing


def _gate(offered: SignIn, settings: Settings, now: float) -> Gate:
    if is_known_device(offered, now):
        return device_gate(offered.device, offered.device_attempts, settings)
    return name_gate(name_key(offered.typed).name_hash, offered.attempts, settings)


@contextmanager
def _of_account(login: Login | None) -> Iterator[None]:
    """Add the account, if there is one, to the facts of an attempt that has to wait."""
    try:
        yield
    except TooManyAttempts as error:
        error.facts["user_id"] = login.user_id if login else ""
        raise


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
    raise InvalidGrant(_WRONG, reason=reason, **({"user_id": user_id} if user_id else {}))


def normalized(user_name: str) -> str:
    """Return the form in which names are compared."""
    return unicodedata.normalize("NFKC", user_name).strip().casefold()
