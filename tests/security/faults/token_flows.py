"""The flows of the token endpoint."""

from __future__ import annotations

import json

import jwt

from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import SECRETS, network_key
from gatepost.model.records import Login
from gatepost.resource import Resource
from gatepost.routes import DEMO_NOTES, TOKEN
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, AttemptsKey, LoginKey
from tests.security.faults.events import by_web
from tests.security.faults.flow import Check, every, flow, grants, one_grant
from tests.security.faults.world import Answer, Event, World
from tests.unit.world import CALLBACK, ISSUER, PASSWORD, VERIFIER, WEB

REPORTS, TOOLS = "https://reports.example.test", "https://tools.example.test/mcp"
NOTES = f"{ISSUER}{DEMO_NOTES.resource}"
BOTH = (REPORTS, TOOLS)
CONFIGURED = {
    REPORTS: Resource("Reports", {"read": ""}, {}),
    "https://tools.example.test/*": Resource("Tools", {"read": "", "write": ""}, {"write": "open"}),
    DEMO_NOTES.resource: Resource("Notes", {"read": ""}, {}),
}


def code_form(code: str, **changes: str) -> Event:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return by_web(TOKEN, **form, **changes)


def refresh_form(world: World, resources: tuple[str, ...] = (), **changes: str) -> Event:
    return by_web(TOKEN, grant_type="refresh_token", refresh_token=world.tokens(resources).refresh_token, **changes)


def password_form(password: str = PASSWORD) -> Event:
    return by_web(TOKEN, grant_type="password", username="alice", password=password, scope="read")


def sent_before(world: World, request: Event, seconds: int = 0) -> Event:
    """The request, after it was sent some seconds ago."""
    world.call("token", request)
    world.now += seconds
    return request


def without_scopes(world: World) -> Event:
    """A code of which nothing is left, because its app lost every scope."""
    code = world.grant_code()
    (app,) = world.store.read(AppKey(WEB))
    assert app is not None
    world.store.update_app(app._replace(scope=Scope.of("consumer"), version=app.version + 1), before=app)
    return code_form(code)


def rehashed_by_5(world: World) -> None:
    (login,) = world.store.read(LoginKey("alice"))
    assert isinstance(login, Login)
    world.store.replace_hash("alice", login, hash_password(PASSWORD, cost=5))


def failed(world: World, times: int, ago: int) -> None:
    for _ in range(times):
        key, now = name_key("alice").name_hash, int(world.now)
        world.store.count_failure(key, now=now - ago, forget_at=now + 999)


def redeemed(world: World, answer: Answer | None) -> None:
    (grant,) = grants(world)
    assert grant.redeemed_by


def ended(world: World, answer: Answer | None) -> None:
    (grant,) = grants(world)
    assert grant.revoked_at


def granted(world: World, answer: Answer | None) -> None:
    assert {grant.grant_type for grant in grants(world)} == {"password"}


def failures(world: World, key: AttemptsKey) -> int:
    (attempts,) = world.store.read(key)
    return attempts.failures if attempts is not None else 0


def counted(key: AttemptsKey, least: int = 1, most: int = 3) -> Check:
    """Check that each guess counts, and once more for every try of the SDK that was lost."""

    def check(world: World, _: Answer | None) -> None:
        assert least <= failures(world, key) <= most

    return check


def hashed_by_4(world: World, answer: Answer | None) -> None:
    (login,) = world.store.read(LoginKey("alice"))
    assert login is not None
    assert login.password_hash.startswith("$2b$04$")


def completed(world: World, answer: Answer | None) -> None:
    (app,) = world.store.read(AppKey(WEB))
    assert app is not None
    assert app.own_scope in (None, Scope.of("read", "write"))
    assert answer is None or app.own_scope is not None


def for_tools(world: World, answer: Answer | None) -> None:
    if answer is not None:
        token = json.loads(answer["body"])["access_token"]
        assert jwt.decode(token, options={"verify_signature": False})["aud"] == TOOLS


# Though its tokens are lost: the replay is taken for a repeated callback.
EXCHANGED = every(redeemed, one_grant(revoked_at=0))
# One grant, alive, one generation on, however often it was tried.
REFRESHED = one_grant(generation=2, revoked_at=0)
OF_NETWORK, OF_ALICE = network_key("192.0.2.7", SECRETS), name_key("alice")
OWN = {"grant_type": "client_credentials", "scope": "read"}
INVALID = "400 invalid_grant"
FLOWS = [
    flow("token", "code", lambda world: code_form(world.grant_code()), check=EXCHANGED, again=INVALID),
    flow(
        *("token", "code, from a callback that came twice"),
        *(lambda world: sent_before(world, code_form(world.grant_code())), INVALID),
        check=EXCHANGED,
    ),
    flow(
        *("token", "code, replayed later"),
        *(lambda world: sent_before(world, code_form(world.grant_code()), 11), INVALID),
        check=ended,
    ),
    # redeemed, though no tokens were issued; the grant is revoked at once, or expires when idle
    flow("token", "code, of which nothing is left", without_scopes, INVALID, check=redeemed),
    flow("token", "code, invented", code_form("invented"), INVALID, check=counted(OF_NETWORK)),
    flow("token", "wrong secret", by_web(TOKEN, "wrong", **OWN), "401 invalid_client", check=counted(OF_NETWORK)),
    flow("token", "refresh", refresh_form, check=REFRESHED),
    flow("token", "refresh, retried", lambda world: sent_before(world, refresh_form(world)), check=REFRESHED),
    flow("token", "refresh, reused", lambda world: sent_before(world, refresh_form(world), 60), INVALID, check=ended),
    flow(
        *("token", "password, after failures", password_form()),
        given=lambda world: failed(world, 1, 0),
        check=every(granted, counted(OF_ALICE, 0, 0)),
    ),
    flow("token", "password, hash of another cost", password_form(), given=rehashed_by_5, check=hashed_by_4),
    flow("token", "password, wrong", password_form("wrong"), INVALID, check=counted(OF_ALICE)),
    flow(
        *("token", "password, wrong, beyond the free tries", password_form("wrong"), INVALID),
        given=lambda world: failed(world, 5, 60),
        check=counted(OF_ALICE, 6, 9),
        again="429 invalid_grant",
    ),
    flow(
        *("token", "client_credentials of an app from before", by_web(TOKEN, **OWN)),
        given=World.from_before,
        check=completed,
    ),
    flow(
        *("token", "code, for a resource that was not granted"),
        *(lambda world: code_form(world.grant_code(resources=(REPORTS,)), resource=TOOLS), "400 invalid_target"),
        check=one_grant(redeemed_by="", revoked_at=0),
        resources=CONFIGURED,
    ),
    flow(
        *("token", "code of two resources, for one"),
        lambda world: code_form(world.grant_code(resources=BOTH), resource=TOOLS),
        check=every(EXCHANGED, one_grant(resources=BOTH), for_tools),
        again=INVALID,
        resources=CONFIGURED,
    ),
    flow(
        *("token", "refresh, for the other resource", lambda world: refresh_form(world, BOTH, resource=TOOLS)),
        check=every(REFRESHED, one_grant(resources=BOTH), for_tools),
        resources=CONFIGURED,
    ),
    flow(
        *("token", "refresh, for no resource of the grant"),
        *(lambda world: refresh_form(world, BOTH, resource=NOTES), "400 invalid_target"),
        check=one_grant(generation=1, revoked_at=0),
        resources=CONFIGURED,
    ),
    flow(
        *("token", "client_credentials, for a resource", by_web(TOKEN, **OWN, resource=TOOLS)),
        check=for_tools,
        resources=CONFIGURED,
    ),
]
