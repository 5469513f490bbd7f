"""The rules of who is party to a grant, and of its resources, with their removal from the code."""

from __future__ import annotations

from tests.security.lives.rule import ANY, FAKE, STORE, never, rule

_STANDING = "oauth.grant_standing"
_VOID_BY_USER = "if user is not None and grant.created_at <= user.grants_valid_from:"
_VOID_BY_APP = "if app is not None and grant.created_at <= app.grants_valid_from:"

OF_PARTIES = (
    # users and apps
    rule(
        "an account that is not active refreshes nothing",
        never(_STANDING, "user is not None and user.status != ACTIVE"),
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
    rule("what a user ended is not refreshed", (_STANDING, _VOID_BY_USER, "if False:")),
    rule("what ended with the app is not refreshed", (_STANDING, _VOID_BY_APP, "if False:")),
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
        never("oauth.resource_indicators", "target.audience not in (granted or (settings.audience,))"),
    ),
    rule(
        "a token is for one resource",
        never("oauth.resource_indicators", "len(resources) > 1"),
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
