"""Changes of apps in the audit log, with what they took back of administrators' decisions."""

from __future__ import annotations

from gatepost.audit_log.changes import app_changes, changed
from gatepost.audit_log.writing import Origin, write_audit
from gatepost.clients.withdrawal import changed_looks, withdrawn_by
from gatepost.model.records import App, User
from gatepost.oauth.server import Server


def write_app_change(server: Server, request: Origin, before: App, after: App, *, actor: User) -> None:
    """Record an owner's change of an app, and beside it what it took back if anything."""
    write_audit(
        *(server, request, "app_changed"),
        actor=actor,
        client_id=after.client_id,
        subject=after.name,
        changes=app_changes(before, after),
    )
    write_withdrawal(server, request, before, after, actor=actor)


def write_withdrawal(
    server: Server, request: Origin, before: App, after: App, *, actor: User | None = None, by: str = ""
) -> None:
    """Record what a change of an app took back, and why; nothing if it took nothing."""
    withdrawal = withdrawn_by(before, after)
    if not withdrawal:
        return
    write_audit(
        *(server, request, "grants_withdrawn"),
        actor=actor,
        by=by,
        client_id=after.client_id,
        subject=after.name,
        reason=f"changed: {', '.join(changed_looks(before, after))}",
        changes=(
            *changed("scopes from users", str(withdrawal.users), ""),
            *changed("scopes of its own", str(withdrawal.itself), ""),
            *changed("status", before.status, after.status),
        ),
    )
