"""Apps: registering them, and proving that a request comes from one (RFC 6749 §2)."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from gatepost.errors import Conflict, InvalidClient, UnauthorizedClient
from gatepost.model import ACTIVE, DEACTIVATED, PENDING, App, AppSecret, Revocation, digest, new_id, new_secret
from gatepost.redirects import redirect_uri_fault, url_fault
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.ports import AppKey, Store

GRANT_TYPES = ("authorization_code", "implicit", "password", "refresh_token", "client_credentials")
MOST_REDIRECT_URIS = 10
NAME_LENGTH = 60
_CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_NOT_KNOWN = "the app is not known or its credentials are wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How a request says which app it is. `client_secret` is None where it sent none, "" where it sent an empty one."""

    client_id: str
    client_secret: str | None
    basic: bool  # sent in the Authorization header


def app_key(client_id: str) -> AppKey:
    """Where to look for the app that a request names; for what can't be a `client_id`, a place where nothing is."""
    return AppKey(client_id if _CLIENT_ID.fullmatch(client_id) else "none")


def authenticated_app(app: App | None, credentials: Credentials) -> App:
    """The app, if the credentials are its own (RFC 6749 §2.3.1, §3.2.1).

    Raises InvalidClient, with one description for an unknown app, a wrong secret and an app that is not active.
    """
    if app is None:
        raise _invalid(credentials, "unknown app")
    if app.status != ACTIVE:
        raise _invalid(credentials, f"app is {app.status}")
    if not app.confidential:
        if credentials.client_secret is not None or credentials.basic:
            raise _invalid(credentials, "a public app has no secret")
        return app
    if not credentials.client_secret:
        raise _invalid(credentials, "no secret")
    presented = digest(credentials.client_secret)
    matches = [hmac.compare_digest(presented, secret.secret_hash) for secret in app.secrets]
    if not any(matches):
        raise _invalid(credentials, "wrong secret")
    return app


def check_grant_type(app: App, grant_type: str) -> None:
    """Raise UnauthorizedClient unless the owner ticked this grant (RFC 6749 §5.2)."""
    if grant_type not in app.grant_types:
        raise UnauthorizedClient(f"the app may not use {grant_type}", client_id=app.client_id)


class InvalidApp(ValueError):
    """The app can't be registered; `faults` gives a sentence for each field that is wrong."""

    def __init__(self, faults: dict[str, str]) -> None:
        """`faults`: name of the field to sentence."""
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


def create_app(
    store: Store,
    settings: Settings,
    *,
    owner: str,
    name: str,
    url: str,
    redirect_uris: Sequence[str],
    grant_types: Sequence[str],
    confidential: bool,
    scope: Scope,
    now: float,
) -> tuple[App, str]:
    """Register an app; returns it with its secret, which is kept nowhere ("" for a public app).

    Raises InvalidApp with a sentence for every field at fault, also when the name is taken or the owner has too many.
    """
    name = unicodedata.normalize("NFC", name).strip()
    faults = _faults(name, url, redirect_uris, grant_types, confidential, scope, settings)
    if faults:
        raise InvalidApp(faults)
    secret = new_secret() if confidential else ""
    secrets = (AppSecret(secret_id=new_id(), secret_hash=digest(secret), created_at=int(now)),) if secret else ()
    app = App(
        client_id=new_id(),
        owner=owner,
        name=name,
        url=url,
        redirect_uris=tuple(redirect_uris),
        grant_types=tuple(grant_type for grant_type in GRANT_TYPES if grant_type in grant_types),
        confidential=confidential,
        scope=scope,
        status=PENDING if settings.app_approval else ACTIVE,
        secrets=secrets,
        created_at=int(now),
    )
    try:
        store.create_app(app, limit=settings.apps_per_user)
    except Conflict as conflict:
        sentence = {
            "name": "You already have an app of this name.",
            "owner": f"You have reached the limit of {settings.apps_per_user} apps.",
        }
        raise InvalidApp({conflict.field: sentence[conflict.field]}) from None
    return app, secret


def delete_app(store: Store, settings: Settings, app: App, *, now: float) -> None:
    """Remove the app; its codes and grants are void at once, its access tokens within the stated bound."""
    store.delete_app(app)
    _publish(store, settings, app, now)


def deactivate_app(store: Store, settings: Settings, app: App, *, now: float) -> None:
    """Stop the app; what was granted to it until now stays void when it is activated again."""
    store.set_app_status(app.client_id, DEACTIVATED, grants_valid_from=int(now))
    _publish(store, settings, app, now)


def activate_app(store: Store, app: App, *, now: float) -> None:
    """Let the app work (again); what was granted to it before stays void."""
    valid_from = int(now) if app.status == DEACTIVATED else app.grants_valid_from
    store.set_app_status(app.client_id, ACTIVE, grants_valid_from=valid_from)


def _publish(store: Store, settings: Settings, app: App, now: float) -> None:
    end = int(now) + settings.longest_access_token
    store.publish(Revocation(kind="client", subject=app.client_id, revoked_at=now, expires_at=end))


def _invalid(credentials: Credentials, reason: str) -> InvalidClient:
    return InvalidClient(_NOT_KNOWN, challenge=credentials.basic, reason=reason, client_id=credentials.client_id[:64])


def _faults(
    name: str,
    url: str,
    redirect_uris: Sequence[str],
    grant_types: Sequence[str],
    confidential: bool,
    scope: Scope,
    settings: Settings,
) -> dict[str, str]:
    found = {
        "name": _name_fault(name),
        "url": _sentence(url_fault(url), "The url"),
        "redirect_uris": _redirect_uris_fault(redirect_uris),
        "grant_types": _grant_types_fault(grant_types, confidential),
        "scope": None if scope and scope <= settings.scope else "Choose among the scopes of this server.",
    }
    return {field: fault for field, fault in found.items() if fault}


def _name_fault(name: str) -> str | None:
    if not 1 <= len(name) <= NAME_LENGTH:
        return f"A name has 1 to {NAME_LENGTH} characters."
    # control, format (bidi overrides, zero width) and unassigned characters make a name look like another one
    if any(unicodedata.category(character)[0] == "C" for character in name):
        return "The name holds a character that can't be seen."
    return None


def _redirect_uris_fault(redirect_uris: Sequence[str]) -> str | None:
    if len(redirect_uris) > MOST_REDIRECT_URIS:
        return f"At most {MOST_REDIRECT_URIS} redirect URIs."
    if len(set(redirect_uris)) < len(redirect_uris):
        return "A redirect URI stands here twice."
    faults = ((position, redirect_uri_fault(uri)) for position, uri in enumerate(redirect_uris, 1))
    return next((f"Redirect URI {position} {fault}." for position, fault in faults if fault), None)


def _grant_types_fault(grant_types: Sequence[str], confidential: bool) -> str | None:
    if not grant_types or not set(grant_types) <= set(GRANT_TYPES):
        return "Choose at least one grant type, among " + ", ".join(GRANT_TYPES) + "."
    if "client_credentials" in grant_types and not confidential:
        return "Only an app with a secret can use client_credentials."
    if set(grant_types) == {"refresh_token"}:
        return "refresh_token works together with authorization_code or password."
    return None


def _sentence(fault: str | None, subject: str) -> str | None:
    return f"{subject} {fault}." if fault else None
