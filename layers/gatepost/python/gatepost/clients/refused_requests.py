"""Problems of an app: refused requests, with the reason that the response may not tell, for its owner.

They are counted by kind: one for each sender, endpoint, error and reason, so that their number is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from gatepost.clients.refusal_reasons import REASONS
from gatepost.errors import InvalidGrant, OAuthError
from gatepost.model.counts import DAY
from gatepost.model.problem import Problem
from gatepost.quoting import LONGEST_VALUE, sendable
from gatepost.resource import is_loopback
from gatepost.settings import Settings

KEPT = 7 * DAY  # seconds after the last one
MOST_SHOWN = 40  # kinds of each sender


class Kind(NamedTuple):
    """The problems of one kind: the newest one, how many there were in all and today (UTC), and since when."""

    newest: Problem
    times: int
    today: int
    first_at: int


def problem_of(error: OAuthError, endpoint: str, now: float) -> Problem | None:
    """Return what to tell the owner of the app, None if the error is of no registered app or not theirs to fix."""
    reason = REASONS.get(error.description) or REASONS.get(error.reason)
    if not error.client_id or reason is None:
        return None
    return Problem(
        client_id=error.client_id,
        endpoint=endpoint,
        error=error.code,
        reason=reason,
        detail=error.detail,
        proven=error.proven,
        times=1,
        first_at=int(now),
        last_at=int(now),
        expires_at=int(now) + KEPT,
    )


def explanation(error: OAuthError, settings: Settings) -> str:
    """Return the description of an error for the response of the token endpoint (RFC 6749 §5.2).

    Why a grant is invalid is told to an app that came with its secret, which nobody has who stole a code. A public app
    proves nothing, so it is told on loopback, and where `explain_to_public_apps` says so. All others are told the same
    for every reason.
    """
    reason = REASONS.get(error.reason)
    if not isinstance(error, InvalidGrant) or reason is None or error.description in REASONS:
        return error.description
    if not error.authenticated and not (settings.explain_to_public_apps or is_loopback(settings.issuer)):
        return error.description
    return f"{reason} Sent: {sendable(error.repeated, most=LONGEST_VALUE)}" if error.repeated else reason


def shown_problems(problems: Sequence[Problem], now: float) -> Sequence[Kind]:
    """Return the kinds of problems, the last one first. What anybody can send takes no place of the app's own."""
    kinds: dict[tuple[object, ...], list[Problem]] = {}
    for each in problems:
        if each.expires_at > now:
            kinds.setdefault(each.kind, []).append(each)
    found = sorted((_counted(each, now) for each in kinds.values()), key=_age)
    own = [each for each in found if each.newest.proven][:MOST_SHOWN]
    return sorted([*own, *[each for each in found if not each.newest.proven][:MOST_SHOWN]], key=_age)


def _counted(problems: Sequence[Problem], now: float) -> Kind:
    midnight = now // DAY * DAY
    return Kind(
        newest=max(problems, key=attrgetter("last_at")),
        times=sum(each.times for each in problems),
        today=sum(each.times for each in problems if each.first_at >= midnight),
        first_at=min(each.first_at for each in problems),
    )


def _age(kind: Kind) -> int:
    return -kind.newest.last_at
