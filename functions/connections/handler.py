"""/developer/grants: the apps that a user is connected with."""

import time

from gatepost.accounts.connected_apps import connections_of, disconnect
from gatepost.accounts.removal import end_grants
from gatepost.audit_log.writing import write_audit
from gatepost.console.access_rows import connection_rows
from gatepost.console.formatting import start_of
from gatepost.console.pages_base import Visitor, back_to, console_endpoint, console_page
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.routes import GRANTS_PAGE, REVOKE_GRANT, REVOKE_GRANTS
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import app_key

_PAGE = 20


def show(request: Request, visitor: Visitor) -> Response:
    """GET /developer/grants."""
    settings = server().settings
    found = connections_of(server().store, visitor.user, now=request.now)
    start = start_of(request.query().sole("from"))
    return console_page(
        200,
        "connections.html",
        visitor,
        done=request.query().sole("done"),
        connections=connection_rows(found[start : start + _PAGE], settings, request.now),
        bound_seconds=settings.revocation_bound,
        next_url=f"{GRANTS_PAGE.path}?from={start + _PAGE}" if len(found) > start + _PAGE else None,
    )


def revoke(request: Request, visitor: Visitor) -> Response:
    """POST /developer/grants/{client_id}/revoke; also revokes unredeemed grants, which no page shows."""
    client_id = app_key(request.path_parameters["client_id"]).client_id
    known = {each.app.client_id: each.app for each in connections_of(server().store, visitor.user, now=request.now)}
    disconnect(server().store, visitor.user, client_id, now=request.now)
    if client_id in known:
        write_audit(
            server(), request, "disconnected", actor=visitor.user, client_id=client_id, subject=known[client_id].name
        )
    return back_to(GRANTS_PAGE.path, "disconnected")


def revoke_all(request: Request, visitor: Visitor) -> Response:
    """POST /developer/grants/revoke."""
    if end_grants(server().store, visitor.user, now=time.time()):
        write_audit(server(), request, "disconnected", actor=visitor.user, subject="every app")
    return back_to(GRANTS_PAGE.path, "all_disconnected")


handler = console_endpoint(
    "connections", {GRANTS_PAGE.key: show, REVOKE_GRANT.key: revoke, REVOKE_GRANTS.key: revoke_all}
)
