"""Failed sign-ins in the audit log, each with its reason."""

from __future__ import annotations

from gatepost.audit_log.writing import Origin, write_audit
from gatepost.authentication.sign_in import audited_name
from gatepost.errors import OAuthError, TooManyAttempts
from gatepost.oauth.server import Server

SLOWED_DOWN = "slowed down after failed attempts"


def write_failed_sign_in(
    server: Server, request: Origin, error: OAuthError, user_name: str, *, client_id: str = ""
) -> None:
    """Record a failed sign-in. Of an attempt that had to wait only if the name is an account's."""
    user_id, waits = str(error.facts.get("user_id", "")), isinstance(error, TooManyAttempts)
    if waits and not user_id:
        return
    write_audit(
        *(server, request, "sign_in_failed"),
        client_id=client_id,
        subject=audited_name(error, user_name),
        about=user_id,
        reason=SLOWED_DOWN if waits else error.reason or "",
    )
