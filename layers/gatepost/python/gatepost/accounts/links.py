"""One-time links that are mailed: confirming an address, choosing a new password."""

from __future__ import annotations

from gatepost.identifiers import digest, new_secret
from gatepost.mail.messages import Mailer, changed_mail, changing_mail, confirmation_mail
from gatepost.model.records import ACTIVE, Link, LinkKind, User
from gatepost.settings import Settings
from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.records import Records
from gatepost.stores.record_keys import LinkKey

GONE = "this link was used already, or is older than one hour"
LINK_LIFETIME = 3600  # seconds


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
        mailer.send(changing_mail(settings, user, email))
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
        mailer.send(changed_mail(settings, user, email))


def living_link(store: Records, token: str, *kinds: LinkKind, now: float) -> Link | None:
    """The link of a token; None if there is none, or it is too old or of another kind.

    It is used up by the change that it stands for, in one step with it (`AccountStore`).
    """
    (link,) = store.read(LinkKey(digest(token)))
    return link if link is not None and link.kind in kinds and link.expires_at > now else None
