"""Recovery of an account: a new password through a mailed link."""

from __future__ import annotations

from gatepost.accounts.accounts import InvalidAccount, change_password
from gatepost.accounts.links import LinkGone, new_link, still_meant
from gatepost.authentication.sign_in import counter_keys, login_key, name_behind
from gatepost.errors import Conflict
from gatepost.mail.limits import may_mail
from gatepost.mail.messages import Mailer, reset_mail
from gatepost.model.links import Link
from gatepost.model.records import ACTIVE, User
from gatepost.observability.log import note
from gatepost.settings import Settings
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import UserKey


def mail_recovery(store: Store, settings: Settings, mailer: Mailer, typed: str, *, source_ip: str, now: float) -> None:
    """Mail a link to the confirmed address of an active account; do nothing if there is none.

    `typed` is a user name or an address. Raises TemporarilyUnavailable if the mail is not accepted.
    """
    (login,) = store.read(login_key(name_behind(store, typed)))
    if login is None:
        return
    (user,) = store.read(UserKey(login.user_id))
    if user is None or user.status != ACTIVE or not user.email_confirmed:
        return
    if not may_mail(store, settings, "recovery", user.email, source_ip=source_ip, now=now):
        note("recovery.mail_withheld", {"user_id": user.user_id})
        return
    _send(store, settings, mailer, user, now)


def send_reset(store: Store, settings: Settings, mailer: Mailer, user: User, *, now: float) -> None:
    """Mail the same link at an administrator's request, who is told if that can't be done and has no limit of mails.

    Raises InvalidAccount unless the account is active with a confirmed address, TemporarilyUnavailable.
    """
    if user.status != ACTIVE or not user.email_confirmed:
        raise InvalidAccount({"reset": "The account has to be active, with a confirmed e-mail address."})
    _send(store, settings, mailer, user, now)


def _send(store: Store, settings: Settings, mailer: Mailer, user: User, now: float) -> None:
    token = new_link(store, "reset", user_id=user.user_id, user_name=user.user_name, email=user.email, now=now)
    mailer.send(reset_mail(settings, user.email, user.user_name, token))


def recover(
    store: Store, settings: Settings, link: Link, password: str, *, now: float, ends_grants_at: float | None
) -> User:
    """Replace the password of the link's account and revoke every session, and with `ends_grants_at` every grant.

    The link is used up, and the account's throttling is reset. Raises LinkGone if the link is no longer valid.
    """
    (user,) = store.read(UserKey(link.user_id))
    if user is None or not still_meant(link, user):
        raise LinkGone
    try:
        change_password(store, settings, user, password, now=now, ends_grants_at=ends_grants_at, link=link)
    except (Conflict, InvalidAccount):
        raise LinkGone("used, or the account changed, meanwhile") from None
    for key in counter_keys(user, now):
        store.forget_failures(key.name_hash)
    return user
