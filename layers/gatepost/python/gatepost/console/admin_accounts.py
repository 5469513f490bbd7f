"""Administrators invite people, send them links for a new password, and export what is stored about an account."""

from __future__ import annotations

import json
import time

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.export import exported
from gatepost.accounts.invitations import invite
from gatepost.accounts.recovery import send_reset
from gatepost.audit_log.writing import write_audit
from gatepost.console.admin_user_page import user_of, user_page
from gatepost.console.pages_base import Visitor, back_to, console_page
from gatepost.errors import InvalidRequest
from gatepost.http.request import Request
from gatepost.http.response import SAFE, Response
from gatepost.mail.messages import Mailer
from gatepost.routes import (
    ADMIN_EXPORT_USER,
    ADMIN_INVITE,
    ADMIN_INVITE_PAGE,
    ADMIN_SEND_RESET,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
)
from gatepost.runtime.wiring import mailer, server


def show_invite(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/users/new."""
    return _invite_page(visitor, 200)


def invite_user(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users: mail a link with which the account is created."""
    form, sender = request.form(), _mailer()
    typed = {name: form.text(name).strip() for name in ("user_name", "email")}
    try:
        invite(server().store, server().settings, sender, **typed, by=visitor.user, now=request.now)
    except InvalidAccount as error:
        return _invite_page(visitor, 400, **typed, errors=error.faults)
    write_audit(
        server(), request, "user_invited", actor=visitor.user, subject=f"{typed['user_name']} ({typed['email']})"
    )
    return back_to(ADMIN_USERS_PAGE.path, "user_invited")


def send_link(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users/{user_id}/reset: mail the account a link for a new password."""
    user, sender = user_of(request), _mailer()
    try:
        send_reset(server().store, server().settings, sender, user, now=time.time())
    except InvalidAccount as error:
        return user_page(request, visitor, user, 400, errors=error.faults)
    write_audit(server(), request, "reset_sent", actor=visitor.user, subject=user.user_name, about=user.user_id)
    return back_to(ADMIN_USER_PAGE.at(user_id=user.user_id), "reset_sent")


def export_user(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users/{user_id}/export: a file; the export is itself an entry of the audit log."""
    user = user_of(request)
    write_audit(server(), request, "account_exported", actor=visitor.user, subject=user.user_name, about=user.user_id)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{user.user_name}.json"',
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        **SAFE,
    }
    text = json.dumps(exported(server().store, user), indent=2, ensure_ascii=False)
    return Response(status=200, body=f"{text}\n", headers=headers)


ACCOUNTS = {
    ADMIN_INVITE_PAGE.key: show_invite,
    ADMIN_INVITE.key: invite_user,
    ADMIN_SEND_RESET.key: send_link,
    ADMIN_EXPORT_USER.key: export_user,
}


def _mailer() -> Mailer:
    """Return the mailer. Raises InvalidRequest without one: no page has the button."""
    sender = mailer()
    if sender is None:
        raise InvalidRequest("this server sends no mail")
    return sender


def _invite_page(
    visitor: Visitor, status: int, *, user_name: str = "", email: str = "", errors: dict[str, str] | None = None
) -> Response:
    return console_page(
        status,
        "admin_invite.html",
        visitor,
        user_name_typed=user_name,
        email=email,
        mail_configured=mailer() is not None,
        errors=errors or {},
    )
