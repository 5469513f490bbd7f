"""The attributes that each role may write with PutItem, partition by partition."""

from __future__ import annotations

from collections.abc import Mapping

from tests.security.checklist.rights import (
    ACCOUNT,
    APP,
    AUDITING,
    DOCUMENT,
    HASH,
    REGISTERED,
    VICTIM,
    Request,
    text,
)

# What PutItem may write into a partition: the key of an item in it, and by role the attributes besides. So no role puts
# `own_scope`, `marked_scope` or an owner's limit but those that may write all of an app.
ANY = "any attribute"
_OF_LINK = "browser_hash email email_before expires_at kind link_hash password_hash user_id user_name"
_OF_REGISTRATION = f"{_OF_LINK} created_at email_confirmed name status"
_REVOCATION = "expires_at kind revoked_at subject"
_REVOKING = f"contents {_REVOCATION}"
_PUBLISHING = "authorize token register_app recovery apps connections account admin consumer"
PUTS: Mapping[tuple[str, str], tuple[Request, Mapping[str, str]]] = {
    ("accounts", "an account"): (
        ACCOUNT,
        {"authorize consent": "approved_at client_id resources scope user_id", "registration": _OF_REGISTRATION},
    ),
    ("accounts", "a name"): (text(pk="name#victim", sk="login"), {"registration": _OF_REGISTRATION}),
    ("accounts", "an address"): (
        text(pk="email#v@example.com", sk="email"), {"registration": _OF_REGISTRATION}
    ),
    ("accounts", "a link"): (
        text(pk=f"link#{HASH}", sk="link"),
        {"recovery account admin": _OF_LINK, "registration": _OF_REGISTRATION},
    ),
    ("accounts", "attempts"): (
        text(pk=f"attempts#{HASH}", sk="attempts"),
        {"console account": "expires_at failures last_failure_at trusted_at"},
    ),
    ("sessions", "a session"): (
        text(user_id=VICTIM, sk=f"session#{HASH}"),
        {
            "console registration recovery account": (
                "created_at device expires_at last_used_at replaced session_hash sid signed_in_at source_ip"
            ),
            "authorize": (
                "claims client_id code_challenge expires_at nonce redirect_uri redirect_uri_sent request_hash "
                "resources response_mode response_type scope session_hash state"
            ),
        },
    ),
    ("apps", "an app"): (text(client_id=APP), {"apps consumer": ANY}),
    ("apps", "an app of a metadata document"): (
        text(client_id=DOCUMENT),
        {
            "apps consumer": ANY,
            "authorize": (
                "approvals_valid_from confidential created created_at document_url fresh_until grant_types "
                "grants_valid_from looks name owner redirect_uris scope status url version"
            ),
        },
    ),
    ("apps", "an app that registered itself"): (
        text(client_id=REGISTERED),
        {
            "apps consumer": ANY,
            "register_app": (
                "backchannel_logout_uri confidential created created_at default_scope grant_types "
                "id_token_signed_response_alg kept_unused looks name owner post_logout_redirect_uris redirect_uris "
                "registered registration_token_hash scope secrets status url userinfo_signed_response_alg"
            ),
        },
    ),
    ("apps", "the name of an app"): (text(client_id=f"name#{VICTIM}#{HASH}"), {"apps consumer admin": ANY}),
    ("apps", "an initial access token"): (
        text(client_id=f"permit#{HASH}"), {"admin": "created created_at expires_at most_uses owner permit_hash uses"}
    ),
    ("apps", "a count of apps"): (text(client_id=f"count#{VICTIM}"), {}),
    ("codes", "a code"): (text(code_hash=HASH), {"authorize consent": ANY}),
    ("tokens", "a grant"): (text(pk=VICTIM, sk="grant#g"), {"authorize consent token": ANY}),
    ("tokens", "the feed"): (
        text(pk="feed", sk="revoked#1"), {"rotate_keys": ANY, _PUBLISHING: _REVOCATION, "revoke": _REVOKING}
    ),
    ("tokens", "a part of the feed"): (text(pk="feed#7", sk="a#b"), {"revoke": _REVOKING}),
    ("tokens", "a revoked token"): (text(pk=f"jti#{HASH}", sk="revoked"), {"revoke": _REVOKING}),
    ("tokens", "the keys"): (text(pk="keys", sk="key#k"), {"rotate_keys": ANY}),
    ("tokens", "problems"): (text(pk=f"problems#{APP}", sk="anybody#x#0"), {}),
    ("counts", "tokens of a month"): (text(pk="tokens#2026-11", sk=APP), {}),
    ("audit", "the audit list"): (text(day="2026-11-24", sk="1#x"), {" ".join(AUDITING): ANY}),
}  # fmt: skip


def puttable(function: str, place: tuple[str, str], named: frozenset[str]) -> frozenset[str]:
    """Return the attributes, of those `named`, that a role may put into a partition of `PUTS` beside the key."""
    key, by_role = PUTS[place]
    found = [attributes for roles, attributes in by_role.items() if function in roles.split()]
    if ANY in found:
        return named
    return frozenset(name for attributes in found for name in (*attributes.split(), "ttl")) - key.keys()
