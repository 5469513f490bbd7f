"""/developer: sign in, sign out, register an account."""

from urllib.parse import quote, urlsplit

from gatepost import accounts
from gatepost.accounts import InvalidAccount
from gatepost.apps import app_key
from gatepost.errors import InvalidGrant, InvalidRequest, TooManyAttempts
from gatepost.forms import Parameters
from gatepost.http import Request, Response, endpoint, redirect
from gatepost.model import ACTIVE, App, digest
from gatepost.redirects import form_target, proven_redirect_uri
from gatepost.routes import HOME, LOGIN, LOGIN_PAGE, LOGOUT, REGISTER, REGISTER_PAGE
from gatepost.sessions import (
    SESSION_COOKIE,
    VISITOR_COOKIE,
    check_form_token,
    form_token,
    safe_next,
    start_session,
    well_formed,
)
from gatepost.stores.ports import UserKey
from gatepost.web import check_origin, page, render_page, session_cookie, set_cookie, signed_in, visitor_cookie
from gatepost.wiring import server

_VISIT = 3600  # seconds that a visitor's form stays valid


@endpoint("console", render_page)
def handler(request: Request) -> Response:
    """One function a page."""
    return _PAGES[f"{request.method} {request.path}"](request)


def show_home(request: Request) -> Response:
    """GET /developer."""
    cookie, current = session_cookie(request), signed_in(server(), request)
    if current is None or cookie is None:
        return redirect(LOGIN_PAGE.path)
    _, user = current
    return page(200, "home.html", user_name=user.user_name, form_token=form_token(cookie))


def show_login(request: Request) -> Response:
    """GET /developer/login, also for those who are signed in and want to be somebody else."""
    return _login_page(request, request.query().sole("next"), 200)


def sign_in(request: Request) -> Response:
    """POST /developer/login: a new session, and on to where the visitor was going."""
    form = request.form()
    _check_visitor(request, form)
    target, user_name = form.text("next"), form.text("user_name")
    login, attempts = server().store.read(*accounts.login_keys(user_name))
    try:
        user_id = accounts.check_password(
            server().store, server().settings, user_name, form.text("password"), login, attempts, now=request.now
        )
        (user,) = server().store.read(UserKey(user_id))
        accounts.check_active(user)
    except TooManyAttempts as error:
        message = f"Too many attempts. Wait {_duration(error.retry_after)}, then try again."
        return _login_page(request, target, 429, user_name=user_name, error=message)
    except InvalidGrant:
        message = "The user name or password is wrong."
        return _login_page(request, target, 400, user_name=user_name, error=message)
    return _new_session(request, user_id, target)


def sign_out(request: Request) -> Response:
    """POST /developer/logout: the session ends, so copies of its cookie are worth nothing."""
    cookie = session_cookie(request)
    check_origin(request)
    check_form_token(cookie, request.form().one("form_token"))
    server().store.end_session(digest(cookie or ""))
    return redirect(LOGIN_PAGE.path, cookies=(set_cookie(SESSION_COOKIE, "", max_age=0),))


def show_register(request: Request) -> Response:
    """GET /developer/register."""
    return _register_page(request, request.query().sole("next"), 200)


def register(request: Request) -> Response:
    """POST /developer/register: an account, and signed in with it."""
    form = request.form()
    _check_visitor(request, form)
    _check_registration_open()
    target, user_name, email = form.text("next"), form.text("user_name"), form.text("email")
    try:
        user = accounts.register(
            server().store,
            server().settings,
            user_name=user_name,
            email=email,
            password=form.text("password"),
            now=request.now,
        )
    except InvalidAccount as error:
        return _register_page(request, target, 400, user_name=user_name, email=email, errors=error.faults)
    return _new_session(request, user.user_id, target)


_PAGES = {
    HOME.key: show_home,
    LOGIN_PAGE.key: show_login,
    LOGIN.key: sign_in,
    LOGOUT.key: sign_out,
    REGISTER_PAGE.key: show_register,
    REGISTER.key: register,
}


def _new_session(request: Request, user_id: str, target: str) -> Response:
    """Signed in under a new id; what the browser was before ends."""
    before = session_cookie(request)
    if before is not None:
        server().store.end_session(digest(before))
    settings = server().settings
    device = request.headers.get("user-agent", "")
    cookie = start_session(server().store, settings, user_id, device=device, now=request.now)
    cookies = (
        set_cookie(SESSION_COOKIE, cookie, max_age=settings.session_lifetime),
        set_cookie(VISITOR_COOKIE, "", max_age=0),
    )
    return redirect(safe_next(target), cookies=cookies, facts={"user_id": user_id})


def _login_page(
    request: Request, target: str | None, status: int, *, user_name: str = "", error: str | None = None
) -> Response:
    target = safe_next(target)
    app, form_targets = _app_behind(target)
    visitor = visitor_cookie(request)
    return page(
        status,
        "login.html",
        form_targets=form_targets,
        cookies=(set_cookie(VISITOR_COOKIE, visitor, max_age=_VISIT),),
        app_name=app.name if app else None,
        next=target,
        form_token=form_token(visitor),
        user_name=user_name,
        error=error,
        registration_open=_registration_open(),
        register_url=f"{REGISTER_PAGE.path}?next={quote(target, safe='')}",
    )


def _register_page(
    request: Request,
    target: str | None,
    status: int,
    *,
    user_name: str = "",
    email: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    _check_registration_open()
    target = safe_next(target)
    _, form_targets = _app_behind(target)
    visitor = visitor_cookie(request)
    return page(
        status,
        "register.html",
        form_targets=form_targets,
        cookies=(set_cookie(VISITOR_COOKIE, visitor, max_age=_VISIT),),
        next=target,
        form_token=form_token(visitor),
        user_name=user_name,
        email=email,
        errors=errors or {},
        password_min_length=server().settings.password_min_length,
        login_url=f"{LOGIN_PAGE.path}?next={quote(target, safe='')}",
    )


def _app_behind(target: str) -> tuple[App | None, tuple[str, ...]]:
    """The app that sent the visitor, and where the chain of redirects that begins with this form may end."""
    query = Parameters(urlsplit(target).query)
    client_id = query.sole("client_id")
    if client_id is None:
        return None, ()
    (app,) = server().store.read(app_key(client_id))
    if app is None or app.status != ACTIVE:
        return None, ()
    try:
        return app, (form_target(proven_redirect_uri(app, query.sole("redirect_uri"))),)
    except InvalidRequest:
        return app, ()


def _check_visitor(request: Request, form: Parameters) -> None:
    """Raise InvalidRequest unless the form was shown to this browser: nobody signs others in (RFC 9700 §4.7)."""
    check_origin(request)
    check_form_token(well_formed(request.cookies.get(VISITOR_COOKIE)), form.one("form_token"))


def _registration_open() -> bool:
    return server().settings.registration == "open"


def _check_registration_open() -> None:
    if not _registration_open():
        raise InvalidRequest("registration is closed on this server")


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
