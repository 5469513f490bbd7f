"""The rules of codes, refresh tokens, and the parties of grants, with their removal from the code."""

from __future__ import annotations

from tests.security.lives.rule import ANY, FAKE, STORE, rule

_CODE, _REFRESH = "grants.authorization_code", "grants.refresh_token"
_WIDER = "return allowed_scope(most_requested(app, settings) | Scope.of('write'), *limits, barred"
# what a code that comes again ends
_AGAIN = (
    "        revoke_grant(server.store, grant, now=now)\n"
    '        raise InvalidGrant(CODE_NOT_VALID, reason="redeemed twice"'
)
_STANDING = "oauth.grant_standing"
_VOID_BY_USER = "if user is not None and grant.created_at <= user.grants_valid_from:"
_VOID_BY_APP = "if app is not None and grant.created_at <= app.grants_valid_from:"

OF_GRANTS = (
    # codes
    rule(
        "a code is redeemed once",
        (STORE, " AND attribute_not_exists(redeemed_by)", ""),
    ),
    rule(
        "a code that is presented again ends its grant",
        (
            _CODE,
            _AGAIN,
            _AGAIN.partition("\n")[2],
        ),
    ),
    rule(
        "a code that comes twice within the window is refused only",
        (_CODE, "if _came_twice(grant, code, server.settings, now):", "if False:"),
    ),
    rule(
        "a code that comes twice after the window ends its grant",
        (_CODE, "return int(now) - grant.redeemed_at <= settings.refresh_retry_window", "return True"),
    ),
    rule(
        "a code without PKCE that comes twice ends its grant at once",
        (_CODE, "if not code.code_challenge or not settings.refresh_retry_window:", "if False:"),
    ),
    rule(
        "a code expires",
        (STORE, " AND redeem_before > :now", f" AND (redeem_before > :now OR {ANY})"),
        (FAKE, " or grant.redeem_before <= now", ""),
    ),
    rule(
        "a code is for its app",
        (_CODE, "if code.client_id != app.client_id:", "if False:"),
    ),
    rule(
        "a code is for its redirect URI",
        (_CODE, "if redirect_uri is not None and redirect_uri != code.redirect_uri:", "if False:"),
    ),
    rule(
        "a code needs its verifier",
        (_CODE, '    check_verifier(parameters.get("code_verifier"), code.code_challenge)\n', ""),
    ),
    rule(
        "a code of an app that was stopped meanwhile is void",
        (_CODE, "if reason := why_ended(grant, app, None):", "if reason := '':"),
    ),
    rule(
        "a code that waits ends with its user's grants",
        ("accounts.removal", "just_made = grant.redeem_before > now or unheard", "just_made = unheard"),
    ),
    # refresh tokens
    rule(
        "a retry is answered within the window",
        (_REFRESH, "fresh = int(now) - standing.rotated_at <= server.settings.refresh_retry_window", "fresh = False"),
    ),
    rule(
        "a retry is refused after the window",
        (_REFRESH, "fresh = int(now) - standing.rotated_at <= server.settings.refresh_retry_window", "fresh = True"),
    ),
    rule(
        "only the generation before may be repeated",
        (_REFRESH, "standing.generation != generation + 1 or not fresh", "not fresh"),
    ),
    rule(
        "reuse ends the grant",
        (_REFRESH, "        revoke_grant(server.store, standing, now=now)\n", ""),
    ),
    rule(
        "a refresh token is for its app",
        (_REFRESH, "if grant is None or grant.client_id != app.client_id:", "if grant is None:"),
    ),
    rule(
        "a refresh token is authentic",
        (
            "tokens.refresh_token",
            "if not any(hmac.compare_digest(_mac(key, grant_id, generation), mac) for key in keys):",
            "if False:",
        ),
    ),
    rule(
        "a grant ends when nobody uses it",
        (_STANDING, "return min(grant.expires_at, grant.idle_expires_at) <= now", "return grant.expires_at <= now"),
    ),
    rule(
        "a use puts the idle end off",
        (_REFRESH, "int(now) + server.settings.refresh_token_idle_lifetime)", "grant.idle_expires_at)"),
    ),
    rule(
        "a grant ends however often it is used",
        (
            _STANDING,
            "return min(grant.expires_at, grant.idle_expires_at) <= now",
            "return grant.idle_expires_at <= now",
        ),
        (
            _REFRESH,
            "idle_end = min(grant.expires_at, int(now) + server.settings.refresh_token_idle_lifetime)",
            "idle_end = int(now) + server.settings.refresh_token_idle_lifetime",
        ),
    ),
    rule(
        "a scope is never wider than granted",
        ("scope", "if not requested <= reach(granted, implies):", "if False:"),
    ),
    rule(
        "a scope that the app lost is lost",
        ("clients.scopes", "return allowed_scope(most_requested(app, settings), *limits, barred", _WIDER),
    ),
    rule(
        "a code brings no scope that the app lost",
        (
            _CODE,
            "allowed = still_allowed(grant, app, None, server.settings, CODE_NOT_VALID)",
            "allowed = grant.scope",
        ),
    ),
    rule(
        "a scope that the user lost is lost",
        (
            "grants.token_response",
            "grant.user_id, user.scope if user else None, settings",
            "grant.user_id, None, settings",
        ),
    ),
    rule(
        "a revoked grant is not refreshed",
        (_STANDING, '    if grant.revoked_at:\n        return "revoked"', ""),
        (_REFRESH, "if standing is None or standing.revoked_at:", "if standing is None:"),
        (
            STORE,
            'AT_GENERATION = f"{NOT_REVOKED} AND generation = :generation"',
            'AT_GENERATION = "attribute_exists(pk) AND generation = :generation"',
        ),
        (FAKE, "grant.generation != generation or grant.revoked_at:", "grant.generation != generation:"),
    ),
    # users and apps
    rule(
        "an account that is not active refreshes nothing",
        (_STANDING, "if user is not None and user.status != ACTIVE:", "if False:"),
    ),
    rule(
        "an account that is not active is granted nothing for its password",
        ("authentication.sign_in", "    if user.status != ACTIVE:", "    if False:"),
        (STORE, 'AS_READ = "#s = :active AND', f'AS_READ = "(#s = :active OR {ANY}) AND'),
        (FAKE, "standing.status != ACTIVE or ", ""),
    ),
    rule(
        "an app that is not active gets nothing",
        ("model.records", "return self.status == ACTIVE and not self.owner_stopped", "return not self.owner_stopped"),
    ),
    rule(
        "an app whose owner is stopped gets nothing",
        ("model.records", "return self.status == ACTIVE and not self.owner_stopped", "return self.status == ACTIVE"),
    ),
    rule(
        "no app is granted more than its owner may have",
        ("clients.scopes", "for limit in (user_scope, app.owner_scope))", "for limit in (user_scope,))"),
    ),
    rule(
        "no app has more for itself than its owner may have",
        (
            "clients.scopes",
            "allowed_scope(most_requested(app, settings), app.owner_scope, barred",
            "allowed_scope(app.scope, barred",
        ),
    ),
    rule(
        "an app has for itself what was granted to it",
        ("clients.scopes", 'return "granted" if name in granted else "asked"', 'return "granted"'),
    ),
    rule(
        "what is taken from an app itself ends its own tokens",
        ("clients.admin_decisions", "revocation = end_own_tokens(app, at) if loses else None", "revocation = None"),
    ),
    rule(
        "the own tokens of an app end with its owner",
        (
            "clients.owners",
            "store.set_owner_standing(told, revocation=ends(at))",
            "store.set_owner_standing(told, revocation=None)",
        ),
    ),
    rule(
        "what a user ended is not refreshed",
        (_STANDING, _VOID_BY_USER, "if False:"),
    ),
    rule(
        "what ended with the app is not refreshed",
        (_STANDING, _VOID_BY_APP, "if False:"),
    ),
    rule(
        "what was granted to a stopped app stays void when it goes on",
        ("clients.lifecycle", "max(app.grants_valid_from, int(now)) if app.status == DEACTIVATED else None", "None"),
    ),
    rule(
        "a clock that was set back brings nothing of a user back",
        ("accounts.removal", "valid_from = max(user.grants_valid_from, int(at))", "valid_from = int(at)"),
    ),
    rule(
        "a clock that was set back brings nothing of an app back",
        ("clients.lifecycle", "valid_from = max(app.grants_valid_from, int(at))", "valid_from = int(at)"),
        ("clients.lifecycle", "max(app.grants_valid_from, int(now)) if", "int(now) if"),
    ),
    rule(
        "an approval needs the account as it was read",
        (
            STORE,
            'AS_READ = "#s = :active AND grants_valid_from = :from"',
            f'AS_READ = "#s = :active AND (grants_valid_from = :from OR {ANY})"',
        ),
        (
            STORE,
            'NEVER_VOIDED = "#s = :active AND attribute_not_exists(grants_valid_from)"',
            'NEVER_VOIDED = "#s = :active"',
        ),
    ),
    rule(
        "a new password ends what was granted, if its owner says so",
        (
            "accounts.accounts",
            "ended = clock_from(ends_grants_at) if ends_grants_at is not None else None",
            "ended = None",
        ),
    ),
    rule(
        "an app that was disconnected keeps nothing",
        (
            "accounts.connected_apps",
            "            if not revoke_slept(store, grant, now=now):\n                revoke(store, grant, now=now)\n",
            "            pass\n",
        ),
    ),
    # resources
    rule(
        "a grant gives no token for a resource that was not granted",
        ("oauth.resource_indicators", "if target.audience not in (granted or (settings.audience,)):", "if False:"),
    ),
    rule(
        "a token is for one resource",
        ("oauth.resource_indicators", "if len(resources) > 1:", "if False:"),
        ("oauth.resource_indicators", "(target,) = targets_of", "target, *_ = targets_of"),
    ),
    rule(
        "a token holds no scope that its resource does not take",
        (
            "oauth.resource_indicators",
            "            return scope & self.scopes\n        return scope - self.without if self.without else scope\n",
            "            return scope\n        return scope\n",
        ),
    ),
    rule(
        "a resource that is not configured gets no token",
        (
            "oauth.resource_indicators",
            (
                'raise InvalidTarget(\n        f"resource is unknown: {sendable(resource)}", '
                'reason="unknown resource", detail=quoted(resource)\n    )'
            ),
            "return default_target(settings)",
        ),
    ),
    rule(
        "what a user ended is told to authorizers",
        ("accounts.removal", 'everything_of("user", user.user_id, at) if published else None', "None"),
    ),
)
