"""Scopes of an app's tokens: those of its own (RFC 6749 §4.4), and those that users grant.

No scope is reached through another one that implies it: each scope has to be open or granted by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from gatepost.model.records import App, User
from gatepost.oauth.resource_indicators import Target, configured_targets, default_target, within_any
from gatepost.scope import Scope, allowed_scope
from gatepost.settings import APPROVED, NEVER, OPEN, Settings

CLIENT_CREDENTIALS = "client_credentials"
Standing = Literal["open", "granted", "asked", "never"]


class ScopeStanding(NamedTuple):
    """The status of one scope that an app requests.

    `users`: "open", or for a restricted scope "granted" if an administrator marked the app, else "asked".
    `itself`: the same for the app's own tokens, None if it does not use client_credentials.
    """

    name: str
    users: Standing
    itself: Standing | None


def most_requested(app: App, settings: Settings) -> Scope:
    """Return the most that the app may request: what its owner chose; a stranger may request whatever there is."""
    return settings.scope if app.is_stranger else app.scope


def grants_count(app: App) -> bool:
    """Whether the app looks as it did when an administrator granted it scopes.

    What an older release granted counts until the next change. Nobody has to write anything for a grant to end, so no
    function can forget it, and the role of one that changes apps need not reach what administrators decide.
    """
    return app.granted_look == app.look if app.granted_look else not app.looks


def granted_to_itself(app: App) -> Scope:
    """Return the scope granted to the app itself; an app of an older release keeps what it had.

    A stranger has what an administrator wrote: what writes its record may not name that attribute.
    """
    by_update = app.scope if CLIENT_CREDENTIALS in app.grant_types and not app.is_complete else Scope()
    own = by_update if app.own_scope is None else app.own_scope
    return own if own and grants_count(app) else Scope()


def granted_for_users(app: App) -> Scope:
    """Return the restricted scopes that users may grant the app."""
    return app.marked_scope if app.marked_scope and grants_count(app) else Scope()


def lost_grants(app: App) -> Scope:
    """Return what administrators had granted before the app changed its looks, and were not asked about since."""
    return (app.own_scope or Scope()) | app.marked_scope if not grants_count(app) else Scope()


def is_granted_by_update(app: App, settings: Settings) -> bool:
    """Whether the app has scopes of its own that need an administrator's grant and were never granted."""
    by_update = app.own_scope_by_update or not app.is_complete
    return by_update and any(each.itself == "granted" for each in scope_standings(app, settings))


def asks_for_more(app: App, settings: Settings) -> bool:
    """Whether the app requests scopes that need an administrator's grant and were not granted.

    One that came by itself requests only what it had: it has every scope, so that an administrator may mark them.
    """
    if app.is_stranger:
        return bool(lost_grants(app))
    return any("asked" in (each.users, each.itself) for each in scope_standings(app, settings))


def scope_of_its_own(app: App, settings: Settings, target: Target) -> Scope:
    """The most that a token of the app itself may hold for an API."""
    requested, granted = most_requested(app, settings), granted_to_itself(app)
    policies = {name: policy_at(target, name, settings) for name in settings.reach(requested)}
    barred = Scope(
        [name for name, policy in policies.items() if policy != OPEN and (policy == NEVER or name not in granted)]
    )
    return target.within(allowed_scope(requested, app.owner_scope, barred=barred, implies=settings.implies))


def loses_something(before: App, after: App, settings: Settings) -> bool:
    """Whether tokens of the app itself may be out, for any API, that it would not get any more."""
    anywhere = default_target(settings)._replace(without=Scope())
    return any(
        scope_of_its_own(before, settings, target) - scope_of_its_own(after, settings, target)
        for target in (anywhere, *configured_targets(settings))
    )


def policy_at(target: Target, name: str, settings: Settings) -> str:
    """Return who gets a scope without a user for tokens of an API: the resource's rule, else the server's."""
    if name in settings.openid_scope:
        return NEVER
    own = target.resource and target.resource.client_credentials.get(name)
    return own or settings.client_credentials_scopes.get(name, APPROVED)


def scope_for_user(app: App, user_id: str, user_scope: Scope | None, settings: Settings) -> Scope:
    """Return the most that `user_id` may grant the app; `user_scope` is the account's limit, None if unlimited."""
    is_own = app.owner == user_id and not app.is_stranger
    barred = Scope() if is_own else settings.restricted_scopes - granted_for_users(app)
    limits = (limit if limit is None else limit | settings.openid_scope for limit in (user_scope, app.owner_scope))
    return allowed_scope(most_requested(app, settings), *limits, barred=barred, implies=settings.implies)


def allowed_by(app: App, user: User, targets: Sequence[Target], settings: Settings) -> Scope:
    """Return the most that the user may grant for the APIs, and of OpenID Connect, which is about no API."""
    allowed = scope_for_user(app, user.user_id, user.scope, settings)
    return within_any(targets, allowed) | (allowed & settings.openid_scope)


def scope_standings(app: App, settings: Settings) -> Sequence[ScopeStanding]:
    """Return the status of each scope that the app requests, and of those they imply, sorted by name."""
    own, granted, marked = CLIENT_CREDENTIALS in app.grant_types, granted_to_itself(app), granted_for_users(app)
    return [
        ScopeStanding(name, _users(marked, name, settings), _itself(granted, name, settings) if own else None)
        for name in sorted(settings.reach(most_requested(app, settings)))
    ]


def standings_at(app: App, target: Target, settings: Settings) -> Sequence[ScopeStanding]:
    """The same at one API, with the scopes that it takes."""
    own, granted, marked = CLIENT_CREDENTIALS in app.grant_types, granted_to_itself(app), granted_for_users(app)
    return [
        ScopeStanding(
            name,
            _users(marked, name, settings),
            _standing(granted, name, (policy_at(target, name, settings),)) if own else None,
        )
        for name in sorted(target.within(settings.reach(most_requested(app, settings))))
    ]


def _itself(granted: Scope, name: str, settings: Settings) -> Standing:
    """Over all APIs that take the scope: an administrator decides if one of them leaves that to administrators."""
    return _standing(granted, name, policies_of(name, settings))


def overall_policy(name: str, settings: Settings) -> str:
    """Return who gets a scope without a user, over all APIs: APPROVED if one says so, else OPEN if one does."""
    policies = policies_of(name, settings)
    return next((policy for policy in (APPROVED, OPEN) if policy in policies), NEVER)


def policies_of(name: str, settings: Settings) -> Sequence[str]:
    """The policies of a scope at the APIs that take it, each once; the server's own where none does."""
    at = [policy_at(each, name, settings) for each in configured_targets(settings) if each.within(Scope.of(name))]
    return tuple(dict.fromkeys(at or [policy_at(default_target(settings), name, settings)]))


def _standing(granted: Scope, name: str, policies: Sequence[str]) -> Standing:
    if APPROVED in policies:
        return "granted" if name in granted else "asked"
    return "open" if OPEN in policies else "never"


def _users(marked: Scope, name: str, settings: Settings) -> Standing:
    if name not in settings.restricted_scopes:
        return "open"
    return "granted" if name in marked else "asked"
