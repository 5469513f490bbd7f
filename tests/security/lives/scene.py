"""The scene of lives of tokens: a server, its issued tokens, and the model."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant

from gatepost.clients.admin_decisions import hand_over
from gatepost.errors import InvalidClient, InvalidGrant, InvalidScope, InvalidTarget, InvalidToken
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.records import App, Login, User
from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, UserKey
from gatepost.tokens.access_token import Signer
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.signing_keys import (
    RefreshKey,
    SigningKey,
    active_signing_key,
    new_signing_key,
    refresh_keys,
    signing_keys,
    written,
)
from tests.fakes import MemoryStore
from tests.fakes.keys import REFRESH_KEY
from tests.security.lives.model import Model
from tests.security.lives.modelled import ACCESS, OWN, REPORTS, TAKES, Holder, ModelGrant, ModelToken, Verdict
from tests.unit.world import NOW, OWNER, PASSWORD, SETTINGS, World, signer_of

APPS = ("web", "native")
OTHER = "other"  # an app that nobody granted anything, and nobody stops
_REFUSALS = (InvalidGrant, InvalidClient, InvalidScope, InvalidTarget, InvalidToken)
_RESOURCES = {
    REPORTS: Resource("Reports", {"read": ""}, {}),
    "https://tools.example.test/*": Resource("Tools", {"read": "", "write": ""}, {}),
}


class TurningKeys:
    """server.Keys over two secrets that are rotated."""

    def __init__(self, signing: SigningKey) -> None:
        self.signing, self.refreshing = written([signing]), written([REFRESH_KEY])
        self._signers: dict[str, Signer] = {}

    def signer(self, now: float, alg: str = "ES256") -> Signer:
        key = active_signing_key(signing_keys(self.signing), now, alg)
        if key.kid not in self._signers:
            self._signers[key.kid] = signer_of(key)
        return self._signers[key.kid]

    def refresh(self, now: float) -> tuple[RefreshKey, ...]:
        return refresh_keys(self.refreshing)


@dataclass(eq=False)
class Issued:
    """An access token, and its state in the model."""

    text: str
    app: str
    model: ModelToken


@dataclass(eq=False)
class Chain:
    """The refresh tokens of a grant by generation, and its state in the model."""

    app: str
    model: ModelGrant
    texts: dict[int, str]


@dataclass(eq=False)
class Waiting:
    """A code with its verifier, None without PKCE, and its grant's state in the model."""

    text: str
    app: str
    model: ModelGrant
    verifier: str | None


class Revoker:
    """A container of the revoke function: the settings that it started with, and what it knows of the feed."""

    def __init__(self, world: World, parts: int) -> None:
        self.settings = world.settings._replace(feed_parts=parts)
        self.watch = Watch(world.store, self.settings)


class Scene(RuleBasedStateMachine):
    """The server and its state; subclasses add the rules."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        key = new_signing_key("ES256", active_from=0)
        settings = SETTINGS._replace(signing_algorithm="ES256", resources=_RESOURCES)
        self.world = World(signer_of(key), key.public(), cast(MemoryStore, store))
        self.world.settings = settings
        self.keys = TurningKeys(key)
        self.world.keys = cast(Any, self.keys)
        self.model = Model(now=NOW)
        self.holders = {name: Holder() for name in (*APPS, OTHER)}
        self._give_away_other()
        self.warm = Watch(store, settings)
        if isinstance(store, DynamoDBStore):
            store._tables.clock = lambda: float(self.now)
        self.revoker = Revoker(self.world, 0)
        self.password = PASSWORD
        self.rotated_at = NOW - 2000
        self.tokens: list[Issued] = []
        self.chains: list[Chain] = []
        self.codes: list[Waiting] = []

    def _give_away_other(self) -> None:
        """Give the app that is never deactivated an owner who is never deactivated."""
        helper = OWNER._replace(user_id="helper-id", user_name="helper")
        self.world.store.create_user(helper, Login(user_id="helper-id", password_hash=""))
        self.world.other = hand_over(self.world.store, self.world.other, helper, now=NOW)

    @property
    def now(self) -> int:
        return self.model.now

    def app(self, name: str) -> App:
        """Return the current app, or the last one if it was deleted."""
        known: App = getattr(self.world, name)
        (found,) = self.world.store.read(AppKey(known.client_id))
        return found or known

    @property
    def user(self) -> User:
        return self._account("alice-id")

    @property
    def owner(self) -> User:
        """The owner of the apps."""
        return self._account("owner-id")

    def _account(self, user_id: str) -> User:
        (found,) = self.world.store.read(UserKey(user_id))
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
        except _REFUSALS:
            return None

    def handed_out(
        self,
        name: str,
        answer: TokenAnswer,
        grant: ModelGrant | None,
        scope: Collection[str],
        lifetime: int = ACCESS,
        audience: str = OWN,
    ) -> None:
        """An access token, and a refresh token if there is one."""
        assert answer.scope == Scope(scope)
        token = self.model.issued(self.holders[name], grant, frozenset(scope), lifetime, audience)
        assert answer.expires_in == token.end - token.issued
        self.tokens.append(Issued(text=answer.access_token, app=name, model=token))
        if grant is None or not answer.refresh_token:
            return
        chain = next((each for each in self.chains if each.model is grant), None)
        if chain is None:
            chain = Chain(app=name, model=grant, texts={})
            self.chains.append(chain)
        known = chain.texts.setdefault(grant.generation, answer.refresh_token)
        assert known.split(".")[:3] == answer.refresh_token.split(".")[:3]  # one chain, whoever asked and how often

    def look(self) -> None:
        """Check everything against the model, in the middle of a rule."""
        self.every_token_is_as_the_model_says()
        self.every_refresh_token_is_as_the_model_says()

    @invariant()
    def every_token_is_as_the_model_says(self) -> None:
        """At a new authorizer, at a running one, and by introspection: the latest, and some of the others."""
        cold = Watch(self.world.store, self.world.settings)
        for token in dict.fromkeys([*self.tokens[-3:], *self.tokens[:1]]):
            self._agrees(self.model.opens(token.model), self._opens(cold, token))
            self._agrees(self.model.opens_warm(token.model), self._opens(self.warm, token))
            told = self.world.introspect(token.text, self.world.other, now=self.now)
            self._agrees(self.model.is_active(token.model), bool(told["active"]))
            assert told.get("aud", token.model.audience) == token.model.audience

    def _opens(self, watch: Watch, token: Issued) -> bool:
        """At the one API that it is for; no other ever takes it."""
        for other in {*TAKES} - {token.model.audience}:
            with pytest.raises(InvalidToken):
                watch.claims(token.text, self.now, other)
        try:
            claims = watch.claims(token.text, self.now, token.model.audience)
        except InvalidToken:
            return False
        assert claims.scope == token.model.scope
        return True

    @invariant()
    def every_refresh_token_is_as_the_model_says(self) -> None:
        """For the app that holds it, if it has a secret; another app is told nothing."""
        for chain in [each for each in self.chains[-2:] if not each.model.loose]:
            for generation in range(max(1, chain.model.generation - 1), chain.model.generation + 1):
                text = chain.texts[generation]
                assert not self.world.introspect(text, self.world.other, now=self.now)["active"]
                if chain.app == "web" and self.holders["web"].works:
                    told = self.world.introspect(text, self.app("web"), now=self.now)
                    self._agrees(self.model.is_refreshable(chain.model, generation), bool(told["active"]))

    def _agrees(self, expected: Verdict, accepted: bool) -> None:
        if expected is not Verdict.EITHER:
            assert accepted is (expected is Verdict.ACCEPT)
