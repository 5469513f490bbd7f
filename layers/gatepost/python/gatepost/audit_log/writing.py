"""Writing the audit log, which never undoes or blocks the audited action."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from gatepost.audit_log.changes import Change
from gatepost.audit_log.events import record
from gatepost.errors import OAuthError
from gatepost.model.records import User
from gatepost.oauth.server import Server


class Origin(Protocol):
    """The time and address of a request: `http.Request` is one."""

    @property
    def now(self) -> float:
        """The time of arrival, in epoch seconds."""

    @property
    def source_ip(self) -> str:
        """The address of the client."""


def write_audit(
    server: Server,
    request: Origin,
    event: str,
    *,
    actor: User | None = None,
    by: str = "",
    client_id: str = "",
    subject: str = "",
    resources: tuple[str, ...] = (),
    about: str = "",
    reason: str = "",
    changes: Sequence[Change] = (),
) -> None:
    """Record an event with its actor and origin; the log has a failure to do so."""
    with suppress(OAuthError):
        record(
            server.store,
            server.settings,
            event,
            now=request.now,
            source_ip=request.source_ip,
            actor=actor,
            by=by,
            client_id=client_id,
            subject=subject,
            resources=resources,
            about=about,
            reason=reason,
            changes=changes,
        )
