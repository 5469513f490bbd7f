"""Remembered approvals (RFC 6749 §10.2) and their validity."""

from __future__ import annotations

from collections.abc import Iterable

from gatepost.model.records import App, Approval, User
from gatepost.oauth.resource_indicators import Target
from gatepost.scope import Scope

MOST_RESOURCES = 20  # remembered for one app; consent is required again for earlier ones


def counting_approval(approval: Approval | None, app: App, user: User) -> Approval | None:
    """Return the approval if it is newer than every cutoff that voids approvals, else None.

    Cutoffs are set by a change of the app's displayed details, a deactivation of the app, and anything that voids the
    account's grants. An approval of the same second is void.
    """
    if approval is None:
        return None
    ended = max(app.approvals_valid_from, app.grants_valid_from, user.grants_valid_from)
    return approval if approval.approved_at > ended else None


def approved_scope(approval: Approval | None, target: Target) -> Scope:
    """Return the approved scope at an API; an approval for one API is none for another."""
    if approval is None:
        return Scope()
    return approval.scope if target.resource is None else _by_resource(approval).get(target.audience, Scope())


def approved_also(approval: Approval, targets: Iterable[Target], scope: Scope) -> Approval:
    """The approval with what of `scope` each of the APIs takes; the latest APIs are remembered."""
    own, known = approval.scope, _by_resource(approval)
    for target in targets:
        there = target.within(scope)
        if target.resource is None:
            own = own | there
        else:
            known[target.audience] = known.get(target.audience, Scope()) | there
    latest = list(known.items())[-MOST_RESOURCES:]
    return approval._replace(scope=own, resources=tuple(" ".join((url, *sorted(held))) for url, held in latest))


def approved_resources(approval: Approval) -> Iterable[tuple[str, Scope]]:
    """The resources of an approval, each with its scope."""
    return _by_resource(approval).items()


def _by_resource(approval: Approval) -> dict[str, Scope]:
    return {url: Scope(names) for url, *names in (each.split(" ") for each in approval.resources)}
