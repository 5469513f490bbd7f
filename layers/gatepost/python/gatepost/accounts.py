"""Accounts: registering, changing, stopping and deleting them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from gatepost.apps import delete_app
from gatepost.dating import clock_from, write_dated
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.model import ACTIVE, DEACTIVATED, PENDING, Link, Login, Revocation, User, new_id
from gatepost.passwords import hash_password, password_fault
from gatepost.settings import LONGEST_LIFETIME, Settings
from gatepost.sign_in import LONGEST_EMAIL, USER_NAME
from gatepost.stores.keys import UserKey
from gatepost.stores.ports import AccountStore, Store

_LONGEST_REQUEST = 60  # seconds that a request may be under way, and clocks may differ
NO_EMAIL = "This is not an e-mail address."
_CHANGED = "Your account was changed meanwhile. Try again."
_TAKEN = {"user_name": "This user name is taken.", "email": "This e-mail address is in use."}
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds: the list of an owner's apps is eventually consistent
_REMEMBERED = 86400  # seconds for which no app can be made for an account that is gone
_EMAIL = re.compile(r"[^@\s\x00-\x20<>\"(),:;\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


class InvalidAccount(ValueError):
    """The account can't be registered; `faults` gives a sentence for each field that is wrong."""

    def __init__(self, faults: dict[str, str]) -> None:
        """`faults`: name of the field to sentence."""
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


def register(store: AccountStore, settings: Settings, *, user_name: str, email: str, password: str, now: float) -> User:
    """Create an account whose e-mail, which may be "", is not confirmed. User names are unique whatever their case.

    Raises InvalidAccount with a sentence for every field at fault, also when the name is taken.
    """
    user_name, email = user_name.strip(), email.strip()
    check_registration(settings, user_name=user_name, email=email, password=password)
    password_hash = hash_password(password, cost=settings.bcrypt_cost)
    return create_user(store, settings, user_name, email, password_hash, confirmed=False, now=now)


def check_registration(settings: Settings, *, user_name: str, email: str, password: str) -> None:
    """Raise InvalidAccount unless the fields are well formed."""
    found = {
        "user_name": None if USER_NAME.fullmatch(user_name) else "Use 3 to 40 letters, digits, dots or hyphens.",
        "email": None if not email or is_email(email) else NO_EMAIL,
        "password": password_fault(password, min_length=settings.password_min_length, user_name=user_name),
    }
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
) -> User:
    """Write an account; it waits for an administrator if `registration` says so. `link` is used up by that.

    Raises InvalidAccount if the name, or the confirmed e-mail, is somebody's, Conflict("link").
    """
    user = User(
        user_id=new_id(),
        user_name=user_name,
        email=email,
        email_confirmed=confirmed,
        status=PENDING if settings.registration == "approval" else ACTIVE,
        created_at=int(now),
    )
    try:
        store.create_user(user, Login(user_id=user.user_id, password_hash=password_hash), link=link)
    except Conflict as conflict:
        if conflict.field not in _TAKEN:
            raise
        raise InvalidAccount({conflict.field: _TAKEN[conflict.field]}) from None
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
    """Replace the password; every session from before `now` ends. `link` is used up.

    With `ends_grants_at`, the time of this call, what was granted ends first: a failure then leaves a session that can
    ask again, and who has the new password need not look after the old grants. It ends once more for what the old
    password granted meanwhile.
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
    _remove_sessions(store, user)


def change_email(store: AccountStore, user: User, email: str, *, confirmed: bool, link: Link | None = None) -> None:
    """Replace the e-mail address; `link` is used up by that.

    Raises InvalidAccount if it is none, or is confirmed and somebody else's, Conflict("link").
    """
    if email and not is_email(email):
        raise InvalidAccount({"email": NO_EMAIL})
    try:
        store.change_email(user, email, confirmed=confirmed, link=link)
    except Conflict as conflict:
        if conflict.field == "link":
            raise
        raise InvalidAccount({"email": _TAKEN.get(conflict.field, _CHANGED)}) from None


def sign_out_everywhere(store: Store, user: User, *, now: float) -> None:
    """End every session of the account."""
    store.void_sessions(user.user_id, sessions_valid_from=int(now) + 1)
    _remove_sessions(store, user)


def deactivate_user(store: Store, user: User, *, now: float) -> None:
    """Stop the account: no sign-in, and everything it granted is void."""
    _void(store, user, DEACTIVATED, now)


def activate_user(store: AccountStore, user: User) -> None:
    """Let the account sign in (again); what it granted before stays void."""
    store.set_user_status(user.user_id, ACTIVE)


def end_grants(store: Store, user: User, *, now: float) -> None:
    """Void everything that the user granted; the account goes on, and is asked again by every app."""
    _void(store, user, None, now)
    for approval in store.approvals_of(user.user_id):
        store.forget_approval(user.user_id, approval.client_id)


def delete_user(store: Store, user: User, *, now: float) -> None:
    """Remove the account with its apps, grants and sessions.

    The account goes last: a failure on the way leaves one whose owner can sign in and delete it again. What was
    granted ends first; what is granted meanwhile ends with the account, in one step. If the account was changed
    meanwhile, or an app was made for it, everything is done again.
    Raises TemporarilyUnavailable if it never stands still.
    """
    clock = clock_from(now)
    for pause in _PAUSES:
        end_grants(store, user, now=clock())
        _delete_apps(store, user, clock)
        _remove_traces(store, user)
        try:
            store.delete_user(
                user, revocation=_revocation(user, clock() + _LONGEST_REQUEST), forget_at=int(clock()) + _REMEMBERED
            )
        except Conflict:
            (standing,) = store.read(UserKey(user.user_id))
            if standing is None:
                return  # somebody else deletes it
            user = standing
            time.sleep(pause)
        else:
            _remove_traces(store, user)  # of requests that were under way; nothing follows without the account
            return
    raise TemporarilyUnavailable("try again", reason="the account changes all the time")


def is_email(text: str) -> bool:
    """Whether a mail could be sent there."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def _void(store: Store, user: User, status: str | None, now: float) -> None:
    """Void what was granted until now; the status becomes another one if there is one."""

    def void(at: float) -> None:
        valid_from = max(user.grants_valid_from, int(at))  # a clock that was set back brings nothing back
        revocation = _revocation(user, at)
        store.void_user_grants(user.user_id, status=status, grants_valid_from=valid_from, revocation=revocation)

    write_dated(void, now)
    end = int(now) + LONGEST_LIFETIME
    for grant in store.grants_of(user.user_id):
        # the code exchange does not read the account, and may have redeemed this one a moment ago
        if grant.redeem_before > now:
            store.revoke_grant(grant.grant_id, now=now, feed_until=end)


def _revocation(user: User, at: float) -> Revocation:
    return Revocation(kind="user", subject=user.user_id, revoked_at=at, expires_at=int(at) + LONGEST_LIFETIME)


def _delete_apps(store: Store, user: User, clock: Callable[[], float]) -> None:
    cursor: str | None = None
    while True:
        page = store.apps_of(user.user_id, cursor=cursor, limit=100)
        for app in page.items:
            delete_app(store, app, now=clock())
        cursor = page.cursor
        if cursor is None:
            return


def _remove_traces(store: Store, user: User) -> None:
    store.delete_grants(user.user_id)
    _remove_sessions(store, user)


def _remove_sessions(store: Store, user: User) -> None:
    for session in store.sessions_of(user.user_id):
        store.end_session(user.user_id, session.session_hash)
