"""Writing the audit list from a function: what was done stands, whether or not it can be written."""

from __future__ import annotations

from gatepost.http.request import Request

from gatepost.audit_log.events import record
from gatepost.errors import OAuthError
from gatepost.model.records import User
from gatepost.observability.log import note
from gatepost.runtime.wiring import server


def write_audit(
    request: Request,
    event: str,
    *,
    actor: User | None = None,
    client_id: str = "",
    subject: str = "",
    resources: tuple[str, ...] = (),
) -> None:
    """Keep who did what from where. What was done stands even if this can't be written: then it is only logged."""
    try:
        record(
            server().store,
            server().settings,
            event,
            now=request.now,
            source_ip=request.source_ip,
            actor=actor,
            client_id=client_id,
            subject=subject,
            resources=resources,
        )
    except OAuthError as error:
        note("audit.lost", {"event": event, "reason": error.reason}, failed=True)
