"""The flows that tell or end what was issued: revocation, introspection, metadata and the authorizer."""

from __future__ import annotations

from base64 import b64encode

from gatepost.model.feed import Revocation, Segment
from gatepost.oauth.grant_standing import revoke_grant
from gatepost.routes import (
    DEMO_READ,
    INTROSPECT,
    JWKS,
    METADATA,
    OPENID_METADATA,
    POST_USERINFO,
    REVOCATION_LIST,
    REVOCATION_SEGMENT,
    REVOKE,
    USERINFO,
    WHOAMI,
    Route,
)
from gatepost.scope import Scope
from gatepost.stores.dynamodb.revocations import feed_item
from gatepost.stores.record_keys import GrantKey, RevokedTokenKey
from gatepost.tokens.access_token import issue_access_token
from gatepost.tokens.compaction import compact
from gatepost.tokens.revocation_list import LONG, Watch
from gatepost.tokens.signing_keys import new_signing_key
from tests.security.faults.authorize_flows import told_once
from tests.security.faults.events import event
from tests.security.faults.flow import Flows
from tests.security.faults.token_flows import ended
from tests.security.faults.world import ALICE, Answer, Event, World
from tests.unit.world import SECRET

FLOWS = Flows()


def owned(world: World, route: object, token: str) -> Event:
    basic = b64encode(f"{world.web.client_id}:{SECRET}".encode()).decode()
    return event(route, form={"token": token}, headers={"Authorization": f"Basic {basic}"})  # type: ignore[arg-type]


def guessed(world: World, route: object) -> Event:
    basic = b64encode(f"{world.web.client_id}:wrong".encode()).decode()
    return event(route, form={"token": "x"}, headers={"Authorization": f"Basic {basic}"})  # type: ignore[arg-type]


@FLOWS.add("revoke", "wrong secret", "401 invalid_client", check=told_once)
def _(world: World) -> Event:
    return guessed(world, REVOKE)


@FLOWS.add("introspect", "wrong secret", "401 invalid_client", check=told_once)
def _(world: World) -> Event:
    return guessed(world, INTROSPECT)


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


LONG_AGO = 60  # seconds: what was written then has settled


def long_feed(world: World) -> None:
    """As many entries as are compacted, and one more that is the witness of the time."""
    table, now = world.cloud.tables["tokens"], world.now
    entries = [
        Revocation(kind="grant", subject=f"nobody.{number}", revoked_at=now - LONG_AGO, expires_at=int(now) + 900)
        for number in range(LONG)
    ]
    for entry in entries:
        world.cloud.dynamodb.put_item(TableName=table, Item=feed_item(entry, now - LONG_AGO))


def all_seen(world: World, answer: Answer | None) -> None:
    """A container that starts now sees every entry, and the token's own, whatever became of the compaction."""
    token_revoked(world, answer)
    watch = Watch(world.store, world.settings)
    watch.follow(world.now + 1)
    assert len(watch._revoked) == LONG + 1


@FLOWS.add("revoke", "a long feed", "200", check=all_seen)
def _(world: World) -> Event:
    long_feed(world)
    return owned(world, REVOKE, world.tokens().access_token)


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


def opened(world: World, route: Route) -> Event:
    """A request to userinfo, which verifies the token itself."""
    token = issue_access_token(
        world.server.keys.signer(world.now),
        world.settings,
        sub=ALICE.user_id,
        client_id=world.web.client_id,
        scope=Scope.of("openid", "email"),
        grant_id="g",
        lifetime=60,
        now=world.now,
        audience=world.settings.audience,
    )
    return event(route, headers={"Authorization": f"Bearer {token}"})


@FLOWS.add("userinfo", "userinfo", "200", openid=True)
def _(world: World) -> Event:
    return opened(world, USERINFO)


@FLOWS.add("userinfo", "userinfo by POST", "200", openid=True)
def _(world: World) -> Event:
    return opened(world, POST_USERINFO)


@FLOWS.add("metadata", "metadata", "200")
def _(world: World) -> Event:
    return event(METADATA)


@FLOWS.add("metadata", "metadata for API Gateway", "200")
def _(world: World) -> Event:
    return event(OPENID_METADATA)


def listed(world: World) -> Segment:
    """A compacted feed and the key of handles."""
    world.store.publish_handle_key(bytes(32))
    compacted(world)
    return world.store.compactor().compaction().segments[0]


@FLOWS.add("metadata", "list of revocations", "200", published_revocations=True)
def _(world: World) -> Event:
    listed(world)
    return event(REVOCATION_LIST)


@FLOWS.add("metadata", "segment of the list", "200", published_revocations=True)
def _(world: World) -> Event:
    return event(REVOCATION_SEGMENT, at={"name": listed(world).segment_id})


@FLOWS.add("metadata", "JWK Set", "200")
def _(world: World) -> Event:
    return event(JWKS)


def bearer(token: str) -> Event:
    return event(DEMO_READ, headers={"Authorization": f"Bearer {token}"})


@FLOWS.add("authorizer", "cold", "allowed")
def _(world: World) -> Event:
    return bearer(world.tokens().access_token)


def compacted(world: World) -> Event:
    """The token is revoked; a reader who takes the segments begins after its entry."""
    tokens = world.tokens()
    world.now += LONG_AGO
    (grant,) = world.store.read(GrantKey(tokens.grant_id))
    revoke_grant(world.store, grant, now=world.now - LONG_AGO)
    long_feed(world)
    world.now += LONG_AGO
    assert compact(world.store.compactor(), lag=0, now=world.now, least=1) == LONG
    world.now += LONG_AGO
    later = Revocation(kind="grant", subject="nobody.x", revoked_at=world.now, expires_at=int(world.now) + 900)
    world.store.publish(later)  # a witness of the time
    assert compact(world.store.compactor(), lag=0, now=world.now, least=1)
    return bearer(tokens.access_token)


@FLOWS.add("authorizer", "revoked in a segment", "denied")
def _(world: World) -> Event:
    return compacted(world)


@FLOWS.add("authorizer", "unknown key", "denied")
def _(world: World) -> Event:
    token, (key,) = world.tokens().access_token, world.store.public_keys()
    world.store.publish_key(new_signing_key("ES256", active_from=0).public())
    for place in ("keys", "feed"):
        at = {"pk": {"S": place}, "sk": {"S": f"key#{key.kid}"}}
        world.cloud.dynamodb.delete_item(TableName=world.cloud.tables["tokens"], Key=at)
    return bearer(token)
