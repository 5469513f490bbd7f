"""POST /developer/auth: the user's decision on the consent page, or an authorization request by POST."""

from functools import partial

from gatepost.accounts.approvals import counting_approval
from gatepost.audit_log.writing import write_audit
from gatepost.authentication.sessions import SESSION_COOKIE, check_form_token
from gatepost.console.app_responses import error_sent_to_app, sent_to_app
from gatepost.console.pages_base import Visitor, check_origin, render_page, session_place, visitor_of
from gatepost.endpoints.authorization import active_app, check_callback
from gatepost.endpoints.decision import approve
from gatepost.endpoints.pending_request import answered_callback, answered_request
from gatepost.errors import AccessDenied, Conflict, InvalidRequest
from gatepost.grants import implicit
from gatepost.http.entry_point import endpoint
from gatepost.http.post_as_get import as_get
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.identifiers import digest
from gatepost.model.sessions import PendingRequest
from gatepost.oauth.redirect_uris import answering
from gatepost.routes import TOKEN
from gatepost.runtime.token_counts import count_token
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import AppKey, ApprovalKey, RequestKey, UserKey

_OF_THE_PAGE = ("decision", "form_token", "request_id")
_GONE = "this request was answered already, or waited too long"


@endpoint("consent", render_page, answered=error_sent_to_app)
def handler(request: Request) -> Response:
    """Find the request that was shown to this session and respond to the app; the form only allows or denies.

    A form that is not of that page is an authorization request.
    """
    form = request.form()
    if form.all("grant_type"):
        raise InvalidRequest(f"tokens are requested at the token endpoint, {TOKEN.path}")
    if "client_id" in form and not any(name in form for name in _OF_THE_PAGE):
        return as_get(request)
    check_origin(request)
    check_form_token(request.cookie(SESSION_COOKIE), form.one("form_token"))
    decision, request_id = form.one("decision"), form.one("request_id")
    if decision not in ("allow", "deny") or request_id is None:
        raise InvalidRequest("the form is incomplete")
    visitor, pending = _read(request, digest(request_id))
    if visitor is None:
        raise InvalidRequest("you are no longer signed in", reason="no session")
    if pending is None or pending.session_hash != visitor.session.session_hash or pending.expires_at <= request.now:
        raise InvalidRequest(_GONE, reason="no such request for this session")
    try:
        return _answered(request, visitor, pending, decision)
    except Conflict:
        raise InvalidRequest(_GONE, reason="answered meanwhile") from None


def _read(request: Request, request_hash: str) -> tuple[Visitor | None, PendingRequest | None]:
    """Return the visitor and the pending request: one round trip."""
    place = session_place(request)
    if place is None:
        return None, None
    waiting = RequestKey(place.user_id, request_hash)
    session, user, pending = server().store.read(place, UserKey(place.user_id), waiting)
    return visitor_of(request, session, user), pending


def _answered(request: Request, visitor: Visitor, pending: PendingRequest, decision: str) -> Response:
    """Respond to the app. The request is removed in the same step, so after a failure it can be submitted again."""
    user = visitor.user
    callback = answered_callback(pending, server().settings)
    facts = {"client_id": pending.client_id, "user_id": user.user_id, "decision": decision}
    facts |= {"resources": " ".join(pending.resources)} if pending.resources else {}
    found, remembered = server().store.read(AppKey(pending.client_id), ApprovalKey(user.user_id, pending.client_id))
    app = active_app(found, request.now)
    approval = counting_approval(remembered, app, user)
    check_callback(app, callback)
    audited = partial(write_audit, server(), request, actor=user, client_id=app.client_id, resources=pending.resources)
    with answering(callback):
        if decision == "deny":
            server().store.take_request(pending)
            audited("denied", subject=app.name)
            raise AccessDenied("the user denied access", **facts)
        asked = answered_request(pending, server().settings)
        session = visitor.session
        response = approve(server(), app, user, asked, approval, request.now, pending=pending, session=session)
    audited("approved", subject=f"{app.name}: {asked.scope}")
    if asked.response_type == implicit.RESPONSE_TYPE:
        count_token(app.client_id, request.now)
    return sent_to_app(response, facts=facts)
