"""Steps of the rules of the lives of tokens: one request each, or its preparation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from gatepost.accounts.removal import activate_user
from gatepost.clients.lifecycle import activate_app
from gatepost.endpoints.revocation import revoke
from gatepost.errors import InvalidClient
from gatepost.grants import implicit
from gatepost.grants.authorization_code import new_code
from gatepost.grants.token_response import TokenAnswer
from gatepost.oauth.resource_indicators import target_of
from gatepost.scope import Scope
from gatepost.tokens.key_rotation import next_refresh_secret, next_signing_secret, public_keys
from tests.security.lives.modelled import IMPLICIT, OWN, READ, READ_WRITE, TAKES, Verdict
from tests.security.lives.scene import APPS, Chain, Scene, Waiting
from tests.unit.world import CHALLENGE, VERIFIER, credentials_of

APP, PICK = st.sampled_from(APPS), st.integers(-4, 3)
FIRST = "first_"  # the name of a rule that a life begins with
ROTATED = 2000  # seconds between rotations: no second one within the time that a new key waits to be used


class case:  # noqa: N801 — a decorator
    """A rule that every life begins with, those of its subject in any order; later it may come again.

    So a few lives see every case, whatever else they do.
    """

    def __init__(self, **drawn: st.SearchStrategy[Any]) -> None:
        """The arguments, as for `rule`."""
        self._drawn = drawn

    def __call__(self, function: Callable[..., None]) -> case:
        self._function = function
        return self

    def __set_name__(self, life: type, name: str) -> None:
        """The one function becomes two rules."""
        kinds: dict[str, Any] = {FIRST + name: initialize, name: rule}
        for place, kind in kinds.items():
            setattr(life, place, kind(**self._drawn)(self._function))


class Steps(Scene):
    """Requests, and the responses that the model expects."""

    def approved(
        self, name: str, scope: frozenset[str] = READ_WRITE, *, pkce: bool = True, resources: tuple[str, ...] = ()
    ) -> Waiting:
        """Return a code that the user has just approved. The user must be active; the app need not be."""
        app = self.app(name)
        code, record, grant = new_code(
            self.world.server,
            user_id="alice-id",
            client_id=app.client_id,
            scope=Scope(scope),
            redirect_uri=app.redirect_uris[0],
            redirect_uri_sent=True,
            code_challenge=CHALLENGE if pkce else "",
            now=self.now,
            resources=resources,
        )
        self.world.store.approve(grant, user=self.user, code=record, approval=None)
        made = self.model.granted(self.holders[name], scope, code=True, pkce=pkce, resources=resources)
        waiting = Waiting(text=code, app=name, model=made, verifier=VERIFIER if pkce else None)
        self.codes.append(waiting)
        return waiting

    def present_code(self, code: Waiting, by: str | None = None, **changes: str) -> TokenAnswer | None:
        """Return the response to a code, presented by its app with everything right by default."""
        usual = {"redirect_uri": self.app(code.app).redirect_uris[0], "code_verifier": code.verifier}
        return self.send(by or code.app, grant_type="authorization_code", code=code.text, **(usual | changes))

    def redeem_code(self, code: Waiting, named: str | None = None) -> None:
        """For the API that is `named`, or for the first that was granted if the code is used without a name."""
        named = named or self._first(code.model.resources)
        audience = self.model.target(code.model.resources, named)
        answer = self.present_code(code, **({"resource": named} if named else {}))
        if self.took(self.model.redeems(code.model, audience), answer) and answer is not None:
            scope = code.model.scope_for_code & TAKES[str(audience)]
            self.handed_out(code.app, answer, code.model, scope, audience=str(audience))

    def _first(self, granted: tuple[str, ...]) -> str | None:
        """Return the parameter that must name one of several granted resources."""
        return granted[0] if len(granted) > 1 else None

    def refresh_chain(self, chain: Chain, back: int = 0, scope: str | None = None, named: str | None = None) -> None:
        """The refresh token that lives, or the one `back` generations before it."""
        named = named or self._first(chain.model.resources)
        audience = self.model.target(chain.model.resources, named)
        generation = max(1, chain.model.generation - back)
        text = chain.texts.get(generation)
        if text is None:
            return  # nobody knows whether it was handed out
        answer = self.send(chain.app, grant_type="refresh_token", refresh_token=text, scope=scope, resource=named)
        asked = frozenset(scope.split()) if scope else frozenset()
        if self.took(self.model.refreshes(chain.model, generation, asked, audience), answer) and answer is not None:
            given = (asked or chain.model.scope_left) & TAKES[str(audience)]
            self.handed_out(chain.app, answer, chain.model, given, audience=str(audience))

    def revoked(self, name: str, text: str) -> bool:
        """Revoke a token as the app; return whether the app may do so, which does not depend on the token."""
        server = self.world.server._replace(settings=self.revoker.settings)
        try:
            revoke(server, self.revoker.watch, {"token": text}, credentials_of(self.app(name)), self.now)
        except InvalidClient:
            assert not self.holders[name].works
            return False
        assert self.holders[name].works
        return True

    def start_app(self, name: str) -> None:
        if not self.holders[name].gone:
            activate_app(self.world.store, self.app(name), now=self.now)
            self.model.reactivated(self.holders[name])

    def start_owner(self) -> None:
        activate_user(self.world.store, self.owner, now=self.now)
        for name in APPS:
            self.holders[name].stopped = False

    def start_user(self) -> None:
        activate_user(self.world.store, self.user, now=self.now)
        self.model.user.active = True

    def everybody_works(self, name: str) -> bool:
        """Activate what was deactivated, so that new grants are not void; return False if the app is gone."""
        if self.holders[name].gone:
            return False
        if self.holders[name].stopped:
            self.start_owner()
        if not self.holders[name].active:
            self.start_app(name)
        if not self.model.user.active:
            self.start_user()
        void_until = max(self.holders[name].voided, self.model.user.voided)
        self.model.step(max(0, void_until + 1 - self.now))
        return True

    def new_chain(
        self, name: str, scope: frozenset[str] = READ_WRITE, *, pkce: bool = True, resources: tuple[str, ...] = ()
    ) -> Chain | None:
        """The refresh tokens of a code that was redeemed just now; None if the app is gone."""
        if not self.everybody_works(name):
            return None
        self.redeem_code(self.approved(name, scope, pkce=pkce, resources=resources))
        return self.chains[-1]

    def new_chain_for_a_password(self, name: str) -> Chain | None:
        """As `new_chain`, of a grant that never had a code."""
        if not self.everybody_works(name):
            return None
        self.send_password(name)
        return self.chains[-1]

    def send_password(self, name: str, named: str | None = None) -> None:
        audience = self.model.target((), named or OWN, free=True)
        answer = self.send(name, grant_type="password", username="alice", password=self.password, resource=named)
        works = self.model.user.works and self.holders[name].works and audience is not None
        if self.took(Verdict.ACCEPT if works else Verdict.REFUSE, answer) and answer is not None:
            resources = () if audience == OWN else (str(audience),)
            grant = self.model.granted(self.holders[name], READ, code=False, resources=resources)
            self.model.begin(grant)
            self.handed_out(name, answer, grant, READ, audience=str(audience))

    def send_implicit(self, name: str, audience: str = OWN) -> None:
        """One short-lived token for one API."""
        target = target_of(self.world.settings, audience)
        answer, grant = implicit.new_token(
            self.world.server, app=self.app(name), user=self.user, scope=Scope(READ), target=target, now=self.now
        )
        self.world.store.approve(grant, user=self.user, code=None, approval=None)
        made = self.model.granted(self.holders[name], READ, code=False)
        made.end = made.idle_end = self.now + IMPLICIT
        self.handed_out(name, answer, made, READ, IMPLICIT, audience=audience)

    def send_own(self, asked: frozenset[str], named: str | None = None) -> None:
        """The scopes granted to the app itself that the API takes, within the limit of its owner."""
        web, audience = self.holders["web"], self.model.target((), named or OWN, free=True)
        answer = self.send("web", grant_type="client_credentials", scope=" ".join(sorted(asked)), resource=named)
        scope = asked & web.own & web.may & TAKES.get(audience or "", frozenset())
        expected = Verdict.ACCEPT if web.works and scope else Verdict.REFUSE
        if self.took(expected, answer) and answer is not None:
            self.handed_out("web", answer, None, scope, audience=audience or "")

    def rotate(self) -> None:
        """Replace both keys, unless a new one still waits."""
        if self.now >= self.rotated_at + ROTATED:
            self.rotated_at = self.now
            self.keys.signing = next_signing_secret(self.keys.signing, self.world.settings, self.now)
            for key in public_keys(self.keys.signing, self.world.settings):
                self.world.store.publish_key(key)
            self.keys.refreshing = next_refresh_secret(self.keys.refreshing, self.world.settings, self.now)
