"""The flows of apps: authorization, every grant, revocation, introspection, protected routes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import jwt

from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import SECRETS, network_key
from gatepost.identifiers import digest
from gatepost.model.records import Approval, Grant, Login
from gatepost.routes import (
    AUTHORIZE,
    CONSENT,
    DEMO_READ,
    INTROSPECT,
    JWKS,
    METADATA,
    OPENID_METADATA,
    REVOKE,
    TOKEN,
    WHOAMI,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, ApprovalKey, AttemptsKey, GrantKey, LoginKey, RevokedTokenKey
from gatepost.tokens.signing_keys import new_signing_key
from tests.security.faults.flow import Flows
from tests.security.faults.world import ALICE, REQUEST_ID, Answer, Event, World, event, page
from tests.unit.world import CALLBACK, PASSWORD, SECRET, VERIFIER

FLOWS = Flows()
ASKED = {"response_type": "code", "redirect_uri": CALLBACK, "state": "a state", "scope": "read"}


def grants(world: World) -> list[Grant]:
    """Alice's grants."""
    return list(world.store.grants_of(ALICE.user_id))


def token_request(world: World, *, secret: str = SECRET, **parameters: str) -> Event:
    basic = b64encode(f"{world.web.client_id}:{secret}".encode()).decode()
    return event(TOKEN, form=parameters, headers={"Authorization": f"Basic {basic}"})


def owned(world: World, route: object, token: str) -> Event:
    basic = b64encode(f"{world.web.client_id}:{SECRET}".encode()).decode()
    return event(route, form={"token": token}, headers={"Authorization": f"Basic {basic}"})  # type: ignore[arg-type]


def guessed(world: World, route: object) -> Event:
    basic = b64encode(f"{world.web.client_id}:wrong".encode()).decode()
    return event(route, form={"token": "x"}, headers={"Authorization": f"Basic {basic}"})  # type: ignore[arg-type]


def ask(world: World, **changes: str) -> Event:
    return page(AUTHORIZE, query={"client_id": world.web.client_id, **ASKED, **changes})


def failures(world: World, key: AttemptsKey) -> int:
    (attempts,) = world.store.read(key)
    return attempts.failures if attempts is not None else 0


def code_came(world: World, answer: Answer | None) -> None:
    """One code, with its record and a grant that waits for it; or a grant whose code was lost on the way."""
    assert all(grant.redeem_before and not grant.redeemed_by for grant in grants(world))
    if answer is not None:
        code = parse_qs(urlsplit(answer["headers"]["Location"]).query)["code"][0]
        records = {item["code_hash"]["S"]: item["grant_id"]["S"] for item in world.cloud.items()["codes"]}
        assert records[digest(code)] in {grant.grant_id for grant in grants(world)}


def approved(world: World, answer: Answer | None) -> None:
    code_came(world, answer)
    (approval,) = world.store.read(ApprovalKey(ALICE.user_id, world.web.client_id))
    assert approval is not None


@FLOWS.add("authorize", "consent page", "200")
def _(world: World) -> Event:
    return ask(world)


@FLOWS.add("authorize", "not signed in", "303 /developer/login")
def _(world: World) -> Event:
    return event(AUTHORIZE, query={"client_id": world.web.client_id, **ASKED})


@FLOWS.add("authorize", "remembered approval", "303 code", check=code_came)
def _(world: World) -> Event:
    remember(world)
    return ask(world)


@FLOWS.add("authorize", "remembered, for more", "200")
def _(world: World) -> Event:
    remember(world)
    return ask(world, scope="read write")


def told_once(world: World, answer: Answer | None) -> None:
    """One problem at most; the SDK may count it twice, where it repeats a write whose answer was lost."""
    assert len(world.store.problems_of(world.web.client_id)) <= 1


@FLOWS.add("authorize", "redirect URI that is not registered", "400", check=told_once)
def _(world: World) -> Event:
    return ask(world, redirect_uri=f"{CALLBACK}/")


@FLOWS.add("revoke", "wrong secret", "401 invalid_client", check=told_once)
def _(world: World) -> Event:
    return guessed(world, REVOKE)


@FLOWS.add("introspect", "wrong secret", "401 invalid_client", check=told_once)
def _(world: World) -> Event:
    return guessed(world, INTROSPECT)


@FLOWS.add("authorize", "prompt=none", "303 consent_required")
def _(world: World) -> Event:
    return ask(world, prompt="none")


def remember(world: World) -> None:
    """Alice approved `read` before."""
    approval = Approval(
        user_id=ALICE.user_id, client_id=world.web.client_id, scope=Scope.of("read"), approved_at=int(world.now)
    )
    code = world.grant_code()
    (record,) = [item for item in world.cloud.items()["codes"] if item["code_hash"]["S"] == digest(code)]
    (grant,) = world.store.read(GrantKey(record["grant_id"]["S"]))
    assert grant is not None
    world.store.approve(grant, user=ALICE, code=None, approval=approval)


def answer_form(decision: str) -> Event:
    return page(CONSENT, form={"decision": decision, "request_id": REQUEST_ID})


@FLOWS.add("consent", "allow", "303 code", check=approved, again=("400",))
def _(world: World) -> Event:
    world.pending()
    return answer_form("allow")


def denied(world: World, answer: Answer | None) -> None:
    assert grants(world) == []
    assert not [item for item in world.cloud.items()["sessions"] if "request_hash" in item]


@FLOWS.add("consent", "deny", "303 access_denied", check=denied, again=("400",))
def _(world: World) -> Event:
    world.pending()
    return answer_form("deny")


def token_came(world: World, answer: Answer | None) -> None:
    assert {grant.grant_type for grant in grants(world)} == {"implicit"}


@FLOWS.add("consent", "allow, implicit", "303 token", check=token_came, again=("400",))
def _(world: World) -> Event:
    world.pending(response_type="token")
    return answer_form("allow")


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


@FLOWS.add("authorize", "remembered approval of an app from before", "303 code", check=code_came)
def _(world: World) -> Event:
    remember(world)
    world.from_before()
    return ask(world)


def token_revoked(world: World, answer: Answer | None) -> None:
    revoked = {
        item["subject"]["S"]
        for item in world.cloud.items()["tokens"]
        if item["pk"]["S"] == "feed" and "subject" in item
    }
    (jti,) = [item["pk"]["S"][4:] for item in world.cloud.items()["tokens"] if item["pk"]["S"].startswith("jti#")]
    assert jti in revoked
    assert world.store.read(RevokedTokenKey(jti)) != (None,)


@FLOWS.add("revoke", "access token", "200", check=token_revoked)
def _(world: World) -> Event:
    return owned(world, REVOKE, world.tokens().access_token)


@FLOWS.add("revoke", "refresh token", "200", check=ended)
def _(world: World) -> Event:
    return owned(world, REVOKE, world.tokens().refresh_token)


@FLOWS.add("revoke", "unknown token", "200")
def _(world: World) -> Event:
    return owned(world, REVOKE, "unknown")


def active(world: World, answer: Answer | None) -> None:
    assert answer is not None
    assert answer["body"].startswith('{"active":true')


@FLOWS.add("introspect", "access token", "200", check=active)
def _(world: World) -> Event:
    return owned(world, INTROSPECT, world.tokens().access_token)


@FLOWS.add("introspect", "refresh token", "200", check=active)
def _(world: World) -> Event:
    return owned(world, INTROSPECT, world.tokens().refresh_token)


@FLOWS.add("whoami", "whoami", "200")
def _(world: World) -> Event:
    token = {"sub": ALICE.user_id, "client_id": world.web.client_id, "scope": "read", "grant_id": "g"}
    return event(WHOAMI, token=token)


@FLOWS.add("metadata", "metadata", "200")
def _(world: World) -> Event:
    return event(METADATA)


@FLOWS.add("metadata", "metadata for API Gateway", "200")
def _(world: World) -> Event:
    return event(OPENID_METADATA)


@FLOWS.add("metadata", "JWK Set", "200")
def _(world: World) -> Event:
    return event(JWKS)


def bearer(token: str) -> Event:
    return event(DEMO_READ, headers={"Authorization": f"Bearer {token}"})


@FLOWS.add("authorizer", "cold", "allowed")
def _(world: World) -> Event:
    return bearer(world.tokens().access_token)


@FLOWS.add("authorizer", "unknown key", "denied")
def _(world: World) -> Event:
    token, (key,) = world.tokens().access_token, world.store.public_keys()
    world.store.publish_key(new_signing_key("ES256", active_from=0).public())
    for place in ("keys", "feed"):
        at = {"pk": {"S": place}, "sk": {"S": f"key#{key.kid}"}}
        world.cloud.dynamodb.delete_item(TableName=world.cloud.tables["tokens"], Key=at)
    return bearer(token)


def delivered_tokens_stand(world: World, answers: Sequence[Answer]) -> list[str]:
    """Return the violations by issued tokens: one without its record, or two valid chains for one code."""
    tokens = [_members(answer) for answer in answers if "isAuthorized" not in answer]
    living, wrong = set(), []
    stored = {grant.grant_id: grant for grant in grants(world)}
    for members in tokens:
        grant_id = _claim(members["access_token"], "grant_id") if "access_token" in members else ""
        grant = stored.get(grant_id)
        if grant_id and (grant is None or (grant.redeem_before and not grant.redeemed_by)):
            wrong.append("a token without its record")
        if grant is not None and grant.redeem_before and "refresh_token" in members and not grant.revoked_at:
            living.add((grant_id, grant.generation))
    return wrong + ["two living chains"] * (len(living) > 1)


def _members(answer: Answer) -> dict[str, str]:
    """Return the members of a token response, in the body or in the fragment."""
    fragment = urlsplit(answer["headers"].get("Location", "")).fragment
    if fragment:
        return {name: values[0] for name, values in parse_qs(fragment).items()}
    if answer["headers"].get("Content-Type") != "application/json" or answer["statusCode"] != 200:
        return {}
    return {name: value for name, value in json.loads(answer["body"]).items() if isinstance(value, str)}


def _claim(token: str, name: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False}).get(name, ""))
