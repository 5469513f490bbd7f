"""Registration, with a confirmation link if the server sends mail."""

from __future__ import annotations

from gatepost.accounts import accounts
from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.links import LinkGone, new_link, still_meant, tell_change
from gatepost.authentication.passwords import hash_password
from gatepost.errors import InvalidRequest, OAuthError
from gatepost.mail.limits import may_mail
from gatepost.mail.messages import Mailer, known_address_mail, registration_mail
from gatepost.model.links import Link
from gatepost.model.records import User
from gatepost.observability.log import note
from gatepost.settings import Settings
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import EmailKey, LoginKey, UserKey


def check_open(settings: Settings) -> None:
    """Raise InvalidRequest if registration is closed."""
    if settings.registration == "closed":
        raise InvalidRequest("registration is closed on this server")


def mail_registration(
    store: Store,
    settings: Settings,
    mailer: Mailer,
    *,
    user_name: str,
    email: str,
    password: str,
    browser: str,
    source_ip: str,
    now: float,
) -> None:
    """Mail the link that creates the account, by a press in the browser with the cookie `browser`, or by the password.

    The result does not reveal whether the address is known; its owner learns that from the mail. Raises InvalidAccount
    for invalid fields and for a name that is taken, TemporarilyUnavailable if the mail is not accepted.
    """
    if not email:
        raise InvalidAccount({"email": "Enter an e-mail address."})
    accounts.check_registration(settings, user_name=user_name, email=email, password=password)
    taken, owner = store.read(LoginKey(user_name.casefold()), EmailKey(email.casefold()))
    if taken is not None:
        raise InvalidAccount({"user_name": "This user name is taken."})
    password_hash = hash_password(password, cost=settings.bcrypt_cost)
    if not may_mail(store, settings, "registration", email, source_ip=source_ip, now=now):
        note("registration.mail_withheld", {})
    elif owner is not None:
        mailer.send(known_address_mail(settings, email, owner.user_name))
    else:
        token = new_link(
            *(store, "register"),
            user_name=user_name,
            email=email,
            password_hash=password_hash,
            browser=browser,
            now=now,
        )
        mailer.send(registration_mail(settings, user_name, email, token))


def confirm_registration(store: Store, settings: Settings, link: Link, *, now: float) -> User:
    """Create the account of a registration link. Raises InvalidRequest, InvalidAccount and Conflict("link")."""
    check_open(settings)
    return accounts.create_user(
        store, settings, link.user_name, link.email, link.password_hash, confirmed=True, now=now, link=link
    )


def confirm_email(store: Store, link: Link) -> User:
    """Make the link's address that of its account; return the account as it was before.

    Raises LinkGone if the link is no longer valid, InvalidAccount and Conflict("link").
    """
    (user,) = store.read(UserKey(link.user_id))
    if user is None or not still_meant(link, user):
        raise LinkGone
    accounts.change_email(store, user, link.email, confirmed=True, link=link)
    return user


def tell_old_address(settings: Settings, mailer: Mailer | None, user: User, email: str) -> None:
    """Notify the previous address of `user` that it was replaced by `email`, or removed.

    The change is kept even if the mail is not accepted.
    """
    if mailer is None or user.email.casefold() == email.casefold():
        return
    try:
        tell_change(settings, mailer, user, email)
    except OAuthError as error:
        note("account.mail_not_sent", {"user_id": user.user_id, "reason": error.reason}, failed=True)
