"""Invitations: accounts that administrators ask for, and that are created when a mailed link is used."""

from __future__ import annotations

from gatepost.accounts import accounts
from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.links import new_link
from gatepost.accounts.search import user_named
from gatepost.authentication.passwords import hash_password, password_fault
from gatepost.authentication.sign_in import normalized
from gatepost.mail.messages import Mailer, invitation_mail
from gatepost.model.links import Link
from gatepost.model.records import User
from gatepost.settings import Settings
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import EmailKey


def invite(
    store: Store, settings: Settings, mailer: Mailer, *, user_name: str, email: str, by: User, now: float
) -> None:
    """Mail the link that creates the account. Until it is used nothing is stored but the link.

    Raises InvalidAccount for invalid fields, a taken name or a confirmed address of another account,
    TemporarilyUnavailable if the mail is not accepted.
    """
    if not email:
        raise InvalidAccount({"email": "Enter an e-mail address."})
    accounts.check_registration(settings, user_name=user_name, email=email, password=None)
    (owner,) = store.read(EmailKey(email.casefold()))
    faults = {
        **({"user_name": accounts.TAKEN["user_name"]} if user_named(store, normalized(user_name)) else {}),
        **({"email": f"This is the address of {owner.user_name}."} if owner else {}),
    }
    if faults:
        raise InvalidAccount(faults)
    token = new_link(store, "invite", user_name=user_name, email=email, now=now)
    mailer.send(invitation_mail(settings, user_name, email, token, by=by.user_name))


def accept(store: Store, settings: Settings, link: Link, password: str, *, now: float) -> User:
    """Create the account of an invitation, active and with its address confirmed; also where registration is closed.

    Raises InvalidAccount if the password can't be used or the name or address was taken meanwhile, Conflict("link").
    """
    fault = password_fault(password, min_length=settings.password_min_length, user_name=link.user_name)
    if fault:
        raise InvalidAccount({"new_password": fault})
    password_hash = hash_password(password, cost=settings.bcrypt_cost)
    return accounts.create_user(
        *(store, settings, link.user_name, link.email, password_hash), confirmed=True, now=now, link=link, invited=True
    )
