"""/developer/forgotten and /developer/reset: a new password by a link in a mail."""

import time

from gatepost.accounts.links import living_link, new_link, still_meant
from gatepost.http.request import Request
from gatepost.http.response import Response

from gatepost.accounts import accounts
from gatepost.audit_log.writing import write_audit
from gatepost.authentication.passwords import password_fault
from gatepost.authentication.sign_in import login_key, name_behind, name_key
from gatepost.console.entering import enter
from gatepost.console.pages_base import check_visitor_form, render_page, visitor_page
from gatepost.errors import Conflict, InvalidRequest, OAuthError
from gatepost.http.entry_point import endpoint
from gatepost.identifiers import digest
from gatepost.mail.limits import may_mail
from gatepost.mail.messages import Mailer, reset_mail
from gatepost.model.records import ACTIVE
from gatepost.observability.log import note
from gatepost.routes import FORGOTTEN, FORGOTTEN_PAGE, RESET, RESET_PAGE
from gatepost.runtime.wiring import mailer, server
from gatepost.stores.record_keys import LinkKey, UserKey

_GONE = "this link was used already, or is older than one hour"
_LEAST_SECONDS = 1.0  # an answer takes as long whether a mail was sent or not


@endpoint("recovery", render_page)
def handler(request: Request) -> Response:
    """One function a route."""
    return _PAGES[request.route_key](request)


def show_forgotten(request: Request) -> Response:
    """GET /developer/forgotten: asks for the account, or says whom to ask where no mail can be sent."""
    return _forgotten_page(request, sent=False)


def send_link(request: Request) -> Response:
    """POST /developer/forgotten: the same answer, after the same time, whether the account exists."""
    check_visitor_form(request)
    sender = mailer()
    if sender is None:
        raise InvalidRequest("this server sends no mail")
    end = time.monotonic() + _LEAST_SECONDS
    try:
        _mail_link(request, sender, request.form().text("account"))
    except OAuthError as error:
        note("recovery.mail_not_sent", {"reason": error.reason}, failed=True)
    time.sleep(max(0.0, end - time.monotonic()))
    return _forgotten_page(request, sent=True)


def show_reset(request: Request) -> Response:
    """GET /developer/reset: asks for the new password."""
    token = request.query().sole("token") or ""
    return _reset_page(request, token, 200)


def reset(request: Request) -> Response:
    """POST /developer/reset: the link is used up, every session and, unless unticked, grant ends, a session begins."""
    check_visitor_form(request)
    form = request.form()
    token, password = form.text("token"), form.text("new_password")
    settings, store = server().settings, server().store
    link = living_link(store, token, "reset", now=request.now)
    if link is None:
        raise InvalidRequest(_GONE)
    fault = password_fault(password, min_length=settings.password_min_length, user_name=link.user_name)
    if fault:
        return _reset_page(request, token, 400, errors={"new_password": fault}, end_grants="end_grants" in form)
    (user,) = store.read(UserKey(link.user_id))
    if user is None or not still_meant(link, user):
        raise InvalidRequest(_GONE)
    ends_grants_at = time.time() if "end_grants" in form else None
    try:
        accounts.change_password(
            store, settings, user, password, now=request.now, ends_grants_at=ends_grants_at, link=link
        )
    except (Conflict, accounts.InvalidAccount):
        raise InvalidRequest(_GONE, reason="used, or the account changed, meanwhile") from None
    store.forget_failures(name_key(user.user_name).name_hash)
    write_audit(request, "password_reset", actor=user)
    return enter(request, user, None)


_PAGES = {
    FORGOTTEN_PAGE.key: show_forgotten,
    FORGOTTEN.key: send_link,
    RESET_PAGE.key: show_reset,
    RESET.key: reset,
}


def _mail_link(request: Request, sender: Mailer, typed: str) -> None:
    """To the confirmed address of an active account; nothing if there is none."""
    store, settings = server().store, server().settings
    (login,) = store.read(login_key(name_behind(store, typed)))
    if login is None:
        return
    (user,) = store.read(UserKey(login.user_id))
    if user is None or user.status != ACTIVE or not user.email_confirmed:
        return
    if not may_mail(store, settings, "recovery", user.email, source_ip=request.source_ip, now=request.now):
        note("recovery.mail_withheld", {"user_id": user.user_id})
        return
    token = new_link(store, "reset", user_id=user.user_id, user_name=user.user_name, email=user.email, now=request.now)
    sender.send(reset_mail(settings, user.email, user.user_name, token))


def _forgotten_page(request: Request, *, sent: bool) -> Response:
    return visitor_page(
        200,
        "forgotten.html",
        request,
        mail_configured=mailer() is not None,
        support_contact=server().settings.support_contact,
        sent=sent,
        account="",
    )


def _reset_page(
    request: Request, token: str, status: int, *, errors: dict[str, str] | None = None, end_grants: bool = True
) -> Response:
    (link,) = server().store.read(LinkKey(digest(token)))
    if link is None or link.kind != "reset" or link.expires_at <= request.now:
        raise InvalidRequest(_GONE)
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
