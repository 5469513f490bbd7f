"""The flows of apps that are known by the URL of a metadata document."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gatepost.clients.documents import fetched_app
from gatepost.clients.lifecycle import activate_app
from gatepost.identifiers import digest
from gatepost.model.fetching import Fetched
from gatepost.model.records import App
from gatepost.routes import AUTHORIZE, TOKEN
from gatepost.stores.record_keys import app_key
from tests.security.faults.app_flows import stopped
from tests.security.faults.authorize_flows import ASKED, answer_form, grants
from tests.security.faults.events import event, page
from tests.security.faults.fetched import DOCUMENT, PUBLISHED, REFUSING
from tests.security.faults.flow import Flows
from tests.security.faults.world import ALICE, Answer, Event, World
from tests.unit.world import CALLBACK, CHALLENGE, VERIFIER

FLOWS = Flows()
OPEN: dict[str, Any] = {"client_id_documents": "open"}
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


class Earlier:
    """Implements fetching.Fetcher: the document as it was."""

    def fetch(self, _outbound: object) -> Fetched:
        text = json.dumps({**PUBLISHED, "client_name": "As it was"})
        return Fetched(status=200, content_type="application/json", cache_control="max-age=60", body=text)


def known(world: World, *, now: float) -> App:
    """The app of the document as it was, fetched at `now`."""
    told: Any = {"user": ALICE, "source_ip": "192.0.2.7", "changed": lambda *_: None}
    return fetched_app(world.server, Earlier, DOCUMENT, None, **told, now=now)


def record(world: World) -> App | None:
    app: App | None = world.store.read(app_key(DOCUMENT))[0]
    return app


def ask(client_id: str = DOCUMENT, *, site: str = "same-origin", **changes: str) -> Event:
    return page(AUTHORIZE, query={"client_id": client_id, **ASKED, **PKCE, **changes}, headers={"Sec-Fetch-Site": site})


def read_anew(world: World, answer: Answer | None) -> None:
    """Check that the record is what was published."""
    app = record(world)
    assert app is not None
    assert (app.name, app.redirect_uris) == (PUBLISHED["client_name"], (CALLBACK,))


@FLOWS.add("authorize", "document that is not known", "200", check=read_anew, **OPEN)
def _(world: World) -> Event:
    return ask()


@FLOWS.add("authorize", "document that is not fresh", "200", check=read_anew, **OPEN)
def _(world: World) -> Event:
    known(world, now=world.now - 3600)
    return ask()


def waits_again(world: World, answer: Answer | None) -> None:
    """Check that the app has to be approved, and that what it had has ended in the same step."""
    read_anew(world, answer)
    app = record(world)
    assert app is not None
    assert (app.status, app.granted_look, app.looks) == ("pending", "", 1)
    assert stopped(world, "client", app.client_id)


@FLOWS.add("authorize", "document that looks different", "400", check=waits_again, client_id_documents="approval")
def _(world: World) -> Event:
    activate_app(world.store, known(world, now=world.now - 3600), now=world.now - 3600)
    return ask()


def as_it_was(world: World, answer: Answer | None) -> None:
    app = record(world)
    assert app is not None
    assert app.name == "As it was"


@FLOWS.add("authorize", "document that is fresh", "200", check=as_it_was, **OPEN)
def _(world: World) -> Event:
    known(world, now=world.now)
    return ask()


def nothing_kept(world: World, answer: Answer | None) -> None:
    assert world.store.read(app_key(REFUSING)) == (None,)


@FLOWS.add("authorize", "document that is not there", "400", check=nothing_kept, **OPEN)
def _(world: World) -> Event:
    return ask(REFUSING)


def nothing_fetched(world: World, answer: Answer | None) -> None:
    assert record(world) is None


@FLOWS.add("authorize", "document that is not known, from another site", "200", check=nothing_fetched, **OPEN)
def _(world: World) -> Event:
    return ask(site="cross-site")


@FLOWS.add("authorize", "error for the app of a document", "400", check=as_it_was, **OPEN)
def _(world: World) -> Event:
    known(world, now=world.now)
    return ask(scope="unheard-of")


def granted(world: World, answer: Answer | None) -> None:
    """Check that a code came for the app, and that no approval of it is remembered."""
    assert all(grant.client_id == known_id(world) for grant in grants(world))
    if answer is not None:
        code = parse_qs(urlsplit(answer["headers"]["Location"]).query)["code"][0]
        assert digest(code) in {item["code_hash"]["S"] for item in world.cloud.items()["codes"]}


def known_id(world: World) -> str:
    app = record(world)
    assert app is not None
    return app.client_id


@FLOWS.add("consent", "allow, app of a document", "303 code", check=granted, again=("400",), **OPEN)
def _(world: World) -> Event:
    world.pending(known(world, now=world.now))
    return answer_form("allow")


@FLOWS.add("token", "code, app of a document", "200", again=("400 invalid_grant",), **OPEN)
def _(world: World) -> Event:
    code = world.grant_code(known(world, now=world.now))
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return event(TOKEN, form={**sent, "client_id": DOCUMENT})
