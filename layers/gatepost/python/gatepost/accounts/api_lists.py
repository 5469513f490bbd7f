"""The APIs that tokens are for, as the console and the consumer API list them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gatepost.accounts.approvals import approved_scope
from gatepost.clients.scopes import ScopeStanding, standings_at
from gatepost.errors import InvalidTarget
from gatepost.model.records import App, Approval
from gatepost.oauth.resource_indicators import Target, configured_targets, default_target, target_of
from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.settings import Settings


class AppAtResource(NamedTuple):
    """The status of an app's scopes at one resource."""

    target: Target
    scopes: Sequence[ScopeStanding]


def asked_apis(targets: Sequence[Target], scope: Scope, approval: Approval | None, settings: Settings) -> list[Any]:
    """Return the requested scopes for each API; the server's own audience has no name if it is the only one."""
    alone = len(targets) == 1
    return [
        {
            "name": "" if alone and each.resource is None else each.name,
            "url": "" if each.resource is None else each.audience,
            "scopes": [
                {
                    "name": name,
                    "description": description_at(each, name, settings),
                    "is_new": name not in approved_scope(approval, each),
                }
                for name in sorted(each.within(scope))
            ],
        }
        for each in targets
    ]


def app_at_resources(app: App, settings: Settings) -> list[AppAtResource]:
    """The configured resources that take a scope of the app."""
    found = (AppAtResource(each, standings_at(app, each, settings)) for each in configured_targets(settings))
    return [each for each in found if each.target.resource is not None and each.scopes]


def granted_apis(scopes: Mapping[str, Scope], settings: Settings) -> list[dict[str, Any]]:
    """Return the granted scopes for each API. `scopes` holds them by audience, "" for the server's own."""
    found: dict[str, tuple[Target, Scope]] = {}
    for audience, scope in scopes.items():
        target = _target(audience, settings)
        _, known = found.get(target.audience, (target, Scope()))
        found[target.audience] = target, known | target.within(scope)
    return [
        {
            "name": target.name if target.resource else "",
            "url": target.audience if target.resource else "",
            "scopes": [{"name": name, "description": description_at(target, name, settings)} for name in sorted(scope)],
        }
        for target, scope in found.values()
        if scope
    ]


def apis_of_scope(name: str, settings: Settings) -> list[Target]:
    """The resources that take a scope."""
    return [each for each in configured_targets(settings) if each.resource is not None and each.within(Scope.of(name))]


def _target(audience: str, settings: Settings) -> Target:
    """The API of a record, also if it is no longer configured."""
    try:
        return target_of(settings, audience) if audience else default_target(settings)
    except InvalidTarget:
        return Target(audience, audience, None, Resource(audience, {}, {}))


def description_at(target: Target, name: str, settings: Settings) -> str:
    """The sentence for a scope at an API: the resource's own, else that of the scope."""
    own = target.resource.scopes.get(name) if target.resource is not None else ""
    return own or settings.descriptions.get(name, name)
