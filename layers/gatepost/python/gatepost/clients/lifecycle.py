"""Apps: proving that a request comes from one (RFC 6749 §2), and stopping one."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from gatepost.stores.ports.apps import AppStore
from gatepost.stores.ports.store import Store

from gatepost.cutoff import write_dated
from gatepost.errors import InvalidClient, TemporarilyUnavailable, UnauthorizedClient
from gatepost.identifiers import digest, id_in, is_id
from gatepost.model.feed import Revocation
from gatepost.model.records import ACTIVE, DEACTIVATED, App
from gatepost.settings import LONGEST_LIFETIME
from gatepost.stores.record_keys import AppKey

GRANT_TYPES = ("authorization_code", "implicit", "password", "refresh_token", "client_credentials")
DAY = 86400
_TRIES = 4
WRONG_SECRET = "wrong secret"  # noqa: S105 — the reason that the log gets; the token endpoint slows the next one down
_NOT_KNOWN = "the app is not known or its credentials are wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How a request says which app it is, and where it comes from.

    `client_secret` is None where it sent none, "" where it sent an empty one.
    """

    client_id: str
    client_secret: str | None
    basic: bool  # sent in the Authorization header
    source_ip: str = ""


def app_key(client_id: str) -> AppKey:
    """Where to look for the app that a request names; for what can't be a `client_id`, a place where nothing is."""
    return AppKey(id_in(client_id))


def authenticated_app(app: App | None, credentials: Credentials) -> App:
    """The app, if the credentials are its own (RFC 6749 §2.3.1, §3.2.1).

    Raises InvalidClient, with one description for an unknown app, a wrong secret and an app that is not active.
    """
    if app is None:
        raise _invalid(credentials, "unknown app")
    if not app.works:
        raise _invalid(credentials, "its owner is stopped" if app.owner_stopped else f"app is {app.status}")
    if not app.confidential:
        if credentials.client_secret is not None or credentials.basic:
            raise _invalid(credentials, "a public app has no secret")
        return app
    if not credentials.client_secret:
        raise _invalid(credentials, "no secret")
    if not used_secret(app, credentials):
        raise _invalid(credentials, WRONG_SECRET)
    return app


def check_grant_type(app: App, grant_type: str) -> None:
    """Raise UnauthorizedClient unless the owner ticked this grant (RFC 6749 §5.2)."""
    if grant_type not in app.grant_types:
        raise UnauthorizedClient(f"the app may not use {grant_type}", client_id=app.client_id)


def used_secret(app: App, credentials: Credentials) -> str:
    """The id of the secret that the credentials hold, "" for a public app."""
    presented = digest(credentials.client_secret or "")
    return next((each.secret_id for each in app.secrets if hmac.compare_digest(presented, each.secret_hash)), "")


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
            raise InvalidClient(_NOT_KNOWN, reason="app was deleted meanwhile", client_id=app.client_id)
        app = standing
    raise TemporarilyUnavailable("try again", reason="the app changes all the time")


def delete_app(store: Store, app: App, *, now: float) -> None:
    """Remove the app; its codes and grants are void at once, its access tokens within the stated bound.

    An app that was never used has none, so the feed does not hear of it.

    `now` is the time of this call, as for everything that voids by a date (see `dating`).
    """
    told: list[bool] = []

    def delete(at: float) -> None:
        if not told:
            told.append(store.delete_app(app, revocation=_revocation(app, at)))
        elif told[0]:  # it is gone: only the date is still to be told
            store.publish(_revocation(app, at))

    write_dated(delete, now)


def deactivate_app(store: AppStore, app: App, *, reason: str, now: float) -> None:
    """Stop the app; what was granted to it until now stays void when it is activated again."""

    def deactivate(at: float) -> None:
        valid_from = max(app.grants_valid_from, int(at))  # a clock that was set back brings nothing back
        store.set_app_status(
            app.client_id, DEACTIVATED, reason=reason, grants_valid_from=valid_from, revocation=_revocation(app, at)
        )

    write_dated(deactivate, now)


def activate_app(store: AppStore, app: App, *, now: float) -> None:
    """Let the app work (again); what was granted to it before stays void."""
    valid_from = max(app.grants_valid_from, int(now)) if app.status == DEACTIVATED else None
    store.set_app_status(app.client_id, ACTIVE, reason="", grants_valid_from=valid_from)


def _revocation(app: App, now: float) -> Revocation:
    """Every token that the app was issued until now."""
    return Revocation(kind="client", subject=app.client_id, revoked_at=now, expires_at=int(now) + LONGEST_LIFETIME)


def _invalid(credentials: Credentials, reason: str) -> InvalidClient:
    # what is no client_id may be a secret in the wrong place, so it is not logged
    client_id = credentials.client_id if is_id(credentials.client_id) else "malformed"
    return InvalidClient(_NOT_KNOWN, challenge=credentials.basic, reason=reason, client_id=client_id)
