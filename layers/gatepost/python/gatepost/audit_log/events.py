"""The events of the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.audit_log.announcing import LOST, WRITTEN, announcement
from gatepost.audit_log.changes import Change, kept_changes
from gatepost.errors import OAuthError
from gatepost.identifiers import new_id, random_text
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.records import User
from gatepost.observability.log import note
from gatepost.settings import Settings
from gatepost.stores.ports.audit import AuditStore

_LONGEST_SUBJECT = 200  # an app and a scope
# the event, and its text in the log
EVENTS = {
    "signed_in": "signed in",
    "sign_in_failed": "failed to sign in as",
    "signed_out_everywhere": "signed out everywhere",
    "registered": "created an account",
    "password_changed": "changed the password",
    "password_reset": "reset the password by mail",
    "email_asked": "asked for a new e-mail address",
    "email_changed": "changed the e-mail address",
    "email_removed": "removed the e-mail address of",
    "account_deleted": "deleted the account",
    "approved": "allowed the app",
    "denied": "denied the app",
    "disconnected": "disconnected",
    "app_created": "created the app",
    "app_changed": "changed the app",
    "app_deleted": "deleted the app",
    "app_registered": "registered the app",
    "registration_changed": "changed the registration of the app",
    "registration_deleted": "deleted the registration of the app",
    "registration_ended": "ended the self-registered app",
    "permit_created": "created a registration token",
    "permit_withdrawn": "revoked a registration token",
    "secret_created": "created a secret of",
    "secret_ended": "ended a secret of",
    "app_approved": "approved the app",
    "app_deactivated": "deactivated the app",
    "grants_withdrawn": "lost what administrators had granted to the app",
    "scope_granted": "granted to the app itself",
    "scope_confirmed": "confirmed to the app itself",
    "scope_taken": "took from the app itself",
    "scope_marked": "lets users allow the app",
    "scope_unmarked": "no longer lets users allow the app",
    "app_handed_over": "transferred the app",
    "app_handed_from": "took that app from",
    "app_handed_to": "gave that app to",
    "user_invited": "invited",
    "invitation_accepted": "accepted the invitation to the account",
    "reset_sent": "sent a link for a new password to",
    "user_approved": "approved the account",
    "user_deactivated": "deactivated the account",
    "user_reactivated": "reactivated the account",
    "user_rights_changed": "changed role or scopes of",
    "groups_changed": "changed the groups of",
    "session_ended": "ended a session of",
    "sessions_ended": "ended all sessions of",
    "access_ended": "ended the access of the app",
    "access_ended_to": "ended that access to the account of",
    "every_access_ended": "ended all apps' access to the account of",
    "account_erased": "erased the account",
    "account_exported": "exported the data of",
    "keys_ended": "ended the keys of",
    "audit_exported": "exported the audit log of",
}


def record(
    store: AuditStore,
    settings: Settings,
    event: str,
    *,
    now: float,
    source_ip: str,
    actor: User | None = None,
    by: str = "",
    client_id: str = "",
    subject: str = "",
    resources: tuple[str, ...] = (),
    request_id: str = "",
    about: str = "",
    reason: str = "",
    changes: Sequence[Change] = (),
) -> None:
    """Record an event. `subject` is a name that people know, never a secret.

    `by` names who did it without an account, `resources` the APIs that it was about. `request_id` leads to the Invoke,
    and so to its caller. `about` is the id of the account to which it was done. The log announces the entry, or that it
    was lost, wholly or in some of its lists: then this raises as AuditStore does.
    """
    entry = AuditEntry(
        entry_id=new_id(),
        at=now,
        event=event,
        actor=actor.user_id if actor else "",
        actor_name=actor.user_name if actor else by,
        client_id=client_id,
        subject=subject[:_LONGEST_SUBJECT],
        source_ip=source_ip,
        resources=resources,
        request_id=request_id,
        about=about,
        reason=reason,
        changes=kept_changes(changes),
        salt=random_text(16),
    )
    keep_until = int(now) + settings.audit_retention_days * 86400
    said = announcement(entry, keep_until)
    try:
        store.record(entry, keep_until=keep_until)
    except OAuthError as error:
        note(LOST, {**said, "reason": error.reason}, failed=True)
        raise
    note(WRITTEN, said, always=True)
