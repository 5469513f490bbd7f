"""The environment of tokens: time, keys, and the rights of apps and users. Rules of the lives of tokens."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from gatepost.model.feed import Revocation, Segment
from gatepost.scope import Scope
from gatepost.tokens.compaction import compact
from gatepost.tokens.feed_parts import ANNOUNCED, grown
from tests.security.lives.ends import Stops
from tests.security.lives.modelled import READ, READ_WRITE
from tests.security.lives.scene import Revoker
from tests.security.lives.steps import APP, ROTATED, Steps, case

_DAY = 86400
_SECONDS = [*[1, 4, 5, 11, 31] * 4, 61, 901, 901, 3599, 3631, 8 * _DAY, 15 * _DAY, 31 * _DAY]
_PARTS = st.sampled_from([0, 0, -1, 1, 4])
_SCOPE = st.sampled_from([READ, READ_WRITE, READ_WRITE])


class Clock(Steps):
    """Time passes, mostly forward."""

    @rule(seconds=st.sampled_from(_SECONDS))
    def time_passes(self, seconds: int) -> None:
        self.model.step(seconds)

    @rule()
    def the_clock_is_set_back(self) -> None:
        self.model.step(-9)

    @rule()
    def the_clock_is_set_forward(self) -> None:
        self.model.step(9)


class Keys(Steps):
    """Keys are replaced, and no valid token is rejected for it."""

    @rule()
    def rotate_keys(self) -> None:
        self.rotate()

    @case(name=APP, before=st.sampled_from([0, 899, 900]), after=st.sampled_from([1, 901, 3000, 3629]))
    def issue_while_a_key_waits(self, name: str, before: int, after: int) -> None:
        """A token outlives the time of the key that signed it."""
        self._rotate_for_sure()
        if self.everybody_works(name):
            self.model.step(before)
            self.new_chain(name)
            self.model.step(after)

    @case(name=APP, days=st.sampled_from([(1, 1), (1, 12), (12, 1)]))
    def refresh_after_rotations(self, name: str, days: tuple[int, int]) -> None:
        """A refresh token that was made with the key before the last."""
        chain = self.new_chain(name)
        for pause in days:
            self._rotate_for_sure()
            self.model.step(pause * _DAY)
        self._rotate_for_sure()
        if chain is not None:
            self.refresh_chain(chain)

    def _rotate_for_sure(self) -> None:
        self.model.step(max(0, self.rotated_at + ROTATED - self.now))
        self.rotate()


class Compactions(Stops):
    """The feed is compacted at any moment and lies in as many partitions as are set, and nobody notices."""

    @rule(parts=_PARTS)
    def change_feed_parts(self, parts: int) -> None:
        """A container with other settings takes over; the one before goes on when it is asked again."""
        self.before, self.revoker = self.revoker, Revoker(self.world, parts)

    @rule(marks=st.sampled_from([0, 10**6]))
    def change_the_load(self, marks: int) -> None:
        """A compaction finds that so much is alive."""
        compactor = self.world.store.compactor()
        before = compactor.compaction()
        loaded = before._replace(segments=(Segment("load", False, 12, marks, 0),))
        announced = grown(self.revoker.settings, loaded, self.now)
        if announced is not None:
            compactor.announce(before.parts.own, announced)

    @rule()
    def ask_the_container_before(self) -> None:
        self.before, self.revoker = self.revoker, getattr(self, "before", self.revoker)

    @case(parts=st.tuples(_PARTS, _PARTS), name=APP)
    def compact_several_partitions(self, parts: tuple[int, int], name: str) -> None:
        """Both containers revoke when the partitions of the first are in use, or wait to be."""
        for number in parts:
            self.change_feed_parts(number)
            self._give_one_back(name)
            self.model.step(ANNOUNCED)
        for _ in parts:
            self._give_one_back(name)
            self.ask_the_container_before()
        self._settle_and_compact()
        self.look()

    def _give_one_back(self, name: str) -> None:
        """Revoke one access token of two."""
        chain = self.new_chain(name)
        if chain is not None:
            token = self.tokens[-1]
            self.refresh_chain(chain)
            if self.revoked(name, token.text):
                self.model.revoke_token(token.model)

    @rule()
    def compact_the_feed(self) -> None:
        store = self.world.store
        compact(store.compactor(), lag=0, now=self.now, least=1)

    @case(way=st.sampled_from(["stop user", "disconnect", "stop app"]), name=APP)
    def compact_what_was_ended(self, way: str, name: str) -> None:
        """Cold readers begin after it."""
        self.new_chain(name)
        self.end(way, name)
        self._settle_and_compact()
        self.look()

    def _settle_and_compact(self) -> None:
        """With something later in the feed, since only what is older than that is compacted."""
        self.model.step(30)
        self.world.store.publish(
            Revocation(kind="grant", subject="nobody.1", revoked_at=self.now, expires_at=self.now + 60)
        )
        self.compact_the_feed()


class Rights(Steps):
    """The scopes that apps and users may have change."""

    @rule(name=APP, scope=_SCOPE)
    def change_scope_of_app(self, name: str, scope: frozenset[str]) -> None:
        app = self.app(name)
        if not self.holders[name].gone:
            changed = app._replace(scope=Scope(scope), version=app.version + 1)
            self.world.store.update_app(changed, before=app)
            self.holders[name].scope = scope

    @rule(scope=st.sampled_from([READ, READ_WRITE, None]))
    def change_rights_of_user(self, scope: frozenset[str] | None) -> None:
        """None: whatever the server offers."""
        self.world.store.set_user_rights("alice-id", scope=None if scope is None else Scope(scope))
        self.model.user.scope = scope or READ_WRITE

    @case(name=APP, whose=st.sampled_from(["app", "user"]), asked=st.sampled_from([None, "read", "write"]))
    def refresh_for_less(self, name: str, whose: str, asked: str | None) -> None:
        """A token never has a scope again that app or user lost, until they get it back."""
        chain = self.new_chain(name)
        for scope in (READ, READ_WRITE):
            if whose == "app":
                self.change_scope_of_app(name, scope)
            else:
                self.change_rights_of_user(scope)
            if chain is not None:
                self.refresh_chain(chain, scope=asked)
