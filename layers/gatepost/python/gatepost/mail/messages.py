"""The texts of mails, and the port that sends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from gatepost.model.records import User
from gatepost.routes import ACCOUNT_PAGE, CONFIRM_PAGE, FORGOTTEN_PAGE, LOGIN_PAGE, RESET_PAGE
from gatepost.settings import Settings

_FOOTER = "If this was not you, ignore this mail: nothing has changed."
_DO_NOTHING = "If you did not ask for it, do nothing: without you"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A plain text mail."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> None:
        """Send the mail. Raises TemporarilyUnavailable if it is not accepted."""


def registration_mail(settings: Settings, user_name: str, to: str, token: str) -> Mail:
    """Return the mail with the link that creates an account and confirms its address."""
    text = (
        f"Somebody asked for the account {user_name} at {settings.service_name}, with this address. To create that "
        "account and make this its address, open within one hour, in the browser that asked or with the password that "
        f"was chosen:\n\n{_confirming(settings, token)}\n\n"
        f"{_DO_NOTHING} there will be no such account, and this address belongs to nobody.\n"
    )
    return Mail(to=to, subject=f"{settings.service_name}: Create the account {user_name}?", text=text)


def address_mail(settings: Settings, user_name: str, to: str, token: str) -> Mail:
    """Return the mail with the link that makes an address that of an account."""
    text = (
        f"Somebody who knows the password of the account {user_name} at {settings.service_name} asked to make this its "
        "address. From then on mails about that account come here, and apps are told that this is its address. To "
        f"agree, open within one hour, signed in to {user_name} or with its password:\n\n"
        f"{_confirming(settings, token)}\n\n{_DO_NOTHING} that account does not get this address.\n"
    )
    return Mail(to=to, subject=f"{settings.service_name}: Is this the address of {user_name}?", text=text)


def reset_mail(settings: Settings, to: str, user_name: str, token: str) -> Mail:
    """Return the mail with the link to choose a new password."""
    link = f"{settings.issuer}{RESET_PAGE.path}?token={token}"
    text = f"To choose a new password for {user_name}, open within one hour:\n\n{link}"
    return _mail(settings, to, "Choose a new password", text)


def known_address_mail(settings: Settings, to: str, user_name: str) -> Mail:
    """Return the mail to an address that was used to register again; only its owner learns that it is known."""
    text = (
        f"Somebody asked to create an account with this address. You have one already: {user_name}.\n\n"
        f"Sign in: {settings.issuer}{LOGIN_PAGE.path}\n"
        f"Forgotten your password? {settings.issuer}{FORGOTTEN_PAGE.path}"
    )
    return _mail(settings, to, "You already have an account", text)


def changing_mail(settings: Settings, user: User, email: str) -> Mail:
    """Return the warning to the current address: the holder of an account's address can reset its password."""
    text = (
        f"Somebody who knows the password of your account {user.user_name} asked to make {email} its address.\n\n"
        "Nothing has changed yet, and until the new address is confirmed this one recovers the account. If it was not "
        f"you, change your password, which stops it: {settings.issuer}{ACCOUNT_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your address is about to change", text=f"{text}\n")


def changed_mail(settings: Settings, user: User, email: str) -> Mail:
    """Return the notice to the previous address that it no longer belongs to the account."""
    now = (
        f"The address of your account {user.user_name} is {email} now"
        if email
        else (f"Your account {user.user_name} has no address any more")
    )
    help_ = _or_ask(settings)
    text = (
        f"{now}; this one does not recover it any longer.\n\n"
        f"If it was not you, change your password{help_}: {settings.issuer}{ACCOUNT_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your address was changed", text=f"{text}\n")


def password_mail(settings: Settings, user: User, *, by: str, now: float) -> Mail:
    """Return the notice that the password was changed, `by` a browser at an address."""
    text = (
        f"The password of your account {user.user_name} was changed on {_date(now)}, by {by}. Every other session was "
        "signed out.\n\n"
        "If it was you, there is nothing to do. If it was not, choose another password and disconnect every app with "
        f"it{_or_ask(settings)}: {settings.issuer}{FORGOTTEN_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your password was changed", text=f"{text}\n")


def deleted_mail(settings: Settings, user: User, *, by: str, now: float) -> Mail:
    """Return the goodbye to the owner of an account that was deleted."""
    help_ = f", and {settings.support_contact} should know" if settings.support_contact else ""
    text = (
        f"Your account {user.user_name} was deleted on {_date(now)}, by {by}, with its apps, its connected apps and "
        "its sessions. This can't be undone.\n\n"
        f"If it was not you, somebody knew your password{help_}. Change it wherever else you use it.\n\n"
        "Goodbye, and thank you for having been here."
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your account was deleted", text=f"{text}\n")


def _confirming(settings: Settings, token: str) -> str:
    return f"{settings.issuer}{CONFIRM_PAGE.path}?token={token}"


def _or_ask(settings: Settings) -> str:
    return f" or ask {settings.support_contact}" if settings.support_contact else ""


def _date(now: float) -> str:
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d at %H:%M} UTC"


def _mail(settings: Settings, to: str, subject: str, text: str) -> Mail:
    return Mail(to=to, subject=f"{settings.service_name}: {subject}", text=f"{text}\n\n{_FOOTER}\n")
