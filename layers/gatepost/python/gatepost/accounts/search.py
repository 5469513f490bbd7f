"""Accounts found by any part of a name, an address or an id, filtered and counted.

No index has parts of a text, so accounts are read in the order of the list: until the page is full, and for the totals
of a first page to the end, but no more than `MOST_READ` at once (docs/scale.md has the units and the seconds).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from gatepost.authentication.sign_in import normalized
from gatepost.identifiers import is_id
from gatepost.model.records import User
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import EmailKey, Page, UserKey, user_position

MOST_READ = 50_000  # accounts for one response
PART = 3_000  # accounts per query, somewhat less than the megabyte that DynamoDB reads at most
OLDEST, BY_NAME = "oldest", "name"  # orders; "" is newest first
_LONGEST_NAME, _DAY = 40, 86400
SIGN_INS: Mapping[str, Callable[[int, float], bool]] = {
    "month": lambda at, now: at > now - 30 * _DAY,
    "quarter": lambda at, now: at <= now - 90 * _DAY,  # also if none is recorded
    "none": lambda at, now: not at,
}


class Search(NamedTuple):
    """The filters of a search for accounts, each "" if it is not set.

    `text` may be any part of the name, address or id; `sign_in` is a key of `SIGN_INS`.
    """

    text: str = ""
    role: str = ""
    status: str = ""
    sign_in: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for anything."""
        return any(self)

    def finds(self, user: User, now: float) -> bool:
        """Whether the account is one of those asked for; `text` must be normalized."""
        if self.role not in ("", user.role) or self.status not in ("", user.status):
            return False
        if self.sign_in and not SIGN_INS[self.sign_in](user.last_sign_in_at, now):
            return False
        texts = (user.user_name.casefold(), normalized(user.email), user.user_id)
        return not self.text or any(self.text in each for each in texts)


class Found(NamedTuple):
    """A page of accounts with the cursor of the next, and how many match by status and role, as far as was read."""

    users: list[User]
    cursor: str | None
    counted: Mapping[str, int]
    complete: bool  # whether every account was read


def find_users(store: Store, search: Search, *, cursor: str | None, order: str, limit: int, now: float) -> Found:
    """Return `limit` accounts in this order; those of the first page, without `cursor`, are counted."""
    search = search._replace(text=normalized(search.text))
    alone = _with_key(store, search.text)
    if alone is not None and search.finds(alone, now):
        return Found([alone], None, Counter((alone.status, alone.role)), complete=True)
    counts = cursor is None
    part = PART if counts or search.is_narrow else limit + 1
    counted, matching, looked = Counter[str](), list[User](), 0
    while True:
        page = _part(store, order, cursor, part)
        found = [user for user in page.items if search.finds(user, now)]
        counted.update(key for user in found for key in (user.status, user.role))
        matching += found[: limit + 1 - len(matching)]
        looked, cursor = looked + len(page.items), page.cursor
        if cursor is None or looked >= MOST_READ or (len(matching) > limit and not counts):
            break
    following = _position(matching[limit - 1], order) if len(matching) > limit else cursor
    return Found(matching[:limit], following, counted, complete=cursor is None)


def user_named(store: Store, name: str) -> User | None:
    """Return the account of a normalized name from the list of users, which reads no password hash; may be stale."""
    page = store.users(name[:_LONGEST_NAME], cursor=None, limit=1)  # the shortest name comes first
    return next((user for user in page.items if user.user_name.casefold() == name), None)


def _with_key(store: Store, text: str) -> User | None:
    """Return the account of a complete id or confirmed address."""
    user_id = text if is_id(text) else ""
    if "@" in text:
        (owner,) = store.read(EmailKey(text))
        user_id = owner.user_id if owner else ""
    (user,) = store.read(UserKey(user_id)) if user_id else (None,)
    return user


def _part(store: Store, order: str, cursor: str | None, limit: int) -> Page[User]:
    if order == BY_NAME:
        return store.users("", cursor=cursor, limit=limit)
    return store.users_by_creation(cursor=cursor, limit=limit, oldest_first=order == OLDEST)


def _position(user: User, order: str) -> str:
    return user.user_name.casefold() if order == BY_NAME else user_position(user)
