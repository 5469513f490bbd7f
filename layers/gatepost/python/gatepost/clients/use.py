"""The time of the last use of an app and its secrets."""

from __future__ import annotations

from binascii import crc32
from typing import TYPE_CHECKING

from gatepost.errors import InvalidClient, TemporarilyUnavailable
from gatepost.oauth.client_authentication import NOT_KNOWN, Requester
from gatepost.stores.record_keys import AppKey

if TYPE_CHECKING:
    from gatepost.stores.ports.apps import AppStore
    from gatepost.stores.ports.store import Store

DAY = 86400
_TRIES = 4


def note_use(store: AppStore, requester: Requester, *, now: float) -> None:
    """Record the last use of the app and its secret: one write per day of the app and secret, not per request.

    The first use of an app is recorded by `note_first_use`.
    """
    app = requester.app
    began = day_began(app.client_id, now)
    if not app.last_used_at or min([app.last_used_at, *(each.last_used_at for each in app.secrets)]) >= began:
        return
    if not is_noted(requester, now):
        store.touch_app(app, secret_id=requester.secret_id, now=int(now))


def is_noted(requester: Requester, now: float) -> bool:
    """Whether the app's record has a use of the app and its secret on the current day of the app."""
    app, secret_id = requester
    dates = [app.last_used_at, *(each.last_used_at for each in app.secrets if each.secret_id == secret_id)]
    return min(dates) >= day_began(app.client_id, now)


def day_began(client_id: str, now: float) -> int:
    """Return the second in which the current day of this app began, at most 24 hours ago.

    Each app's day begins at a time of its own: at one for all, every app would write at once, and all active apps are
    one partition of the index by status.
    """
    begins = crc32(client_id.encode()) % DAY
    return int(now - begins) // DAY * DAY + begins


def note_first_use(store: Store, requester: Requester, *, now: float) -> None:
    """Record that an app is used, before its first token is issued: an app that was never used has nothing to revoke.

    Raises InvalidClient if the app is gone, TemporarilyUnavailable if it keeps changing.
    """
    app = requester.app
    for _ in range(_TRIES):
        if app.last_used_at:
            return
        if store.touch_app(app, secret_id=requester.secret_id, now=int(now)):
            return
        (standing,) = store.read_each([AppKey(app.client_id)])
        if standing is None:
            raise InvalidClient(NOT_KNOWN, reason="app was deleted meanwhile", client_id=app.client_id)
        app = standing
    raise TemporarilyUnavailable("try again", reason="the app changes all the time")
