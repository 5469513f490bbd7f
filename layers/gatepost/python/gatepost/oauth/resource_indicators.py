"""Resource indicators (RFC 8707): the API of a token, by default the server's own audience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gatepost.errors import InvalidTarget
from gatepost.oauth.parameters import SEPARATOR
from gatepost.quoting import quoted, sendable
from gatepost.resource import Resource, canonical, found_in, is_loopback
from gatepost.scope import Scope
from gatepost.settings import Settings

PARAMETER = "resource"
MOST = 10  # resources of one request: each is stored in the code, the grant and the approval


class Target(NamedTuple):
    """An API that tokens are for. `scopes` is the most that they hold there, None for all but those in `without`."""

    audience: str  # the `aud` of its tokens
    name: str
    scopes: Scope | None
    resource: Resource | None  # None: the server's own audience
    without: Scope = Scope()

    def within(self, scope: Scope) -> Scope:
        """Return the part of a scope that a token for this API may hold."""
        if self.scopes is not None:
            return scope & self.scopes
        return scope - self.without if self.without else scope


def default_target(settings: Settings) -> Target:
    """The server's own audience: for requests that name no resource, with every scope that no resource has alone."""
    return Target(settings.audience, settings.service_name, None, None, settings.resource_scopes)


def target_of(settings: Settings, resource: str) -> Target:
    """The API that a resource names; the server's own audience may be named, too.

    On loopback any other API on loopback is one, with every scope: nobody configures what runs for an afternoon.
    Raises InvalidTarget for any other.
    """
    if resource == settings.audience:
        return default_target(settings)
    url = canonical(resource)
    if url is not None:
        if url == canonical(settings.audience):
            return default_target(settings)
        found = found_in(settings.resources, url, settings.issuer)
        if found is not None:
            return Target(url, found.name, Scope(found.scopes), found)
        if is_loopback(settings.issuer) and is_loopback(url):
            return Target(url, url.partition("://")[2], None, Resource(url, {}, {}))
    raise InvalidTarget(
        f"resource is unknown: {sendable(resource)}", reason="unknown resource", detail=quoted(resource)
    )


def configured_targets(settings: Settings) -> tuple[Target, ...]:
    """The server's own audience, and each configured resource; a prefix covers every URL below it."""
    found = settings.resources.items()
    full = ((f"{settings.issuer}{url}" if url.startswith("/") else url, each) for url, each in found)
    return (default_target(settings), *(Target(url, each.name, Scope(each.scopes), each) for url, each in full))


def is_known(settings: Settings, audience: str) -> bool:
    """Whether the server issues tokens for an audience."""
    try:
        target_of(settings, audience)
    except InvalidTarget:
        return False
    return True


def targets_of(settings: Settings, resources: Sequence[str]) -> tuple[Target, ...]:
    """The APIs of a record: none named means the server's own audience. Raises InvalidTarget."""
    if not resources:
        return (default_target(settings),)
    found = [target_of(settings, each) for each in resources]
    return tuple({each.audience: each for each in found}.values())


def requested_targets(settings: Settings, parameters: Mapping[str, str]) -> tuple[Target, ...]:
    """The APIs that a request names, in its order; the server's own audience where it names none.

    Raises InvalidTarget.
    """
    named = _named(parameters)
    if len(named) > MOST:
        raise InvalidTarget(f"resource is sent more than {MOST} times", reason="too many resources")
    return targets_of(settings, named)


def sole_target(settings: Settings, parameters: Mapping[str, str]) -> Target:
    """The one API that a request for a token names. Raises InvalidTarget, also for several: a token is for one."""
    return _sole(settings, _named(parameters))


def granted_target(settings: Settings, parameters: Mapping[str, str], granted: Sequence[str]) -> Target:
    """The API of the next token of a grant: the one that the request names among those that were granted.

    Raises InvalidTarget for one that was not granted, that the server has no more, and where the grant is for several
    and the request names none of them.
    """
    named = _named(parameters)
    target = _sole(settings, named or granted)
    if target.audience not in (granted or (settings.audience,)):
        detail = quoted(target.audience)
        raise InvalidTarget("resource was not granted", reason="resource of another grant", detail=detail)
    return target


def resources_of(targets: Iterable[Target]) -> tuple[str, ...]:
    """The resources as records keep them: none where it is the server's own audience alone."""
    found = tuple(targets)
    return () if all(each.resource is None for each in found) else tuple(each.audience for each in found)


def within_any(targets: Iterable[Target], scope: Scope) -> Scope:
    """Return the part of a scope that at least one of the APIs takes."""
    return Scope(name for each in targets for name in each.within(scope))


def _named(parameters: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(filter(None, parameters.get(PARAMETER, "").split(SEPARATOR)))


def _sole(settings: Settings, resources: Sequence[str]) -> Target:
    if len(resources) > 1:
        raise InvalidTarget("a token is for one resource: send only one", reason="several resources")
    (target,) = targets_of(settings, resources)
    return target
