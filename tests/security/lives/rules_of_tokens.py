"""The rules of access tokens, introspection and keys, with their removal from the code."""

from __future__ import annotations

from tests.security.lives.rule import STORE, never, rule

_REVOCATION, _INTROSPECTION = "endpoints.revocation", "endpoints.introspection"
_WATCH, _MARKS = "tokens.revocation_list", "tokens.revoked_marks"

OF_TOKENS = (
    # access tokens
    rule("an access token expires", never("tokens.access_token", "claims.exp <= now - leeway")),
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
        ("grants.token_response", "lifetime = min(longest, grant.expires_at - int(now))", "lifetime = longest"),
    ),
    rule(
        "a revoked access token opens nothing",
        (_MARKS, "if self._holds(marks.token) or self._holds(marks.key) or (", "if ("),
    ),
    rule(
        "the tokens of a revoked grant open nothing",
        (_MARKS, "(claims.grant_id and self._holds(marks.grant))", "False"),
    ),
    rule(
        "a revoked grant is told to authorizers",
        (
            STORE,
            'transact_published(self._tables, entry, {"Update": mark}, part=part)',
            'self._tables.transact({"Update": mark})',
        ),
    ),
    rule(
        "the tokens of an app that was stopped open nothing", (_MARKS, "self._cutoffs.get(marks.client, -1), ", "-1, ")
    ),
    rule("the tokens of a user who ended them open nothing", (_MARKS, ", self._cutoffs.get(marks.user, -1))", ", -1)")),
    rule("an authorizer that runs on reads what was revoked", (_WATCH, "self._read_on(self._read_at, now)", "pass")),
    rule("what is in a segment is revoked", (_MARKS, "            found.frombytes(part)\n", "            pass\n")),
    rule("a cutoff in a segment counts", (_MARKS, "            self._cut(subject, until)\n", "            pass\n")),
    rule(
        "entries of the last seconds wait for the next compaction",
        ("tokens.compaction", "min(now, found[-1][0] if found else since) - SETTLED - lag", "now + 1"),
        ("tokens.revocation_list", "min(compacted.until, now - SETTLED)", "compacted.until"),
    ),
    rule(
        "what lies in other partitions is compacted with the rest",
        (
            "tokens.compaction",
            "written_since(since, _MOST, before.parts.read_at(now))",
            "written_since(since, _MOST, 0)",
        ),
    ),
    rule(
        "only its app revokes an access token",
        (_REVOCATION, "if claims is not None and claims.client_id == app.client_id:", "if claims is not None:"),
    ),
    rule(
        "only its app revokes a refresh token",
        (
            _REVOCATION,
            "if grant is not None and grant.client_id == app.client_id and not",
            "if grant is not None and not",
        ),
    ),
    rule(
        "a refresh token that is given back takes its grant along",
        (_REVOCATION, "            revoke_grant(server.store, grant, now=now, part=part)", "            pass"),
    ),
    rule("an access token opens no API that it is not for", never("tokens.access_token", "audience not in claims.aud")),
    rule(
        "an access token is for the API that was named",
        (
            "grants.token_response",
            "        now=issued_at,\n        audience=about.target.audience,\n",
            "        now=issued_at,\n        audience=server.settings.audience,\n",
        ),
    ),
    # introspection
    rule(
        "a revoked grant is not active",
        (_INTROSPECTION, "not why_ended(grant, app, user)", "why_ended(grant, app, user) in ('', 'revoked')"),
        (_MARKS, "(claims.grant_id and self._holds(marks.grant))", "False"),
    ),
    rule(
        "what is stopped is not active",
        (
            _INTROSPECTION,
            "not why_ended(grant, app, user)",
            "not why_ended(grant, app, user).replace('app is not active', '').replace('account is not active', '')",
        ),
    ),
    rule(
        "what is void is not active",
        (_INTROSPECTION, "not why_ended(grant, app, user)", "not why_ended(grant, app, user).startswith('voided')"),
    ),
    rule(
        "a refresh token that is over is not active",
        (
            _INTROSPECTION,
            "if is_expired(grant, now) or generation != grant.generation:",
            "if generation != grant.generation:",
        ),
    ),
    rule(
        "a refresh token that was replaced is not active",
        (_INTROSPECTION, "if is_expired(grant, now) or generation != grant.generation:", "if is_expired(grant, now):"),
    ),
    rule(
        "a refresh token of another app is not described",
        (_INTROSPECTION, "if grant is None or grant.client_id != app.client_id or not", "if grant is None or not"),
    ),
    # keys
    rule(
        "a refresh key stays while a refresh token may carry it",
        ("tokens.key_rotation", "active_from + lifetime + _SLACK for", "active_from for"),
    ),
    rule(
        "a signing key verifies until its last token has expired",
        ("tokens.key_rotation", " + LONGEST_LIFETIME + _SLACK", ""),
    ),
    rule(
        "a signing key signs until the next one is known",
        ("tokens.key_rotation", "if all(later.active_from > now for later in", "if all(False for later in"),
    ),
)
