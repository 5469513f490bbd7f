"""Decisions of owners and administrators about apps: rules of the lives of tokens."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from gatepost.accounts.removal import deactivate_user
from gatepost.accounts.rights import limit_user
from gatepost.clients.admin_decisions import grant_scopes
from gatepost.scope import Scope
from tests.security.lives.issue import OtherGrants
from tests.security.lives.modelled import READ, READ_WRITE
from tests.security.lives.scene import APPS
from tests.security.lives.steps import APP, case

_LIMIT = st.sampled_from([None, READ, READ_WRITE])
_GRANTED = st.sampled_from([frozenset[str](), READ, READ_WRITE])


class Owners(OtherGrants):
    """Owners are stopped and limited; administrators grant to an app itself and take back."""

    @rule()
    def stop_owner(self) -> None:
        """The apps get no tokens until the owner is active again; users' grants are not voided."""
        self.look()
        deactivate_user(self.world.store, self.owner, now=self.now)
        for name in APPS:
            holder = self.holders[name]
            if name == "web" and not holder.stopped:
                self.model.end_own(holder)
            holder.stopped = True

    @rule()
    def activate_owner(self) -> None:
        self.start_owner()

    @rule(limit=_LIMIT)
    def limit_owner(self, limit: frozenset[str] | None) -> None:
        """New tokens are within the limit; the app's own tokens beyond it are revoked."""
        self.look()
        limit_user(self.world.store, self.owner, None if limit is None else Scope(limit), now=self.now)
        web = self.holders["web"]
        narrower = limit is not None and (web.limit is None or not web.limit <= limit)
        if narrower and not web.stopped:
            self.model.end_own(web)
        for name in APPS:
            self.holders[name].limit = limit

    @rule(own=_GRANTED)
    def grant_to_web_itself(self, own: frozenset[str]) -> None:
        """Revoking a scope revokes the tokens of the app itself, and no others."""
        web = self.holders["web"]
        if web.gone:
            return
        self.look()
        before = web.own & web.may
        grant_scopes(
            self.world.store,
            self.world.settings,
            self.app("web"),
            own=Scope(own) & Scope(web.scope),
            marked=Scope(),
            owner=self.owner,
            now=self.now,
        )
        web.own = own & web.scope
        if before - (web.own & web.may):
            self.model.end_own(web)

    @case(name=APP, pause=st.sampled_from([0, 1, 30]))
    def stop_the_owner_of_a_chain(self, name: str, pause: int) -> None:
        """The chain is rejected meanwhile, and continues afterwards."""
        chain = self.new_chain(name)
        if chain is not None:
            self.stop_owner()
            self.refresh_chain(chain)
            self.model.step(pause)
            self.start_owner()
            self.refresh_chain(chain)

    @case(name=APP, limit=_LIMIT)
    def limit_the_owner_of_a_chain(self, name: str, limit: frozenset[str] | None) -> None:
        self.limit_owner(None)
        chain = self.new_chain(name)
        if chain is not None:
            self.limit_owner(limit)
            self.refresh_chain(chain)
            self.refresh_chain(chain, scope="write")

    @case(way=st.sampled_from(["stop", "limit", "take"]))
    def end_the_apps_own_tokens(self, way: str) -> None:
        """At an authorizer that runs on, too, after a while."""
        if not self.everybody_works("web"):
            return
        self.limit_owner(None)
        self.grant_to_web_itself(READ_WRITE)
        self.model.step(1)
        self.client_credentials(READ_WRITE)
        self.model.step(1)
        if way == "stop":
            self.stop_owner()
        elif way == "limit":
            self.limit_owner(READ)
        else:
            self.grant_to_web_itself(READ)
        self.look()
        self.model.step(5)
        self.look()
        self.client_credentials(READ_WRITE)
