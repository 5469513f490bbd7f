"""Authorization requests of OpenID Connect, and what their approval keeps."""

from __future__ import annotations

from typing import Any

from gatepost.endpoints.authorization import AuthorizationRequest, checked_request
from gatepost.endpoints.decision import approve
from gatepost.identifiers import digest
from gatepost.model.records import App, Code, Grant
from gatepost.model.sessions import Session
from gatepost.scope import Scope
from gatepost.stores.record_keys import CodeKey, GrantKey
from tests.answers import PKCE
from tests.browsing import answer_in
from tests.unit.world import ALICE, HERE, NOW, SETTINGS, World, web_app

OPENID = SETTINGS._replace(openid=True)
APP = web_app(scope=Scope.of("openid", "profile", "email", "offline_access", "read"))
SESSION = Session(
    session_hash=digest("cookie"),
    user_id="alice-id",
    created_at=NOW - 50,
    signed_in_at=NOW - 49.4,
    expires_at=NOW + 9999,
)


def checked(settings: Any = OPENID, user: Any = ALICE, app: App = APP, **parameters: str) -> AuthorizationRequest:
    known = {"response_type": "code", "scope": "openid read", **PKCE, **parameters}
    return checked_request(app, user, HERE, known, settings)


def approved(world: World, request: AuthorizationRequest, app: App = APP) -> str:
    """The response to a request that alice allows, as a URL."""
    return approve(world.server, app, ALICE, request, None, NOW, session=SESSION).url


def kept(world: World, request: AuthorizationRequest) -> tuple[Code, Grant]:
    """The records of a request that alice allows."""
    world.set(openid=True)
    world.add_app(APP)
    code = world.stored(CodeKey(digest(answer_in(approved(world, request))["code"])))
    return code, world.stored(GrantKey(code.grant_id))
