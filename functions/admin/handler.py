"""/developer/admin: overview, users, apps and the audit log, for administrators."""

import time

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.admin_changes import OF_ONESELF
from gatepost.accounts.admin_changes import change_user as change_account
from gatepost.accounts.groups import groups_in
from gatepost.accounts.registration import tell_old_address
from gatepost.accounts.removal import LAST_ADMINISTRATOR, LastAdministrator
from gatepost.accounts.search import user_named
from gatepost.audit_log.changes import Change, changed, group_changes, limit_changes
from gatepost.audit_log.writing import write_audit
from gatepost.authentication.sign_in import normalized
from gatepost.clients.admin_decisions import NOBODYS, changes_of, grant_scopes, hand_over
from gatepost.clients.lifecycle import activate_app, deactivate_app, delete_app
from gatepost.clients.owner_changes import InvalidApp
from gatepost.clients.scopes import most_requested
from gatepost.console.admin_accounts import ACCOUNTS
from gatepost.console.admin_endings import ENDINGS
from gatepost.console.admin_lists import apps_page
from gatepost.console.admin_pages import app_page
from gatepost.console.admin_user_page import user_of, user_page
from gatepost.console.admin_users import users_page
from gatepost.console.audit_files import send_file, show_parts
from gatepost.console.audit_pages import show_audit
from gatepost.console.overview import overview_page
from gatepost.console.pages_base import Visitor, back_to, console_endpoint
from gatepost.console.registered_apps import REGISTERED_APPS
from gatepost.errors import Conflict, InvalidRequest, NotFound
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.model.records import ACTIVE, DEACTIVATED, App, User
from gatepost.routes import (
    ADMIN_APP_PAGE,
    ADMIN_APPS_PAGE,
    ADMIN_AUDIT_FILE,
    ADMIN_AUDIT_PAGE,
    ADMIN_AUDIT_PARTS_PAGE,
    ADMIN_CHANGE_APP,
    ADMIN_CHANGE_USER,
    ADMIN_OVERVIEW_PAGE,
    ADMIN_PAGE,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
)
from gatepost.runtime.wiring import mailer, server
from gatepost.scope import Scope
from gatepost.stores.record_keys import UserKey, app_key

_LONGEST_REASON = 200
_CHANGED = "This app was changed in another window meanwhile. This is how it stands; decide again."


def show_overview(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/overview."""
    return overview_page(request.query(), visitor, request.now)


def show_users(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/users, and /developer/admin."""
    return users_page(request.query(), visitor, request.now)


def show_user(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/users/{user_id}."""
    return user_page(request, visitor, user_of(request), 200, done=request.query().sole("done"))


def change_user(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users/{user_id}: one action per form. Nobody changes their own role or status."""
    form, user, me = request.form(), user_of(request), visitor.user
    action = form.text("action")
    every = form.text("scope_rule") == "every"
    scope = None if every else Scope(form.all("scope")) & server().settings.scope - server().settings.openid_scope
    if user.user_id == me.user_id and action not in OF_ONESELF:
        errors = {"role" if action == "role" else "status": "You can't change this of your own account."}
        return user_page(request, visitor, user, 400, errors=errors)
    try:
        groups = groups_in(form.text("groups"))
        event = change_account(
            server().store,
            *(user, action),
            by=me,
            role=form.text("role"),
            scope=scope,
            groups=groups,
            now=time.time(),
        )
    except LastAdministrator:
        errors = {"role" if action == "role" else "status": LAST_ADMINISTRATOR}
        return user_page(request, visitor, user, 400, errors=errors)
    except InvalidAccount as error:
        return user_page(request, visitor, user, 400, errors=error.faults, typed_groups=form.text("groups"))
    if not event:
        raise InvalidRequest("the form is incomplete")
    changes = _rights_changes(user, action, form.text("role"), scope, groups)
    write_audit(server(), request, event, actor=me, subject=user.user_name, about=user.user_id, changes=changes)
    if event == "email_removed":
        tell_old_address(server().settings, mailer(), user, "")
    return back_to(ADMIN_USER_PAGE.at(user_id=user.user_id), "user_changed")


def show_apps(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/apps; with `app` in the query, its deactivation form is open."""
    wanted = request.query().sole("app")
    (app,) = server().store.read(app_key(wanted)) if wanted else (None,)
    return apps_page(request.query(), visitor, 200, request.now, opened=_opened(app, "", None) if app else None)


def show_app(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/apps/{client_id}."""
    app, owner = _app_of(request)
    return app_page(request, visitor, app, owner, 200, done=request.query().sole("done"))


def change_app(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/apps/{client_id}: approve, activate, deactivate with a reason, grant, hand over."""
    form, store = request.form(), server().store
    app, owner = _app_of(request)
    action, reason = form.text("action"), form.text("reason").strip()
    if action in _DECISIONS:
        return _decided(request, visitor, app, owner)
    if action == "deactivate":
        if not 1 <= len(reason) <= _LONGEST_REASON:
            error = f"Give a reason of at most {_LONGEST_REASON} characters: the owner reads it."
            return apps_page(request.query(), visitor, 400, request.now, opened=_opened(app, reason, error))
        deactivate_app(store, app, reason=reason, now=time.time())
    elif action in ("approve", "activate"):
        try:
            _check_seen(request, app)
            activate_app(store, app, now=time.time())
        except Conflict:
            return apps_page(request.query(), visitor, 412, request.now, errors={"version": _CHANGED})
    else:
        raise InvalidRequest("the form is incomplete")
    event = "app_deactivated" if action == "deactivate" else "app_approved"
    changes = changed("status", app.status, DEACTIVATED if action == "deactivate" else ACTIVE)
    write_audit(
        server(), request, event, actor=visitor.user, client_id=app.client_id, subject=app.name, changes=changes
    )
    return back_to(ADMIN_APPS_PAGE.path, event)


def _decided(request: Request, visitor: Visitor, app: App, owner: User | None) -> Response:
    """Apply a decision made on the app's own page; if the app was changed since, show the page again."""
    form = request.form()
    try:
        _check_seen(request, app)
        done = _DECISIONS[form.text("action")](request, visitor, app, owner)
    except InvalidApp as error:
        typed = form.text("owner")
        return app_page(request, visitor, app, owner, 400, errors=error.faults, typed_owner=typed)
    except Conflict:
        return app_page(request, visitor, *_app_of(request), 412, errors={"version": _CHANGED})
    here = ADMIN_APPS_PAGE.path if done == "app_deleted" else ADMIN_APP_PAGE.at(client_id=app.client_id)
    return back_to(here, done)


def _check_seen(request: Request, app: App) -> None:
    """Raise Conflict("version") if the app was changed since the administrator was shown it."""
    if (request.query().sole("version") or request.form().text("version")) != str(app.version):
        raise Conflict("version")


def _grant(request: Request, visitor: Visitor, app: App, owner: User | None) -> str:
    form, settings = request.form(), server().settings
    own, marked = (Scope(form.all(name)) & settings.reach(most_requested(app, settings)) for name in ("own", "marked"))
    granted = grant_scopes(server().store, settings, app, own=own, marked=marked, owner=owner, now=time.time())
    for event, name in changes_of(app, granted):
        write_audit(
            server(), request, event, actor=visitor.user, client_id=app.client_id, subject=f"{app.name}: {name}"
        )
    return "scopes_granted"


def _hand_over(request: Request, visitor: Visitor, app: App, owner: User | None) -> str:
    to = user_named(server().store, normalized(request.form().text("owner")))
    if to is None:
        raise InvalidApp({"owner": "There is no account of this name."})
    if owner is None:
        raise InvalidApp({"owner": NOBODYS})
    hand_over(server().store, app, to, now=time.time())
    for event, subject, about in (
        ("app_handed_over", app.name, ""),
        ("app_handed_from", owner.user_name, owner.user_id),
        ("app_handed_to", to.user_name, to.user_id),
    ):
        write_audit(
            *(server(), request, event), actor=visitor.user, client_id=app.client_id, subject=subject, about=about
        )
    return "app_handed_over"


def _delete(request: Request, visitor: Visitor, app: App, owner: User | None) -> str:
    if owner is not None:
        raise InvalidRequest("only its owner can delete an app")
    delete_app(server().store, app, now=time.time())
    write_audit(server(), request, "app_deleted", actor=visitor.user, client_id=app.client_id, subject=app.name)
    return "app_deleted"


_DECISIONS = {"scopes": _grant, "hand_over": _hand_over, "delete": _delete}


handler = console_endpoint(
    "admin",
    {
        ADMIN_OVERVIEW_PAGE.key: show_overview,
        ADMIN_PAGE.key: show_users,
        ADMIN_USERS_PAGE.key: show_users,
        ADMIN_USER_PAGE.key: show_user,
        ADMIN_CHANGE_USER.key: change_user,
        **ACCOUNTS,
        **ENDINGS,
        **REGISTERED_APPS,
        ADMIN_APPS_PAGE.key: show_apps,
        ADMIN_APP_PAGE.key: show_app,
        ADMIN_CHANGE_APP.key: change_app,
        ADMIN_AUDIT_PAGE.key: show_audit,
        ADMIN_AUDIT_PARTS_PAGE.key: show_parts,
        ADMIN_AUDIT_FILE.key: send_file,
    },
    administrators_only=True,
)


def _opened(app: App, reason: str, error: str | None) -> dict[str, str | None]:
    """Return the deactivation form of an app, with its submitted values."""
    return {"client_id": app.client_id, "name": app.name, "reason": reason, "error": error}


def _rights_changes(
    user: User, action: str, role: str, scope: Scope | None, groups: tuple[str, ...]
) -> tuple[Change, ...]:
    """Return the changes of an account's role, groups or scopes."""
    if action == "role":
        return changed("role", user.role, role)
    if action == "groups":
        return group_changes(user.groups, groups)
    return limit_changes(user.scope, scope) if action == "scope" else ()


def _app_of(request: Request) -> tuple[App, User | None]:
    """Return the app of the path and its owner, None if nobody owns it."""
    (app,) = server().store.read(app_key(request.path_parameters["client_id"]))
    (owner,) = server().store.read(UserKey(app.owner)) if app and not app.is_stranger else (None,)
    if app is None or (owner is None and not app.is_stranger):
        raise NotFound("there is no such app")
    return app, owner
