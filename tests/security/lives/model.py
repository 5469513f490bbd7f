"""The expected fate of tokens: a model of the rules in plain words, independent of the storage.

Times are the server's clock. After a clock was set back some outcomes are EITHER: a cutoff that voids grants "until
now" does not reach later dates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass
class Model:
    """Everything that was made, and the clock."""

    now: int
    user: Holder = field(default_factory=Holder)
    grants: list[ModelGrant] = field(default_factory=list)
    tokens: list[ModelToken] = field(default_factory=list)
    set_back: int = 0  # seconds until a container has got over the last step back

    def step(self, seconds: int) -> None:
        """The clock goes on, or back."""
        self.now += seconds
        if seconds < 0:
            self.set_back += 200
            return
        self.set_back = max(0, self.set_back - seconds)
        for token in self.tokens:
            if token.dead_for is not None:
                token.dead_for += seconds

    # what happens

    def issued(
        self, app: Holder, grant: ModelGrant | None, scope: frozenset[str], lifetime: int, audience: str
    ) -> ModelToken:
        """No access token outlives its grant."""
        end = self.now + lifetime if grant is None else min(self.now + lifetime, grant.end)
        token = ModelToken(app=app, grant=grant, scope=scope, issued=self.now, end=end, audience=audience)
        self.tokens.append(token)
        return token

    def granted(
        self,
        app: Holder,
        scope: frozenset[str],
        *,
        code: bool,
        pkce: bool = True,
        resources: tuple[str, ...] = (),
    ) -> ModelGrant:
        until = self.now + CODE if code else 0
        grant = ModelGrant(
            app=app,
            user=self.user,
            created=self.now,
            scope=scope,
            waits_until=until,
            end=until,
            idle_end=until,
            redeemed=not code,
            pkce=pkce,
            resources=resources,
        )
        self.grants.append(grant)
        return grant

    def void(self, holder: Holder) -> None:
        """Void the grants to an app, or by a user, up to now; of a user also those that wait for their code."""
        holder.voided, holder.told = max(holder.voided, self.now), max(holder.told, self.now)
        for grant in self.grants:
            if holder in (grant.app, grant.user) and grant.created > self.now:
                grant.loose = True
            if holder is grant.user and grant.waits_until > self.now:
                self.revoke(grant)
        for token in self.tokens:
            if holder is token.app or (token.grant is not None and holder is token.grant.user):
                if token.issued > self.now:
                    token.loose = True
                else:
                    self._dies(token)

    def end_own(self, app: Holder) -> None:
        """Revoke the app's own tokens issued up to now."""
        app.own_told = max(app.own_told, self.now)
        for token in self.tokens:
            if token.app is app and token.grant is None:
                if token.issued > self.now:
                    token.loose = True
                else:
                    self._dies(token)

    def reactivated(self, app: Holder) -> None:
        """Activate an app; its earlier grants stay void."""
        if not app.active:
            app.voided = max(app.voided, self.now)
        app.active = True

    def disconnect(self, app: Holder) -> None:
        """Every grant of the app that may still be good for something ends."""
        for grant in self.grants:
            end = grant.end + LONGEST_LEEWAY if grant.redeemed else 0  # whoever verifies may take a token for so long
            if grant.app is app and max(end, grant.waits_until) > self.now:
                self.revoke(grant)

    def revoke(self, grant: ModelGrant) -> None:
        grant.revoked = True
        for token in self.tokens:
            if token.grant is grant:
                self._dies(token)

    def revoke_token(self, token: ModelToken) -> None:
        token.revoked = True
        self._dies(token)

    def _dies(self, token: ModelToken) -> None:
        token.dead_for = 0 if token.dead_for is None else token.dead_for

    # what must hold

    def opens(self, token: ModelToken) -> Verdict:
        """At an authorizer that has just started."""
        grant = token.grant
        refused = (
            token.end <= self.now - LEEWAY
            or token.issued > self.now + LEEWAY
            or token.revoked
            or token.issued <= token.app.told
            or (grant is None and token.issued <= token.app.own_told)
            or (grant is not None and (grant.revoked or token.issued <= grant.user.told))
        )
        return verdict(refused, token.loose)

    def opens_warm(self, token: ModelToken) -> Verdict:
        """At one that read the revocations up to BOUND seconds ago; a clock that was set back confuses it a while."""
        cold = self.opens(token)
        timely = self.now - LEEWAY < token.end and token.issued <= self.now + LEEWAY
        if cold is Verdict.REFUSE and timely and (token.dead_for is None or token.dead_for < BOUND or self.set_back):
            return Verdict.EITHER
        return Verdict.EITHER if self.set_back and cold is Verdict.ACCEPT else cold

    def is_active(self, token: ModelToken) -> Verdict:
        """For introspection, which looks at the records."""
        if self.opens(token) is Verdict.REFUSE:
            return Verdict.REFUSE
        grant = token.grant
        if grant is None:
            return verdict(not token.app.works or token.issued <= token.app.voided, token.loose)
        return verdict(not grant.stands(), token.loose or grant.loose)

    def is_refreshable(self, grant: ModelGrant, generation: int) -> Verdict:
        """For introspection of a refresh token, which knows no window: the living one and no other."""
        return verdict(not grant.lives(self.now) or generation != grant.generation, grant.loose)

    def target(self, granted: tuple[str, ...], named: str | None, *, free: bool = False) -> str | None:
        """The API of the next token, None for no token: one that was granted, or any that there is where `free`."""
        known = tuple(TAKES) if free else granted or (OWN,)
        plain = [each.rstrip("/") for each in named.split("\n")] if named else list(granted or (OWN,))
        return plain[0] if len(plain) == 1 and plain[0] in known else None

    def redeems(self, grant: ModelGrant, audience: str | None) -> Verdict:
        """A code; a second use ends its grant, unless it may be a callback that came twice."""
        if not grant.app.works or audience is None:
            return Verdict.REFUSE
        if grant.redeemed and not (grant.pkce and self.now - grant.redeemed_at <= WINDOW):
            self.revoke(grant)
        if grant.revoked or grant.redeemed or grant.waits_until <= self.now:
            return Verdict.REFUSE
        grant.redeemed, grant.redeemed_at = True, self.now
        self.begin(grant)
        return verdict(grant.created <= grant.app.voided, grant.loose)

    def begin(self, grant: ModelGrant) -> None:
        """Tokens were issued: the ends of the grant count from now."""
        grant.end, grant.idle_end = self.now + ABSOLUTE, self.now + IDLE

    def refreshes(self, grant: ModelGrant, generation: int, asked: frozenset[str], audience: str | None) -> Verdict:
        """A refresh token; reuse ends its grant."""
        if not grant.lives(self.now) or not grant.scope_left or not asked <= grant.scope_left or audience is None:
            return Verdict.REFUSE
        if not (asked or grant.scope_left) & TAKES[audience]:
            return Verdict.REFUSE
        if generation == grant.generation:
            grant.generation, grant.rotated = generation + 1, self.now
            grant.idle_end = min(grant.end, self.now + IDLE)
        elif generation != grant.generation - 1 or self.now - grant.rotated > WINDOW:
            self._reused(grant)
            return Verdict.REFUSE
        return verdict(False, grant.loose)

    def _reused(self, grant: ModelGrant) -> None:
        if not grant.loose:
            self.revoke(grant)
        for token in self.tokens:  # a grant that was void already was not revoked by it
            token.loose = token.loose or (token.grant is grant and grant.loose)
