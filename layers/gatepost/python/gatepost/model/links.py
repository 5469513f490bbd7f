"""The records of confirmed addresses, and of the links that are mailed to them."""

from __future__ import annotations

from typing import Literal, NamedTuple

LinkKind = Literal["register", "email", "reset", "invite"]


class EmailOwner(NamedTuple):
    """The owner of a confirmed e-mail address."""

    user_id: str
    user_name: str


class Link(NamedTuple):
    """The action of a one-time link in a mail. A registration becomes an account only when its link is used."""

    link_hash: str
    kind: LinkKind
    user_name: str
    expires_at: int
    user_id: str = ""  # "" for a registration or an invitation
    email: str = ""
    email_before: str = ""  # the account's address when the change was requested
    password_hash: str = ""
    browser_hash: str = ""  # of the cookie of the browser that asked for a registration; "": of an older release
