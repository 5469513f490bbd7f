"""/developer/account: the user's own account."""

import time
from collections.abc import Mapping

from gatepost.accounts import accounts, removal
from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.links import ask_for_address
from gatepost.accounts.notices import tell_deleted, tell_password_changed
from gatepost.accounts.removal import LAST_ADMINISTRATOR, LastAdministrator
from gatepost.audit_log.writing import write_audit
from gatepost.authentication.browsers import described
from gatepost.authentication.factors.password import check_password
from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.console.access_rows import apps_of_sessions, session_rows
from gatepost.console.entering import enter, offered_sign_in
from gatepost.console.pages_base import Visitor, back_to, console_endpoint, console_page, page, set_cookie
from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.http.request import Request
from gatepost.http.response import Response, redirect
from gatepost.mail.limits import may_mail
from gatepost.model.records import User
from gatepost.routes import (
    ACCOUNT_PAGE,
    CHANGE_EMAIL,
    CHANGE_PASSWORD,
    DELETE_ACCOUNT,
    END_SESSION,
    GOODBYE,
    LOGIN_PAGE,
    SIGN_OUT_EVERYWHERE,
)
from gatepost.runtime.wiring import mailer, server

_WRONG = "This is not your password."


def show(request: Request, visitor: Visitor) -> Response:
    """GET /developer/account."""
    return _page(request, visitor, 200, done=request.query().sole("done"))


def change_email(request: Request, visitor: Visitor) -> Response:
    """POST /developer/account/email, with the password: at once, or by a link if mail is configured."""
    form, user, sender = request.form(), visitor.user, mailer()
    email = form.text("email").strip()
    fault = _email_fault(user, email, replaced=sender is not None)
    errors = {"email": fault} if fault else {}
    if not errors:
        fault = _password_fault(request, user, form.text("current_password"))
        errors = {"email_password": fault} if fault else {}
    if not errors and sender is not None and not _may_ask(request, user, email):
        errors = {"email": "Too many mails were asked for. Try again in an hour."}
    if errors:
        return _page(request, visitor, 400, errors=errors, email=email)
    if sender is not None:
        ask_for_address(server().store, server().settings, sender, user, email, now=request.now)
        write_audit(server(), request, "email_asked", actor=user)
        return back_to(ACCOUNT_PAGE.path, "mail_sent")
    try:
        accounts.change_email(server().store, user, email, confirmed=False)
    except InvalidAccount as error:
        return _page(request, visitor, 400, errors=error.faults, email=email)
    write_audit(server(), request, "email_changed", actor=user)
    return back_to(ACCOUNT_PAGE.path, "email_changed")


def change_password(request: Request, visitor: Visitor) -> Response:
    """POST /developer/account/password: every other session is revoked, and this one gets a new id."""
    form, user = request.form(), visitor.user
    fault = _password_fault(request, user, form.text("current_password"))
    if fault:
        return _page(request, visitor, 400, errors={"current_password": fault})
    try:
        accounts.change_password(
            server().store,
            server().settings,
            user,
            form.text("new_password"),
            now=request.now,
            ends_grants_at=time.time() if "end_grants" in form else None,
        )
    except InvalidAccount as error:
        return _page(request, visitor, 400, errors=error.faults)
    try:
        # first, for as long as this browser has no session, its apps would be told that it ended
        entered = enter(request, user, None, voided=visitor.session)
    finally:
        write_audit(server(), request, "password_changed", actor=user)
        tell_password_changed(server().store, server().settings, mailer(), user, by=_by(request), now=request.now)
    return redirect(f"{ACCOUNT_PAGE.path}?done=password_changed", cookies=entered.cookies)


def end_session(request: Request, visitor: Visitor) -> Response:
    """POST /developer/account/sessions/{session_id}/end."""
    server().store.end_session(visitor.user.user_id, request.path_parameters["session_id"])
    return back_to(ACCOUNT_PAGE.path, "session_ended")


def sign_out_everywhere(request: Request, visitor: Visitor) -> Response:
    """POST /developer/account/sessions/end: including this session."""
    removal.sign_out_everywhere(server().store, visitor.user, now=request.now)
    write_audit(server(), request, "signed_out_everywhere", actor=visitor.user)
    return redirect(LOGIN_PAGE.path, cookies=(set_cookie(SESSION_COOKIE, "", max_age=0),))


def delete(request: Request, visitor: Visitor) -> Response:
    """POST /developer/account/delete, with user name and password."""
    form, user = request.form(), visitor.user
    typed, errors = form.text("confirm_name").strip(), {}
    if typed != user.user_name:
        errors["confirm_name"] = "Type your user name just as it stands here."
    else:
        fault = _password_fault(request, user, form.text("current_password"))
        if fault:
            errors["delete_password"] = fault
    if errors:
        return _page(request, visitor, 400, errors=errors, confirm_name=typed)
    try:
        return _deleted(request, user)
    except LastAdministrator:
        return _page(request, visitor, 400, errors={"confirm_name": LAST_ADMINISTRATOR}, confirm_name=typed)


def finish(request: Request, visitor: Visitor) -> Response:
    """Any page, of an account whose deletion was decided and stopped halfway: go on with it, and nothing else."""
    if request.route_key == DELETE_ACCOUNT.key:
        return _deleted(request, visitor.user)
    return page(200, "leaving.html", user_name=visitor.user.user_name, form_token=visitor.form_token)


def _deleted(request: Request, user: User) -> Response:
    removal.delete_user(server().store, user, now=time.time())
    write_audit(server(), request, "account_deleted", actor=user)
    tell_deleted(server().settings, mailer(), user, by=_by(request), now=request.now)
    return redirect(GOODBYE.path, cookies=(set_cookie(SESSION_COOKIE, "", max_age=0),))


handler = console_endpoint(
    "account",
    {
        ACCOUNT_PAGE.key: show,
        CHANGE_EMAIL.key: change_email,
        CHANGE_PASSWORD.key: change_password,
        END_SESSION.key: end_session,
        SIGN_OUT_EVERYWHERE.key: sign_out_everywhere,
        DELETE_ACCOUNT.key: delete,
    },
    leaving=finish,
)


def _by(request: Request) -> str:
    return described(request.headers.get("user-agent", ""), request.source_ip)


def _email_fault(user: User, email: str, *, replaced: bool) -> str | None:
    """Return why the address can't be the account's, None if it can; if mail is sent it can't be removed."""
    if email and not accounts.is_email(email):
        return accounts.NO_EMAIL
    if replaced and not email:
        return "Give another address. Only an administrator can remove this one." if user.email else accounts.NO_EMAIL
    return None


def _may_ask(request: Request, user: User, email: str) -> bool:
    """Count the mails of a change: to the new address, and to the account's current one."""
    store, settings = server().store, server().settings
    return all(
        may_mail(store, settings, "change", counted, source_ip=request.source_ip, now=request.now)
        for counted in (email, user.user_id)
    )


def _password_fault(request: Request, user: User, password: str) -> str | None:
    """Return why the password is wrong, with the counters of a sign-in; None if it is right."""
    offered = offered_sign_in(request, user.user_name, password)
    try:
        check_password(server().store, server().settings, offered, now=request.now)
    except TooManyAttempts as error:
        return f"Too many attempts. Wait {error.retry_after} seconds, then try again."
    except InvalidGrant:
        return _WRONG
    return None


def _page(
    request: Request,
    visitor: Visitor,
    status: int,
    *,
    done: str | None = None,
    errors: Mapping[str, str] | None = None,
    email: str | None = None,
    confirm_name: str = "",
) -> Response:
    user = visitor.user
    found, sign_ins = server().store.sign_ins_of(user.user_id)
    names = apps_of_sessions(server().store, server().settings, sign_ins)
    confirmed = "confirmed" if user.email_confirmed else "unconfirmed"
    return console_page(
        status,
        "account.html",
        visitor,
        done=done,
        user_id=user.user_id,
        groups=user.groups,
        email=user.email,
        email_state=confirmed if user.email else "none",
        mail_configured=mailer() is not None,
        password_min_length=server().settings.password_min_length,
        sessions=session_rows(found, user, request.now, apps=names, current=visitor.session.session_hash),
        values={"email": user.email if email is None else email, "confirm_name": confirm_name},
        errors=errors or {},
    )
