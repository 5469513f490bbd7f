"""The flows that tell or end what was issued: revocation, introspection, metadata and the authorizer; and new keys."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from gatepost import routes
from gatepost.model.feed import PublicKey, Revocation, Segment
from gatepost.oauth.grant_standing import revoke_grant
from gatepost.scope import Scope
from gatepost.stores.dynamodb.revocations import feed_item
from gatepost.stores.record_keys import GrantKey, RevokedTokenKey
from gatepost.tokens.access_token import issue_access_token
from gatepost.tokens.compaction import compact
from gatepost.tokens.revocation_list import LONG, Watch
from gatepost.tokens.signing_keys import new_signing_key
from tests.security.faults.events import bearing, by_web, event
from tests.security.faults.flow import flow
from tests.security.faults.token_flows import BOTH, CONFIGURED, NOTES, REPORTS, ended
from tests.security.faults.world import ALICE, Answer, Event, World
from tests.unit.world import WEB

LONG_AGO = 60  # seconds: what was written then has settled
VERSION = str(UUID(int=7))
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def long_feed(world: World) -> None:
    """As many entries as are compacted, and one more that is the witness of the time."""
    table, now = world.cloud.tables["tokens"], world.now
    entries = [
        Revocation(kind="grant", subject=f"nobody.{number}", revoked_at=now - LONG_AGO, expires_at=int(now) + 900)
        for number in range(LONG)
    ]
    for entry in entries:
        world.cloud.dynamodb.put_item(TableName=table, Item=feed_item(entry, now - LONG_AGO))


def compacted(world: World) -> str:
    """Return a token that is revoked; a reader who takes the segments begins after its entry."""
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
    return tokens.access_token


def listed(world: World) -> Segment:
    """A compacted feed and the key of handles."""
    world.store.publish_handle_key(bytes(32))
    compacted(world)
    return world.store.compactor().compaction().segments[0]


def of_unknown_key(world: World) -> str:
    """Return a token whose key is nowhere; there is another one."""
    token, (key,) = world.tokens().access_token, world.store.public_keys()
    world.store.publish_key(new_signing_key("ES256", active_from=0).public())
    for place in ("keys", "feed"):
        at = {"pk": {"S": place}, "sk": {"S": f"key#{key.kid}"}}
        world.cloud.dynamodb.delete_item(TableName=world.cloud.tables["tokens"], Key=at)
    return token


def opened(world: World, route: routes.Route) -> Event:
    """A request to userinfo, which verifies the token itself."""
    token = issue_access_token(
        world.server.keys.signer(world.now),
        world.settings,
        sub=ALICE.user_id,
        client_id=WEB,
        scope=Scope.of("openid", "email"),
        grant_id="g",
        lifetime=60,
        now=world.now,
        audience=world.settings.audience,
    )
    return bearing(token, route)


def token_revoked(world: World, answer: Answer | None) -> None:
    items = world.cloud.items()["tokens"]
    revoked = {item["subject"]["S"] for item in items if item["pk"]["S"] == "feed" and "subject" in item}
    (jti,) = [item["pk"]["S"][4:] for item in items if item["pk"]["S"].startswith("jti#")]
    assert jti in revoked
    assert world.store.read(RevokedTokenKey(jti)) != (None,)


def all_seen(world: World, answer: Answer | None) -> None:
    """A container that starts now sees every entry, and the token's own, whatever became of the compaction."""
    token_revoked(world, answer)
    watch = Watch(world.store, world.settings)
    watch.follow(world.now + 1)
    assert len(watch._revoked) == LONG + 1


def active(world: World, answer: Answer | None) -> None:
    assert answer is not None
    assert json.loads(answer["body"])["active"] is True


def for_reports(world: World, answer: Answer | None) -> None:
    assert answer is not None
    assert json.loads(answer["body"])["aud"] == REPORTS


BEARER = {"sub": ALICE.user_id, "client_id": WEB, "scope": "read", "grant_id": "g"}
OF_REPORTS: dict[str, Any] = {"check": for_reports, "resources": CONFIGURED}
FLOWS = [
    flow("revoke", "access token", lambda w: by_web(routes.REVOKE, token=w.tokens().access_token), check=token_revoked),
    flow("revoke", "refresh token", lambda w: by_web(routes.REVOKE, token=w.tokens().refresh_token), check=ended),
    flow("revoke", "unknown token", by_web(routes.REVOKE, token="unknown")),
    flow(
        *("revoke", "a long feed", lambda w: by_web(routes.REVOKE, token=w.tokens().access_token)),
        given=long_feed,
        check=all_seen,
    ),
    flow(
        *("introspect", "access token", lambda w: by_web(routes.INTROSPECT, token=w.tokens(BOTH).access_token)),
        **OF_REPORTS,
    ),
    flow(
        "introspect", "refresh token", lambda w: by_web(routes.INTROSPECT, token=w.tokens().refresh_token), check=active
    ),
    flow("whoami", "whoami", event(routes.WHOAMI, token=BEARER)),
    flow("userinfo", "userinfo", lambda world: opened(world, routes.USERINFO), openid=True),
    flow("userinfo", "userinfo by POST", lambda world: opened(world, routes.POST_USERINFO), openid=True),
    flow("metadata", "metadata", event(routes.METADATA)),
    flow("metadata", "metadata for API Gateway", event(routes.OPENID_METADATA)),
    flow("metadata", "JWK Set", event(routes.JWKS)),
    flow("metadata", "list of revocations", event(routes.REVOCATION_LIST), given=listed, published_revocations=True),
    flow(
        *("metadata", "segment", lambda w: event(routes.REVOCATION_SEGMENT, at={"name": listed(w).segment_id})),
        published_revocations=True,
    ),
    flow("authorizer", "cold", lambda world: bearing(world.tokens().access_token), "allowed"),
    flow("authorizer", "revoked in a segment", lambda world: bearing(compacted(world)), "denied"),
    flow("authorizer", "unknown key", lambda world: bearing(of_unknown_key(world)), "denied"),
    flow(
        *("authorizer", "token of another resource"),
        *(lambda world: bearing(world.tokens((NOTES,)).access_token, routes.DEMO_READ), "denied"),
        resources=CONFIGURED,
    ),
]


class Rotation:
    """A step of a rotation, as Secrets Manager calls it, after those before it."""

    def __init__(self, secret: str, step: str) -> None:
        self.secret, self.step = secret, step

    def request(self, world: World) -> Event:
        arn = world.cloud.secrets.describe_secret(SecretId=self.secret)["ARN"]
        *earlier, last = STEPS[: STEPS.index(self.step) + 1]
        for step in earlier:
            world.call("rotate_keys", {"Step": step, "SecretId": arn, "ClientRequestToken": VERSION})
        return {"Step": last, "SecretId": arn, "ClientRequestToken": VERSION}

    def check(self, world: World, answer: Answer | None) -> None:
        """The key in use is still there, and in use or next."""
        current, pending = self.keys(world, "AWSCURRENT"), self.keys(world, "AWSPENDING")
        finished = self.step == "finishSecret"
        assert len(current) == (2 if finished else 1)
        assert len(pending) == 2
        assert pending[0] == (self.keys(world, "AWSPREVIOUS") if finished else current)[0]
        published = {key.kid for key in world.store.public_keys() if isinstance(key, PublicKey)}
        if self.secret == "signing" and self.step != "createSecret":
            assert published == {key["kid"] for key in pending}

    def keys(self, world: World, stage: str) -> list[dict[str, str]]:
        text = world.cloud.secrets.get_secret_value(SecretId=self.secret, VersionStage=stage)["SecretString"]
        found: list[dict[str, str]] = json.loads(text)["keys"]
        return found


ROTATIONS = [Rotation(secret, step) for secret in ("signing", "refresh") for step in STEPS]
FLOWS += [
    flow("rotate_keys", f"{each.secret}, {each.step}", each.request, "done", check=each.check) for each in ROTATIONS
]
