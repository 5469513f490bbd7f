"""Revocation of tokens and grants: rules of the lives of tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from gatepost.accounts.accounts import change_password
from gatepost.accounts.connected_apps import disconnect
from gatepost.accounts.removal import deactivate_user, end_grants
from gatepost.clients.lifecycle import deactivate_app, delete_app
from gatepost.errors import Conflict
from gatepost.grants.authorization_code import new_code
from gatepost.scope import Scope
from tests.security.lives.modelled import READ, Verdict
from tests.security.lives.scene import OTHER
from tests.security.lives.steps import APP, PICK, Steps, case
from tests.unit.world import CALLBACK, CHALLENGE, PASSWORD

_OF_USER = ("stop user", "disconnect all", "change password")
_WAY = st.sampled_from([*_OF_USER, "stop app", "disconnect", "new password"])


class Revocations(Steps):
    """Revocations by apps."""

    @precondition(lambda self: self.tokens)
    @rule(pick=PICK)
    def revoke_access_token(self, pick: int) -> None:
        token = self.tokens[pick % len(self.tokens)]
        opens = self.model.opens(token.model)
        if not self.revoked(token.app, token.text) or opens is Verdict.REFUSE:
            return
        if opens is Verdict.ACCEPT:
            self.model.revoke_token(token.model)
        token.model.loose = True

    @precondition(lambda self: self.chains)
    @rule(pick=PICK)
    def revoke_refresh_token(self, pick: int) -> None:
        chain = self.chains[pick % len(self.chains)]
        if self.revoked(chain.app, next(iter(chain.texts.values()))):
            self.model.revoke(chain.model)

    @case(name=APP, what=st.sampled_from(["access token", "refresh token"]), by_its_app=st.booleans())
    def give_back(self, name: str, what: str, by_its_app: bool) -> None:
        """An access token ends alone, a refresh token with its grant; another app ends neither."""
        chain = self.new_chain(name)
        if chain is None:
            return
        token = self.tokens[-1]
        self.look()
        self.revoked(name if by_its_app else OTHER, token.text if what == "access token" else chain.texts[1])
        if by_its_app and what == "access token":
            self.model.revoke_token(token.model)
        elif by_its_app:
            self.model.revoke(chain.model)
        self.model.step(5)
        self.look()
        self.refresh_chain(chain)


class Stops(Steps):
    """Revocations and deactivations by users, owners and administrators."""

    @rule(way=_WAY, name=APP)
    def end(self, way: str, name: str) -> None:
        self._ended(way, name)

    @case(way=_WAY, name=APP, age=st.sampled_from([0, 61]), pause=st.sampled_from([None, 0, 1, 30]))
    def end_a_chain(self, way: str, name: str, age: int, pause: int | None) -> None:
        """Of a grant that was used a moment ago, or a while; what was stopped goes on after a pause, or does not."""
        chain = self.new_chain(name)
        if chain is None:
            return
        self.model.step(age)
        self._ended(way, name)
        if pause is not None:
            self.model.step(pause)
            self._started(name)
        self.refresh_chain(chain)
        self.refresh_chain(chain)

    @case(way=_WAY, name=APP)
    def end_a_waiting_code(self, way: str, name: str) -> None:
        if self.everybody_works(name):
            code = self.approved(name)
            self._ended(way, name)
            self.model.step(1)
            self._started(name)
            self.redeem_code(code)

    @case(way=_WAY, name=APP)
    def end_again_after_the_clock_was_set_back(self, way: str, name: str) -> None:
        """Void grants stay void; a grant that had a code is also revoked."""
        chain = self.new_chain_for_a_password(name)
        if chain is not None:
            self.model.step(120)
            self._ended(way, name)
            self.model.step(-300)
            self._started(name)
            self._ended(way, name)
            self._started(name)
            self.model.step(400)
            self.refresh_chain(chain)

    @case(way=st.sampled_from(["stop user", "stop app"]), name=APP)
    def stop_after_the_clock_was_set_back(self, way: str, name: str) -> None:
        """A grant with a later date is not void, but rejected while its user or app is deactivated."""
        chain = self.new_chain_for_a_password(name)
        if chain is not None:
            self.model.step(-9)
            self._ended(way, name)
            self.refresh_chain(chain)

    @case(name=APP, whose=st.sampled_from(["user", "app"]))
    def ask_while_stopped(self, name: str, whose: str) -> None:
        """A password opens nothing; what a user approves meanwhile is void when the app goes on."""
        if self.everybody_works(name):
            self._ended(f"stop {whose}", name)
            self.model.step(1)
            self.send_password(name)
            if whose == "app":
                code = self.approved(name)
                self.model.step(1)
                self.start_app(name)
                self.redeem_code(code)

    @case(way=st.sampled_from(_OF_USER), name=APP)
    def approve_as_read_before(self, way: str, name: str) -> None:
        """The account was read, then what it granted was ended, then the approval comes to be written."""
        if not self.everybody_works(name):
            return
        user, client_id = self.user, self.app(name).client_id
        self._ended(way, name)
        self.model.step(1)
        self.start_user()
        _, record, grant = new_code(
            self.world.server,
            user_id="alice-id",
            client_id=client_id,
            scope=Scope(READ),
            redirect_uri=CALLBACK,
            redirect_uri_sent=True,
            code_challenge=CHALLENGE,
            now=self.now,
        )
        with pytest.raises(Conflict):
            self.world.store.approve(grant, user=user, code=record, approval=None)

    @rule(name=APP)
    def activate_app(self, name: str) -> None:
        self.start_app(name)

    @rule()
    def activate_user(self) -> None:
        self.start_user()

    @precondition(lambda self: len(self.tokens) > 8)
    @rule()
    def delete_native_app(self) -> None:
        if not self.holders["native"].gone:
            delete_app(self.world.store, self.app("native"), now=self.now)
            self.holders["native"].gone = True
            self.model.void(self.holders["native"])

    def _started(self, name: str) -> None:
        self.start_app(name)
        self.start_user()

    def _ended(self, way: str, name: str) -> None:
        ways: dict[str, Callable[[str], None]] = {
            "stop user": self._stop_user,
            "stop app": self._stop_app,
            "disconnect": self._disconnect,
            "disconnect all": self._disconnect_all,
            "change password": self._change_password,
            "new password": self._replace_password,
        }
        self.look()
        ways[way](name)

    def _stop_user(self, _: str) -> None:
        deactivate_user(self.world.store, self.user, now=self.now)
        self.model.user.active = False
        self.model.void(self.model.user)

    def _stop_app(self, name: str) -> None:
        if not self.holders[name].gone:
            deactivate_app(self.world.store, self.app(name), reason="", now=self.now)
            self.holders[name].active = False
            self.model.void(self.holders[name])

    def _disconnect(self, name: str) -> None:
        disconnect(self.world.store, self.user, self.app(name).client_id, now=self.now)
        self.model.disconnect(self.holders[name])

    def _disconnect_all(self, _: str) -> None:
        end_grants(self.world.store, self.user, now=self.now)
        self.model.void(self.model.user)

    def _change_password(self, _: str) -> None:
        """The user may choose to revoke the grants."""
        self.password = f"{PASSWORD} {self.now}"
        store, settings = self.world.store, self.world.settings
        change_password(store, settings, self.user, self.password, now=self.now, ends_grants_at=self.now)
        self.model.void(self.model.user)

    def _replace_password(self, _: str) -> None:
        """The user may keep the grants."""
        self.password = f"{PASSWORD} {self.now} only"
        change_password(self.world.store, self.world.settings, self.user, self.password, now=self.now)
