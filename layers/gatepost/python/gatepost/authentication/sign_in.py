"""The one door that both the sign-in page and the password grant go through."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple, NoReturn

from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.store import Store

from gatepost.authentication.passwords import hash_password, needs_rehash, password_matches
from gatepost.authentication.throttling import (
    DEVICE_LIFETIME,
    Gate,
    device_gate,
    device_key,
    name_gate,
    network_gate,
    network_key,
    note_wrong_password,
)
from gatepost.errors import InvalidGrant
from gatepost.identifiers import digest, new_secret
from gatepost.model.records import ACTIVE, Attempts, Login, User
from gatepost.settings import Settings
from gatepost.stores.record_keys import AttemptsKey, EmailKey, LoginKey

LONGEST_EMAIL = 254
USER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,39}", re.ASCII)
_WRONG = "the user name or password is wrong"


def name_behind(store: Store, typed: str) -> str:
    """The user name that somebody means who typed a name or a confirmed e-mail address."""
    name = normalized(typed)
    if "@" not in name or len(name) > LONGEST_EMAIL:
        return typed
    (owner,) = store.read(EmailKey(name))
    return owner.user_name if owner is not None else typed


class SignIn(NamedTuple):
    """A password that is offered for a name, with where it comes from and what was read about both.

    `login` and `attempts` are what `login_keys` found; `device` is the cookie of a browser that has signed in before,
    "" if it has none, and `device_attempts` what `attempts.device_key` found for it.
    """

    user_name: str
    password: str
    source_ip: str
    login: Login | None
    attempts: Attempts | None
    network_attempts: Attempts | None
    device: str = ""
    device_attempts: Attempts | None = None


def login_keys(user_name: str, source_ip: str) -> tuple[LoginKey, AttemptsKey, AttemptsKey]:
    """What `check_password` needs to be read, so that a caller can read it together with more."""
    return login_key(user_name), name_key(user_name), network_key(source_ip)


def login_key(user_name: str) -> LoginKey:
    """Where the password hash of a name lies; for what can't be a name, a place where nothing is."""
    name = normalized(user_name)
    return LoginKey(name if USER_NAME.fullmatch(name) else "")


def name_key(user_name: str) -> AttemptsKey:
    """Where the failed sign-ins for a name lie."""
    return AttemptsKey(digest(normalized(user_name)))


def check_password(store: Store, settings: Settings, offered: SignIn, *, now: float) -> Login:
    """Return the login if the password is right, and forget the failures. Raises as `prove_password`."""
    login = prove_password(store, settings, offered, now=now)
    counter = _gate(offered, settings, now).counter
    if is_known_device(offered, now):
        store.trust_device(counter, now=int(now), expires_at=int(now) + DEVICE_LIFETIME)
    else:
        store.forget_failures(counter)
    return login


def prove_password(store: Store, settings: Settings, offered: SignIn, *, now: float) -> Login:
    """Return the login if the password is right. The attempt stays counted: the caller forgets it with what follows.

    The counter is that of the name, whichever door was used, or of a browser that signed in before. The answer and the
    work are the same whether the name exists or not. A hash of another cost than `bcrypt_cost` is replaced.
    Raises InvalidGrant for a wrong pair, with the `user_id` in its facts if the name is somebody's, and TooManyAttempts
    while the counter has to wait, or for a wrong pair of a network that has to.
    """
    login = offered.login
    _gate(offered, settings, now).reserve(store, now)
    password_hash = login.password_hash if login else None
    if not password_matches(offered.password, password_hash, cost=settings.bcrypt_cost) or login is None:
        if not is_known_device(offered, now):
            note_wrong_password(store, network_gate(offered.source_ip, offered.network_attempts, settings), now)
        reason = "wrong password" if login else "unknown user name"
        raise InvalidGrant(_WRONG, reason=reason, user_id=login.user_id if login else "", sign_in="failed")
    if needs_rehash(login.password_hash, cost=settings.bcrypt_cost):
        return _rehashed(store, settings, offered, login)
    return login


def is_known_device(offered: SignIn, now: float) -> bool:
    """Whether this user signed in with this browser before, and the account was not stopped since."""
    attempts, login = offered.device_attempts, offered.login
    if attempts is None or attempts.expires_at <= now or login is None:
        return False
    trusted = not login.devices_valid_from or attempts.trusted_at > login.devices_valid_from
    return trusted and offered.device.partition(".")[0] == login.user_id


def remembered_device(store: AccountStore, user_id: str, *, now: float) -> str:
    """Give a browser a counter of its own; returns the value of its cookie."""
    device = f"{user_id}.{new_secret()}"
    store.trust_device(device_key(device).name_hash, now=int(now), expires_at=int(now) + DEVICE_LIFETIME)
    return device


def _rehashed(store: Store, settings: Settings, offered: SignIn, login: Login) -> Login:
    """The login with a hash of the right cost, which another sign-in may have put there first."""
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
    return name_gate(name_key(offered.user_name).name_hash, offered.attempts, settings)


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


def normalized(user_name: str) -> str:
    """The form in which names are compared."""
    return unicodedata.normalize("NFKC", user_name).strip().casefold()
