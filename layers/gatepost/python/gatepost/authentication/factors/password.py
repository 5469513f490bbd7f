"""The password: the check shared by the sign-in page and the password grant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from gatepost.authentication.passwords import hash_password, needs_rehash, password_matches
from gatepost.authentication.sign_in import WRONG, login_key, name_key, normalized, refuse
from gatepost.authentication.throttling import (
    DEVICE_LIFETIME,
    Gate,
    account_gate,
    device_gate,
    device_key,
    name_gate,
    network_gate,
    note_wrong_password,
)
from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.identifiers import new_secret
from gatepost.model.records import Attempts, Login
from gatepost.settings import Settings

if TYPE_CHECKING:
    from gatepost.stores.ports.accounts import AccountStore
    from gatepost.stores.ports.store import Store


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
        raise InvalidGrant(WRONG, reason=reason, user_id=login.user_id if login else "", sign_in="failed")
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
