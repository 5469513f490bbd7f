"""For which API tokens are: rules of the lives of tokens (RFC 8707)."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.security.lives.modelled import OWN, READ, READ_WRITE, REPORTS, TOOLS
from tests.security.lives.steps import APP, PICK, Steps, case

NOWHERE = "https://nowhere.example.test"
_SETS = st.sampled_from([(), (REPORTS,), (TOOLS,), (REPORTS, TOOLS), (TOOLS, OWN)])
_NAMED = st.sampled_from([None, OWN, REPORTS, TOOLS, f"{TOOLS}/", NOWHERE, f"{REPORTS}\n{TOOLS}"])
_ONE = st.sampled_from([None, OWN, REPORTS, TOOLS, NOWHERE, f"{REPORTS}\n{TOOLS}"])
_SCOPE = st.sampled_from([None, "read", "write", "read write"])


class Resources(Steps):
    """A grant gives tokens for each API that it is for, and for no other."""

    @case(name=APP, granted=_SETS, named=_NAMED)
    def redeem_for(self, name: str, granted: tuple[str, ...], named: str | None) -> None:
        """A wrong name uses the code neither up nor ends its grant."""
        if not self.everybody_works(name):
            return
        code = self.approved(name, resources=granted)
        self.redeem_code(code, named)
        if not code.model.redeemed:
            self.redeem_code(code, (granted or (OWN,))[0])

    @case(name=APP, granted=_SETS, named=_NAMED, scope=_SCOPE)
    def refresh_for(self, name: str, granted: tuple[str, ...], named: str | None, scope: str | None) -> None:
        """Each refresh chooses anew; a wrong name turns nothing."""
        chain = self.new_chain(name, resources=granted)
        if chain is not None:
            self.refresh_chain(chain, scope=scope, named=named)
            for each in granted or (None,):
                self.refresh_chain(chain, named=each)

    @precondition(lambda self: self.chains)
    @rule(pick=PICK, named=_NAMED, back=st.sampled_from([0, 0, 1]))
    def refresh_any_for(self, pick: int, named: str | None, back: int) -> None:
        """Whatever was granted, and also within the window of a retry."""
        self.refresh_chain(self.chains[pick % len(self.chains)], back, named=named)

    @case(name=APP, named=_ONE)
    def password_for(self, name: str, named: str | None) -> None:
        """The grant behind it is for the same API."""
        if self.everybody_works(name):
            self.send_password(name, named)

    @case(named=_ONE, asked=st.sampled_from([READ, READ_WRITE]))
    def client_credentials_for(self, named: str | None, asked: frozenset[str]) -> None:
        self.send_own(asked, named)

    @case(name=APP, audience=st.sampled_from([OWN, REPORTS, TOOLS]))
    def implicit_for(self, name: str, audience: str) -> None:
        if self.everybody_works(name):
            self.send_implicit(name, audience)
