"""The rules of a token's life, and how each is taken out of the code: a piece of a module, and what stands there then.

Where two places hold a rule, so that one of them alone would not be missed, both are taken out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """A place in a module below `gatepost`. `old` stands there once."""

    module: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds, and the places that hold it."""

    name: str
    edits: tuple[Edit, ...]


def _rule(name: str, *edits: tuple[str, str, str]) -> Rule:
    return Rule(name, tuple(Edit(*edit) for edit in edits))


_CODE, _REFRESH, _STATUS = "grants.authorization_code", "grants.refresh_token", "token_status"
_STORE, _FAKE, _FAKE_ACCOUNTS = "stores.dynamodb.grants", "stores.memory.grants", "stores.memory.accounts"
_ANY = "(attribute_exists(pk) OR attribute_not_exists(pk))"
_VOID_BY_USER = "if user is not None and user.grants_valid_from and grant.created_at <= user.grants_valid_from:"
_VOID_BY_APP = "if app.grants_valid_from and grant.created_at <= app.grants_valid_from:"

RULES = (
    # codes
    _rule(
        "a code is redeemed once",
        (_STORE, " AND attribute_not_exists(redeemed_by)", ""),
    ),
    _rule(
        "a code that is presented again ends its grant",
        (_CODE, "        server.store.revoke_grant(grant.grant_id, now=now, feed_until=feed_until)\n", ""),
    ),
    _rule(
        "a code expires",
        (_STORE, " AND redeem_before > :now", f" AND (redeem_before > :now OR {_ANY})"),
        (_FAKE, " or grant.redeem_before <= now", ""),
    ),
    _rule(
        "a code is for its app",
        (_CODE, "if code is None or code.client_id != app.client_id:", "if code is None:"),
    ),
    _rule(
        "a code is for its redirect URI",
        (_CODE, "if redirect_uri is not None and redirect_uri != code.redirect_uri:", "if False:"),
    ),
    _rule(
        "a code needs its verifier",
        (_CODE, '    check_verifier(parameters.get("code_verifier"), code.code_challenge)\n', ""),
    ),
    _rule(
        "a code of an app that was stopped meanwhile is void",
        (_CODE, "    check_not_void(grant, app, None, CODE_NOT_VALID)\n", ""),
    ),
    _rule(
        "a code that waits ends with its user's grants",
        ("accounts", "if grant.redeem_before > now:", "if False:"),
    ),
    # refresh tokens
    _rule(
        "a retry is answered within the window",
        (_REFRESH, "fresh = int(now) - standing.rotated_at <= server.settings.refresh_retry_window", "fresh = False"),
    ),
    _rule(
        "a retry is refused after the window",
        (_REFRESH, "fresh = int(now) - standing.rotated_at <= server.settings.refresh_retry_window", "fresh = True"),
    ),
    _rule(
        "only the generation before may be repeated",
        (_REFRESH, "standing.generation != generation + 1 or not fresh", "not fresh"),
    ),
    _rule(
        "reuse ends the grant",
        (_REFRESH, "        server.store.revoke_grant(grant.grant_id, now=now, feed_until=feed_until)\n", ""),
    ),
    _rule(
        "a refresh token is for its app",
        (_REFRESH, "if grant is None or grant.client_id != app.client_id:", "if grant is None:"),
    ),
    _rule(
        "a refresh token is authentic",
        (
            "tokens.refresh",
            "if not any(hmac.compare_digest(_mac(key, grant_id, generation), mac) for key in keys):",
            "if False:",
        ),
    ),
    _rule(
        "a grant ends when nobody uses it",
        (_REFRESH, "if min(grant.expires_at, grant.idle_expires_at) <= now:", "if grant.expires_at <= now:"),
    ),
    _rule(
        "a use puts the idle end off",
        (_REFRESH, "int(now) + server.settings.refresh_token_idle_lifetime)", "grant.idle_expires_at)"),
    ),
    _rule(
        "a grant ends however often it is used",
        (_REFRESH, "if min(grant.expires_at, grant.idle_expires_at) <= now:", "if grant.idle_expires_at <= now:"),
        (
            _REFRESH,
            "idle_end = min(grant.expires_at, int(now) + server.settings.refresh_token_idle_lifetime)",
            "idle_end = int(now) + server.settings.refresh_token_idle_lifetime",
        ),
    ),
    _rule(
        "a scope is never wider than granted",
        ("scope", "if not requested <= reach(granted, implies):", "if False:"),
    ),
    _rule(
        "a scope that the app lost is lost",
        (_REFRESH, "scope = grant.scope & reach(app.scope, implies)", "scope = grant.scope"),
    ),
    _rule(
        "a scope that the user lost is lost",
        (_REFRESH, "if user is not None and user.scope is not None:", "if False:"),
    ),
    _rule(
        "a revoked grant is not refreshed",
        (_REFRESH, "if grant.revoked_at:", "if False:"),
        (_REFRESH, "if standing is None or standing.revoked_at:", "if standing is None:"),
        (
            _STORE,
            'AT_GENERATION = f"{NOT_REVOKED} AND generation = :generation"',
            'AT_GENERATION = "attribute_exists(pk) AND generation = :generation"',
        ),
        (_FAKE, "grant.generation != generation or grant.revoked_at:", "grant.generation != generation:"),
    ),
    # users and apps
    _rule(
        "an account that is not active refreshes nothing",
        (_REFRESH, "if user is None or user.status != ACTIVE:", "if user is None:"),
    ),
    _rule(
        "an account that is not active is granted nothing for its password",
        ("sign_in", "if user is None or user.status != ACTIVE:", "if user is None:"),
        (_STORE, 'AS_READ = "#s = :active AND', f'AS_READ = "(#s = :active OR {_ANY}) AND'),
        (_FAKE, "standing.status != ACTIVE or ", ""),
    ),
    _rule(
        "an app that is not active gets nothing",
        ("apps", "if app.status != ACTIVE:", "if False:"),
    ),
    _rule(
        "what a user ended is not refreshed",
        ("grants.answer", _VOID_BY_USER, "if False:"),
    ),
    _rule(
        "what ended with the app is not refreshed",
        ("grants.answer", _VOID_BY_APP, "if False:"),
    ),
    _rule(
        "what was granted to a stopped app stays void when it goes on",
        ("apps", "max(app.grants_valid_from, int(now)) if app.status == DEACTIVATED else None", "None"),
    ),
    _rule(
        "a clock that was set back brings nothing of a user back",
        ("accounts", "valid_from = max(user.grants_valid_from, int(at))", "valid_from = int(at)"),
    ),
    _rule(
        "a clock that was set back brings nothing of an app back",
        ("apps", "valid_from = max(app.grants_valid_from, int(at))", "valid_from = int(at)"),
        ("apps", "max(app.grants_valid_from, int(now)) if", "int(now) if"),
    ),
    _rule(
        "an approval needs the account as it was read",
        (
            _STORE,
            'AS_READ = "#s = :active AND grants_valid_from = :from"',
            f'AS_READ = "#s = :active AND (grants_valid_from = :from OR {_ANY})"',
        ),
        (
            _STORE,
            'NEVER_VOIDED = "#s = :active AND attribute_not_exists(grants_valid_from)"',
            'NEVER_VOIDED = "#s = :active"',
        ),
    ),
    _rule(
        "a new password ends what was granted, if its owner says so",
        ("accounts", "ended = clock_from(ends_grants_at) if ends_grants_at is not None else None", "ended = None"),
    ),
    _rule(
        "an app that was disconnected keeps nothing",
        (
            "connections",
            "            store.revoke_grant(grant.grant_id, now=now, feed_until=feed_until)",
            "            pass",
        ),
    ),
    # access tokens
    _rule(
        "an access token expires",
        ("tokens.access", "if exp <= now - leeway:", "if False:"),
    ),
    _rule(
        "an implicit token is short-lived",
        (
            "grants.implicit",
            "lifetime = server.settings.implicit_token_lifetime",
            "lifetime = server.settings.access_token_lifetime",
        ),
    ),
    _rule(
        "an access token does not outlive its grant",
        (
            "grants.answer",
            "min(server.settings.access_token_lifetime, grant.expires_at - int(now))",
            "server.settings.access_token_lifetime",
        ),
    ),
    _rule(
        "a revoked access token opens nothing",
        (
            "tokens.revocations",
            'if ("jti", claims.jti) in self._revoked or ("key", claims.kid) in self._revoked:',
            "if False:",
        ),
    ),
    _rule(
        "the tokens of a revoked grant open nothing",
        ("tokens.revocations", 'if claims.grant_id and ("grant", claims.grant_id) in self._revoked:', "if False:"),
    ),
    _rule(
        "a revoked grant is told to authorizers",
        (
            _STORE,
            'self._tables.transact({"Update": mark}, self._tables.put_write(t.TOKENS, feed_item(entry)))',
            'self._tables.transact({"Update": mark})',
        ),
    ),
    _rule(
        "the tokens of an app that was stopped open nothing",
        ("tokens.revocations", '(self._revoked.get(("client", claims.client_id)), ', "("),
    ),
    _rule(
        "the tokens of a user who ended them open nothing",
        ("tokens.revocations", ', self._revoked.get(("user", claims.sub)))', ",)"),
    ),
    _rule(
        "an authorizer that runs on reads what was revoked",
        ("tokens.revocations", "if now - self._tried_at >= self._settings.revocation_poll:", "if False:"),
    ),
    _rule(
        "only its app revokes an access token",
        (_STATUS, "if claims is not None and claims.client_id == app.client_id:", "if claims is not None:"),
    ),
    _rule(
        "only its app revokes a refresh token",
        (_STATUS, "if grant is not None and grant.client_id == app.client_id:", "if grant is not None:"),
    ),
    _rule(
        "a refresh token that is given back takes its grant along",
        (
            _STATUS,
            "            server.store.revoke_grant(grant_id, now=now, feed_until=int(now) + LONGEST_LIFETIME)",
            "            pass",
        ),
    ),
    # introspection
    _rule(
        "a revoked grant is not active",
        (_STATUS, "user is None or grant.revoked_at:", "user is None:"),
        ("tokens.revocations", 'if claims.grant_id and ("grant", claims.grant_id) in self._revoked:', "if False:"),
    ),
    _rule(
        "what is stopped is not active",
        (_STATUS, "if app.status != ACTIVE or user.status != ACTIVE:", "if False:"),
    ),
    _rule(
        "what is void is not active",
        (_STATUS, "return bool(voided) and created_at <= voided", "return False"),
    ),
    _rule(
        "a refresh token that is over is not active",
        (_STATUS, "if end <= now or generation != grant.generation:", "if generation != grant.generation:"),
    ),
    _rule(
        "a refresh token that was replaced is not active",
        (_STATUS, "if end <= now or generation != grant.generation:", "if end <= now:"),
    ),
    _rule(
        "a refresh token of another app is not described",
        (_STATUS, "if grant is None or grant.client_id != app.client_id or not", "if grant is None or not"),
    ),
    # keys
    _rule(
        "a refresh key stays while a refresh token may carry it",
        ("tokens.rotation", " + settings.refresh_token_lifetime + _SLACK", ""),
    ),
    _rule(
        "a signing key verifies until its last token has expired",
        ("tokens.rotation", " + settings.longest_access_token + _SLACK", ""),
    ),
    _rule(
        "a signing key signs until the next one is known",
        (
            "tokens.rotation",
            "kept = [key for key in keys if key.active_from >= in_use]",
            "kept = [key for key in keys if key.active_from > in_use]",
        ),
    ),
)
