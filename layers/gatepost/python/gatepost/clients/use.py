"""When an app and its secrets were last used."""

from __future__ import annotations

from gatepost.errors import InvalidClient, TemporarilyUnavailable
from gatepost.model.records import App
from gatepost.oauth.client_authentication import NOT_KNOWN, Credentials, used_secret
from gatepost.stores.ports.apps import AppStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey

DAY = 86400
_TRIES = 4


def note_use(store: AppStore, app: App, credentials: Credentials, *, now: float) -> None:
    """Keep when the app and its secret were last used, to the day: one write a day and secret, not one a request.

    The first use of an app is `note_first_use`'s.
    """
    secret_id = used_secret(app, credentials)
    dates = [app.last_used_at, *(each.last_used_at for each in app.secrets if each.secret_id == secret_id)]
    if app.last_used_at and min(dates) < int(now) // DAY * DAY:
        store.touch_app(app, secret_id=secret_id, now=int(now))


def note_first_use(store: Store, app: App, credentials: Credentials | None, *, now: float) -> None:
    """Write down that an app is used, before its first token is issued: one that never was has nothing to revoke.

    `credentials` are None where the app sent none. Raises InvalidClient if the app is gone, TemporarilyUnavailable if
    it never stands still.
    """
    for _ in range(_TRIES):
        if app.last_used_at:
            return
        secret_id = used_secret(app, credentials) if credentials else ""
        if store.touch_app(app, secret_id=secret_id, now=int(now)):
            return
        (standing,) = store.read_each([AppKey(app.client_id)])
        if standing is None:
            raise InvalidClient(NOT_KNOWN, reason="app was deleted meanwhile", client_id=app.client_id)
        app = standing
    raise TemporarilyUnavailable("try again", reason="the app changes all the time")
