"""Revocation of tokens by their app (RFC 7009)."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.endpoints.presented_token import claims_in, refreshed_grant
from gatepost.model.feed import Revocation
from gatepost.oauth.client_authentication import Credentials, authenticated
from gatepost.oauth.grant_standing import revoke_grant, revoke_slept
from gatepost.oauth.parameters import required
from gatepost.oauth.server import Server
from gatepost.settings import LONGEST_LEEWAY
from gatepost.stores.record_keys import GrantKey, app_key
from gatepost.tokens.revocation_list import Watch


def revoke(server: Server, watch: Watch, parameters: Mapping[str, str], credentials: Credentials, now: float) -> None:
    """Revoke a token of the app: a refresh token with its whole grant, an access token alone.

    An access token counts as living as long as any reader may take it: others have a leeway and a clock of their own.
    A token that is unknown, expired or another app's is ignored without an error (RFC 7009 §2.1, §2.2).
    Raises InvalidClient and InvalidRequest.
    """
    token, part = required(parameters, "token"), _part(server, watch, now)
    grant_id, _ = refreshed_grant(server, token, now)
    if grant_id:
        found, grant = server.store.read(app_key(credentials.client_id), GrantKey(grant_id))
        app = authenticated(found, credentials, now).app
        if grant is not None and grant.client_id == app.client_id and not revoke_slept(server.store, grant, now=now):
            revoke_grant(server.store, grant, now=now, part=part)
        return
    (found,) = server.store.read(app_key(credentials.client_id))
    app = authenticated(found, credentials, now).app
    claims = claims_in(watch, token, now, leeway=LONGEST_LEEWAY)
    if claims is not None and claims.client_id == app.client_id:
        end = claims.exp + LONGEST_LEEWAY
        entry = Revocation(kind="jti", subject=claims.jti, revoked_at=now, expires_at=end)
        server.store.publish(entry, part=part)


def _part(server: Server, watch: Watch, now: float) -> int:
    """Return the partition of the feed to write to, and announce a change of their number."""
    if server.settings.feed_parts <= 0 and not watch.parts.own.number:
        return 0
    from gatepost.tokens.feed_parts import part_to_write, to_announce, wanted_by

    watch.follow(now)
    wanted = wanted_by(server.settings, watch.parts.own)
    announced = to_announce(watch.parts.own, wanted, now)
    if announced is not None:
        server.store.compactor().announce(watch.parts.own, announced)
        watch.parts = watch.parts._replace(own=announced)
    return part_to_write(watch.parts.own, wanted, now)
