"""The expected fate of tokens: a model of the rules in plain words, independent of the storage.

Times are the server's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.security.lives.modelled import (
    ABSOLUTE,
    BOUND,
    CODE,
    IDLE,
    LEEWAY,
    LONGEST_LEEWAY,
    OWN,
    TAKES,
    WINDOW,
    Holder,
    ModelGrant,
    ModelToken,
    Verdict,
    verdict,
)


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
        self, app: Holder, scope: frozenset[str], *, code: bool, pkce: bool = True, resources: tuple[str, ...] = ()
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
