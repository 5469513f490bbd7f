"""/developer/apps: the user's own apps."""

import time
from urllib.parse import quote

from gatepost.accounts.notices import tell_app_changed
from gatepost.audit_log.writing import write_audit
from gatepost.clients.lifecycle import delete_app
from gatepost.clients.owner_changes import InvalidApp, add_secret, create_app, end_secret, label_secret, update_app
from gatepost.clients.withdrawal import Unconfirmed
from gatepost.console.app_logos import CHANGED, LARGEST_FORM, logo_changed
from gatepost.console.app_pages import (
    form_page,
    listed,
    stored_values,
    typed_details,
    typed_values,
)
from gatepost.console.app_tabs import overview_page, problems_page, secrets_page, try_page
from gatepost.console.new_apps import KINDS, new_values, question_page
from gatepost.console.pages_base import Visitor, back_to, console_endpoint, console_page
from gatepost.console.secret_pages import ending_page, secret_page
from gatepost.endpoints.changed_apps import write_app_change
from gatepost.errors import Conflict, NotFound
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.model.records import ADMINISTRATOR, App
from gatepost.routes import (
    APP_PAGE,
    APP_PROBLEMS_PAGE,
    APP_SECRETS_PAGE,
    APP_TRY_PAGE,
    APPS_PAGE,
    CHANGE_LOGO,
    CREATE_APP,
    DELETE_APP,
    EDIT_APP_PAGE,
    END_SECRET,
    LABEL_SECRET,
    NEW_APP_PAGE,
    NEW_SECRET,
    SECRET_PAGE,
    UPDATE_APP,
)
from gatepost.runtime.wiring import mailer, server
from gatepost.stores.record_keys import UserKey, app_key

_PAGE = 20


def show_apps(request: Request, visitor: Visitor) -> Response:
    """GET /developer/apps."""
    limit = server().settings.apps_per_user
    cursor = request.query().sole("cursor")
    page = server().store.apps_of(visitor.user.user_id, cursor=cursor, limit=_PAGE)
    return console_page(
        200,
        "apps.html",
        visitor,
        done=request.query().sole("done"),
        apps=[listed(app, request.now) for app in page.items],
        at_limit=cursor is None and len(page.items) >= limit,
        limit=limit,
        next_url=f"{APPS_PAGE.path}?cursor={quote(page.cursor, safe='')}" if page.cursor else None,
    )


def show_new(request: Request, visitor: Visitor) -> Response:
    """GET /developer/apps/new: two questions, and with their answers the form."""
    what, name = (request.query().sole(field) or "" for field in ("what", "name"))
    if what not in KINDS:
        return question_page(visitor, 200)
    if not name.strip():
        return question_page(visitor, 400, what=what, error="Give the app a name.")
    return form_page(visitor, 200, None, new_values(what, name.strip(), server().settings))


def create(request: Request, visitor: Visitor) -> Response:
    """POST /developer/apps: the response shows the secret, once."""
    form, settings = request.form(), server().settings
    try:
        app, secret = create_app(
            server().store, settings, owner=visitor.user, details=typed_details(form), now=request.now
        )
    except InvalidApp as error:
        return form_page(visitor, 400, None, typed_values(form), errors=error.faults)
    write_audit(server(), request, "app_created", actor=visitor.user, client_id=app.client_id, subject=app.name)
    return secret_page(visitor, app, secret, created=True)


def show_app(request: Request, visitor: Visitor) -> Response:
    """GET /developer/apps/{client_id}."""
    visitor, app = _shown_app(request, visitor)
    return overview_page(visitor, app, request.now, done=request.query().sole("done"))


def show_problems(request: Request, visitor: Visitor) -> Response:
    """GET /developer/apps/{client_id}/problems."""
    visitor, app = _shown_app(request, visitor)
    return problems_page(visitor, app, request.now)


def show_secrets(request: Request, visitor: Visitor) -> Response:
    """GET /developer/apps/{client_id}/secrets. Raises NotFound for an app that has none."""
    visitor, app = _shown_app(request, visitor)
    if not app.confidential:
        raise NotFound("this app has no secrets")
    return secrets_page(visitor, app, 200, request.now, done=request.query().sole("done"))


def show_try(request: Request, visitor: Visitor) -> Response:
    """GET /developer/apps/{client_id}/try."""
    return try_page(*_shown_app(request, visitor))


def show_edit(request: Request, visitor: Visitor) -> Response:
    """GET /developer/apps/{client_id}/edit."""
    visitor, app = _shown_app(request, visitor)
    return form_page(visitor, 200, app, stored_values(app))


def update(request: Request, visitor: Visitor) -> Response:
    """POST /developer/apps/{client_id}/edit: rejected if the app was changed since the form was shown."""
    form, (visitor, app) = request.form(), _shown_app(request, visitor)
    owner = visitor.administers or visitor.user
    if form.text("version") != str(app.version):
        return form_page(visitor, 412, app, stored_values(app), errors={"version": CHANGED})
    try:
        changed = update_app(
            server().store,
            server().settings,
            app,
            typed_details(form, app),
            owner=owner,
            now=time.time(),
            confirmed=form.text("confirmed") == "yes",
            by_administrator=visitor.administers is not None,
        )
    except InvalidApp as error:
        return form_page(visitor, 400, app, typed_values(form, app), errors=error.faults)
    except Unconfirmed as error:
        return form_page(visitor, 200, app, typed_values(form, app), withdraws=error.withdrawal)
    except Conflict:
        visitor, app = _shown_app(request, visitor)
        return form_page(visitor, 412, app, stored_values(app), errors={"version": CHANGED})
    write_app_change(server(), request, app, changed, actor=visitor.user)
    if visitor.administers:
        tell_app_changed(server().settings, mailer(), owner, changed, by=visitor.user, now=request.now)
    return back_to(APP_PAGE.at(client_id=app.client_id), "app_changed")


def change_logo(request: Request, visitor: Visitor) -> Response:
    """POST /developer/apps/{client_id}/logo: another logo, or none."""
    return logo_changed(request, *_shown_app(request, visitor))


def new_app_secret(request: Request, visitor: Visitor) -> Response:
    """POST /developer/apps/{client_id}/secrets: a second secret, shown once."""
    app, label = _own_app(request, visitor), request.form().text("label")
    try:
        app, secret = add_secret(server().store, app, now=request.now, label=label)
    except InvalidApp as error:
        if "label" not in error.faults:
            return back_to(APP_SECRETS_PAGE.at(client_id=app.client_id), "unchanged")
        return secrets_page(visitor, app, 400, request.now, errors=error.faults, label=label)
    except Conflict:
        return back_to(APP_SECRETS_PAGE.at(client_id=app.client_id), "unchanged")
    write_audit(server(), request, "secret_created", actor=visitor.user, client_id=app.client_id, subject=app.name)
    return secret_page(visitor, app, secret, created=False)


def show_secret(request: Request, visitor: Visitor) -> Response:
    """GET /developer/apps/{client_id}/secrets/{secret_id}: its label and last use, before it is ended."""
    return ending_page(visitor, _own_app(request, visitor), request.path_parameters["secret_id"], 200, request.now)


def label_app_secret(request: Request, visitor: Visitor) -> Response:
    """POST /developer/apps/{client_id}/secrets/{secret_id}: another label."""
    app, label = _own_app(request, visitor), request.form().text("label")
    secret_id = request.path_parameters["secret_id"]
    try:
        changed = label_secret(server().store, app, secret_id, label)
    except InvalidApp as error:
        return ending_page(visitor, app, secret_id, 400, request.now, typed=label, errors=error.faults)
    except Conflict:
        return back_to(APP_SECRETS_PAGE.at(client_id=app.client_id), "unchanged")
    if changed != app:
        write_audit(server(), request, "app_changed", actor=visitor.user, client_id=app.client_id, subject=app.name)
    return back_to(APP_SECRETS_PAGE.at(client_id=app.client_id), "app_changed")


def end_app_secret(request: Request, visitor: Visitor) -> Response:
    """POST /developer/apps/{client_id}/secrets/{secret_id}/end."""
    app = _own_app(request, visitor)
    try:
        end_secret(server().store, app, request.path_parameters["secret_id"])
    except (InvalidApp, Conflict):
        return back_to(APP_SECRETS_PAGE.at(client_id=app.client_id), "unchanged")
    write_audit(server(), request, "secret_ended", actor=visitor.user, client_id=app.client_id, subject=app.name)
    return back_to(APP_SECRETS_PAGE.at(client_id=app.client_id), "secret_ended")


def delete(request: Request, visitor: Visitor) -> Response:
    """POST /developer/apps/{client_id}/delete, with the app's name."""
    app, typed = _own_app(request, visitor), request.form().text("confirm_name").strip()
    if typed != app.name:
        errors = {"confirm_name": "Type the name of the app just as it stands here."}
        return form_page(visitor, 400, app, stored_values(app), errors, confirm_name=typed)
    delete_app(server().store, app, now=time.time())
    write_audit(server(), request, "app_deleted", actor=visitor.user, client_id=app.client_id, subject=app.name)
    return back_to(APPS_PAGE.path, "app_deleted")


handler = console_endpoint(
    "apps",
    {
        APPS_PAGE.key: show_apps,
        NEW_APP_PAGE.key: show_new,
        CREATE_APP.key: create,
        APP_PAGE.key: show_app,
        APP_PROBLEMS_PAGE.key: show_problems,
        APP_SECRETS_PAGE.key: show_secrets,
        APP_TRY_PAGE.key: show_try,
        EDIT_APP_PAGE.key: show_edit,
        UPDATE_APP.key: update,
        CHANGE_LOGO.key: change_logo,
        DELETE_APP.key: delete,
        NEW_SECRET.key: new_app_secret,
        SECRET_PAGE.key: show_secret,
        LABEL_SECRET.key: label_app_secret,
        END_SECRET.key: end_app_secret,
    },
    uploads={CHANGE_LOGO.key: LARGEST_FORM},
)


def _own_app(request: Request, visitor: Visitor) -> App:
    (app,) = server().store.read(app_key(request.path_parameters["client_id"]))
    return _own(app, visitor)


def _shown_app(request: Request, visitor: Visitor) -> tuple[Visitor, App]:
    """Return one's own app of the path; for an administrator anybody's, with a visitor who administers its owner's."""
    (app,) = server().store.read(app_key(request.path_parameters["client_id"]))
    if app is None or app.owner == visitor.user.user_id or visitor.user.role != ADMINISTRATOR or app.is_stranger:
        return visitor, _own(app, visitor)
    (owner,) = server().store.read(UserKey(app.owner))
    if owner is None:
        raise NotFound("you have no such app")
    return visitor._replace(administers=owner), app


def _own(app: App | None, visitor: Visitor) -> App:
    """Return the app if it is the visitor's. Another user's looks as if it did not exist."""
    if app is None or app.owner != visitor.user.user_id:
        raise NotFound("you have no such app")
    return app
