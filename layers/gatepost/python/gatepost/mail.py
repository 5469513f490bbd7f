"""The mails with one-time links, and the port that sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gatepost.identifiers import digest, new_secret
from gatepost.model import Link, LinkKind, User
from gatepost.routes import ACCOUNT_PAGE, CONFIRM_PAGE, FORGOTTEN_PAGE, LOGIN_PAGE, RESET_PAGE
from gatepost.settings import Settings
from gatepost.stores.keys import LinkKey
from gatepost.stores.ports import AccountStore, Records

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
    token = new_link(store, "email", user_id=user.user_id, user_name=user.user_name, email=email, now=now)
    mailer.send(confirmation_mail(settings, email, token))


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
        f"Somebody asked to make {email} the address of your account {user.user_name}.\n\n"
        f"If it was not you, change your password: {settings.issuer}{ACCOUNT_PAGE.path}"
    )
    return Mail(to=user.email, subject=f"{settings.service_name}: Your address is about to change", text=f"{text}\n")


def _mail(settings: Settings, to: str, subject: str, text: str) -> Mail:
    return Mail(to=to, subject=f"{settings.service_name}: {subject}", text=f"{text}\n\n{_FOOTER}\n")
