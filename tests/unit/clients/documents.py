"""The web with a metadata document, and a server that takes it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from gatepost.clients.documents import check_accepted, fetched_app, needs_fetch
from gatepost.errors import InvalidRequest, OAuthError, TemporarilyUnavailable
from gatepost.model.fetching import Fetched, Outbound
from gatepost.model.logo import Logo, UnusableImage
from gatepost.model.records import App
from gatepost.oauth.server import Server
from gatepost.settings import Settings
from gatepost.stores.record_keys import app_key
from tests.raising import raised
from tests.unit.world import ALICE, NOW, SETTINGS, World

URL = "https://app.example.test/client.json"
GOOD: dict[str, Any] = {
    "client_id": URL,
    "client_name": "Good client",
    "redirect_uris": ["https://app.example.test/cb", "http://127.0.0.1/cb", "http://localhost/cb"],
}
HOUR, BUSY = 3600, b"busy"
OPEN = SETTINGS._replace(client_id_documents="open")


@dataclass
class Web:
    """Implements fetching.Fetcher: what is published, and what was asked for."""

    document: dict[str, Any] = field(default_factory=lambda: dict(GOOD))
    cache_control: str = "max-age=3600"
    error: Exception | None = None
    logo: bytes | Exception = b"image"
    logo_status: int = 200
    status: int = 200
    asked: list[Outbound] = field(default_factory=list)

    def fetch(self, outbound: Outbound) -> Fetched:
        self.asked.append(outbound)
        if self.error:
            raise self.error
        if outbound.url == self.document.get("logo_uri"):
            if isinstance(self.logo, Exception):
                raise self.logo
            body = base64.b64encode(self.logo).decode()
            return Fetched(status=self.logo_status, content_type="image/png", cache_control="", body=body)
        return Fetched(
            status=self.status,
            content_type="application/json",
            cache_control=self.cache_control,
            body=json.dumps({**self.document, "client_id": outbound.url}),
        )


class Illustrator:
    """Implements logo.Illustrator: the logo is the image, if it is one."""

    def draw(self, image: bytes) -> Logo:
        if image == BUSY:
            raise TemporarilyUnavailable("try again", reason="function logo: TooManyRequestsException")
        if not image.startswith(b"image"):
            raise UnusableImage("This image can’t be read.")
        return Logo.of(image)


@dataclass
class Scene:
    """A server that takes documents, and the web."""

    world: World
    web: Web = field(default_factory=Web)
    settings: Settings = OPEN
    changes: list[tuple[App, App]] = field(default_factory=list)
    approved: bool = False

    @property
    def server(self) -> Server:
        return self.world.server._replace(settings=self.settings)

    def known(self, url: str = URL) -> App | None:
        found: App | None = self.world.store.read(app_key(url))[0]
        return found

    def app(self, url: str = URL, *, now: float = NOW, **who: Any) -> App:
        """Return the app of a request, as the authorization endpoint finds it."""
        check_accepted(url, self.settings)
        known = self.known(url)
        if not needs_fetch(known, now):
            assert known is not None
            return known
        return self.fetched(known, url, now=now, **who)

    def fetched(self, known: App | None, url: str = URL, *, now: float = NOW, **who: Any) -> App:
        """Return the app of a document that is fetched."""
        who = {"user": ALICE, "source_ip": "192.0.2.7", **who}
        return fetched_app(
            *(self.server, lambda: self.web, url, known),
            **who,
            now=now,
            changed=lambda *change: self.changes.append(change),
            illustrator=Illustrator,
            approved=lambda _: self.approved,
        )


def refusal(scene: Scene, error: type[OAuthError] = InvalidRequest, **asked: Any) -> OAuthError:
    return raised(error, scene.app, **asked)
