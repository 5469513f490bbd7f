"""The user's own apps."""

from __future__ import annotations

import time
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query

from gatepost.clients import owner_changes as app_registration
from gatepost.clients.lifecycle import delete_app as remove_app
from gatepost.consumer.call import Call, CurrentCall, answer_of, empty_answer, own
from gatepost.consumer.etags import check_current, etag_of, is_known
from gatepost.consumer.inputs import AppChange, NewApp, NewSecret
from gatepost.consumer.listing import cursor_of, position_of
from gatepost.consumer.lists import AppList
from gatepost.consumer.models import AppDocument, CreatedAppDocument, CreatedSecretDocument
from gatepost.consumer.problem_details import NotFound
from gatepost.endpoints.changed_apps import write_app_change
from gatepost.model.records import App
from gatepost.routes import API_APP
from gatepost.settings import Settings
from gatepost.stores.record_keys import app_key

ClientId = Annotated[str, Path(description="The app's key.")]
SecretId = Annotated[str, Path(description="One of the app's `secrets`.")]
MaybeSecret = Annotated[NewSecret | None, Body(description="Optional.")]
Limit = Annotated[int, Query(ge=1, le=100, description="The maximum number of items per page.")]
Cursor = Annotated[str | None, Query(description="`next` of the part before.")]
IfMatch = Annotated[str, Header(alias="If-Match", description="The ETag of what you read, or *.")]
MaybeIfMatch = Annotated[str | None, Header(alias="If-Match", description="Proceed only if it still has this ETag.")]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="Return it only if it has a different ETag.")
]


def list_apps(call: CurrentCall, limit: Limit = 20, cursor: Cursor = None) -> Response[str]:
    """List your apps, newest first."""
    page = call.server.store.apps_of(call.user.user_id, cursor=position_of(cursor), limit=limit)
    return answer_of(
        200,
        AppList(items=[AppDocument.of(app, call.server.settings) for app in page.items], next=cursor_of(page.cursor)),
    )


def create_app(call: CurrentCall, body: NewApp) -> Response[str]:
    """Register an app."""
    server = call.server
    details = body.new_details()
    app, secret = app_registration.create_app(
        server.store, server.settings, owner=call.user, details=details, now=call.now
    )
    call.note("app_created", app=app)
    shown = CreatedAppDocument.of(app, server.settings, **({"client_secret": secret} if secret else {}))
    location = API_APP.at(client_id=app.client_id)
    return answer_of(
        201, shown.model_dump_json(exclude_unset=True), Location=location, ETag=_etag(app, call.server.settings)
    )


def read_app(call: CurrentCall, client_id: ClientId, if_none_match: IfNoneMatch = None) -> Response[str]:
    """Get one of your apps."""
    app = _own(call, client_id)
    if is_known(if_none_match, _etag(app, call.server.settings)):
        return empty_answer(304, ETag=_etag(app, call.server.settings))
    return answer_of(200, AppDocument.of(app, call.server.settings), ETag=_etag(app, call.server.settings))


def change_app(call: CurrentCall, client_id: ClientId, body: AppChange, if_match: IfMatch) -> Response[str]:
    """Replace the editable fields of an app.

    Another `name`, `url` or `redirect_uris` puts scopes that an administrator granted back to `asked` and, where apps
    need approval, `status` to `pending`: at once, and without a question. Tokens for what the app itself lost end. An
    administrator's own app keeps both.
    """
    app = _own(call, client_id)
    check_current(if_match, _etag(app, call.server.settings))
    server = call.server
    changed = app_registration.update_app(
        server.store,
        server.settings,
        app,
        body.details(confidential=app.confidential, app=app),
        owner=call.user,
        now=time.time(),
    )
    write_app_change(server, call.request, app, changed, actor=call.user)
    return answer_of(200, AppDocument.of(changed, server.settings), ETag=_etag(changed, server.settings))


def delete_app(call: CurrentCall, client_id: ClientId, if_match: MaybeIfMatch = None) -> Response[str]:
    """Delete an app and revoke its grants."""
    app = _own(call, client_id)
    if if_match is not None:
        check_current(if_match, _etag(app, call.server.settings))
    remove_app(call.server.store, app, now=time.time())
    call.note("app_deleted", app=app)
    return empty_answer(204)


def create_secret(call: CurrentCall, client_id: ClientId, body: MaybeSecret = None) -> Response[str]:
    """Add a second secret to an app, so that the first can be replaced without downtime."""
    app = _own(call, client_id)
    label = body.label if body else ""
    changed, secret = app_registration.add_secret(call.server.store, app, now=call.now, label=label)
    call.note("secret_created", app=changed)
    kept = changed.secrets[-1]
    return answer_of(201, CreatedSecretDocument(secret_id=kept.secret_id, client_secret=secret, label=kept.label))


def end_secret(call: CurrentCall, client_id: ClientId, secret_id: SecretId) -> Response[str]:
    """Remove a secret at once."""
    app = _own(call, client_id)
    if secret_id not in [each.secret_id for each in app.secrets]:
        raise NotFound
    changed = app_registration.end_secret(call.server.store, app, secret_id)
    call.note("secret_ended", app=changed)
    return empty_answer(204)


def _own(call: Call, client_id: str) -> App:
    """Return the app of a path. Raises NotFound unless it is the caller's."""
    (app,) = call.server.store.read(app_key(client_id))
    return own(app, call.user)


def _etag(app: App, settings: Settings) -> str:
    return etag_of(AppDocument.of(app, settings).model_dump_json(), app.version)
