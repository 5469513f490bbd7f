"""Issuing of tokens, and use of codes: rules of the lives of tokens."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.security.lives.modelled import READ, READ_WRITE, Verdict
from tests.security.lives.scene import OTHER
from tests.security.lives.steps import APP, PICK, Steps, case

SCOPE = st.sampled_from([READ, READ_WRITE, READ_WRITE])
_WRONGS = st.sampled_from(["another app", "another redirect URI", "another verifier"])


class Codes(Steps):
    """A code is redeemed once, in time, by its app."""

    @rule(name=APP, scope=SCOPE)
    def approve(self, name: str, scope: frozenset[str]) -> None:
        """The app redeems the code later, or never; it may have been stopped while the user approved."""
        if self.model.user.works and not self.holders[name].gone:
            self.approved(name, scope)

    @precondition(lambda self: self.codes)
    @rule(pick=PICK)
    def redeem(self, pick: int) -> None:
        """A code, for the first time or again."""
        self.redeem_code(self.codes[pick % len(self.codes)])

    @case(name=APP, used=st.booleans(), pkce=st.booleans(), pause=st.sampled_from([0, 10, 11, 61]))
    def redeem_twice(self, name: str, used: bool, pkce: bool, pause: int) -> None:
        """The second time ends the grant, however often its tokens were refreshed; a doubled callback does not."""
        chain = self.new_chain(name, pkce=pkce)
        if chain is not None:
            code = self.codes[-1]
            if used:
                self.refresh_chain(chain)
            self.model.step(pause)
            self.redeem_code(code)
            self.refresh_chain(chain)

    @case(name=APP, pause=st.sampled_from([59, 60, 61, 3600]))
    def redeem_late(self, name: str, pause: int) -> None:
        if self.everybody_works(name):
            code = self.approved(name)
            self.model.step(pause)
            self.redeem_code(code)

    @case(name=APP, wrong=_WRONGS)
    def redeem_wrongly(self, name: str, wrong: str) -> None:
        """A request with anything wrong neither consumes the code nor revokes its grant."""
        if not self.everybody_works(name):
            return
        code = self.approved(name)
        for _ in range(2):
            if wrong == "another app":
                answer = self.present_code(code, by=OTHER)
            elif wrong == "another redirect URI":
                answer = self.present_code(code, redirect_uri="https://client.example.test/elsewhere")
            else:
                answer = self.present_code(code, code_verifier="x" * 43)
            self.took(Verdict.REFUSE, answer)
            if not code.model.redeemed:
                self.redeem_code(code)


class OtherGrants(Steps):
    """The grants that need no code."""

    @rule(name=APP)
    def grant_for_a_password(self, name: str) -> None:
        self.send_password(name)

    @rule(asked=st.sampled_from([READ, READ_WRITE]))
    def client_credentials(self, asked: frozenset[str]) -> None:
        self.send_own(asked)

    @case(name=APP, pause=st.sampled_from([0, 0, 599, 629, 630, 3000]))
    def implicit(self, name: str, pause: int) -> None:
        """Its token is short-lived."""
        if self.model.user.works and self.holders[name].works:
            self.send_implicit(name)
            self.model.step(pause)
