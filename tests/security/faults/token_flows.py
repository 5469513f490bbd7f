"""The flows of the token endpoint."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import SECRETS, network_key
from gatepost.model.records import Login
from gatepost.routes import (
    TOKEN,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, AttemptsKey, LoginKey
from tests.security.faults.authorize_flows import grants
from tests.security.faults.events import event
from tests.security.faults.flow import Flows
from tests.security.faults.world import Answer, Event, World
from tests.unit.world import CALLBACK, PASSWORD, SECRET, VERIFIER

FLOWS = Flows()


def token_request(world: World, *, secret: str = SECRET, **parameters: str) -> Event:
    basic = b64encode(f"{world.web.client_id}:{secret}".encode()).decode()
    return event(TOKEN, form=parameters, headers={"Authorization": f"Basic {basic}"})


def failures(world: World, key: AttemptsKey) -> int:
    (attempts,) = world.store.read(key)
    return attempts.failures if attempts is not None else 0


def ended(world: World, answer: Answer | None) -> None:
    (grant,) = grants(world)
    assert grant.revoked_at


def exchanged(world: World, answer: Answer | None) -> None:
    (grant,) = grants(world)
    assert grant.redeemed_by
    assert not grant.revoked_at


def used_up(world: World, answer: Answer | None) -> None:
    """Check that the grant is redeemed, though no tokens were issued; it is revoked at once, or expires when idle."""
    (grant,) = grants(world)
    assert grant.redeemed_by


def lost(world: World, answer: Answer | None) -> None:
    """Check that the grant is valid though its tokens are lost: the replay was taken for a repeated callback."""
    (grant,) = grants(world)
    assert grant.redeemed_by
    assert not grant.revoked_at


def code_form(world: World, code: str, **changes: str) -> Event:
    usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return token_request(world, **usual, **changes)


@FLOWS.add("token", "code", "200", check=exchanged, again=("400 invalid_grant",), settled=lost)
def _(world: World) -> Event:
    return code_form(world, world.grant_code())


@FLOWS.add("token", "code, from a callback that came twice", "400 invalid_grant", check=exchanged)
def _(world: World) -> Event:
    code = world.grant_code()
    world.call("token", code_form(world, code))
    return code_form(world, code)


@FLOWS.add("token", "code, replayed later", "400 invalid_grant", check=ended)
def _(world: World) -> Event:
    code = world.grant_code()
    world.call("token", code_form(world, code))
    world.now += 11
    return code_form(world, code)


@FLOWS.add("token", "code, of which nothing is left", "400 invalid_grant", check=used_up)
def _(world: World) -> Event:
    code = world.grant_code()
    (app,) = world.store.read(AppKey(world.web.client_id))
    assert app is not None
    world.store.update_app(replace(app, scope=Scope.of("consumer"), version=app.version + 1), before=app)
    return code_form(world, code)


def network_counted(world: World, answer: Answer | None) -> None:
    assert 1 <= failures(world, network_key("192.0.2.7", SECRETS)) <= 3


@FLOWS.add("token", "code, invented", "400 invalid_grant", check=network_counted)
def _(world: World) -> Event:
    return code_form(world, "invented")


@FLOWS.add("token", "wrong secret", "401 invalid_client", check=network_counted)
def _(world: World) -> Event:
    return token_request(world, secret="wrong", grant_type="client_credentials")


def refreshed(world: World, answer: Answer | None) -> None:
    """One grant, alive, one generation on, however often it was tried."""
    (grant,) = grants(world)
    assert (grant.generation, grant.revoked_at) == (2, 0)


@FLOWS.add("token", "refresh", "200", check=refreshed)
def _(world: World) -> Event:
    return token_request(world, grant_type="refresh_token", refresh_token=world.tokens().refresh_token)


@FLOWS.add("token", "refresh, retried", "200", check=refreshed)
def _(world: World) -> Event:
    again = token_request(world, grant_type="refresh_token", refresh_token=world.tokens().refresh_token)
    world.call("token", again)
    return again


@FLOWS.add("token", "refresh, reused", "400 invalid_grant", check=ended)
def _(world: World) -> Event:
    reused = token_request(world, grant_type="refresh_token", refresh_token=world.tokens().refresh_token)
    world.call("token", reused)
    world.now += 60
    return reused


def password_form(world: World, password: str = PASSWORD) -> Event:
    return token_request(world, grant_type="password", username="alice", password=password, scope="read")


def granted(world: World, answer: Answer | None) -> None:
    assert {grant.grant_type for grant in grants(world)} == {"password"}
    assert failures(world, name_key("alice")) == 0


@FLOWS.add("token", "password", "200", check=granted)
def _(world: World) -> Event:
    return password_form(world)


@FLOWS.add("token", "password, after failures", "200", check=granted)
def _(world: World) -> Event:
    world.store.count_failure(name_key("alice").name_hash, now=int(world.now), forget_at=int(world.now) + 999)
    return password_form(world)


def rehashed(world: World, answer: Answer | None) -> None:
    (login,) = world.store.read(LoginKey("alice"))
    assert login is not None
    assert login.password_hash.startswith("$2b$04$")


@FLOWS.add("token", "password, hash of another cost", "200", check=rehashed)
def _(world: World) -> Event:
    (login,) = world.store.read(LoginKey("alice"))
    assert isinstance(login, Login)
    world.store.replace_hash("alice", login, hash_password(PASSWORD, cost=5))
    return password_form(world)


def counted(world: World, answer: Answer | None) -> None:
    """Each guess counts, and once more for every try of the SDK that was lost."""
    assert 1 <= failures(world, name_key("alice")) <= 3


@FLOWS.add("token", "password, wrong", "400 invalid_grant", check=counted)
def _(world: World) -> Event:
    return password_form(world, "a wrong password")


def gated(world: World, answer: Answer | None) -> None:
    assert failures(world, name_key("alice")) >= 6


@FLOWS.add(
    "token", "password, wrong, beyond the free tries", "400 invalid_grant", check=gated, again=("429 invalid_grant",)
)
def _(world: World) -> Event:
    for _failure in range(5):
        world.store.count_failure(name_key("alice").name_hash, now=int(world.now) - 60, forget_at=int(world.now) + 999)
    return password_form(world, "a wrong password")


@FLOWS.add("token", "client_credentials", "200")
def _(world: World) -> Event:
    return token_request(world, grant_type="client_credentials", scope="read")


def completed(world: World, answer: Answer | None) -> None:
    (app,) = world.store.read(AppKey(world.web.client_id))
    assert app is not None
    assert app.own_scope in (None, Scope.of("read", "write"))
    assert answer is None or app.own_scope is not None


@FLOWS.add("token", "client_credentials of an app from before", "200", check=completed)
def _(world: World) -> Event:
    world.from_before()
    return token_request(world, grant_type="client_credentials", scope="read")
