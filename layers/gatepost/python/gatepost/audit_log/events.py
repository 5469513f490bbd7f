"""Recording an event in the audit log; `event_texts` names all events."""

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
