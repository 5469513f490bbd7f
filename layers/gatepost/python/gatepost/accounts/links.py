"""One-time links sent by mail, to confirm an address or choose a new password."""

from __future__ import annotations

import hmac

from gatepost.authentication.passwords import password_matches
from gatepost.errors import InvalidGrant, InvalidRequest, TooManyAttempts
from gatepost.identifiers import digest, new_secret
from gatepost.mail.messages import Mailer, address_mail, changed_mail, changing_mail
from gatepost.model.links import Link, LinkKind
from gatepost.model.records import ACTIVE, User
from gatepost.settings import Settings
from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.records import Records
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import LinkKey, LoginKey

LINK_LIFETIME = 3600  # seconds
INVITATION_LIFETIME = 7 * 86400


class LinkGone(InvalidRequest):
    """A mailed link that was used, is too old, or is of an account that has changed since."""

    def __init__(self, reason: str = "") -> None:
        """Take the `reason` for the log, if the link was found."""
        super().__init__("this link was used already, or has expired", reason=reason)


def new_link(
    store: AccountStore,
    kind: LinkKind,
    *,
    user_id: str = "",
    user_name: str,
    email: str,
    email_before: str = "",
    password_hash: str = "",
    browser: str = "",
    now: float,
) -> str:
    """Save a one-time link; return its token, 256 random bits that are not stored.

    It is valid for an hour, and a week if it invites.

    `browser` is the cookie of the browser that asked.
    """
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
            browser_hash=_browser_hash(browser) if browser else "",
            expires_at=int(now) + (INVITATION_LIFETIME if kind == "invite" else LINK_LIFETIME),
        )
    )
    return token


def ask_for_address(
    store: AccountStore, settings: Settings, mailer: Mailer, user: User, email: str, *, now: float
) -> None:
    """Mail the link that makes `email` the address of `user`, and notify the current address.

    Raises TemporarilyUnavailable if a mail is not accepted.
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
    mailer.send(address_mail(settings, user.user_name, email, token))


def asked_here(link: Link, browser: str) -> bool:
    """Whether the browser with this cookie asked for the registration of the link."""
    return hmac.compare_digest(link.browser_hash, _browser_hash(browser))  # "" is no hash


def check_confirming_password(store: Store, settings: Settings, link: Link, password: str, *, now: float) -> None:
    """Raise InvalidGrant unless `password` is that of the account, or registration, that the link is for.

    The owner of an address has its links, and no password of an account that somebody else asked for. A link is good
    for `attempts_free` guesses. Raises TooManyAttempts beyond.
    """
    counter, forget_at = digest(f"confirm#{link.link_hash}"), int(now) + LINK_LIFETIME
    if not store.reserve_attempt(counter, before=None, free=settings.attempts_free, now=int(now), forget_at=forget_at):
        raise TooManyAttempts(LINK_LIFETIME, user_id=link.user_id)
    password_hash = link.password_hash or None
    if link.user_id:
        (login,) = store.read(LoginKey(link.user_name.casefold()))
        password_hash = login.password_hash if login is not None and login.user_id == link.user_id else None
    if not password_matches(password, password_hash, cost=settings.bcrypt_cost):
        raise InvalidGrant("the password is wrong", reason="wrong password for a link", user_id=link.user_id)


def still_meant(link: Link, user: User) -> bool:
    """Whether the account is unchanged since the link was mailed.

    A link is void after a change of the address that it was sent to or requested from, a change of the password,
    signing out everywhere or a deactivation, also in the same second.
    """
    address = link.email if link.kind == "reset" else link.email_before
    unchanged = user.status == ACTIVE and user.email == address
    return unchanged and link.expires_at - LINK_LIFETIME > user.sessions_valid_from


def tell_change(settings: Settings, mailer: Mailer, user: User, email: str) -> None:
    """Notify the previous, confirmed address of `user` that it was replaced or removed.

    Raises TemporarilyUnavailable if the mail is not accepted.
    """
    if user.email_confirmed:
        mailer.send(changed_mail(settings, user, email))


def living_link(store: Records, token: str, *kinds: LinkKind, now: float) -> Link | None:
    """Return the link of a token; None if there is none, or it is expired or of another kind.

    It is used up by its change, in the same step (`AccountStore`).
    """
    (link,) = store.read(LinkKey(digest(token)))
    return link if link is not None and link.kind in kinds and link.expires_at > now else None


def _browser_hash(browser: str) -> str:
    return digest(f"asked#{browser}")
