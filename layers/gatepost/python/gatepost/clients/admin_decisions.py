"""An administrator's decisions about an app: its scopes and its owner."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.clients.owner_changes import InvalidApp
from gatepost.clients.owners import complete, end_of_own_tokens, end_own_tokens
from gatepost.clients.scopes import granted_for_users, granted_to_itself, loses_something, scope_standings
from gatepost.cutoff import clock_from, write_dated
from gatepost.errors import Conflict
from gatepost.model.records import ACTIVE, App, User
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.ports.store import Store

NOBODYS = "Nobody here answers for this app, so it can’t be handed over."
Event = tuple[str, str]  # a name of gatepost.audit_log.events, and the scope


def grant_scopes(
    store: Store, settings: Settings, app: App, *, own: Scope, marked: Scope, owner: User | None, now: float
) -> App:
    """Grant the app `own` for itself and let users grant it `marked`; revoke any other granted scopes.

    Both count while the app looks as it does now (`scopes.grants_count`). Scopes that need no decision are left
    out. The app's own tokens are revoked within the documented bound if it loses a scope; users' grants are narrowed at
    the next refresh. `now` is the time of this call.
    Raises InvalidApp if a scope implies another one that is not granted, Conflict("version") if the app was changed
    meanwhile. `owner` is None if nobody owns the app.
    """
    clock = clock_from(now)
    app = complete(store, app, owner) if owner else app
    now = clock()
    standings = scope_standings(app, settings)
    own = own & Scope(each.name for each in standings if each.itself in ("asked", "granted"))
    marked = marked & Scope(each.name for each in standings if each.name in settings.restricted_scopes)
    granted = app._replace(
        own_scope=own,
        own_scope_by_update=False,
        marked_scope=marked,
        granted_look=app.look if own or marked else "",
        version=app.version + 1,
    )
    _check_implied(granted, settings)
    loses = loses_something(app, granted, settings)

    def grant(at: float) -> None:
        if at == now:
            revocation = end_own_tokens(app, at) if loses else None
            store.set_app_scopes(granted, before=app, revocation=revocation)
        elif loses:  # granted: only the later cutoff remains to be published
            store.publish(end_own_tokens(app, at))

    write_dated(grant, now)
    return granted


def changes_of(before: App, after: App) -> Sequence[Event]:
    """Return the granted and revoked scopes as audit events, one per scope."""
    had, has = granted_to_itself(before), granted_to_itself(after)
    could, can = granted_for_users(before), granted_for_users(after)
    kept = had & has if before.own_scope_by_update or not before.is_complete else Scope()
    groups = {
        "scope_granted": has - had,
        "scope_confirmed": kept,
        "scope_taken": had - has,
        "scope_marked": can - could,
        "scope_unmarked": could - can,
    }
    return [(event, name) for event, scope in groups.items() for name in sorted(scope)]


def hand_over(store: Store, app: App, to: User, *, now: float) -> App:
    """Make `to` the owner: secrets, grants and tokens stay valid, within the new owner's limit.

    If that is narrower, the app's own tokens are revoked, as by a limit of its owner. `now` is the time of this call.
    Raises InvalidApp if that account is not active, owns the app already or has one of its name, Conflict("version") if
    the app was changed meanwhile.
    """
    if app.is_stranger:
        raise InvalidApp({"owner": NOBODYS})
    if to.user_id == app.owner:
        raise InvalidApp({"owner": f"The app is {to.user_name}’s already."})
    if to.status != ACTIVE:
        raise InvalidApp({"owner": f"The account {to.user_name} is not active."})
    handed = app._replace(owner=to.user_id, owner_scope=to.scope, owner_stopped=False, version=app.version + 1)
    ends = end_of_own_tokens(app, handed)

    def give(at: float) -> None:
        revocation = ends(at) if ends else None
        if at == now:
            store.hand_over_app(handed, before=app, owner=to, revocation=revocation)
        elif revocation:  # handed over: only the later cutoff remains to be published
            store.publish(revocation)

    try:
        write_dated(give, now)
    except Conflict as conflict:
        faults = {
            "name": f"{to.user_name} has an app of this name already: one of the two has to be renamed first.",
            "user": f"The account {to.user_name} changed in the meantime. Check it and try again.",
        }
        if conflict.field not in faults:
            raise
        raise InvalidApp({"owner": faults[conflict.field]}) from None
    return handed


def _check_implied(app: App, settings: Settings) -> None:
    """Raise InvalidApp if a granted scope implies one that is not: it would silently have no effect."""
    found = scope_standings(app, settings)
    own = Scope(each.name for each in found if each.itself in ("asked", "never"))
    marked = Scope(each.name for each in found if each.users == "asked")
    faults = {
        "own": _implied_fault(granted_to_itself(app), own, settings),
        "marked": _implied_fault(app.marked_scope, marked, settings),
    }
    if any(faults.values()):
        raise InvalidApp({field: fault for field, fault in faults.items() if fault})


def _implied_fault(granted: Scope, lacking: Scope, settings: Settings) -> str:
    for name in sorted(granted):
        implied = settings.reach(Scope.of(name)) & lacking
        if implied:
            return f"{name} implies {', '.join(sorted(implied))}, so it counts only together with that."
    return ""
