"""/developer: sign-in and sign-out; and what no other route takes."""

from urllib.parse import quote

from gatepost.audit_log.failed_sign_ins import write_failed_sign_in
from gatepost.audit_log.writing import write_audit
from gatepost.authentication.factors.password import check_password, is_known_device, remembered_device
from gatepost.authentication.sessions import DEVICE_COOKIE, SESSION_COOKIE, check_form_token, safe_next
from gatepost.authentication.sign_in import check_may_enter, name_behind
from gatepost.authentication.throttling import DEVICE_LIFETIME
from gatepost.clients.vouching import is_vouched_for
from gatepost.console.entering import app_behind, enter, offered_sign_in
from gatepost.console.formatting import duration
from gatepost.console.leaving import leave
from gatepost.console.pages_base import (
    check_origin,
    check_visitor_form,
    page,
    render_page,
    session_place,
    set_cookie,
    visitor_page,
)
from gatepost.errors import InvalidGrant, OAuthError, TooManyAttempts
from gatepost.http.entry_point import endpoint
from gatepost.http.no_route import allow_header, meant_path, methods_at, no_route
from gatepost.http.request import Request
from gatepost.http.response import Response, redirect
from gatepost.model.records import User
from gatepost.routes import (
    APPS_PAGE,
    GOODBYE,
    HOME,
    LOGIN,
    LOGIN_PAGE,
    LOGOUT,
    REGISTER_PAGE,
    ROOT,
    UNKNOWN,
    UNKNOWN_AT_ROOT,
    UNKNOWN_BY_GET,
)
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import UserKey


@endpoint("console", render_page)
def handler(request: Request) -> Response:
    """Dispatch to the function of the route."""
    return _PAGES[request.route_key](request)


def show_home(request: Request) -> Response:
    """GET / and /developer: redirect to My apps, which asks for a sign-in."""
    return redirect(APPS_PAGE.path)


def show_unknown(request: Request) -> Response:
    """Respond to a request that no route takes: with a page to a browser, with JSON to a program."""
    if "text/html" not in request.headers.get("accept", ""):
        return no_route(request)
    methods, meant = methods_at(request.path), meant_path(request.path)
    shown = page(405 if methods else 404, "unknown.html", home=HOME.path, methods=methods, meant=meant)
    return shown._replace(headers={**shown.headers, **allow_header(methods)}) if methods else shown


def show_goodbye(request: Request) -> Response:
    """GET /developer/goodbye, after an account was deleted: nothing on it depends on the account."""
    settings = server().settings
    return page(
        200,
        "goodbye.html",
        bound_seconds=settings.revocation_bound,
        mail_configured=bool(settings.mail_sender),
        audit_days=settings.audit_retention_days,
    )


def show_login(request: Request) -> Response:
    """GET /developer/login, also for users who want to change accounts."""
    return _login_page(request, request.query().sole("next"), 200)


def sign_in(request: Request) -> Response:
    """POST /developer/login: start a session and redirect to the visitor's target."""
    check_visitor_form(request)
    form, store, settings = request.form(), server().store, server().settings
    target, typed = form.text("next"), form.text("user_name")
    user_name = name_behind(store, typed)
    offered = offered_sign_in(request, user_name, form.text("password"), typed=typed)
    try:
        login = check_password(store, settings, offered, now=request.now)
        (account,) = store.read(UserKey(login.user_id))
        user = check_may_enter(account)
        cookies = () if is_known_device(offered, request.now) else (_device_cookie(request, user),)
        entered = enter(request, user, target, login=login)  # last, so that no session is left without its cookie sent
    except TooManyAttempts as error:
        write_failed_sign_in(server(), request, error, user_name)
        message = f"Too many attempts. Wait {duration(error.retry_after)}, then try again."
        return _login_page(request, target, 429, user_name=typed, error=message)._replace(facts=_said(error))
    except InvalidGrant as error:
        write_failed_sign_in(server(), request, error, user_name)
        message = "The user name or password is wrong."
        return _login_page(request, target, 400, user_name=typed, error=message)._replace(facts=_said(error))
    write_audit(server(), request, "signed_in", actor=user)
    facts = {**entered.facts, "sign_in": "succeeded"}
    return entered._replace(cookies=(*entered.cookies, *cookies), facts=facts)


def sign_out(request: Request) -> Response:
    """POST /developer/logout, by the form of a page."""
    check_origin(request)
    check_form_token(request.cookie(SESSION_COOKIE), request.form().one("form_token"))
    place = session_place(request)
    (session,) = server().store.read(place) if place else (None,)
    return leave(session, redirect(LOGIN_PAGE.path))


_PAGES = {
    ROOT.key: show_home,
    HOME.key: show_home,
    LOGIN_PAGE.key: show_login,
    LOGIN.key: sign_in,
    LOGOUT.key: sign_out,
    GOODBYE.key: show_goodbye,
    UNKNOWN.key: show_unknown,
    UNKNOWN_AT_ROOT.key: show_unknown,
    UNKNOWN_BY_GET.key: show_unknown,
}


def _device_cookie(request: Request, user: User) -> str:
    device = remembered_device(server().store, user.user_id, now=request.now)
    return set_cookie(DEVICE_COOKIE, device, max_age=DEVICE_LIFETIME)


def _login_page(
    request: Request, target: str | None, status: int, *, user_name: str = "", error: str | None = None
) -> Response:
    target = safe_next(target)
    app, form_targets = app_behind(target)
    return visitor_page(
        status,
        "login.html",
        request,
        form_targets=form_targets,
        app_name=app.name if app and is_vouched_for(app, server().settings) else None,
        of_an_app=app is not None or bool(form_targets),
        next=target,
        user_name=user_name,
        error=error,
        registration_open=server().settings.registration != "closed",
        register_url=f"{REGISTER_PAGE.path}?next={quote(target, safe='')}",
    )


def _said(error: OAuthError) -> dict[str, object]:
    """Return the error for the log; the page alone doesn't show the reason."""
    return {"error": error.code, "reason": error.reason, **error.facts}
