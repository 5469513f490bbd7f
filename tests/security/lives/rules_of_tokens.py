"""The rules of access tokens, of introspection and of keys: how each is taken out of the code."""

from __future__ import annotations

from tests.security.lives.rule import STORE, rule

_STATUS, _WATCH = "token_status", "tokens.revocations"

OF_TOKENS = (
    # access tokens
    rule(
        "an access token expires",
        ("tokens.access", "if claims.exp <= now - leeway:", "if False:"),
    ),
    rule(
        "an implicit token is short-lived",
        (
            "grants.implicit",
            "lifetime = server.settings.implicit_token_lifetime",
            "lifetime = server.settings.access_token_lifetime",
        ),
    ),
    rule(
        "an access token does not outlive its grant",
        (
            "grants.answer",
            "min(server.settings.access_token_lifetime, grant.expires_at - int(now))",
            "server.settings.access_token_lifetime",
        ),
    ),
    rule(
        "a revoked access token opens nothing",
        (
            _WATCH,
            'if claims.jti in revoked["jti"] or claims.kid in revoked["key"]:',
            "if False:",
        ),
    ),
    rule(
        "the tokens of a revoked grant open nothing",
        (_WATCH, 'if claims.grant_id and claims.grant_id in revoked["grant"]:', "if False:"),
    ),
    rule(
        "a revoked grant is told to authorizers",
        (
            STORE,
            'transact_published(self._tables, entry, {"Update": mark})',
            'self._tables.transact({"Update": mark})',
        ),
    ),
    rule(
        "the tokens of an app that was stopped open nothing",
        (_WATCH, '(revoked["client"].get(claims.client_id), ', "(None, "),
    ),
    rule(
        "the tokens of a user who ended them open nothing",
        (_WATCH, ', revoked["user"].get(claims.sub))', ", None)"),
    ),
    rule(
        "an authorizer that runs on reads what was revoked",
        (_WATCH, "_, revocations = self._store.feed(self._read_at - _OVERLAP)", "revocations = ()"),
    ),
    rule(
        "only its app revokes an access token",
        (_STATUS, "if claims is not None and claims.client_id == app.client_id:", "if claims is not None:"),
    ),
    rule(
        "only its app revokes a refresh token",
        (_STATUS, "if grant is not None and grant.client_id == app.client_id:", "if grant is not None:"),
    ),
    rule(
        "a refresh token that is given back takes its grant along",
        (
            _STATUS,
            "            server.store.revoke_grant(grant_id, now=now, feed_until=int(now) + LONGEST_LIFETIME)",
            "            pass",
        ),
    ),
    rule(
        "an access token opens no API that it is not for",
        ("tokens.access", "if audience not in claims.aud:", "if False:"),
    ),
    rule(
        "an access token is for the API that was named",
        (
            "grants.answer",
            "        now=now,\n        audience=target.audience,\n",
            "        now=now,\n        audience=server.settings.audience,\n",
        ),
    ),
    # introspection
    rule(
        "a revoked grant is not active",
        (_STATUS, "user is None or grant.revoked_at:", "user is None:"),
        (_WATCH, 'if claims.grant_id and claims.grant_id in revoked["grant"]:', "if False:"),
    ),
    rule(
        "what is stopped is not active",
        (_STATUS, "if not app.works or user.status != ACTIVE:", "if False:"),
    ),
    rule(
        "what is void is not active",
        (_STATUS, "return bool(voided) and created_at <= voided", "return False"),
    ),
    rule(
        "a refresh token that is over is not active",
        (_STATUS, "if end <= now or generation != grant.generation:", "if generation != grant.generation:"),
    ),
    rule(
        "a refresh token that was replaced is not active",
        (_STATUS, "if end <= now or generation != grant.generation:", "if end <= now:"),
    ),
    rule(
        "a refresh token of another app is not described",
        (_STATUS, "if grant is None or grant.client_id != app.client_id or not", "if grant is None or not"),
    ),
    # keys
    rule(
        "a refresh key stays while a refresh token may carry it",
        ("tokens.rotation", " + settings.refresh_token_lifetime + _SLACK", ""),
    ),
    rule(
        "a signing key verifies until its last token has expired",
        ("tokens.rotation", " + settings.longest_access_token + _SLACK", ""),
    ),
    rule(
        "a signing key signs until the next one is known",
        (
            "tokens.rotation",
            "kept = [key for key in keys if key.active_from >= in_use]",
            "kept = [key for key in keys if key.active_from > in_use]",
        ),
    ),
)
