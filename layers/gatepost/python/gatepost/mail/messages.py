"""The mails with one-time links, and the port that sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.records import Records

from gatepost.identifiers import digest, new_secret
from gatepost.model.records import ACTIVE, Link, LinkKind, User
from gatepost.routes import ACCOUNT_PAGE, CONFIRM_PAGE, FORGOTTEN_PAGE, LOGIN_PAGE, RESET_PAGE
from gatepost.settings import Settings
from gatepost.stores.record_keys import LinkKey

LINK_LIFETIME = 3600  # seconds
_FOOTER = "If this was not you, ignore this mail: nothing has changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A plain text mail."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> None:
        """Hand the mail over. Raises TemporarilyUnavailable if it is not taken."""


def new_link(
    store: AccountStore,
    kind: LinkKind,
    *,
    user_id: str = "",
    user_name: str,
    email: str,
    email_before: str = "",
    password_hash: str = "",
    now: float,
) -> str:
    """Keep a one-time link that is good for an hour; returns its token, 256 random bits that are kept nowhere."""
    token = new_secret()
    store.save_link(
        Link(
            link_hash=digest(token),
            kind=kind,
            user_id=user_id,
            user_name=user_name,
            email=email,
            email_before=email_before,
            password_hash=password_hash,
            expires_at=int(now) + LINK_LIFETIME,
        )
    )
    return token


def ask_for_address(
    store: AccountStore, settings: Settings, mailer: Mailer, user: User, email: str, *, now: float
) -> None:
    """Send the link that makes `email` the address of `user`, and tell the address that they have so far.

    Raises TemporarilyUnavailable if a mail is not taken.
    """
    if user.email_confirmed:
        mailer.send(_changing_mail(settings, user, email))
    token = new_link(
        store,
        "email",
        user_id=user.user_id,
        user_name=user.user_name,
        email=email,
        email_before=user.email,
        now=now,
    )
    mailer.send(confirmation_mail(settings, email, token))


def still_meant(link: Link, user: User) -> bool:
    """Whether the account stands as it did when the link was mailed.

    A link ends with the address that it was sent for or asked from, with a change of the password, with signing out
    everywhere and with a deactivation, also one of the same second.
    """
    address = link.email if link.kind == "reset" else link.email_before
    unchanged = user.status == ACTIVE and user.email == address
    return unchanged and link.expires_at - LINK_LIFETIME > user.sessions_valid_from


def tell_change(settings: Settings, mailer: Mailer, user: User, email: str) -> None:
    """Tell the confirmed address that `user` had that it is another one now, or none.

    Raises TemporarilyUnavailable if the mail is not taken.
    """
    if user.email_confirmed:
        mailer.send(_changed_mail(settings, user, email))


def living_link(store: Records, token: str, *kinds: LinkKind, now: float) -> Link | None:
    """The link of a token; None if there is none, or it is too old or of another kind.

    It is used up by the change that it stands for, in one step with it (`AccountStore`).
    """
    (link,) = store.read(LinkKey(digest(token)))
    return link if link is not None and link.kind in kinds and link.expires_at > now else None


def confirmation_mail(settings: Settings, to: str, token: str) -> Mail:
    """Asks to confirm an address."""
    link = f"{settings.issuer}{CONFIRM_PAGE.path}?token={token}"
    return _mail(
        settings, to, "Confirm your e-mail address", f"To confirm this address, open within one hour:\n\n{link}"
    )


def reset_mail(settings: Settings, to: str, user_name: str, token: str) -> Mail:
    """Lets one choose a new password."""
    link = f"{settings.issuer}{RESET_PAGE.path}?token={token}"
    text = f"To choose a new password for {user_name}, open within one hour:\n\n{link}"
    return _mail(settings, to, "Choose a new password", text)


def known_address_mail(settings: Settings, to: str, user_name: str) -> Mail:
    """Tells the owner of an address that somebody tried to register with it; only they learn that it is known."""
    text = (
        f"Somebody asked to create an account with this address. You have one already: {user_name}.\n\n"
        f"Sign in: {settings.issuer}{LOGIN_PAGE.path}\n"
        f"Forgotten your password? {settings.issuer}{FORGOTTEN_PAGE.path}"
    )
    return _mail(settings, to, "You already have an account", text)


def _changing_mail(settings: Settings, user: User, email: str) -> Mail:
    """Warns the address from before: who holds an account's address can choose its password."""
    text = (
        f"Somebody who knows the password of your account {user.user_name} asked to make {email} its address.\n\n"
        "Nothing has changed yet, and until the new address is confirmed this one recovers the account. If it was not "
        f"you, change your password, which stops it: {settings.issuer}{ACCOUNT_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your address is about to change", text=f"{text}\n")


def _changed_mail(settings: Settings, user: User, email: str) -> Mail:
    now = (
        f"The address of your account {user.user_name} is {email} now"
        if email
        else (f"Your account {user.user_name} has no address any more")
    )
    help_ = f" or ask {settings.support_contact}" if settings.support_contact else ""
    text = (
        f"{now}; this one does not recover it any longer.\n\n"
        f"If it was not you, change your password{help_}: {settings.issuer}{ACCOUNT_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your address was changed", text=f"{text}\n")


def _mail(settings: Settings, to: str, subject: str, text: str) -> Mail:
    return Mail(to=to, subject=f"{settings.service_name}: {subject}", text=f"{text}\n\n{_FOOTER}\n")
