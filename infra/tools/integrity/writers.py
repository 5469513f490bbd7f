"""The events of the audit list that each function writes."""

from __future__ import annotations

from collections.abc import Mapping

_OF_APPS = "app_created app_changed app_deleted secret_created secret_ended grants_withdrawn"
_BY_FUNCTION: Mapping[str, str] = {
    "console": "signed_in sign_in_failed",
    "token": "sign_in_failed",
    "authorize": "grants_withdrawn",
    "consent": "approved denied",
    "registration": "registered email_changed invitation_accepted",
    "recovery": "password_reset",
    "account": "password_changed signed_out_everywhere email_asked email_changed account_deleted",
    "apps": _OF_APPS,
    "consumer": f"{_OF_APPS} disconnected",
    "connections": "disconnected",
    "register_app": "app_registered registration_changed registration_deleted grants_withdrawn",
    "admin": (
        "user_approved user_deactivated user_reactivated user_rights_changed groups_changed email_removed "
        "user_invited reset_sent account_exported "
        "session_ended sessions_ended access_ended access_ended_to every_access_ended "
        "app_approved app_deactivated app_deleted app_handed_over app_handed_from app_handed_to "
        "scope_granted scope_confirmed scope_taken scope_marked scope_unmarked "
        "registration_ended permit_created permit_withdrawn audit_exported"
    ),
    "operate_admin": "user_rights_changed groups_changed",
    "operate_export_user": "account_exported",
    "operate_erase_user": "account_erased",
    "operate_leaked_key": "keys_ended",
}
EVENTS_OF: Mapping[str, frozenset[str]] = {name: frozenset(events.split()) for name, events in _BY_FUNCTION.items()}
# Of commands that an operator runs with rights on the tables: no log has them.
BY_HAND = frozenset({"user_rights_changed", "groups_changed", "account_erased", "keys_ended", "permit_created"})
