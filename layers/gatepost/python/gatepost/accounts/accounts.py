"""Accounts: registration and changes. `removal` deactivates and deletes them."""

from __future__ import annotations

import re

from gatepost.accounts.removal import end_grants
from gatepost.authentication.passwords import hash_password, password_fault
from gatepost.authentication.sign_in import LONGEST_EMAIL, USER_NAME
from gatepost.clients.labels import seen
from gatepost.cutoff import clock_from
from gatepost.errors import Conflict
from gatepost.identifiers import new_id
from gatepost.model.links import Link
from gatepost.model.records import ACTIVE, PENDING, Login, User
from gatepost.settings import Settings
from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.store import Store

NO_EMAIL = "This is not an e-mail address."
_CHANGED = "Your account changed in the meantime. Try again."
TAKEN = {"user_name": "This user name is taken.", "email": "This e-mail address is in use."}
_EMAIL = re.compile(r"[^@\s\x00-\x20<>\"(),:;\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


class InvalidAccount(ValueError):
    """The account can't be registered; `faults` has a sentence for each invalid field."""

    def __init__(self, faults: dict[str, str]) -> None:
        """Take `faults`: name of the field to sentence."""
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


def register(store: AccountStore, settings: Settings, *, user_name: str, email: str, password: str, now: float) -> User:
    """Create an account with an unconfirmed e-mail, which may be "". User names are unique regardless of case.

    Raises InvalidAccount with a sentence for every invalid field, also if the name is taken.
    """
    user_name, email = user_name.strip(), email.strip()
    check_registration(settings, user_name=user_name, email=email, password=password)
    password_hash = hash_password(password, cost=settings.bcrypt_cost)
    return create_user(store, settings, user_name, email, password_hash, confirmed=False, now=now)


def check_registration(settings: Settings, *, user_name: str, email: str, password: str | None) -> None:
    """Raise InvalidAccount unless the fields are well formed; `password` is None if it is chosen later."""
    found = {
        "user_name": None if USER_NAME.fullmatch(user_name) else "Use 3 to 40 letters, digits, dots or hyphens.",
        "email": None if not email or is_email(email) else NO_EMAIL,
    }
    if password is not None:
        found["password"] = password_fault(password, min_length=settings.password_min_length, user_name=user_name)
    faults = {field: fault for field, fault in found.items() if fault}
    if faults:
        raise InvalidAccount(faults)


def create_user(
    store: AccountStore,
    settings: Settings,
    user_name: str,
    email: str,
    password_hash: str,
    *,
    confirmed: bool,
    now: float,
    link: Link | None = None,
    invited: bool = False,
) -> User:
    """Write an account, pending if `registration` requires approval and nobody `invited` it. `link` is used up with it.

    Raises InvalidAccount if the name, or the confirmed e-mail, is taken, Conflict("link").
    """
    user = User(
        user_id=new_id(),
        user_name=user_name,
        email=email,
        email_confirmed=confirmed,
        status=PENDING if settings.registration == "approval" and not invited else ACTIVE,
        created_at=int(now),
    )
    try:
        store.create_user(user, Login(user_id=user.user_id, password_hash=password_hash), link=link)
    except Conflict as conflict:
        if conflict.field not in TAKEN:
            raise
        raise InvalidAccount({conflict.field: TAKEN[conflict.field]}) from None
    return user


def change_password(
    store: Store,
    settings: Settings,
    user: User,
    password: str,
    *,
    now: float,
    ends_grants_at: float | None = None,
    link: Link | None = None,
) -> None:
    """Replace the password and void every session from before `now`. `link` is used up.

    With `ends_grants_at`, the time of this call, grants are revoked first: after a failure the session is left to retry
    with, and nobody with the new password has to look after old grants. They are revoked again afterwards, for what the
    old password granted meanwhile.

    Raises InvalidAccount if the password can't be used or the account is gone, Conflict("link").
    """
    fault = password_fault(password, min_length=settings.password_min_length, user_name=user.user_name)
    if fault:
        raise InvalidAccount({"new_password": fault})
    password_hash = hash_password(password, cost=settings.bcrypt_cost)
    ended = clock_from(ends_grants_at) if ends_grants_at is not None else None
    if ended:
        end_grants(store, user, now=ended())
    try:
        store.change_password(user, password_hash, sessions_valid_from=int(now), link=link)
    except Conflict as conflict:
        if conflict.field == "link":
            raise
        raise InvalidAccount({"new_password": _CHANGED}) from None
    if ended:
        end_grants(store, user, now=ended())
    store.remove_sessions(user.user_id)


def change_email(store: AccountStore, user: User, email: str, *, confirmed: bool, link: Link | None = None) -> None:
    """Replace the e-mail address, if account and sessions are unchanged since they were read; `link` is used up.

    Raises InvalidAccount if it is malformed, or confirmed and taken by another account, Conflict("link").
    """
    if email and not is_email(email):
        raise InvalidAccount({"email": NO_EMAIL})
    try:
        store.change_email(user, email, confirmed=confirmed, link=link)
    except Conflict as conflict:
        if conflict.field == "link":
            raise
        raise InvalidAccount({"email": TAKEN.get(conflict.field, _CHANGED)}) from None


def is_email(text: str) -> bool:
    """Whether the text is an e-mail address."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None and seen(text) == text
