"""Apps that register themselves (RFC 7591), and manage their registration (RFC 7592)."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gatepost.clients.client_metadata import CODE, ClientMetadata, InvalidClientMetadata, checked_metadata
from gatepost.clients.lifecycle import delete_app
from gatepost.clients.owner_changes import new_secret_of, save_changes
from gatepost.clients.registration_limits import count_change, count_deletion, count_registration
from gatepost.cutoff import clock_from
from gatepost.errors import AccessDenied, Conflict, InvalidToken, TemporarilyUnavailable
from gatepost.identifiers import digest, is_registered_id, new_registered_id, new_secret
from gatepost.model.records import ACTIVE, REGISTERED, App
from gatepost.routes import REGISTERED_APP
from gatepost.settings import CLOSED, ID_TOKEN_ALGORITHMS, WITH_TOKEN, Settings
from gatepost.stores.record_keys import AppKey, PermitKey

if TYPE_CHECKING:
    from gatepost.stores.ports.store import Store

_AUTH_METHOD = "token_endpoint_auth_method"
_DAY = 86400
_NO_PERMIT = "the initial access token is unknown, used up or expired"
_NOT_ITS_OWN = "the registration access token is not valid, or the app is gone"


def register_app(
    store: Store, settings: Settings, document: Mapping[str, Any], *, permit_hash: str = "", source_ip: str, now: float
) -> tuple[App, dict[str, Any]]:
    """Register an app; return it and the response (RFC 7591 §3.2.1), whose secrets are not stored.

    `permit_hash` is that of the initial access token that this uses, "" for none.
    Raises InvalidRedirectURI, InvalidClientMetadata, TooManyRegistrations, and InvalidToken if the token was used up.
    """
    metadata = checked_metadata(document, settings)
    count_registration(store, settings, source_ip=source_ip, now=now)
    secret, kept = new_secret_of(now) if metadata.confidential else ("", ())
    token = new_secret()
    app = App(
        client_id=new_registered_id(),
        owner=REGISTERED,
        **_described(metadata),
        confidential=metadata.confidential,
        scope=settings.scope,
        status=ACTIVE,
        secrets=kept,
        created_at=int(now),
        registration_token_hash=digest(token),
        # longer than its refresh tokens, since a use is noted once a day
        kept_unused=max(settings.registered_app_idle_lifetime, settings.refresh_token_idle_lifetime + _DAY),
    )
    try:
        store.register_app(app, permit_hash=permit_hash, now=int(now))
    except Conflict as conflict:
        if conflict.field != "permit":
            raise TemporarilyUnavailable("try again", reason="the client_id is taken") from None
        raise InvalidToken(_NO_PERMIT, reason="initial access token used up meanwhile") from None
    return app, registration(app, settings, token=token, secret=secret)


def check_offered(settings: Settings) -> None:
    """Raise AccessDenied if apps can't register themselves, so that nothing of a registration can be managed either."""
    if settings.dynamic_registration == CLOSED:
        raise AccessDenied("this server does not let apps register themselves", reason="dynamic_registration is closed")


def needs_permit(settings: Settings) -> bool:
    """Whether a registration needs an initial access token."""
    return settings.dynamic_registration == WITH_TOKEN


def valid_permit(store: Store, permit: str, *, now: float) -> str:
    """Return the hash of an initial access token with which an app can be registered. Raises InvalidToken."""
    permit_hash = digest(permit)
    (found,) = store.read(PermitKey(permit_hash))
    if found is None or not found.counts(now):
        reason = "unknown initial access token" if found is None else "initial access token used up or expired"
        raise InvalidToken(_NO_PERMIT, reason=reason)
    return permit_hash


def registered_app(store: Store, client_id: str, token: str, *, now: float) -> App:
    """Return the app whose registration the token manages.

    Raises InvalidToken, with one description for a wrong token and an app that is gone (RFC 7592 §2).
    """
    (app,) = store.read(AppKey(client_id)) if is_registered_id(client_id) else (None,)
    kept = app.registration_token_hash if app is not None else ""
    matches = hmac.compare_digest(digest(token), kept)
    if app is None or not matches or app.is_expired(now):
        raise InvalidToken(_NOT_ITS_OWN, reason="wrong registration access token" if kept else "no such app")
    return app


def change_registration(
    store: Store, settings: Settings, app: App, document: Mapping[str, Any], *, source_ip: str, now: float
) -> App:
    """Replace the metadata of an app (RFC 7592 §2.2): what is left out gets its default.

    An app keeps its secret and, unless another is sent, its way to authenticate; it stays public or confidential. New
    redirect URIs, url or name void all approvals, and what administrators granted it. If nothing differs, nothing is
    written, and `app` itself is returned.
    Raises as `register_app`, TemporarilyUnavailable if the app was changed meanwhile.
    """
    count_change(store, settings, app, source_ip=source_ip, now=now)
    _check_itself(app, document)
    clock = clock_from(now)
    auth_method = json.loads(app.registered)[_AUTH_METHOD]
    metadata = checked_metadata({_AUTH_METHOD: auth_method, **document}, settings)
    if metadata.confidential != app.confidential:
        raise InvalidClientMetadata(f"{_AUTH_METHOD} can't change from or to none: register another app")
    changed = app._replace(**_described(metadata))
    if changed == app:
        return app
    changed = changed._replace(version=app.version + 1)
    try:
        return save_changes(store, settings, app, changed, owner=None, now=clock())
    except Conflict:
        raise TemporarilyUnavailable("try again", reason="the app was changed meanwhile") from None


def delete_registration(store: Store, settings: Settings, app: App, *, source_ip: str, now: float) -> None:
    """Remove an app at its own request (RFC 7592 §2.3): its grants are void at once. Raises TooManyRegistrations."""
    count_deletion(store, settings, source_ip=source_ip, now=now)
    delete_app(store, app, now=now)


def registration(app: App, settings: Settings, *, token: str, secret: str = "") -> dict[str, Any]:
    """Return the client information response (RFC 7591 §3.2.1, RFC 7592 §3).

    `secret` is one that was made just now; an earlier one is not stored, so it is not repeated.
    """
    members = {
        "client_id": app.client_id,
        "client_id_issued_at": app.created_at,
        **({"client_secret": secret, "client_secret_expires_at": 0} if secret else {}),
        "registration_access_token": token,
        "registration_client_uri": settings.issuer + REGISTERED_APP.at(client_id=app.client_id),
        "client_name": app.name,
        "redirect_uris": list(app.redirect_uris),
        "grant_types": list(app.grant_types),
        "response_types": ["code"] if CODE in app.grant_types else [],
        **json.loads(app.registered),
    }
    optional: dict[str, Any] = {
        "client_uri": app.url,
        "scope": str(app.default_scope),
        "post_logout_redirect_uris": list(app.post_logout_redirect_uris),
        "backchannel_logout_uri": app.backchannel_logout_uri,
        "id_token_signed_response_alg": app.id_token_signed_response_alg
        or (ID_TOKEN_ALGORITHMS[0] if settings.openid else ""),
        "userinfo_signed_response_alg": app.userinfo_signed_response_alg,
    }
    return members | {name: value for name, value in optional.items() if value}


def _described(metadata: ClientMetadata) -> dict[str, Any]:
    """Return the fields of an app that its metadata decides."""
    return {
        "name": metadata.name,
        "url": metadata.url,
        "redirect_uris": metadata.redirect_uris,
        "grant_types": metadata.grant_types,
        "default_scope": metadata.default_scope,
        "registered": json.dumps({_AUTH_METHOD: metadata.auth_method, **metadata.kept}, separators=(",", ":")),
        **metadata.openid.kept(),
    }


def _check_itself(app: App, document: Mapping[str, Any]) -> None:
    """Check that a change names the app, and its own secret if any (RFC 7592 §2.2)."""
    if document.get("client_id") != app.client_id:
        raise InvalidClientMetadata("client_id must be that of the app")
    secret = document.get("client_secret")
    if secret is None:
        return
    known = isinstance(secret, str) and [
        each for each in app.secrets if hmac.compare_digest(digest(secret), each.secret_hash)
    ]
    if not known:
        raise InvalidClientMetadata("client_secret must be that of the app, or left out")
