"""An owner's changes to an app: creating it, updating it, replacing its secrets."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from gatepost.clients.labels import label_fault, name_problem
from gatepost.clients.owners import complete
from gatepost.clients.withdrawal import Unconfirmed, as_changed, first_status, withdrawn_by, write_change
from gatepost.cutoff import clock_from
from gatepost.errors import Conflict
from gatepost.identifiers import digest, new_id, new_secret
from gatepost.model.feed import Revocation
from gatepost.model.records import GRANT_TYPES, App, AppSecret, User
from gatepost.oauth.redirect_lists import redirect_uris_fault
from gatepost.oauth.redirect_uris import url_fault
from gatepost.oidc.app_details import OpenIDDetails, openid_faults
from gatepost.scope import Scope, named
from gatepost.settings import Settings
from gatepost.stores.ports.apps import AppStore
from gatepost.stores.ports.store import Store

MOST_SECRETS = 2
NAME_LENGTH = 60
NAME_TAKEN = "You already have an app with this name."
_REDIRECTING = frozenset({"authorization_code", "implicit"})  # grants that end with a redirect to the app


class InvalidApp(ValueError):
    """The app can't be registered; `faults` has a sentence for each invalid field."""

    def __init__(self, faults: dict[str, str]) -> None:
        """Take `faults`: name of the field to sentence."""
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


class AppDetails(NamedTuple):
    """The fields of an app that its owner enters."""

    name: str
    url: str  # "": none, for an app that nobody is sent back to
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    confidential: bool
    scope: Scope
    openid: OpenIDDetails | None = None  # None: as they stand, of a new app none


def create_app(store: AppStore, settings: Settings, *, owner: User, details: AppDetails, now: float) -> tuple[App, str]:
    """Register an app; return it with its secret, which is not stored ("" for a public app).

    It has no scope of its own yet, and no restricted scope.
    Raises InvalidApp with a sentence for every invalid field, also if the name is taken or the owner has too many apps.
    """
    details = _checked(details, settings)
    secret, kept = new_secret_of(now) if details.confidential else ("", ())
    app = App(
        client_id=new_id(),
        owner=owner.user_id,
        name=details.name,
        url=details.url,
        redirect_uris=details.redirect_uris,
        grant_types=details.grant_types,
        confidential=details.confidential,
        scope=details.scope,
        own_scope=Scope(),
        owner_scope=owner.scope,
        status=first_status(owner.user_id, settings),
        secrets=kept,
        created_at=int(now),
        **(details.openid.kept() if details.openid else {}),
    )
    try:
        store.create_app(app, owner=owner, limit=settings.apps_per_user)
    except Conflict as conflict:
        faults = {
            "name": {"name": NAME_TAKEN},
            "user": {"owner": "Your account changed in the meantime. Try again."},
            "owner": {"owner": f"You have reached the limit of {settings.apps_per_user} apps."},
        }
        raise InvalidApp(faults[conflict.field]) from None
    return app, secret


def update_app(
    store: Store,
    settings: Settings,
    app: App,
    details: AppDetails,
    *,
    owner: User,
    now: float,
    confirmed: bool = True,
    by_administrator: bool = False,
) -> App:
    """Change the fields that an owner may change; confidentiality and status are not among them.

    The same rules hold for another administrator's change, which the app then says to its owner.

    New redirect URIs, url or name void all approvals, and what administrators decided (`withdrawal`). `now` is the time
    of this call, as for everything that sets a cutoff (see `cutoff`).
    An app of an older release keeps the scopes of its own, whatever it requests from now on.
    Raises InvalidApp as `create_app` does, Conflict("version") if `app` is out of date, Unconfirmed if something would
    be taken back without `confirmed`.
    """
    details = _checked(details._replace(confidential=app.confidential), settings)
    clock = clock_from(now)
    app = complete(store, app, owner)
    now = clock()
    changed = app._replace(
        name=details.name,
        url=details.url,
        redirect_uris=details.redirect_uris,
        grant_types=details.grant_types,
        scope=details.scope,
        version=app.version + 1,
        administered_at=int(now) if by_administrator else 0,
        **(details.openid.kept() if details.openid else {}),
    )
    if not confirmed and (withdrawal := withdrawn_by(app, as_changed(app, changed, settings, owner=owner, now=now))):
        raise Unconfirmed(withdrawal)
    return save_changes(store, settings, app, changed, owner=owner, now=now)


def save_changes(store: Store, settings: Settings, app: App, changed: App, *, owner: User | None, now: float) -> App:
    """Write an app of the next version, and what follows if users would not recognize it (`withdrawal`).

    `owner` is None if nobody owns the app.
    Raises InvalidApp if the name is taken, Conflict("version") if `app` is out of date.
    """
    changed = as_changed(app, changed, settings, owner=owner, now=now)

    def write(revocation: Revocation | None) -> None:
        try:
            store.update_app(changed, before=app, revocation=revocation)
        except Conflict as conflict:
            if conflict.field == "name":
                raise InvalidApp({"name": NAME_TAKEN}) from None
            raise

    write_change(store, app, changed, settings, write=write, now=now)
    return changed


def new_secret_of(now: float, label: str = "") -> tuple[str, tuple[AppSecret, ...]]:
    """Return a new secret and its record."""
    secret = new_secret()
    return secret, (AppSecret(secret_id=new_id(), secret_hash=digest(secret), created_at=int(now), label=label),)


def add_secret(store: AppStore, app: App, *, now: float, label: str = "") -> tuple[App, str]:
    """Add a second secret, so that the first can be replaced without downtime; it is returned once and not stored.

    Raises InvalidApp for a public app, beyond two, and for a `label` that can't be read; Conflict("version") if `app`
    was changed meanwhile.
    """
    label = _checked_label(label, app)
    if not app.confidential:
        raise InvalidApp({"secrets": "A browser or native app has no secret."})
    if len(app.secrets) >= MOST_SECRETS:
        raise InvalidApp({"secrets": "An app has at most two secrets. End one of them first."})
    secret, new = new_secret_of(now, label)
    changed = app._replace(secrets=(*app.secrets, *new), version=app.version + 1)
    store.update_app(changed, before=app)
    return changed, secret


def label_secret(store: AppStore, app: App, secret_id: str, label: str) -> App:
    """Replace the label of a secret; do nothing if it is gone. Raises as `add_secret` does."""
    label = _checked_label(label, app)
    secrets = tuple(each._replace(label=label) if each.secret_id == secret_id else each for each in app.secrets)
    if secrets == app.secrets:
        return app
    changed = app._replace(secrets=secrets, version=app.version + 1)
    store.update_app(changed, before=app)
    return changed


def end_secret(store: AppStore, app: App, secret_id: str) -> App:
    """Remove a secret at once; do nothing if it is gone. Raises as `add_secret` does, also for the last one."""
    kept = tuple(secret for secret in app.secrets if secret.secret_id != secret_id)
    if len(kept) == len(app.secrets):
        return app
    if not kept:
        raise InvalidApp({"secrets": "This is the only secret. Create another one first."})
    changed = app._replace(secrets=kept, version=app.version + 1)
    store.update_app(changed, before=app)
    return changed


def _checked_label(typed: str, app: App) -> str:
    label = unicodedata.normalize("NFC", typed).strip()
    fault = label_fault(label, app)
    if fault:
        raise InvalidApp({"label": fault})
    return label


def _checked(details: AppDetails, settings: Settings) -> AppDetails:
    name = unicodedata.normalize("NFC", details.name).strip()
    grant_types = tuple(grant_type for grant_type in GRANT_TYPES if grant_type in details.grant_types)
    found = {
        "name": name_fault(name),
        "url": _website_fault(details.url, grant_types),
        "redirect_uris": redirect_uris_fault(details.redirect_uris),
        "grant_types": _grant_types_fault(details.grant_types, details.confidential),
        "scope": _scope_fault(details.scope, settings),
        **(openid_faults(details.openid, settings) if details.openid else {}),
    }
    faults = {field: fault for field, fault in found.items() if fault}
    if faults:
        raise InvalidApp(faults)
    return details._replace(name=name, grant_types=grant_types)


def name_fault(name: str) -> str | None:
    """Return why an app can't have the name, as a sentence; None if it can."""
    if not 1 <= len(name) <= NAME_LENGTH:
        return f"The name must have 1 to {NAME_LENGTH} characters."
    return f"The name {problem}." if (problem := name_problem(name)) else None


def _grant_types_fault(grant_types: Sequence[str], confidential: bool) -> str | None:
    if not grant_types:
        return "Choose at least one grant."
    if not set(grant_types) <= set(GRANT_TYPES):
        return f"The grants are {', '.join(GRANT_TYPES)}."
    if "client_credentials" in grant_types and not confidential:
        return "The client credentials grant needs an app with a secret."
    if set(grant_types) == {"refresh_token"}:
        return "The refresh token grant needs the authorization code or password grant too."
    return None


def _website_fault(url: str, grant_types: Sequence[str]) -> str | None:
    if not url:
        needless = _REDIRECTING.isdisjoint(grant_types)
        return None if needless else "An app that people return to after sign-in needs a website."
    return f"The website {fault}." if (fault := url_fault(url)) else None


def _scope_fault(scope: Scope, settings: Settings) -> str | None:
    if not scope:
        return "Choose at least one scope."
    unknown = scope - settings.scope
    return f"This server has no scope {named(unknown)}." if unknown else None
