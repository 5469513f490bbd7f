"""The texts of mails, and the port that sends them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from gatepost.model.records import App, User
from gatepost.routes import ACCOUNT_PAGE, APP_PAGE, CONFIRM_PAGE, FORGOTTEN_PAGE, LOGIN_PAGE, RESET_PAGE
from gatepost.settings import Settings

_FOOTER = "If this was not you, ignore this mail. Nothing has changed."
_DO_NOTHING = "If you did not ask for this, do nothing:"


class Mail(NamedTuple):
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
        f"Someone asked to create the account {user_name} at {settings.service_name} with this e-mail address. To "
        "create the account with this address, open this link within one hour, in the browser that asked or with the "
        f"password that was chosen:\n\n{_confirming(settings, token)}\n\n"
        f"{_DO_NOTHING} the account will not be created, and this address will not belong to any account.\n"
    )
    return Mail(to=to, subject=f"{settings.service_name}: Create the account {user_name}?", text=text)


def invitation_mail(settings: Settings, user_name: str, to: str, token: str, *, by: str) -> Mail:
    """Return the mail with the link that creates an account for whoever has the address; `by` is an administrator."""
    text = (
        f"{by}, an administrator of {settings.service_name}, invites you to the account {user_name}. To choose a "
        f"password and create the account with this e-mail address, open this link within seven days:\n\n"
        f"{_confirming(settings, token)}\n\n"
        "If you did not expect this, do nothing: the account will not be created.\n"
    )
    return Mail(to=to, subject=f"{settings.service_name}: Your account {user_name}", text=text)


def address_mail(settings: Settings, user_name: str, to: str, token: str) -> Mail:
    """Return the mail with the link that makes an address that of an account."""
    text = (
        f"Someone who knows the password of the account {user_name} at {settings.service_name} asked to make this its "
        "e-mail address. Mail about the account will then come here, and apps will be told that this is its address. "
        f"To agree, open this link within one hour, signed in as {user_name} or with its password:\n\n"
        f"{_confirming(settings, token)}\n\n{_DO_NOTHING} the account will not get this address.\n"
    )
    return Mail(to=to, subject=f"{settings.service_name}: Is this the address of {user_name}?", text=text)


def reset_mail(settings: Settings, to: str, user_name: str, token: str) -> Mail:
    """Return the mail with the link to choose a new password."""
    link = f"{settings.issuer}{RESET_PAGE.path}?token={token}"
    text = f"To choose a new password for {user_name}, open this link within one hour:\n\n{link}"
    return _mail(settings, to, "Choose a new password", text)


def known_address_mail(settings: Settings, to: str, user_name: str) -> Mail:
    """Return the mail to an address that was used to register again; only its owner learns that it is known."""
    text = (
        f"Someone tried to create an account with this address. You already have one: {user_name}.\n\n"
        f"Sign in: {settings.issuer}{LOGIN_PAGE.path}\n"
        f"Forgot your password? {settings.issuer}{FORGOTTEN_PAGE.path}"
    )
    return _mail(settings, to, "You already have an account", text)


def changing_mail(settings: Settings, user: User, email: str) -> Mail:
    """Return the warning to the current address: the holder of an account's address can reset its password."""
    text = (
        f"Someone who knows the password of your account {user.user_name} asked to change its e-mail address to "
        f"{email}.\n\nNothing has changed yet. Until the new address is confirmed, you can still recover the account "
        f"with this one. If this was not you, change your password to stop it: {settings.issuer}{ACCOUNT_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your address is about to change", text=f"{text}\n")


def changed_mail(settings: Settings, user: User, email: str) -> Mail:
    """Return the notice to the previous address that it no longer belongs to the account."""
    now = (
        f"The e-mail address of your account {user.user_name} is now {email}"
        if email
        else f"Your account {user.user_name} no longer has an e-mail address"
    )
    help_ = _or_ask(settings)
    text = (
        f"{now}. You can no longer recover the account with this one.\n\n"
        f"If this was not you, change your password{help_}: {settings.issuer}{ACCOUNT_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your address was changed", text=f"{text}\n")


def password_mail(settings: Settings, user: User, *, by: str, now: float) -> Mail:
    """Return the notice that the password was changed, `by` a browser at an address."""
    text = (
        f"The password of your account {user.user_name} was changed on {_date(now)}, by {by}. All other "
        "sessions were signed out.\n\n"
        "If this was you, there is nothing to do. If it was not, choose a new password and disconnect all connected "
        f"apps{_or_ask(settings)}: {settings.issuer}{FORGOTTEN_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your password was changed", text=f"{text}\n")


def app_changed_mail(settings: Settings, owner: User, app: App, *, by: str, now: float) -> Mail:
    """Return the notice to the owner of an app that an administrator changed its settings."""
    text = (
        f"{by}, an administrator of {settings.service_name}, changed the settings of your app {app.name} on "
        f"{_date(now)}. Check them: {settings.issuer}{APP_PAGE.at(client_id=app.client_id)}"
    )
    return Mail(to=owner.email, subject=f"{settings.service_name}: Your app {app.name} was changed", text=f"{text}\n")


def deleted_mail(settings: Settings, user: User, *, by: str, now: float) -> Mail:
    """Return the goodbye to the owner of an account that was deleted."""
    help_ = f". Tell {settings.support_contact}" if settings.support_contact else ""
    text = (
        f"Your account {user.user_name} was deleted on {_date(now)}, by {by}, with its apps, connected apps and "
        "sessions. This can't be undone.\n\n"
        f"If this was not you, someone knew your password{help_}. Change it wherever else you use it.\n\n"
        "Goodbye, and thank you for being here."
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
