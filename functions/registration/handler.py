"""/developer/register and /developer/confirm: a new account, and the confirmation of an e-mail address."""

from collections.abc import Sequence
from urllib.parse import quote

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.accounts import register as register_user
from gatepost.accounts.invitations import accept
from gatepost.accounts.links import LinkGone, asked_here, check_confirming_password, living_link
from gatepost.accounts.registration import (
    check_open,
    confirm_email,
    confirm_registration,
    mail_registration,
    tell_old_address,
)
from gatepost.audit_log.writing import write_audit
from gatepost.authentication.sessions import VISITOR_COOKIE, safe_next, well_formed_visitor
from gatepost.console.entering import app_behind, enter
from gatepost.console.mailed_returns import link_gone_page, remembered_target, remembering
from gatepost.console.pages_base import check_visitor_form, page, render_page, signed_in, visitor_page
from gatepost.errors import Conflict, InvalidGrant, InvalidRequest, OAuthError, TooManyAttempts
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, redirect
from gatepost.model.links import Link, LinkKind
from gatepost.model.records import ACTIVE, User
from gatepost.routes import ACCOUNT_PAGE, CONFIRM, CONFIRM_PAGE, LOGIN_PAGE, REGISTER, REGISTER_PAGE
from gatepost.runtime.wiring import mailer, server

_KINDS: Sequence[LinkKind] = ("register", "email", "invite")


@endpoint("registration", render_page)
def handler(request: Request) -> Response:
    """Dispatch to the function of the route."""
    try:
        return _PAGES[request.route_key](request)
    except LinkGone as error:
        return link_gone_page(request, error, of_password=False)


def show_register(request: Request) -> Response:
    """GET /developer/register."""
    check_open(server().settings)
    return _register_page(request, request.query().sole("next"), 200)


def register(request: Request) -> Response:
    """POST /developer/register: an account at once, or a confirmation link if mail is configured."""
    check_visitor_form(request)
    check_open(server().settings)
    form = request.form()
    target = form.text("next")
    typed = {name: form.text(name).strip() for name in ("user_name", "email")}
    sender = mailer()
    try:
        if sender is not None:
            mail_registration(
                server().store,
                server().settings,
                sender,
                **typed,
                password=form.text("password"),
                browser=_visitor(request),
                source_ip=request.source_ip,
                now=request.now,
            )
            cookies = (remembering(safe_next(target)),)
            return visitor_page(200, "check_mail.html", request, cookies=cookies, email=typed["email"])
        user = register_user(
            server().store, server().settings, **typed, password=form.text("password"), now=request.now
        )
    except InvalidAccount as error:
        return _register_page(request, target, 400, **typed, errors=error.faults)
    return _welcome(request, user, target)


def show_confirm(request: Request) -> Response:
    """GET /developer/confirm: a button, because mail scanners open links too."""
    token = request.query().sole("token") or ""
    link = living_link(server().store, token, *_KINDS, now=request.now)
    if link is None:
        raise LinkGone
    return _confirm_page(request, link, token, 200)


def confirm(request: Request) -> Response:
    """POST /developer/confirm: uses up the link and confirms the address, for whoever has the account as well."""
    check_visitor_form(request)
    form, store, settings = request.form(), server().store, server().settings
    link = living_link(store, form.text("token"), *_KINDS, now=request.now)
    if link is None:
        raise LinkGone
    if link.kind == "invite":
        return _accept(request, link)
    try:
        if not _is_theirs(request, link):
            check_confirming_password(store, settings, link, form.text("password"), now=request.now)
    except TooManyAttempts as error:
        return _not_theirs(request, link, error, "Too many attempts. Ask for a new link.")
    except InvalidGrant as error:
        return _not_theirs(request, link, error, "This is not the password.")
    try:
        if link.kind == "email":
            return _confirm_email(request, link)
        user = confirm_registration(store, settings, link, now=request.now)
    except Conflict:
        raise LinkGone("used meanwhile") from None
    except InvalidAccount as error:
        raise InvalidRequest(next(iter(error.faults.values())).rstrip(".").lower()) from error
    return _welcome(request, user, remembered_target(request))


_PAGES = {
    REGISTER_PAGE.key: show_register,
    REGISTER.key: register,
    CONFIRM_PAGE.key: show_confirm,
    CONFIRM.key: confirm,
}


def _accept(request: Request, link: Link) -> Response:
    """Create the account of an invitation with the password that was chosen."""
    form = request.form()
    try:
        user = accept(server().store, server().settings, link, form.text("new_password"), now=request.now)
    except Conflict:
        raise LinkGone("used meanwhile") from None
    except InvalidAccount as error:
        return _confirm_page(request, link, form.text("token"), 400, errors=error.faults)
    write_audit(server(), request, "invitation_accepted", actor=user, subject=user.user_name)
    return enter(request, user, None)


def _confirm_email(request: Request, link: Link) -> Response:
    user = confirm_email(server().store, link)
    write_audit(server(), request, "email_changed", actor=user)
    tell_old_address(server().settings, mailer(), user, link.email)
    if _has_session(request, link):
        return redirect(f"{ACCOUNT_PAGE.path}?done=email_changed")
    return page(200, "confirmed.html", user_name=link.user_name, email=link.email)


def _is_theirs(request: Request, link: Link) -> bool:
    """Whether the browser asked for the registration, or is signed in to the account that gets the address."""
    return _has_session(request, link) if link.kind == "email" else asked_here(link, _visitor(request))


def _has_session(request: Request, link: Link) -> bool:
    visitor = signed_in(server(), request)
    return visitor is not None and visitor.user.user_id == link.user_id


def _visitor(request: Request) -> str:
    return well_formed_visitor(request.cookie(VISITOR_COOKIE)) or ""


def _not_theirs(request: Request, link: Link, error: OAuthError, fault: str) -> Response:
    again = _confirm_page(request, link, request.form().text("token"), 400, errors={"password": fault})
    return again._replace(facts={"error": error.code, "reason": error.reason, **error.facts})


def _confirm_page(
    request: Request, link: Link, token: str, status: int, *, errors: dict[str, str] | None = None
) -> Response:
    _, form_targets = app_behind(remembered_target(request))
    return visitor_page(
        status,
        "confirm.html",
        request,
        form_targets=form_targets,
        token=token,
        what=link.kind,
        user_name=link.user_name,
        email=link.email,
        is_theirs=link.kind == "invite" or _is_theirs(request, link),
        password_min_length=server().settings.password_min_length,
        errors=errors or {},
    )


def _welcome(request: Request, user: User, target: str | None) -> Response:
    write_audit(server(), request, "registered", actor=user)
    if user.status != ACTIVE:
        return page(200, "waiting.html", user_name=user.user_name)
    entered = enter(request, user, target)
    return entered._replace(cookies=(*entered.cookies, remembering("")))


def _register_page(
    request: Request,
    target: str | None,
    status: int,
    *,
    user_name: str = "",
    email: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    target = safe_next(target)
    _, form_targets = app_behind(target)
    return visitor_page(
        status,
        "register.html",
        request,
        form_targets=form_targets,
        next=target,
        user_name=user_name,
        email=email,
        email_required=mailer() is not None,
        errors=errors or {},
        password_min_length=server().settings.password_min_length,
        login_url=f"{LOGIN_PAGE.path}?next={quote(target, safe='')}",
    )
