"""Use of refresh tokens: rules of the lives of tokens."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.security.lives.modelled import ABSOLUTE, READ, READ_WRITE, WINDOW, Verdict
from tests.security.lives.scene import OTHER, Chain
from tests.security.lives.steps import APP, PICK, Steps, case

DAY = 86400
_BACK = st.sampled_from([0, 0, 0, 0, 1, 1, 1, 2])
_ASKED = st.sampled_from([None, None, "read", "write", "read write"])
_PAUSE = st.sampled_from([0, 5, WINDOW, WINDOW + 1, 60, -9])
# Seconds between the refreshes of a month; the last is the one that matters.
_MONTHS = st.sampled_from(
    [
        (13 * DAY, 13 * DAY, 3 * DAY),
        (13 * DAY, 13 * DAY, 5 * DAY),
        (13 * DAY, 13 * DAY, 4 * DAY),
        (10 * DAY, 10 * DAY, 10 * DAY - 1),
    ]
)


class Refreshes(Steps):
    """A refresh token is used once, in time, by its app, for no more than was granted."""

    @precondition(lambda self: self.chains)
    @rule(pick=PICK, back=_BACK, asked=_ASKED)
    def refresh(self, pick: int, back: int, asked: str | None) -> None:
        """The valid one, the previous one within its window, or one that was replaced long ago."""
        self.refresh_chain(self.chains[pick % len(self.chains)], back, asked)

    @precondition(lambda self: self.chains)
    @rule(pick=PICK, back=st.sampled_from([1, 1, 2]), pause=_PAUSE)
    def refresh_again(self, pick: int, back: int, pause: int) -> None:
        """The same refresh token twice: an honest retry, or reuse."""
        self._twice(self.chains[pick % len(self.chains)], back, pause)

    @case(name=APP, back=st.sampled_from([1, 1, 2]), pause=_PAUSE)
    def refresh_a_new_one_again(self, name: str, back: int, pause: int) -> None:
        """As above; after reuse the chain is over, after a retry it goes on."""
        chain = self.new_chain(name)
        if chain is not None:
            self._twice(chain, back, pause)
            self.refresh_chain(chain)

    def _twice(self, chain: Chain, back: int, pause: int) -> None:
        for _ in range(back):
            self.refresh_chain(chain)
        self.model.step(pause)
        self.refresh_chain(chain, back)

    @case(name=APP, by=st.sampled_from(["its app", OTHER]))
    def refresh_wrongly(self, name: str, by: str) -> None:
        """A forged token, or another app's, leaves the chain as it is."""
        chain = self.new_chain(name)
        if chain is None:
            return
        text = chain.texts[1]
        forged = text.rpartition(".")[0] + "." + "A" * 43
        if by == OTHER:
            answer = self.send(OTHER, grant_type="refresh_token", refresh_token=text)
        else:
            answer = self.send(name, grant_type="refresh_token", refresh_token=forged)
        self.took(Verdict.REFUSE, answer)
        self.refresh_chain(chain)

    @case(name=APP, granted=st.sampled_from([READ, READ_WRITE]), asked=st.sampled_from(["read", "write", "read write"]))
    def refresh_for_a_scope(self, name: str, granted: frozenset[str], asked: str) -> None:
        """Narrower, never wider; the next one may have all of it again."""
        chain = self.new_chain(name, granted)
        if chain is not None:
            self.refresh_chain(chain, scope=asked)
            self.refresh_chain(chain)

    @case(name=APP, pause=st.sampled_from([13 * DAY, 14 * DAY - 1, 14 * DAY, 15 * DAY]), used=st.booleans())
    def leave_a_chain(self, name: str, pause: int, used: bool) -> None:
        """A grant that is idle for a while expires."""
        chain = self.new_chain(name)
        if chain is not None:
            if used:
                self.model.step(DAY)
                self.refresh_chain(chain)
            self.model.step(pause)
            self.refresh_chain(chain)

    @case(name=APP, pauses=_MONTHS)
    def use_a_chain_for_a_month(self, name: str, pauses: tuple[int, ...]) -> None:
        """A grant ends, however often it is used."""
        chain = self.new_chain(name)
        if chain is not None:
            for pause in pauses:
                self.model.step(pause)
                self.refresh_chain(chain)

    @case(name=APP, before=st.sampled_from([60, 600]))
    def refresh_at_the_end(self, name: str, before: int) -> None:
        """An access token ends with its grant."""
        chain = self.new_chain(name)
        if chain is not None:
            for pause in (10 * DAY, 10 * DAY, ABSOLUTE - 20 * DAY - before):
                self.model.step(pause)
                self.refresh_chain(chain)
            self.model.step(before + 31)
