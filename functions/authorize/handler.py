"""GET /developer/auth: where an app sends its user (RFC 6749 §3.1)."""

from urllib.parse import quote

from gatepost.apps import app_key
from gatepost.authorization import (
    AuthorizationRequest,
    active_app,
    approve,
    checked_request,
    needs_consent,
    pending_request,
    proven_callback,
)
from gatepost.errors import InvalidRequest, LoginRequired
from gatepost.forms import Parameters
from gatepost.grants import implicit
from gatepost.http import Request, Response, endpoint, redirect
from gatepost.model import App, Approval, Session, User, digest
from gatepost.redirects import answering, form_target, host_of, redirect_notice
from gatepost.routes import LOGIN_PAGE
from gatepost.sessions import form_token
from gatepost.stores.ports import ApprovalKey, SessionKey, UserKey
from gatepost.web import current_session, page, render_page, session_cookie, to_login
from gatepost.wiring import server


@endpoint("authorize", render_page)
def handler(request: Request) -> Response:
    """Prove where the answer goes, find out who is there, check what is asked, then ask the user or answer."""
    query = request.query()
    client_id = query.one("client_id")
    if client_id is None:
        raise InvalidRequest("client_id is missing")
    cookie = session_cookie(request)
    session, app = _session_and_app(cookie, client_id)
    app = active_app(app)
    callback = proven_callback(app, query, server().settings)
    signed_in, approval = _user_and_approval(session, app, request.now)
    prompts = (query.sole("prompt") or "").split()
    if signed_in is None or "login" in prompts:
        # nothing is sent to the app before somebody signed in (RFC 9700 §4.11.2), unless it asked for just that
        if "none" not in prompts:
            return to_login(request, _without_login_prompt(request.raw_query))
        with answering(callback):
            raise LoginRequired("nobody is signed in")
    session, user = signed_in
    with answering(callback):
        asked = checked_request(app, user, callback, query.once(), server().settings)
        if not needs_consent(app, asked, approval):
            location = approve(server(), app, user, asked, approval, request.now)
            return redirect(location, facts={"client_id": app.client_id, "scope": str(asked.scope)})
    return _consent_page(request, app, session, user, asked, approval, form_token(cookie or ""))


def _session_and_app(cookie: str | None, client_id: str) -> tuple[Session | None, App | None]:
    if cookie is not None:
        return server().store.read(SessionKey(digest(cookie)), app_key(client_id))
    (app,) = server().store.read(app_key(client_id))
    return None, app


def _user_and_approval(
    session: Session | None, app: App, now: float
) -> tuple[tuple[Session, User] | None, Approval | None]:
    if session is None:
        return None, None
    user, approval = server().store.read(UserKey(session.user_id), ApprovalKey(session.user_id, app.client_id))
    return current_session(session, user, now), approval


def _consent_page(
    request: Request,
    app: App,
    session: Session,
    user: User,
    asked: AuthorizationRequest,
    approval: Approval | None,
    token: str,
) -> Response:
    settings = server().settings
    request_id, pending = pending_request(
        app, user, asked, session_hash=session.session_hash, settings=settings, now=request.now
    )
    server().store.save_request(pending)
    known = approval.scope if approval else frozenset()
    scopes = [
        {"name": name, "description": settings.scopes.get(name, name), "is_new": name not in known}
        for name in sorted(asked.scope)
    ]
    redirect_uri = asked.callback.redirect_uri
    return page(
        200,
        "consent.html",
        form_targets=(form_target(redirect_uri),),
        app_name=app.name,
        app_host=host_of(app.url),
        redirect_host=host_of(redirect_uri),
        notice=redirect_notice(redirect_uri),
        user_name=user.user_name,
        scopes=scopes,
        implicit=asked.response_type == implicit.RESPONSE_TYPE,
        token_minutes=max(1, settings.implicit_token_lifetime // 60),
        form_token=token,
        request_id=request_id,
        switch_url=f"{LOGIN_PAGE.path}?next={quote(f'{request.path}?{request.raw_query}', safe='')}",
    )


def _without_login_prompt(raw_query: str) -> str:
    """The query for after the sign-in; all else stays byte for byte."""
    kept = [part for part in raw_query.split("&") if "prompt" not in Parameters(part)]
    consent = "consent" in (Parameters(raw_query).sole("prompt") or "").split()
    return "&".join([*kept, "prompt=consent"] if consent else kept)
