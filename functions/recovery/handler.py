"""/developer/forgotten and /developer/reset: a new password through a mailed link."""

import time

from gatepost.accounts.links import LinkGone, living_link
from gatepost.accounts.notices import tell_password_changed
from gatepost.accounts.recovery import mail_recovery, recover
from gatepost.audit_log.writing import write_audit
from gatepost.authentication.browsers import described
from gatepost.authentication.passwords import password_fault
from gatepost.authentication.sessions import safe_next
from gatepost.console.entering import enter
from gatepost.console.mailed_returns import link_gone_page, remembered_target, remembering
from gatepost.console.pages_base import check_visitor_form, page, render_page, visitor_page
from gatepost.errors import InvalidRequest, OAuthError
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.mail.messages import Mailer
from gatepost.observability.log import note
from gatepost.routes import AUTHORIZE, FORGOTTEN, FORGOTTEN_PAGE, RESET, RESET_PAGE
from gatepost.runtime.wiring import mailer, server

_LEAST_SECONDS = 1.0  # the minimum time of a response, whether a mail was sent or not


@endpoint("recovery", render_page)
def handler(request: Request) -> Response:
    """Dispatch to the function of the route."""
    try:
        return _PAGES[request.route_key](request)
    except LinkGone as error:
        return link_gone_page(request, error, of_password=True)


def _mailer() -> Mailer:
    """Return the mailer. Raises InvalidRequest without one: no link leads here, and the role may change nothing."""
    sender = mailer()
    if sender is None:
        raise InvalidRequest("this server sends no mail")
    return sender


def show_forgotten(request: Request) -> Response:
    """GET /developer/forgotten: asks for the account, or names the support contact if no mail can be sent."""
    return _forgotten_page(request, request.query().sole("next"), sent=False)


def send_link(request: Request) -> Response:
    """POST /developer/forgotten: the same response, after the same time, whether the account exists or not."""
    check_visitor_form(request)
    sender = _mailer()
    end = time.monotonic() + _LEAST_SECONDS
    try:
        typed = request.form().text("account")
        mail_recovery(server().store, server().settings, sender, typed, source_ip=request.source_ip, now=request.now)
    except OAuthError as error:
        note("recovery.mail_not_sent", {"reason": error.reason}, failed=True)
    time.sleep(max(0.0, end - time.monotonic()))
    return _forgotten_page(request, request.form().text("next"), sent=True)


def show_reset(request: Request) -> Response:
    """GET /developer/reset: asks for the new password."""
    _mailer()
    token = request.query().sole("token") or ""
    return _reset_page(request, token, 200)


def reset(request: Request) -> Response:
    """POST /developer/reset: uses up the link, revokes every session and (by default) grant, and starts a session."""
    check_visitor_form(request)
    form, sender = request.form(), _mailer()
    token, password = form.text("token"), form.text("new_password")
    settings, store = server().settings, server().store
    link = living_link(store, token, "reset", now=request.now)
    if link is None:
        raise LinkGone
    fault = password_fault(password, min_length=settings.password_min_length, user_name=link.user_name)
    if fault:
        return _reset_page(request, token, 400, errors={"new_password": fault}, end_grants="end_grants" in form)
    ends_grants_at = time.time() if "end_grants" in form else None
    user = recover(store, settings, link, password, now=request.now, ends_grants_at=ends_grants_at)
    write_audit(server(), request, "password_reset", actor=user)
    by = described(request.headers.get("user-agent", ""), request.source_ip)
    tell_password_changed(store, settings, sender, user, by=by, now=request.now)
    entered, target = enter(request, user, None), remembered_target(request)
    done = page(
        200,
        "reset_done.html",
        cookies=(*entered.cookies, remembering("")),
        user_name=user.user_name,
        end_grants="end_grants" in form,
        next=target,
        of_an_app=target.startswith(AUTHORIZE.path),
    )
    return done._replace(facts=entered.facts)


_PAGES = {
    FORGOTTEN_PAGE.key: show_forgotten,
    FORGOTTEN.key: send_link,
    RESET_PAGE.key: show_reset,
    RESET.key: reset,
}


def _forgotten_page(request: Request, target: str | None, *, sent: bool) -> Response:
    target = safe_next(target)
    return visitor_page(
        200,
        "forgotten.html",
        request,
        cookies=(remembering(target),) if sent else (),
        next=target,
        mail_configured=mailer() is not None,
        support_contact=server().settings.support_contact,
        sent=sent,
        account="",
    )


def _reset_page(
    request: Request, token: str, status: int, *, errors: dict[str, str] | None = None, end_grants: bool = True
) -> Response:
    link = living_link(server().store, token, "reset", now=request.now)
    if link is None:
        raise LinkGone
    return visitor_page(
        status,
        "reset.html",
        request,
        token=token,
        user_name=link.user_name,
        password_min_length=server().settings.password_min_length,
        errors=errors or {},
        end_grants=end_grants,
    )
