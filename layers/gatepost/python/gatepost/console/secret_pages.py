"""The secrets of an app: the list, the page that shows a new one, and the page of one that can be ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.console.formatting import day_at, time_at
from gatepost.console.pages_base import Visitor, console_page
from gatepost.console.sign_in_snippets import sign_in_snippets
from gatepost.console.snippets import snippets_for
from gatepost.errors import NotFound
from gatepost.http.response import Response
from gatepost.identifiers import new_secret
from gatepost.model.records import App
from gatepost.runtime.wiring import server


def secret_rows(app: App, now: float) -> list[dict[str, Any]]:
    """Return the secrets as rows of a list; the last one can't be ended."""
    return [
        {
            "secret_id": secret.secret_id,
            "label": secret.label,
            "created": time_at(secret.created_at, now),
            "last_used": day_at(secret.last_used_at, now),
            "can_end": len(app.secrets) > 1,
        }
        for secret in app.secrets
    ]


def ending_page(
    visitor: Visitor,
    app: App,
    secret_id: str,
    status: int,
    now: float,
    *,
    typed: str | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """Return the page of a secret: its label, its last use, and the question before it ends. Raises NotFound."""
    secret = next((row for row in secret_rows(app, now) if row["secret_id"] == secret_id), None)
    if secret is None:
        raise NotFound("this app has no such secret")
    return console_page(
        status,
        "app_secret_end.html",
        visitor,
        name=app.name,
        client_id=app.client_id,
        secret=secret,
        label=secret["label"] if typed is None else typed,
        errors=errors or {},
    )


def secret_page(visitor: Visitor, app: App, secret: str, *, created: bool) -> Response:
    """Return the only page that shows a secret."""
    settings, verifier = server().settings, new_secret()
    return console_page(
        200,
        "app_secret.html",
        visitor,
        name=app.name,
        client_id=app.client_id,
        secret=secret or None,
        created=created,
        status=app.status,
        status_reason=app.status_reason,
        support_contact=settings.support_contact,
        sign_in_snippets=sign_in_snippets(app, settings, verifier=verifier, secret=secret),
        snippets=snippets_for(app, settings, verifier=verifier, secret=secret),
    )
