"""/authorization/register: apps register themselves (RFC 7591) and manage their registration (RFC 7592)."""

import time
from typing import Any

from gatepost.audit_log.changes import app_changes, kept_changes
from gatepost.audit_log.writing import write_audit
from gatepost.clients.client_metadata import InvalidClientMetadata
from gatepost.clients.dynamic_registration import (
    change_registration,
    check_offered,
    delete_registration,
    needs_permit,
    register_app,
    registered_app,
    registration,
    valid_permit,
)
from gatepost.clients.registration_limits import is_first_in_hour
from gatepost.endpoints.changed_apps import write_withdrawal
from gatepost.errors import InvalidToken, NoToken, OAuthError
from gatepost.http.entry_point import endpoint, render_json
from gatepost.http.request import Request
from gatepost.http.response import SAFE, Response, json_response
from gatepost.http.strict_json import NotStrict, json_object, json_text, media_type
from gatepost.model.records import App
from gatepost.resource_server.bearer import bearer_token
from gatepost.resource_server.rendering import render_challenge
from gatepost.routes import CHANGE_REGISTERED_APP, DELETE_REGISTERED_APP, REGISTER_APP, REGISTERED_APP
from gatepost.runtime.environment import settings
from gatepost.runtime.wiring import server
from gatepost.stores.audit_lists import THE_APP

LONGEST_BODY = 16_384  # bytes: more than any app has to say of itself


def _render(error: OAuthError, request: Request) -> Response:
    """Render an error as JSON, with a challenge if a token is missing or wrong."""
    return (render_challenge if isinstance(error, NoToken | InvalidToken) else render_json)(error, request)


@endpoint("register_app", _render)
def handler(request: Request) -> Response:
    """Dispatch to the function of the route."""
    check_offered(settings())
    return _ANSWERS[request.route_key](request)


def register(request: Request) -> Response:
    """POST /authorization/register."""
    store = server().store
    permit_hash = valid_permit(store, _token(request), now=request.now) if needs_permit(settings()) else ""
    app, document = register_app(
        store,
        settings(),
        _document(request),
        permit_hash=permit_hash,
        source_ip=request.source_ip,
        now=request.now,
    )
    _audit(request, "app_registered", app)
    return json_response(201, document, facts={"client_id": app.client_id})


def show(request: Request) -> Response:
    """GET /authorization/register/{client_id}."""
    app, token = _managed(request)
    return json_response(200, registration(app, settings(), token=token), facts={"client_id": app.client_id})


def change(request: Request) -> Response:
    """PUT /authorization/register/{client_id}."""
    before, token = _managed(request)
    store, document = server().store, _document(request)
    app = change_registration(store, settings(), before, document, source_ip=request.source_ip, now=time.time())
    if app is not before:
        said = " ".join(kept_changes(app_changes(before, app)))
        if is_first_in_hour(store, app, said, now=request.now):  # what is done again and again has one entry
            _audit(request, "registration_changed", app, before)
        write_withdrawal(server(), request, before, app, by=THE_APP)
    return json_response(200, registration(app, settings(), token=token), facts={"client_id": app.client_id})


def delete(request: Request) -> Response:
    """DELETE /authorization/register/{client_id}."""
    app, _ = _managed(request)
    delete_registration(server().store, server().settings, app, source_ip=request.source_ip, now=time.time())
    _audit(request, "registration_deleted", app)
    return Response(status=204, headers=SAFE, facts={"client_id": app.client_id})


_ANSWERS = {
    REGISTER_APP.key: register,
    REGISTERED_APP.key: show,
    CHANGE_REGISTERED_APP.key: change,
    DELETE_REGISTERED_APP.key: delete,
}


def _managed(request: Request) -> tuple[App, str]:
    """Return the app of the path and the registration access token that proves it."""
    token = _token(request)
    return registered_app(server().store, request.path_parameters["client_id"], token, now=request.now), token


def _token(request: Request) -> str:
    return bearer_token([request.headers.get("authorization", "")])


def _document(request: Request) -> dict[str, Any]:
    if media_type(request.headers) != "application/json":
        raise InvalidClientMetadata("the body must be application/json")
    if len(request.body) > LONGEST_BODY:
        raise InvalidClientMetadata("the body is too large")
    try:
        return json_object(json_text(request.body))
    except NotStrict as error:
        raise InvalidClientMetadata(error.description, reason=error.reason) from None


def _audit(request: Request, event: str, app: App, before: App | None = None) -> None:
    changes = app_changes(before, app) if before else ()
    write_audit(server(), request, event, by=THE_APP, client_id=app.client_id, subject=app.name, changes=changes)
