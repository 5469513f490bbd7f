"""A warm container, which keeps apps for a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from gatepost.clients.recent_apps import RecentApps
from gatepost.clients.use import note_use
from gatepost.endpoints.introspection import introspect
from gatepost.errors import OAuthError
from gatepost.grants import exchange
from gatepost.grants.token_response import TokenAnswer
from gatepost.identifiers import digest
from gatepost.model.records import AppSecret
from gatepost.oauth.client_authentication import Credentials
from gatepost.stores.record_keys import AppKey
from gatepost.tokens.revocation_list import Watch
from tests.unit.world import SECRET, VERIFIER, WEB, World

SECONDS = 10
CALLBACK = "https://client.example.test/cb"


class Container:
    """A warm container of the token and introspection endpoints."""

    def __init__(self, world: World) -> None:
        self.world, self.recent = world, RecentApps(SECONDS)

    def ask(
        self, now: float, client_id: str = WEB, secret: str | None = SECRET, grant_type: str = "", **parameters: str
    ) -> TokenAnswer:
        """A token request, the client credentials grant unless another one is named."""
        credentials = Credentials(client_id=client_id, client_secret=secret, basic=False)
        sent = {"grant_type": grant_type or "client_credentials", **parameters}
        with self.recent.serving(self.world.server, credentials, now) as server:
            answer = exchange(server, sent, credentials, now)
        assert answer.requester is not None
        note_use(self.world.store, answer.requester, now=now)
        return answer

    def redeem(self, code: str, now: float, client_id: str = WEB) -> TokenAnswer:
        parameters = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.ask(now, client_id, grant_type="authorization_code", **parameters)

    def introspect(self, token: str, now: float, client_id: str = WEB, secret: str = SECRET) -> object:
        credentials = Credentials(client_id=client_id, client_secret=secret, basic=False)
        watch = Watch(self.world.store, self.world.settings)
        with self.recent.serving(self.world.server, credentials, now) as server:
            return introspect(server, watch, {"token": token}, credentials, now)["active"]

    def reads(self, request: Callable[[], object]) -> int:
        """Return the round trips of a request, refused or not."""
        before = self.world.store.round_trips
        with suppress(OAuthError):
            request()
        return self.world.store.round_trips - before


def secrets_changed(world: World, *secrets: str) -> None:
    app = world.stored(AppKey(WEB))
    made = tuple(AppSecret(secret_id=each, secret_hash=digest(each), created_at=1) for each in secrets)
    world.store.update_app(app._replace(secrets=made, version=app.version + 1), before=app)
