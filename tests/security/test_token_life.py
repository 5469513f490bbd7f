"""The whole life of tokens against a model (S39, S58, S67, S73, S87, S88, S110): whatever happens in whatever order.

`FUZZ_EXAMPLES=5000` tries as many lives, and other ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from moto import mock_aws

from gatepost.accounts import activate_user, change_password, deactivate_user, end_grants
from gatepost.apps import activate_app, deactivate_app, delete_app
from gatepost.aws.boto import BotoClient
from gatepost.connections import disconnect
from gatepost.errors import InvalidClient, InvalidGrant, InvalidScope, InvalidToken
from gatepost.grants import implicit
from gatepost.grants.answer import TokenAnswer
from gatepost.grants.authorization_code import new_code
from gatepost.model import App, User
from gatepost.scope import Scope
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.keys import AppKey, UserKey
from gatepost.stores.memory import MemoryStore
from gatepost.stores.ports import Store
from gatepost.token_status import revoke
from gatepost.tokens.access import Signer
from gatepost.tokens.keys import RefreshKey, SigningKey, active, new_signing_key, refresh_keys, signing_keys, written
from gatepost.tokens.revocations import Watch
from gatepost.tokens.rotation import next_refresh_secret, next_signing_secret, public_keys
from tests.contract.cloud import create_tables
from tests.security.faulty_cloud import Direct
from tests.security.life_model import ACCESS, IMPLICIT, Holder, Model, ModelGrant, ModelToken, Verdict
from tests.unit.world import (
    CHALLENGE,
    NOW,
    PASSWORD,
    REFRESH_KEY,
    SETTINGS,
    VERIFIER,
    World,
    credentials_of,
    signer_of,
)

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
LIVES = hypothesis.settings(
    max_examples=EXAMPLES or 15,
    stateful_step_count=30,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
APPS = ("web", "native")
APP, PICK = st.sampled_from(APPS), st.integers(-4, 3)
PAUSE = st.sampled_from([None, 0, 1, 30, -90])  # seconds until what was stopped goes on
Refusal = (InvalidGrant, InvalidClient, InvalidScope, InvalidToken)


class TurningKeys:
    """server.Keys over two secrets that are rotated."""

    def __init__(self, signing: SigningKey) -> None:
        self.signing, self.refreshing = written([signing]), written([REFRESH_KEY])
        self._signers: dict[str, Signer] = {}

    def signer(self, now: float) -> Signer:
        key = active(signing_keys(self.signing), now)
        if key.kid not in self._signers:
            self._signers[key.kid] = signer_of(key)
        return self._signers[key.kid]

    def refresh(self, now: float) -> tuple[RefreshKey, ...]:
        return refresh_keys(self.refreshing)


@dataclass(eq=False)
class Issued:
    """An access token, and what the model knows of it."""

    text: str
    app: str
    model: ModelToken


@dataclass(eq=False)
class Chain:
    """The refresh tokens of a grant by generation, and what the model knows of it."""

    app: str
    model: ModelGrant
    texts: dict[int, str]


@dataclass(eq=False)
class Waiting:
    """A code, and what the model knows of its grant."""

    text: str
    app: str
    model: ModelGrant


class TokenLife(RuleBasedStateMachine):
    """Everything that may happen to a token."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        key = new_signing_key("ES256", active_from=0)
        settings = replace(SETTINGS, signing_algorithm="ES256")
        self.world = World(signer_of(key), key.public(), cast(MemoryStore, store))
        self.world.settings = settings
        self.keys = TurningKeys(key)
        self.world.keys = cast(Any, self.keys)
        self.model = Model(now=NOW)
        self.holders = {name: Holder() for name in APPS}
        self.warm = Watch(store, settings)
        self.password = PASSWORD
        self.rotated_at = NOW - 2000
        self.tokens: list[Issued] = []
        self.chains: list[Chain] = []
        self.codes: list[Waiting] = []

    # what the server knows

    @property
    def now(self) -> int:
        return self.model.now

    def app(self, name: str) -> App:
        """As it stands, or as it stood before it was deleted."""
        known: App = getattr(self.world, name)
        (found,) = self.world.store.read(AppKey(known.client_id))
        return found or known

    @property
    def user(self) -> User:
        (found,) = self.world.store.read(UserKey("alice-id"))
        assert isinstance(found, User)
        return found

    def took(self, expected: Verdict, answer: TokenAnswer | None) -> bool:
        """Whether it was accepted; fails if it should not have been, or should."""
        if expected is not Verdict.EITHER:
            assert (answer is not None) is (expected is Verdict.ACCEPT), expected
        return answer is not None

    def send(self, name: str, **parameters: str | None) -> TokenAnswer | None:
        try:
            return self.world.send(self.app(name), now=self.now, **parameters)
        except Refusal:
            return None

    def handed_out(self, name: str, answer: TokenAnswer, grant: ModelGrant | None, lifetime: int = ACCESS) -> None:
        """An access token, and a refresh token if there is one."""
        token = self.model.issued(self.holders[name], grant, lifetime)
        self.tokens.append(Issued(text=answer.access_token, app=name, model=token))
        if grant is None or not answer.refresh_token:
            return
        chain = next((each for each in self.chains if each.model is grant), None)
        if chain is None:
            chain = Chain(app=name, model=grant, texts={})
            self.chains.append(chain)
        known = chain.texts.setdefault(grant.generation, answer.refresh_token)
        assert known.split(".")[:3] == answer.refresh_token.split(".")[:3]  # one chain, whoever asked and how often

    # how tokens come to be

    @rule(name=APP, at_once=st.sampled_from([True, True, True, False]))
    def approve(self, name: str, at_once: bool) -> None:
        """The app redeems the code at once, or later, or never."""
        if not (self.model.user.works and self.holders[name].works):
            return
        app = self.app(name)
        code, record, grant = new_code(
            self.world.server,
            user_id="alice-id",
            client_id=app.client_id,
            scope=Scope.of("read", "write"),
            redirect_uri=app.redirect_uris[0],
            redirect_uri_sent=True,
            code_challenge=CHALLENGE,
            now=self.now,
        )
        self.world.store.approve(grant, user=self.user, code=record, approval=None)
        self.codes.append(Waiting(text=code, app=name, model=self.model.granted(self.holders[name], code=True)))
        if at_once:
            self.redeem(-1)

    @precondition(lambda self: self.codes)
    @rule(pick=PICK)
    def redeem(self, pick: int) -> None:
        """A code, for the first time or again."""
        code = self.codes[pick % len(self.codes)]
        answer = self.send(
            code.app,
            grant_type="authorization_code",
            code=code.text,
            redirect_uri=self.app(code.app).redirect_uris[0],
            code_verifier=VERIFIER,
        )
        if self.took(self.model.redeems(code.model), answer) and answer is not None:
            self.handed_out(code.app, answer, code.model)

    @rule(name=APP)
    def grant_for_a_password(self, name: str) -> None:
        answer = self.send(name, grant_type="password", username="alice", password=self.password)
        works = self.model.user.works and self.holders[name].works
        if self.took(Verdict.ACCEPT if works else Verdict.REFUSE, answer) and answer is not None:
            grant = self.model.granted(self.holders[name], code=False)
            grant.scope = frozenset({"read"})
            self.model.begin(grant, refreshable=True)
            self.handed_out(name, answer, grant)

    @rule()
    def client_credentials(self) -> None:
        answer = self.send("web", grant_type="client_credentials")
        works = self.holders["web"].works
        if self.took(Verdict.ACCEPT if works else Verdict.REFUSE, answer) and answer is not None:
            self.handed_out("web", answer, None)

    @rule(name=APP)
    def implicit(self, name: str) -> None:
        if not (self.model.user.works and self.holders[name].works):
            return
        app = self.app(name)
        answer, grant = implicit.new_token(
            self.world.server, user_id="alice-id", client_id=app.client_id, scope=Scope.of("read"), now=self.now
        )
        self.world.store.approve(grant, user=self.user, code=None, approval=None)
        made = self.model.granted(self.holders[name], code=False)
        made.end = made.idle_end = self.now + IMPLICIT
        self.handed_out(name, answer, made, IMPLICIT)

    @precondition(lambda self: self.chains)
    @rule(
        pick=PICK, back=st.sampled_from([0, 0, 0, 0, 1, 1, 1, 2]), scope=st.sampled_from([None, None, "read", "write"])
    )
    def refresh(self, pick: int, back: int, scope: str | None) -> None:
        """The living one, one from before within its window, or one that was replaced long ago."""
        chain = self.chains[pick % len(self.chains)]
        generation = max(1, chain.model.generation - back)
        text = chain.texts.get(generation)
        if text is None:
            return
        answer = self.send(chain.app, grant_type="refresh_token", refresh_token=text, scope=scope)
        asked = frozenset() if scope is None else frozenset({scope})
        if self.took(self.model.refreshes(chain.model, generation, asked), answer) and answer is not None:
            self.handed_out(chain.app, answer, chain.model)

    @precondition(lambda self: self.chains)
    @rule(pick=PICK, pause=st.sampled_from([0, 5, 10, 11, 60, -90]), back=st.sampled_from([1, 1, 2]))
    def refresh_again(self, pick: int, pause: int, back: int) -> None:
        """The same refresh token twice: an honest retry, or reuse."""
        for _ in range(back):
            self.refresh(pick, 0, None)
        self.model.step(pause)
        self.refresh(pick, back, None)

    @precondition(lambda self: self.codes)
    @rule(pick=PICK, pause=st.sampled_from([0, 1, 61]))
    def redeem_again(self, pick: int, pause: int) -> None:
        """The same code twice."""
        self.redeem(pick)
        self.model.step(pause)
        self.redeem(pick)

    @precondition(lambda self: self.chains)
    @rule(pick=PICK, days=st.sampled_from([13, 15, 31]))
    def refresh_after_days(self, pick: int, days: int) -> None:
        """A chain that nobody used for a while, with keys that were replaced meanwhile."""
        self.rotate_keys()
        self.refresh(pick, 0, None)
        self.model.step(days * 86400)
        self.rotate_keys()
        self.refresh(pick, 0, None)

    # how they end

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

    def revoked(self, name: str, text: str) -> bool:
        """Whether the app may ask for it; the answer is the same whatever the token is."""
        watch = Watch(self.world.store, self.world.settings)
        try:
            revoke(self.world.server, watch, {"token": text}, credentials_of(self.app(name)), self.now)
        except InvalidClient:
            assert not self.holders[name].works
            return False
        assert self.holders[name].works
        return True

    @rule(name=APP, pause=PAUSE)
    def deactivate_app(self, name: str, pause: int | None) -> None:
        """An administrator stops the app, and lets it work again, or does not."""
        if self.holders[name].gone:
            return
        deactivate_app(self.world.store, self.app(name), reason="", now=self.now)
        self.holders[name].active = False
        self.model.void(self.holders[name])
        if pause is not None:
            self.model.step(pause)
            self.activate_app(name)

    @rule(name=APP)
    def activate_app(self, name: str) -> None:
        if not self.holders[name].gone:
            activate_app(self.world.store, self.app(name), now=self.now)
            self.model.reactivated(self.holders[name])

    @precondition(lambda self: len(self.tokens) > 8)
    @rule()
    def delete_native_app(self) -> None:
        if not self.holders["native"].gone:
            delete_app(self.world.store, self.app("native"), now=self.now)
            self.holders["native"].gone = True
            self.model.void(self.holders["native"])

    @rule(name=APP, scope=st.sampled_from(["read", "read write", "read write"]))
    def change_scope_of_app(self, name: str, scope: str) -> None:
        app = self.app(name)
        if not self.holders[name].gone:
            changed = replace(app, scope=Scope(scope.split()), version=app.version + 1)
            self.world.store.update_app(changed, before=app)
            self.holders[name].scope = frozenset(scope.split())

    @rule(pause=PAUSE)
    def deactivate_user(self, pause: int | None) -> None:
        """An administrator stops the account, and lets it go on, or does not."""
        deactivate_user(self.world.store, self.user, now=self.now)
        self.model.user.active = False
        self.model.void(self.model.user)
        if pause is not None:
            self.model.step(pause)
            self.activate_user()

    @rule()
    def activate_user(self) -> None:
        activate_user(self.world.store, self.user)
        self.model.user.active = True

    @rule(ends=st.booleans())
    def change_password(self, ends: bool) -> None:
        self.password = f"{PASSWORD} {self.now}"
        store, settings, ends_at = self.world.store, self.world.settings, self.now if ends else None
        change_password(store, settings, self.user, self.password, now=self.now, ends_grants_at=ends_at)
        if ends:
            self.model.void(self.model.user)

    @rule()
    def disconnect_all(self) -> None:
        end_grants(self.world.store, self.user, now=self.now)
        self.model.void(self.model.user)

    @rule(name=APP)
    def disconnect(self, name: str) -> None:
        disconnect(self.world.store, self.user, self.app(name).client_id, now=self.now)
        self.model.disconnect(self.holders[name])

    # what goes on around them

    @rule(
        seconds=st.sampled_from([*[1, 4, 5, 11, 31] * 4, 61, 901, 901, 3599, 3631, 8 * 86400, 15 * 86400, 31 * 86400])
    )
    def time_passes(self, seconds: int) -> None:
        self.model.step(seconds)

    @rule()
    def the_clock_is_set_back(self) -> None:
        self.model.step(-90)

    @rule()
    def the_clock_is_set_forward(self) -> None:
        self.model.step(90)

    @rule()
    def rotate_keys(self) -> None:
        """Not twice within the time that a new key waits to be used."""
        if self.now >= self.rotated_at + 2000:
            self.rotated_at = self.now
            self.keys.signing = next_signing_secret(self.keys.signing, self.world.settings, self.now)
            for key in public_keys(self.keys.signing, self.world.settings):
                self.world.store.publish_key(key)
            self.keys.refreshing = next_refresh_secret(self.keys.refreshing, self.world.settings, self.now)

    # what must hold

    @invariant()
    def every_token_is_as_the_model_says(self) -> None:
        """At a new authorizer, at one that runs on, and for whoever introspects: the latest, and some of the others."""
        cold = Watch(self.world.store, self.world.settings)
        for token in {*self.tokens[-3:], *self.tokens[:1]}:
            self.agrees(self.model.opens(token.model), self.accepts(cold, token.text))
            self.agrees(self.model.opens_warm(token.model), self.accepts(self.warm, token.text))
            told = self.world.introspect(token.text, self.world.other, now=self.now)
            self.agrees(self.model.is_active(token.model), bool(told["active"]))

    def accepts(self, watch: Watch, text: str) -> bool:
        try:
            watch.claims(text, self.now)
        except InvalidToken:
            return False
        return True

    def agrees(self, expected: Verdict, accepted: bool) -> None:
        if expected is not Verdict.EITHER:
            assert accepted is (expected is Verdict.ACCEPT)


def live(new_store: Callable[[], Store]) -> None:
    """Many lives, each on a store of its own."""

    class Life(TokenLife):
        def __init__(self) -> None:
            super().__init__(new_store())

    run_state_machine_as_test(Life, settings=LIVES)


def test_every_life_in_memory_is_as_the_model_says() -> None:
    live(MemoryStore)


def test_every_life_on_dynamodb_is_as_the_model_says() -> None:
    client: Any = Direct()
    with mock_aws():
        live(lambda: cast(Store, DynamoDBStore(BotoClient(client), create_tables(client))))
