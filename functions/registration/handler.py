"""/developer/register and /developer/confirm: a new account, and whose an e-mail address is."""

from urllib.parse import quote

from gatepost.accounts.links import living_link, new_link, still_meant, tell_change
from gatepost.http.request import Request
from gatepost.http.response import Response, redirect

from gatepost.accounts import accounts
from gatepost.accounts.accounts import InvalidAccount
from gatepost.audit_log.writing import write_audit
from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sessions import safe_next
from gatepost.console.entering import app_behind, enter
from gatepost.console.pages_base import check_visitor_form, page, render_page, visitor_page
from gatepost.errors import Conflict, InvalidRequest, OAuthError
from gatepost.http.entry_point import endpoint
from gatepost.identifiers import digest
from gatepost.mail.limits import may_mail
from gatepost.mail.messages import Mailer, confirmation_mail, known_address_mail
from gatepost.model.records import ACTIVE, Link, User
from gatepost.observability.log import note
from gatepost.routes import ACCOUNT_PAGE, CONFIRM, CONFIRM_PAGE, LOGIN_PAGE, REGISTER, REGISTER_PAGE
from gatepost.runtime.wiring import mailer, server
from gatepost.stores.record_keys import EmailKey, LinkKey, LoginKey, UserKey

_GONE = "this link was used already, or is older than one hour"
_KINDS = ("register", "email")


@endpoint("registration", render_page)
def handler(request: Request) -> Response:
    """One function a route."""
    return _PAGES[request.route_key](request)


def show_register(request: Request) -> Response:
    """GET /developer/register."""
    _check_open()
    return _register_page(request, request.query().sole("next"), 200)


def register(request: Request) -> Response:
    """POST /developer/register: an account at once, or a link to the address where mail is configured."""
    check_visitor_form(request)
    _check_open()
    form = request.form()
    target = form.text("next")
    typed = {name: form.text(name).strip() for name in ("user_name", "email")}
    sender = mailer()
    try:
        if sender is not None:
            return _send_link(request, sender, **typed, password=form.text("password"))
        user = accounts.register(
            server().store, server().settings, **typed, password=form.text("password"), now=request.now
        )
    except InvalidAccount as error:
        return _register_page(request, target, 400, **typed, errors=error.faults)
    return _welcome(request, user, target)


def show_confirm(request: Request) -> Response:
    """GET /developer/confirm: a button, because programs that look through mail open links too."""
    token = request.query().sole("token") or ""
    (link,) = server().store.read(LinkKey(digest(token)))
    if link is None or link.kind not in _KINDS or link.expires_at <= request.now:
        raise InvalidRequest(_GONE)
    return visitor_page(
        200, "confirm.html", request, token=token, what=link.kind, user_name=link.user_name, email=link.email
    )


def confirm(request: Request) -> Response:
    """POST /developer/confirm: the link is used up, and the address is theirs."""
    check_visitor_form(request)
    link = living_link(server().store, request.form().text("token"), "register", "email", now=request.now)
    if link is None:
        raise InvalidRequest(_GONE)
    try:
        return _confirm_registration(request, link) if link.kind == "register" else _confirm_email(request, link)
    except Conflict:
        raise InvalidRequest(_GONE, reason="used meanwhile") from None
    except InvalidAccount as error:
        raise InvalidRequest(next(iter(error.faults.values())).rstrip(".").lower()) from error


_PAGES = {
    REGISTER_PAGE.key: show_register,
    REGISTER.key: register,
    CONFIRM_PAGE.key: show_confirm,
    CONFIRM.key: confirm,
}


def _send_link(request: Request, sender: Mailer, *, user_name: str, email: str, password: str) -> Response:
    """The answer is the same whether the address is known; its owner learns that it is from the mail."""
    store, settings = server().store, server().settings
    if not email:
        raise InvalidAccount({"email": "An e-mail address is needed."})
    accounts.check_registration(settings, user_name=user_name, email=email, password=password)
    taken, owner = store.read(LoginKey(user_name.casefold()), EmailKey(email.casefold()))
    if taken is not None:
        raise InvalidAccount({"user_name": "This user name is taken."})
    password_hash = hash_password(password, cost=settings.bcrypt_cost)
    if not may_mail(store, settings, "registration", email, source_ip=request.source_ip, now=request.now):
        note("registration.mail_withheld", {"request_id": request.request_id})
    elif owner is not None:
        sender.send(known_address_mail(settings, email, owner.user_name))
    else:
        token = new_link(
            store, "register", user_name=user_name, email=email, password_hash=password_hash, now=request.now
        )
        sender.send(confirmation_mail(settings, email, token))
    return page(200, "check_mail.html", email=email)


def _confirm_registration(request: Request, link: Link) -> Response:
    _check_open()
    user = accounts.create_user(
        server().store,
        server().settings,
        link.user_name,
        link.email,
        link.password_hash,
        confirmed=True,
        now=request.now,
        link=link,
    )
    return _welcome(request, user, None)


def _confirm_email(request: Request, link: Link) -> Response:
    (user,) = server().store.read(UserKey(link.user_id))
    if user is None or not still_meant(link, user):
        raise InvalidRequest(_GONE)
    accounts.change_email(server().store, user, link.email, confirmed=True, link=link)
    write_audit(request, "email_changed", actor=user)
    _tell_old_address(user, link.email)
    return redirect(f"{ACCOUNT_PAGE.path}?done=email_changed")


def _tell_old_address(user: User, email: str) -> None:
    sender = mailer()
    if sender is None or user.email.casefold() == email.casefold():
        return
    try:
        tell_change(server().settings, sender, user, email)
    except OAuthError as error:  # the change stands, and was announced to this address before
        note("account.mail_not_sent", {"user_id": user.user_id, "reason": error.reason}, failed=True)


def _welcome(request: Request, user: User, target: str | None) -> Response:
    write_audit(request, "registered", actor=user)
    if user.status != ACTIVE:
        return page(200, "waiting.html", user_name=user.user_name)
    return enter(request, user, target)


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


def _check_open() -> None:
    if server().settings.registration == "closed":
        raise InvalidRequest("registration is closed on this server")
