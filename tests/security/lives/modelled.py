"""The model's knowledge of an app, a user, a grant and a token.

After a clock was set back some outcomes are EITHER: a cutoff that voids grants "until now" does not reach later dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LEEWAY, LONGEST_LEEWAY, WINDOW, BOUND = 30, 300, 10, 5
ACCESS, IMPLICIT, IDLE, ABSOLUTE, CODE = 3600, 600, 14 * 86400, 30 * 86400, 60
READ, READ_WRITE = frozenset({"read"}), frozenset({"read", "write"})
OWN, REPORTS, TOOLS = "https://api.example.test", "https://reports.example.test", "https://tools.example.test/mcp"
TAKES = {OWN: READ_WRITE, REPORTS: READ, TOOLS: READ_WRITE}  # the scopes that a token for an API holds at most


class Verdict(Enum):
    """Whether something must be accepted, must be rejected, or may be either."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    EITHER = "either"


def verdict(refused: bool, loose: bool) -> Verdict:
    if refused:
        return Verdict.REFUSE
    return Verdict.EITHER if loose else Verdict.ACCEPT


@dataclass(eq=False)
class Holder:
    """An app or a user. Grants up to `voided` are void; authorizers know of tokens issued up to `told`.

    Of an app: `own` is the scope granted to itself, `limit` and `stopped` are its owner's status, and its own tokens
    are rejected up to `own_told`.
    """

    active: bool = True
    gone: bool = False
    voided: int = 0
    told: int = 0
    scope: frozenset[str] = READ_WRITE
    own: frozenset[str] = READ_WRITE
    limit: frozenset[str] | None = None
    stopped: bool = False
    own_told: int = 0

    @property
    def works(self) -> bool:
        return self.active and not self.gone and not self.stopped

    @property
    def may(self) -> frozenset[str]:
        """The most that users may grant it."""
        return self.scope if self.limit is None else self.scope & self.limit


@dataclass(eq=False)
class ModelGrant:
    """A grant; `waits_until` is 0 where there is no code, `generation` that of its living refresh token."""

    app: Holder
    user: Holder
    created: int
    scope: frozenset[str]
    waits_until: int = 0
    redeemed: bool = False
    redeemed_at: int = 0
    pkce: bool = True
    end: int = 0
    idle_end: int = 0
    generation: int = 1
    rotated: int = 0
    revoked: bool = False
    loose: bool = False
    resources: tuple[str, ...] = ()  # none: the server's own audience

    @property
    def scope_left(self) -> frozenset[str]:
        """Return the granted scope without what app or user may no longer have."""
        return self.scope & self.app.may & self.user.scope

    @property
    def scope_for_code(self) -> frozenset[str]:
        """The same at the exchange, which does not look at the user."""
        return self.scope & self.app.may

    def stands(self) -> bool:
        """Whether it and both of its parties are still valid."""
        return (
            not self.revoked
            and self.app.works
            and self.user.works
            and self.created > max(self.app.voided, self.user.voided)
        )

    def lives(self, now: int) -> bool:
        """Whether it can be refreshed."""
        return self.stands() and min(self.end, self.idle_end) > now


@dataclass(eq=False)
class ModelToken:
    """An access token; `grant` is None for an app's own."""

    app: Holder
    grant: ModelGrant | None
    scope: frozenset[str]
    issued: int
    end: int
    revoked: bool = False
    loose: bool = False
    dead_for: int | None = None  # seconds of clock since it was revoked, None while it was not
    audience: str = OWN
