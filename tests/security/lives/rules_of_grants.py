"""The rules of codes and refresh tokens, with their removal from the code."""

from __future__ import annotations

from tests.security.lives.rule import ANY, FAKE, STORE, never, rule

_CODE, _REFRESH = "grants.authorization_code", "grants.refresh_token"
_WIDER = "return allowed_scope(most_requested(app, settings) | Scope.of('write'), *limits, barred"
# what a code that comes again ends
_AGAIN = (
    "        revoke_grant(server.store, grant, now=now)\n"
    '        raise InvalidGrant(CODE_NOT_VALID, reason="redeemed twice"'
)
_STANDING = "oauth.grant_standing"

OF_GRANTS = (
    # codes
    rule("a code is redeemed once", (STORE, " AND attribute_not_exists(redeemed_by)", "")),
    rule("a code that is presented again ends its grant", (_CODE, _AGAIN, _AGAIN.partition("\n")[2])),
    rule(
        "a code that comes twice within the window is refused only",
        never(_CODE, "_came_twice(grant, code, server.settings, now)"),
    ),
    rule(
        "a code that comes twice after the window ends its grant",
        (_CODE, "return int(now) - grant.redeemed_at <= settings.refresh_retry_window", "return True"),
    ),
    rule(
        "a code without PKCE that comes twice ends its grant at once",
        never(_CODE, "not code.code_challenge or not settings.refresh_retry_window"),
    ),
    rule(
        "a code expires",
        (STORE, " AND redeem_before > :now", f" AND (redeem_before > :now OR {ANY})"),
        (FAKE, " or grant.redeem_before <= now", ""),
    ),
    rule("a code is for its app", never(_CODE, "code.client_id != app.client_id")),
    rule(
        "a code is for its redirect URI", never(_CODE, "redirect_uri is not None and redirect_uri != code.redirect_uri")
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
    rule("reuse ends the grant", (_REFRESH, "        revoke_grant(server.store, standing, now=now)\n", "")),
    rule(
        "a refresh token is for its app",
        (_REFRESH, "if grant is None or grant.client_id != app.client_id:", "if grant is None:"),
    ),
    rule(
        "a refresh token is authentic",
        never(
            "tokens.refresh_token", "not any(hmac.compare_digest(_mac(key, grant_id, generation), mac) for key in keys)"
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
    rule("a scope is never wider than granted", never("scope", "not requested <= reach(granted, implies)")),
    rule(
        "a scope that the app lost is lost",
        ("clients.scopes", "return allowed_scope(most_requested(app, settings), *limits, barred", _WIDER),
    ),
    rule(
        "a code brings no scope that the app lost",
        (_CODE, "allowed = still_allowed(grant, app, None, server.settings, CODE_NOT_VALID)", "allowed = grant.scope"),
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
)
